"""What patients die of, fitted: lethal numbers of cells by organ, and deaths of other causes.

Three steps, each of its own data (`untreated.csv`, `stage_four.csv`, `life_table.csv`):

1. In Norton's model of untreated breast cancer a patient dies when her tumour has 1e12 cells. The
   law of `ctc.clinic.mortality` has a hazard in place of that limit; its lethal number is the one
   at which the median survival stays what it is in his.
2. Women with metastases in one organ at diagnosis: the lethal numbers of liver, lung and brain,
   how much their treatment changes growth and how much patients differ, from eight figures. Bone
   kills like any other organ.
3. Gompertz-Makeham law of each sex on its life table.

Patients differ in burden, growth and frailty: sums over Gauss-Hermite nodes, nothing is drawn.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import brentq, least_squares

from ctc.checks import FloatArray
from ctc.clinic.mortality import MortalityLaws, hazard_of_share
from ctc.scenario.biology import DEFAULT_ORGAN
from ctc.scenario.parameters import ParameterSet, load_parameters
from ctc.scenario.prognosis_rules import SEXES

FOLDER = Path(__file__).resolve().parent
DAY = 86400.0
YEAR = 365.25 * DAY
MONTH = YEAR / 12.0
# Standard errors by which the figures are weighed: registries differ by such amounts.
_ERROR_OF_SHARE, _ERROR_OF_LOG_MEDIAN = 0.03, 0.1
# Between patients with metastases: standard deviation of ln(cells at diagnosis). Assumed: from
# a lesion of 1 cm to a liver half full are four natural logarithms on either side.
BURDEN_SPREAD = 1.5
_AGE_OF_PATIENTS = 61.0 * YEAR  # median at diagnosis of stage IV breast cancer, from memory
_MONTHS = np.arange(0.0, 240.25, 0.5)
_N_NODES = 9
_Curve = Callable[[Sequence["Lump"]], FloatArray]


class Lump(NamedTuple):
    """The burden in one organ: lethal and present cells, doubling time [s] at 1e9 cells."""

    lethal: float
    cells: float
    doubling_time: float


@dataclass(frozen=True)
class Spread:
    """How patients differ: standard deviations of logarithms of growth, burden and frailty."""

    growth: float
    burden: float
    frailty: float


@dataclass(frozen=True)
class LifeLaw:
    """Gompertz-Makeham law of one sex, rates in 1/year at 60 years, doubling time in years."""

    accident_rate: float
    ageing_rate: float
    doubling_time: float
    worst_ratio: float


@dataclass(frozen=True)
class Prognosis:
    """The whole fit.

    Attributes
    ----------
    lethal : dict of str to float
        Cells by organ, with ``default``.
    slowing : float
        Doubling time of those patients over the natural one.
    growth_spread : float
        Of ln(growth rate) between them.
    figures : dict of str to (float, float, float, float)
        By site: three-year survival published and found, median [months] published and found.
    untreated : dict of int to float
        Survival after so many years in step 1.
    predicted : dict of str to (float, float)
        Not fitted: survival at three years of patients with two organs struck, and the median of
        all with metastases [months]; published and found.
    life : dict of str to LifeLaw
        By sex.
    """

    lethal: dict[str, float]
    slowing: float
    growth_spread: float
    figures: dict[str, tuple[float, float, float, float]]
    untreated: dict[int, float]
    predicted: dict[str, tuple[float, float]]
    life: dict[str, LifeLaw]


def find_prognosis() -> Prognosis:
    """Fit all; seconds, and the same each time."""
    life = {sex: _life_law(sex) for sex in SEXES}
    woman = life["female"]
    rise = 2.0 ** ((_AGE_OF_PATIENTS / YEAR - 60.0) / woman.doubling_time)
    others = (woman.accident_rate + woman.ageing_rate * rise) / YEAR
    parameters = load_parameters("prognosis")
    capacity = load_parameters("tissue").value("lesion_capacity")
    model = Model(parameters, capacity=capacity)
    general, untreated = _untreated(model)
    rows = _read("stage_four.csv")
    doubling = {row["site"]: _doubling_time(row["organ"]) for row in rows}

    def lumps(logs: FloatArray) -> dict[str, Lump]:
        lethal = [general, *np.exp(logs[2:]).tolist()]
        return {
            row["site"]: Lump(each, float(row["cells"]), doubling[row["site"]])
            for row, each in zip(rows, lethal, strict=True)
        }

    def curve(sites: Sequence[Lump], logs: FloatArray) -> FloatArray:
        slowing, growth = np.exp(logs[:2]).tolist()
        spread = Spread(growth, BURDEN_SPREAD, parameters.value("frailty_spread"))
        return model.survival(sites, slowing=slowing, spread=spread, others=others)

    def residuals(logs: FloatArray) -> FloatArray:
        found = [curve([lump], logs) for lump in lumps(logs).values()]
        return np.array(
            [
                each
                for row, alive in zip(rows, found, strict=True)
                for each in (
                    (after(alive, 36.0) - float(row["three_year_survival"])) / _ERROR_OF_SHARE,
                    np.log(median(alive) / float(row["median_months"])) / _ERROR_OF_LOG_MEDIAN,
                )
            ]
        )

    start = np.array([0.0, 0.0, *[np.log(3e11)] * (len(rows) - 1)])
    best = np.asarray(least_squares(residuals, start).x)
    found = {site: curve([lump], best) for site, lump in lumps(best).items()}
    figures = {
        row["site"]: (
            float(row["three_year_survival"]),
            after(found[row["site"]], 36.0),
            float(row["median_months"]),
            median(found[row["site"]]),
        )
        for row in rows
    }
    lump = lumps(best)
    return Prognosis(
        lethal={row["organ"]: lump[row["site"]].lethal for row in rows},
        slowing=float(np.exp(best[0])),
        growth_spread=float(np.exp(best[1])),
        figures=figures,
        untreated=untreated,
        predicted=_predicted(lump, lambda sites: curve(sites, best)),
        life=life,
    )


class Model:
    """Survival of patients whose burden grows by Gompertz' law."""

    def __init__(self, parameters: ParameterSet, *, capacity: float) -> None:
        self._laws = MortalityLaws(
            lethal_cells=((DEFAULT_ORGAN, 1.0),),
            steepness=parameters.value("steepness"),
            dying_time=parameters.value("dying_time"),
            frailty_spread=parameters.value("frailty_spread"),
            other=None,
        )
        self.frailty_spread = self._laws.frailty_spread
        self.capacity = capacity
        nodes, weights = hermegauss(_N_NODES)
        self._nodes = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), -1).reshape(-1, 3)
        cube = weights[:, None, None] * weights[None, :, None] * weights[None, None, :]
        self._weights = cube.ravel() / weights.sum() ** 3

    def survival(
        self, sites: Sequence[Lump], *, slowing: float, spread: Spread, others: float
    ) -> FloatArray:
        """Return the share alive every half month, with other deaths at a rate [1/s]."""
        by_growth, by_burden, by_frailty = self._nodes.T
        faster = np.exp(np.minimum(spread.growth * by_growth, 20.0)) / slowing
        share = np.zeros((faster.size, _MONTHS.size))
        for lump in sites:
            rate = np.log(2.0) / lump.doubling_time / np.log(self.capacity / 1e9) * faster
            first = lump.cells * np.exp(spread.burden * by_burden)
            first = np.minimum(first, 0.9 * self.capacity)
            fall = np.exp(-rate[:, None] * MONTH * _MONTHS)
            cells = self.capacity * np.exp(np.log(first / self.capacity)[:, None] * fall)
            share += cells / lump.lethal
        share /= np.exp(spread.frailty * by_frailty)[:, None]
        hazard = hazard_of_share(share, self._laws) * MONTH
        steps = np.diff(_MONTHS) * 0.5 * (hazard[:, 1:] + hazard[:, :-1])
        spent = np.concatenate([np.zeros((faster.size, 1)), np.cumsum(steps, axis=1)], axis=1)
        alive: FloatArray = self._weights @ np.exp(-spent) * np.exp(-others * MONTH * _MONTHS)
        return alive


