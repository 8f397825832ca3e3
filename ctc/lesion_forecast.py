"""What lesions will found and shed over a run, as a mean: foretells a run whose lesions run away.

Metastases of metastases are a branching process: its mean follows exactly from what one cell and
one lesion do. Cells of every origin (each source, lesions of each organ) are followed through the
vessels once, which tells how many leave them where and when. What becomes of those in tissue, and
what a colony sheds at which age, has a closed form. A renewal equation over equal steps of the run
joins the two:

    C(k) = sum of colonies at step k from cells born at steps <= k,
    S(k) = sources(k) + sum over j < k of C(j) s(k - j),

C the colonies founded, S the cells born, s what a lesion sheds in a step at an age. Nothing that a
run computes depends on it, so NumPy's functions will do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.records import N_CLOCK_STATES
from ctc.checks import FloatArray
from ctc.lesion_trial import Arrests, arrests_of, follow, organ_of_nodes, places_of_lesions
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.clock_table import RATE_SCALE
from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.growth import age_at, grown_cells
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import SheddingSource

# Steps of the renewal equation, and moments within a step at which a lesion may be founded.
_MOST_STEPS = 1000
_OFFSETS = (np.arange(16) + 0.5) / 16
# More cells than that are no figure any more.
_ENDLESS = 1e30


@dataclass(frozen=True)
class LesionForecast:
    """What is to be expected of the lesions of a run, as means.

    Attributes
    ----------
    founded : float
        Colonies.
    of_lesions : float
        Of those, colonies founded by cells that lesions shed.
    cells : float
        Events that lesions shed; a cluster is one.
    most_in_an_epoch : float
        Of those, in the fullest epoch.
    litters : float
        How often a lesion sheds in an epoch.
    """

    founded: float = 0.0
    of_lesions: float = 0.0
    cells: float = 0.0
    most_in_an_epoch: float = 0.0
    litters: float = 0.0

    @property
    def is_running_away(self) -> bool:
        """Whether most lesions, and more than one, are children of lesions."""
        return self.of_lesions > max(0.5 * self.founded, 1.0)

    def sentences(self, *, cells_of_sources: float, colony_factor: float) -> tuple[str, ...]:
        """Return what a user is to know of it, with the remedy where they run away.

        Parameters
        ----------
        cells_of_sources : float
            Mean number of events that the sources shed.
        colony_factor : float
            ``tissue.colony_factor`` of the run.
        """
        if self.cells < 0.5:
            return ()
        told = (
            f"{self.founded:.3g} colonies, {self.of_lesions:.3g} of them founded by cells that "
            f"lesions shed: {self.cells:.3g} beside {cells_of_sources:.3g} of the sources. Memory "
            "and time count them; a single run scatters around these means."
        )
        if not self.is_running_away:
            return (f"Lesions shed in turn: on average {told}",)
        remedy = (
            f"Remedy: lower tissue.colony_factor, now {colony_factor:g} (about 1e-5 counts the "
            "overt metastases of patients: --set override.tissue.colony_factor=1e-5), shorten the "
            "run, or switch shedding of lesions off (--set tumours.lesions_shed=false)."
        )
        return (f"WARNING: lesions run away. On average {told}", remedy)


def forecast_lesions(setting: Setting, backend: Backend) -> LesionForecast:
    """Return what lesions will found and shed; nothing where none can come to shed.

    Nothing either where what is followed of an epoch is bounded: such runs cannot run away.

    Parameters
    ----------
    setting : Setting
        Of the whole run.
    backend : Backend
        Where the cells are followed.

    Notes
    -----
    Left out: that lesions are few (the mean is exact, a single run scatters around it), how soon
    those die out that never shed, how soon one rests that had a good start, losses in
    the step in which a lesion is founded, and that a front moves (its cells enter at what it has
    reached in the middle of the run).
    """
    laws = setting.lesions
    if math.isfinite(setting.most_followed):
        return LesionForecast()
    duration = setting.epochs[-1] / NANOSECONDS
    largest = _grown(setting, np.array([[duration]]))
    if laws.shedding_rate <= 0.0 or not (largest >= laws.vascular_cells).any():
        return LesionForecast()
    n_steps = min(len(setting.epochs), _MOST_STEPS)
    step = duration / n_steps
    ways = [way for source in setting.sources for way in _ways(source, setting.epochs[-1])]
    first = follow(setting, backend, [sites for _, sites, _ in ways])
    places = places_of_lesions(setting, first)
    second = follow(setting, backend, list(places.values()))
    arrests = arrests_of(setting, first, step=step)
    arrests = arrests.behind(arrests_of(setting, second, step=step), n_origins=len(ways))
    n_organs = len(setting.doubling_times)
    nodes = organ_of_nodes(setting, first, second)
    sources = [
        share * _shed(source, setting.epochs[-1], n_steps=n_steps) for source, _, share in ways
    ]
    renewal = _Renewal(
        sources=np.array(sources).reshape(len(ways), n_steps),
        lesions=np.array(list(places), dtype=np.int64),
        arrests=arrests,
        rates=_rates_at_rest(setting),
        organ=np.append(np.arange(n_organs), nodes),
        step=step,
    )
    # Only colonies that become overt lesions shed.
    by_age, litters_by_age = (
        setting.overt.by_blood * each for each in _shed_by_age(setting, n_steps, step)
    )
    colonies, shed = renewal.march(by_age)
    of_sources, _ = renewal.march(np.zeros_like(by_age))
    litters = sum(
        float(_sum_over_ages(colonies, litters_by_age, k).sum()) for k in range(1, n_steps)
    )
    longest = max(np.diff((0, *setting.epochs))) / NANOSECONDS
    return LesionForecast(
        founded=float(colonies.sum()),
        of_lesions=float(colonies.sum() - of_sources.sum()),
        cells=float(shed.sum()),
        most_in_an_epoch=float(shed.sum(axis=0).max()) * longest / step,
        litters=litters,
    )


@dataclass(frozen=True)
class _Renewal:
    """The renewal equation of one run.

    ``sources`` (n_origins, n_steps) are the cells that sources shed, ``lesions`` the organ rows of
    the origins behind them, ``organ`` the organ row of each place.
    """

    sources: FloatArray
    lesions: npt.NDArray[np.int64]
    arrests: Arrests
    rates: dict[str, FloatArray]
    organ: npt.NDArray[np.int64]
    step: float

    def march(self, by_age: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return colonies founded, (n_organs, n_steps), and cells shed by lesions, likewise.

        ``by_age`` is what a lesion of each organ sheds in a step, by its age in steps.
        """
        rates, n_sources, n_steps = self.rates, *self.sources.shape
        shape = rates["extravasation"].shape
        held, settled, dormant = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        colonies, of_lesions = np.zeros(by_age.shape), np.zeros(by_age.shape)
        shed = np.zeros((n_sources + self.lesions.size, n_steps))
        shed[:n_sources] = self.sources
        for k in range(n_steps):
            of_lesions[:, k] = np.minimum(_sum_over_ages(colonies, by_age, k), _ENDLESS)
            shed[n_sources:, k] = of_lesions[self.lesions, k]
            arrested = self._arrested(shed, k)
            held, released = _drained(held, arrested, rates["held"], step=self.step)
            left = released * _share(rates["extravasation"], rates["held"])
            settled, decided = _drained(settled, left, rates["settled"], step=self.step)
            asleep = decided * _share(rates["dormancy"], rates["settled"])
            dormant, woken = _drained(dormant, asleep, rates["dormant"], step=self.step)
            new = decided * _share(rates["colony"], rates["settled"])
            new += woken * _share(rates["escape"], rates["dormant"])
            new += released * _share(rates["intravascular"], rates["held"])
            colonies[:, k] = np.bincount(self.organ, new.sum(axis=1), minlength=by_age.shape[0])
        return colonies, of_lesions

    def _arrested(self, shed: FloatArray, k: int) -> FloatArray:
        """Return the arrests of a step, (n_places, n_kinds), of all cells shed until then."""
        arrests = self.arrests
        is_past = arrests.lag <= k
        born = np.where(is_past, k - arrests.lag, 0)
        number = np.where(is_past, shed[arrests.origin, born] * arrests.weight, 0.0)
        found = np.zeros(self.rates["held"].shape)
        np.add.at(found, (arrests.place, arrests.kind), number)
        return found


