"""A trial as its table would hold it, drawn from plain laws: for tests of the report."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

YEAR = 365.25 * 86400.0
_RESPONSES = 5


@dataclass(frozen=True)
class Column:
    """As a column of a sweep's table."""

    name: str
    values: npt.NDArray[Any]
    unit: str = ""
    meaning: str = ""
    role: str = "outcome"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class VirtualTrial:
    """Stand-in for the table of a sweep."""

    columns: tuple[Column, ...]
    attributes: dict[str, str]
    texts: dict[str, str]
    further: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    path: Path = Path("adjuvant/sweep.h5")

    @property
    def digest(self) -> str:
        return self.attributes["digest"]

    @property
    def n_rows(self) -> int:
        return int(self.columns[0].values.size)

    @property
    def arms(self) -> tuple[str, ...]:
        return self.described("arm").labels

    @property
    def varied(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.role == "varied")

    @property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.role == "outcome")

    def described(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def column(self, name: str) -> npt.NDArray[Any]:
        return self.described(name).values


def virtual_trial(
    n: int = 300,
    *,
    arms: tuple[str, ...] = ("no chemotherapy", "adjuvant chemotherapy"),
    seed: int = 11,
    effect: float = 0.65,
    is_sobol: bool = False,
    **attributes: str,
) -> VirtualTrial:
    """Return patients whose hazards go with size, spread and treatment; the same in all arms."""
    random = np.random.default_rng(seed)
    doubling = 90.0 * 86400.0 * np.exp(0.5 * random.standard_normal(n))
    shedding = 7e4 * np.exp(2.2 * random.standard_normal(n))
    age = (61.0 + 12.0 * random.standard_normal(n)).clip(30.0, 95.0) * YEAR
    diagnosis = random.gamma(4.0, 0.4, n) * YEAR
    size = 1.2e-2 * np.exp(0.6 * random.standard_normal(n))
    nodes_true = random.poisson(1.2 * (size / 2e-2) ** 1.5)
    nodes_found = random.binomial(nodes_true, 0.9)
    overt = random.poisson(0.25 * (size / 2e-2) ** 2)
    seen = random.binomial(overt, 0.6)
    budget = random.exponential(size=(4, n))
    follow_up = 10.0 * YEAR
    risk = 0.02 * (size / 1.5e-2) ** 1.2 * (1 + 0.4 * nodes_true) * (1 + 4 * (overt > 0)) / YEAR
    count = random.poisson(np.exp(0.6 * np.log(shedding / 7e4) + 1.2 * (overt > 0) - 0.8))
    parts: dict[str, list[npt.NDArray[Any]]] = {}

    def put(**columns: npt.ArrayLike) -> None:
        for name, values in columns.items():
            parts.setdefault(name, []).append(np.broadcast_to(np.asarray(values), (n,)))

    for arm in range(len(arms)):
        factor = effect**arm
        metastasis = diagnosis + budget[0] / (risk * factor)
        metastasis = np.where(seen > 0, diagnosis, metastasis)
        relapse = np.where(seen > 0, np.nan, diagnosis + budget[3] / (1.3 * risk * factor))
        death_cancer = metastasis + budget[1] * 2.2 * YEAR
        death_other = diagnosis + budget[2] / (0.011 * 2.0 ** ((age / YEAR - 60.0) / 7.5)) * YEAR
        end = diagnosis + follow_up
        death = np.minimum(death_cancer, death_other)
        cause = np.where(death <= end, np.where(death_cancer <= death_other, 1, 2), 0)
        last = np.minimum(death, end)
        metastasis, relapse, death = (
            np.where(time <= last, time, np.nan) for time in (metastasis, relapse, death)
        )
        after = random.binomial(count, np.clip(0.35 * factor, 0.0, 1.0))
        response = np.where(seen > 0, 1 + random.integers(0, _RESPONSES - 1, n), 0)
        put(
            patient=np.arange(n, dtype=np.uint32),
            arm=np.full(n, arm, dtype=np.uint16),
            diagnosis_time=diagnosis,
            diagnosis_diameter=size,
            metastasis_time=metastasis,
            relapse_time=np.fmin(relapse, metastasis),
            progression_time=np.where(
                metastasis + 0.8 * YEAR * budget[3] <= last,
                metastasis + 0.8 * YEAR * budget[3],
                np.nan,
            ),
            death_time=death,
            end_time=last,
            death_cause=cause.astype(np.uint8),
            n_lesions_found=seen,
            n_lesions_true=overt,
            nodes_found=nodes_found,
            nodes_true=nodes_true,
            ctc_baseline=count.astype(np.float64),
            ctc_follow_up=after.astype(np.float64),
            ctc_baseline_time=diagnosis,
            ctc_follow_up_time=np.where(
                last > diagnosis + 0.25 * YEAR, diagnosis + 0.25 * YEAR, np.nan
            ),
            best_response=response.astype(np.uint8),
            largest_true=np.where(overt > 0, 1.0e-2, 0.0) * (0.5 + budget[3]),
            largest_found=np.where(seen > 0, 1.4e-2, 0.0) * (0.5 + budget[2]),
            **{
                f"t_{kind}": 1 + np.digitize(size, [2e-2, 5e-2, 8e-2]).astype(np.uint8)
                for kind in ("found", "true")
            },
            n_found=np.digitize(nodes_found, [1, 4, 10]).astype(np.uint8),
            n_true=np.digitize(nodes_true, [1, 4, 10]).astype(np.uint8),
            m_found=(seen > 0).astype(np.uint8),
            m_true=(overt > 0).astype(np.uint8),
        )
        for name, values in (
            ("source.0.shedding_rate", shedding / 86400.0 * 1e3),
            ("source.0.doubling_time", doubling),
            ("patient.age", age),
        ):
            put(**{name: values})
    units = {"source.0.shedding_rate": "1/s/kg", "source.0.doubling_time": "s", "patient.age": "s"}
    columns = tuple(
        Column(
            name,
            np.stack(values, axis=1).ravel(),
            unit=units.get(name, ""),
            role="varied"
            if name in units
            else "index"
            if name in ("patient", "arm")
            else "outcome",
            labels=arms if name == "arm" else (),
        )
        for name, values in parts.items()
    )
    further = {"sensitivity": _sensitivity()} if is_sobol else {}
    about = {
        "digest": "5e1f" * 16,
        "title": "Adjuvant chemotherapy against none",
        "question": "How many women with early breast cancer live longer for six cycles?",
        "design": "trial",
        "version": "0.1.0",
        "seed": "1",
        **attributes,
    }
    return VirtualTrial(columns, about, {"sweep": _SWEEP, "plan": _plan()}, further)


def _plan() -> str:
    vary = [
        {
            "key": "source.0.shedding_rate",
            "distribution": "lognormal, median 7e4 1/g/day, sigma 2.2",
            "source": "spread of counts between patients: Allard 2004 Clin Cancer Res 10:6897",
            "basis": "derived",
        },
        {
            "key": "source.0.doubling_time",
            "distribution": "lognormal, median 90 day, sigma 0.5",
            "source": "Coumans 2013 BMC Cancer 13:283",
            "basis": "measured",
        },
        {
            "key": "patient.age",
            "distribution": "normal, mean 61 year, spread 12 year, 30 year to 95 year",
            "source": "age at diagnosis of breast cancer, registries (from memory)",
            "basis": "assumed",
        },
    ]
    return json.dumps({"vary": vary})


def _sensitivity() -> tuple[Column, ...]:
    return (
        Column("arm", np.array([0, 0, 0]), labels=("everyone",)),
        Column("outcome", np.array([0, 0, 0]), labels=("death_time",)),
        Column(
            "key",
            np.array([0, 1, 2]),
            labels=("source.0.shedding_rate", "source.0.doubling_time", "patient.age"),
        ),
        Column("first", np.array([0.42, 0.21, 0.08])),
        Column("first_error", np.array([0.08, 0.06, 0.05])),
        Column("total", np.array([0.61, 0.35, 0.1])),
        Column("total_error", np.array([0.1, 0.08, 0.05])),
    )


_SWEEP = '[sweep]\ntitle = "Adjuvant chemotherapy against none"\npatients = 300\n'