def median(alive: FloatArray) -> float:
    """Return the median survival [months]; infinite where more than half outlive the table."""
    return float(np.interp(-0.5, -alive, _MONTHS)) if alive[-1] < 0.5 else float("inf")


def after(alive: FloatArray, months: float) -> float:
    """Return the share alive after so many months."""
    return float(np.interp(months, _MONTHS, alive))


def _untreated(model: Model) -> tuple[float, dict[int, float]]:
    """Return the lethal number that keeps Norton's median, and survival by years with it."""
    known = {row["quantity"]: float(row["value"]) for row in _read("untreated.csv")}
    limit, first, top = (known[key] for key in ("lethal_number", "cells_at_diagnosis", "capacity"))
    rate = np.exp(known["growth_rate"])  # b, 1/month
    wanted = np.log(np.log(first / top) / np.log(limit / top)) / rate
    doubling = np.log(2.0) / rate / np.log(model.capacity / 1e9) * MONTH
    spread = Spread(known["growth_spread"], 0.0, model.frailty_spread)

    def alive(log: float) -> FloatArray:
        lump = Lump(float(np.exp(log)), first, float(doubling))
        return model.survival([lump], slowing=1.0, spread=spread, others=0.0)

    log = float(brentq(lambda x: median(alive(x)) - wanted, np.log(1e10), np.log(1e14)))
    return float(np.exp(log)), {years: after(alive(log), 12.0 * years) for years in (5, 10)}


def _predicted(lump: Mapping[str, Lump], curve: _Curve) -> dict[str, tuple[float, float]]:
    """Return what was not fitted: bone and another organ together, and all patients."""
    both = curve([lump["bone"], lump["liver"]])
    everyone = (
        0.471 * curve([lump["bone"]])  # bone 39.8 % and other single sites 7.3 %
        + 0.331 * both
        + 0.109 * curve([lump["lung"]])
        + 0.073 * curve([lump["liver"]])
        + 0.016 * curve([lump["brain"]])
    )
    return {
        "three-year survival, bone and liver (several sites)": (0.274, after(both, 36.0)),
        "median of all [months]": (26.0, median(everyone)),
    }


def _doubling_time(organ: str) -> float:
    tissue = load_parameters("tissue")
    name = f"organ.{organ}.doubling_time"
    return tissue.value(name if name in tissue else "organ.default.doubling_time")


def _life_law(sex: str) -> LifeLaw:
    rows = _read("life_table.csv")
    age = np.array([float(row["age"]) for row in rows]) + 0.5
    hazard = -np.log1p(-np.array([float(row[sex]) for row in rows]))

    def misfit(logs: FloatArray) -> FloatArray:
        accidents, ageing, doubling = np.exp(logs).tolist()
        law: FloatArray = np.log(accidents + ageing * 2.0 ** ((age - 60.0) / doubling))
        off: FloatArray = law - np.log(hazard)
        return off

    found = least_squares(misfit, np.log([3e-4, 7e-3, 8.0]))
    accidents, ageing, doubling = np.exp(found.x).tolist()
    return LifeLaw(accidents, ageing, doubling, float(np.exp(np.abs(found.fun).max())))


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))