def _sum_over_ages(colonies: FloatArray, by_age: FloatArray, k: int) -> FloatArray:
    """Return the sum over the colonies of every step before k of what they do at their age."""
    found: FloatArray = (colonies[:, :k] * by_age[:, k:0:-1]).sum(axis=1)
    return found


def _drained(
    held: FloatArray, inflow: FloatArray, rate: FloatArray, *, step: float
) -> tuple[FloatArray, FloatArray]:
    """Return what is held after a step with an even inflow, and what has left: exact."""
    spent = rate * step
    kept = np.exp(-spent)
    mean = np.where(spent > 1e-12, -np.expm1(-spent) / np.maximum(spent, 1e-12), 1.0)
    after = held * kept + inflow * mean
    return after, held + inflow - after


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.where(whole > 0.0, part / np.where(whole > 0.0, whole, 1.0), 0.0)


def _ways(source: SheddingSource, end: int) -> list[tuple[SheddingSource, EntrySites, float]]:
    """Return where the cells of a source enter, with the share of each way."""
    primary = source.primary
    if primary is None:
        return [(source, source.sites, 1.0)]
    reached = primary.sites(end // 2, end // 2 + 1)
    by_blood = source.sites if reached is None else reached[0]
    if primary.lymphatics is None:
        return [(source, by_blood, 1.0)]
    share = primary.tumour.lymph_share
    return [(source, by_blood, 1.0 - share), (source, primary.lymphatics, share)]


def _shed(source: SheddingSource, end: int, *, n_steps: int) -> FloatArray:
    """Return the mean number that a source of the scenario sheds in each step of its run."""
    shed = np.zeros(n_steps)
    if source.start == source.stop:
        shed[min(source.start * n_steps // end, n_steps - 1)] = source.cells
        return shed
    for k in range(n_steps):
        first = max(end * k // n_steps, source.start)
        last = min(end * (k + 1) // n_steps, source.stop)
        if last > first:
            strength = 1.0 if source.primary is None else source.primary.strength(first, last)
            shed[k] = source.rate * strength * ((last - first) / NANOSECONDS)
    return shed


def _rates_at_rest(setting: Setting) -> dict[str, FloatArray]:
    """Return rates [1/s] by name, each (n_places, n_kinds); of each state the sum of all."""
    n_places = len(setting.doubling_times) + 1
    clocks: Any = setting.tables.clocks.reshape(-1, N_CLOCK_STATES, n_places)
    arrested, settled, dormant = (clocks[:, state].T for state in range(N_CLOCK_STATES))

    def rate(rows: Any, upper: str, lower: str = "") -> FloatArray:
        steps = rows[upper].astype(np.float64)
        found: FloatArray = (steps - rows[lower] if lower else steps) / RATE_SCALE
        return found

    return {
        "held": rate(arrested, "total"),
        "extravasation": rate(arrested, "to_second", "to_first"),
        "intravascular": rate(arrested, "to_third", "to_second"),
        "settled": rate(settled, "total"),
        "dormancy": rate(settled, "to_first"),
        "colony": rate(settled, "to_second", "to_first"),
        "dormant": rate(dormant, "total"),
        "escape": rate(dormant, "to_second", "to_first"),
    }


def _starts(laws: LesionBiology) -> list[tuple[float, float]]:
    """Return from how many cells lesions that live begin to grow, with their chances."""
    lost = laws.cell_loss_factor
    if lost <= 0.0:
        return [(1.0, 1.0)]
    starts = -np.log1p(-_OFFSETS) / (1.0 - lost)
    return [(float(start), (1.0 - lost) / _OFFSETS.size) for start in starts]


def _grown(setting: Setting, age: FloatArray, start: float = 1.0) -> FloatArray:
    """Return the cells that a lesion of each organ row has grown to at ages (n,) [s]."""
    law = setting.lesions.law
    doubling = np.array(setting.doubling_times)[:, None]
    return grown_cells(law, age, initial=min(start, law.capacity), doubling_time=doubling)


def _age_of(setting: Setting, cells: float) -> FloatArray:
    """Return the age (n_organs, 1) [s] at which a lesion has so many cells; inf for never."""
    law = setting.lesions.law
    doubling = np.array(setting.doubling_times)[:, None]
    if cells >= law.capacity:
        return np.full(doubling.shape, np.inf)
    finite = np.where(np.isfinite(doubling), doubling, 1.0)
    age = age_at(law, max(cells, 1.0), initial=1.0, doubling_time=finite)
    return np.where(np.isfinite(doubling) | (cells <= 1.0), age, np.inf)


def _shed_by_age(setting: Setting, n_steps: int, step: float) -> tuple[FloatArray, FloatArray]:
    """Return what a lesion sheds in a step, and how often, by age in steps, (n_organs, n_steps).

    Those that rest in balance, wake and are lost are weighed with their chances.
    """
    laws = setting.lesions
    # A lesion founded somewhere in step 0, in the middle of step m.
    age = (np.arange(n_steps)[:, None] + 0.5 - _OFFSETS).reshape(-1)[None, :] * step
    age = np.maximum(age, 0.0)
    longest = max(np.diff((0, *setting.epochs))) / NANOSECONDS
    safe_from, rests_from = (
        _age_of(setting, laws.surveillance_cells),
        _age_of(setting, laws.balance_cells),
    )

    def of_size(cells: FloatArray) -> FloatArray:
        """Return shed cells and litters in a step, (2, n_organs, n)."""
        mean = np.where(cells >= laws.vascular_cells, cells, 0.0) * laws.shedding_rate
        return np.stack([mean * step, -np.expm1(-mean * longest) * (step / longest)])

    def mean_of(values: FloatArray) -> FloatArray:
        found: FloatArray = values.reshape(*values.shape[:-1], n_steps, -1).mean(axis=-1)
        return found

    kept = np.exp(-laws.loss_rate * np.minimum(age, safe_from))
    by_age = mean_of(
        kept * sum(chance * of_size(_grown(setting, age, start)) for start, chance in _starts(laws))
    )
    if laws.balance_share > 0.0:
        is_at_risk = rests_from < safe_from
        rest = np.maximum(age - rests_from, 0.0)
        at_risk = np.where(is_at_risk, age, np.minimum(age, safe_from))
        resting = of_size(_grown(setting, np.minimum(age, rests_from)))
        resting = mean_of(resting * np.exp(-laws.waking_rate * rest - laws.loss_rate * at_risk))
        gone = laws.waking_rate + laws.loss_rate * is_at_risk
        woken = np.zeros_like(by_age)
        for organ, rests in enumerate(rests_from[:, 0].tolist()):
            first = min(rests / step, float(n_steps))
            waited = np.exp(-gone[organ, 0] * step * np.arange(n_steps + 1))
            chance = laws.waking_rate * (waited[:-1] - waited[1:]) / max(gone[organ, 0], 1e-300)
            for m in range(int(np.ceil(first)), n_steps):
                n_waits = m - int(np.ceil(first)) + 1
                woken[:, organ, m] = (
                    by_age[:, organ, m - n_waits + 1 : m + 1] @ chance[:n_waits][::-1]
                )
        by_age = (1.0 - laws.balance_share) * by_age + laws.balance_share * (resting + woken)
    shed: FloatArray = by_age[0]
    litters: FloatArray = by_age[1]
    return shed, litters
