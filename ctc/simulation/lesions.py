"""Lesions: the few that grow on the host, stop, wake, and are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import loss
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.birth_death import early_course, early_growth_time
from ctc.simulation.growth import age_at, grown_cells
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.host_draws import Purpose, mixed, uniform, words_of
from ctc.simulation.overt import OvertShares
from ctc.states import LesionState

LESION = np.dtype(
    [
        ("lesion", "<u4"),
        ("organ", "<i2"),
        ("segment", "<u4"),
        ("cell", "<u8"),
        ("founded", "<i8"),
        ("clone", "<u2"),
        ("parent", "<i8"),
        ("route", "u1"),
        ("fate", "u1"),
        ("paused", "<i8"),
        ("start", "<f8"),
        ("dies_out", "<i8"),
        ("key", "<u8"),
        ("resistant", "<f8"),
    ]
)
# What a lesion was born as; the rest follows from its genealogy and its fate.
FOUNDING_FIELDS = ("lesion", "organ", "segment", "cell", "founded", "clone")

# A lesion of fate STOPS grows until it is in balance, and stays so until it wakes and GROWS. Of
# those behind them nothing is left.
_GROWS, _STOPS, _LOST, _RESECTED, _ERADICATED = range(5)
_STATE_OF_FATE = np.array(
    [
        *(LesionState.GROWING, LesionState.GROWING),
        *(LesionState.LOST, LesionState.RESECTED, LesionState.ERADICATED),
    ]
)
# Keys of lesions and tumours are below 2^62.
_KEY_SHIFT = np.uint64(2)
_NEVER = np.iinfo(np.int64).max
# Identities have 32 bits, the last of them for primary tumours, which are 2^16 at most.
MOST_LESIONS = 2**32 - 2**16
# In place of the resistant share of a lesion that follows from its size alone.
UNTREATED = -1.0
_EVERY = OvertShares()
_LONGEST = 6e9  # [s] 190 years: the run is over before


@dataclass
class Lesions:
    """All colonies of a run, and how large they are.

    A colony grows from one cell by the law of all lesions at the pace of its organ; where its
    cells die as well as divide it may die out, or start sooner or later (`birth_death`). A share
    of them stops at a size (a micrometastasis in balance) until it wakes; small ones may be lost.

    Attributes
    ----------
    doubling_time : sequence of float [s]
        By row of the organ tables.
    biology : LesionBiology
        Laws and rates.
    seed : int
        Of the run.
    patient : int
        Whose they are, where there are several.
    overt : OvertShares
        Which colonies become lesions; nothing is known of the others.
    rows : (n,) LESION
        In the order of their founding. ``paused`` is the time [ns] that it did not grow by its
        law, ``start`` the cells from which the law runs, ``dies_out`` the time [ns] at which the
        last cell of a lineage dies that is to die out, ``key`` what its chances hang on, and
        ``resistant`` the share of its cells that no drug reaches, once it was treated.
    """

    doubling_time: Sequence[float]
    biology: LesionBiology
    seed: int
    patient: int = 0
    overt: OvertShares = _EVERY
    rows: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=LESION))

    def copy(self) -> Lesions:
        """Return the lesions as they are now."""
        return replace(self, rows=self.rows.copy())

    def found(
        self,
        events: npt.NDArray[Any],
        *,
        organ: npt.NDArray[np.integer[Any]],
        segment: npt.NDArray[np.integer[Any]],
        litters: npt.NDArray[Any],
    ) -> npt.NDArray[Any]:
        """Add a lesion for each colony event that becomes one, in order; return the new rows.

        Parameters
        ----------
        events : (n,) EVENT
            Of cells that found a colony.
        organ, segment : (n,) integer
            Where.
        litters : (n,) LITTER
            That the cells were born in.
        """
        keys = mixed(self.patient, events["time"], segment) >> _KEY_SHIFT
        if not self.overt.is_every:
            chance = self.overt.of(litters["route"], organ)
            is_overt = self._words(keys, Purpose.LESION_OVERT) < chance
            events, organ, segment = events[is_overt], organ[is_overt], segment[is_overt]
            litters, keys = litters[is_overt], keys[is_overt]
        if self.rows.size + events.size > MOST_LESIONS:
            message = (
                f"lesions must be at most {MOST_LESIONS:,}, got {events.size:,} more after "
                f"{self.rows.size:,}. Lower tissue.colony_factor or raise cells.weight."
            )
            raise InputError(message, key="cells.weight")
        new = np.zeros(events.size, dtype=LESION)
        new["lesion"] = self.rows.size + np.arange(events.size)
        new["key"] = keys
        new["organ"] = organ
        new["segment"] = segment
        new["cell"] = events["cell"]
        new["founded"] = events["time"]
        new["clone"] = events["clone"]
        new["parent"] = litters["parent"]
        new["route"] = litters["route"]
        if self.biology.balance_share > 0.0:
            luck = self._words(keys, Purpose.LESION_BALANCE)
            new["fate"] = np.where(luck < self.biology.balance_share, _STOPS, _GROWS)
        new["start"], new["dies_out"] = 1.0, _NEVER
        new["resistant"] = UNTREATED
        if self.biology.cell_loss_factor > 0.0:
            self._cast_lots(new)
        self.rows = np.concatenate([self.rows, new])
        return new

    def _cast_lots(self, new: npt.NDArray[Any]) -> None:
        """Let chance decide which new lesions die out, and how soon the others grow."""
        law = self.biology.law
        new["start"], life = early_course(self.biology.cell_loss_factor, new["key"], seed=self.seed)
        life = life * early_growth_time(law, np.asarray(self.doubling_time)[new["organ"]])
        # Nor beyond the end of the clock, 292 years.
        ends = life < np.minimum(_LONGEST, (_NEVER - new["founded"]) / NANOSECONDS - 1.0)
        after = np.rint(life[ends] * NANOSECONDS).astype(np.int64)
        new["dies_out"][ends] = new["founded"][ends] + after

    def cells(self, time: int) -> npt.NDArray[np.uint64]:
        """Return the number of cells of every lesion at a time [ns], (n,) uint64."""
        return np.floor(self.sizes(time)).astype(np.uint64)

    def sizes(self, time: int) -> FloatArray:
        """Return the same before it is cut to whole cells, (n,) float64; 0 for lost lesions."""
        grown = self._grown(time)
        stopped = np.minimum(grown, self.biology.balance_cells)
        fate = self.rows["fate"]
        sizes: FloatArray = np.where(fate == _STOPS, stopped, np.where(fate >= _LOST, 0.0, grown))
        return sizes

    def states(self, time: int) -> npt.NDArray[np.uint8]:
        """Return the `LesionState` of every lesion at a time [ns], (n,) uint8."""
        fate = self.rows["fate"]
        rests = fate == _STOPS
        rests[rests] = self._grown(time, rests) >= self.biology.balance_cells
        found = np.where(rests, LesionState.IN_BALANCE, _STATE_OF_FATE[fate])
        return found.astype(np.uint8)

    def settle(self, epoch: int, *, start: int, end: int) -> npt.NDArray[np.int64]:
        """Let lesions die out, be lost or wake at the end of an epoch.

        The chance of the last two is ``1 - exp(-rate * exposure)``, by a random word of its own:
        of loss since its founding or the start of the epoch, where it was small enough then; of
        waking over the epoch, where it was in balance at its start.

        Parameters
        ----------
        epoch : int
            Its number.
        start, end : int [ns]
            Of the epoch.

        Returns
        -------
        (n,) int64
            The lesions that were lost or woke.
        """
        changed = np.zeros(0, dtype=np.int64)
        if self.biology.cell_loss_factor > 0.0:
            changed = np.flatnonzero((self.rows["dies_out"] <= end) & (self.rows["fate"] < _LOST))
            self.rows["fate"][changed] = _LOST
        if self.biology.loss_rate > 0.0:
            changed = np.union1d(changed, self._lose(epoch, start=start, end=end))
        if self.biology.balance_share > 0.0:
            changed = np.union1d(changed, self._wake(epoch, start=start, end=end))
        return changed

    def _lose(self, epoch: int, *, start: int, end: int) -> npt.NDArray[np.int64]:
        sizes = self.sizes(start)
        exposure = (end - np.maximum(self.rows["founded"], start)) / NANOSECONDS
        at_risk = (sizes > 0.0) & (sizes < self.biology.surveillance_cells)
        lost = self._drawn(
            at_risk, exposure * self.biology.loss_rate, Purpose.LESION_LOSS, epoch=epoch
        )
        self.rows["fate"][lost] = _LOST
        return lost

    def _wake(self, epoch: int, *, start: int, end: int) -> npt.NDArray[np.int64]:
        rests = self.states(start) == LesionState.IN_BALANCE
        hazard = np.full(self.rows.size, (end - start) / NANOSECONDS * self.biology.waking_rate)
        woken = self._drawn(rests, hazard, Purpose.LESION_WAKING, epoch=epoch)
        if woken.size:
            own = self.rows[woken]
            doubling = np.asarray(self.doubling_time)[own["organ"]]
            law, size = self.biology.law, self.biology.balance_cells
            initial = np.minimum(own["start"], size)
            grown_for = age_at(law, size, initial=initial, doubling_time=doubling) * NANOSECONDS
            self.rows["paused"][woken] = end - own["founded"] - np.rint(grown_for).astype(np.int64)
            self.rows["fate"][woken] = _GROWS
            self.rows["start"][woken] = initial
        return woken

    def _drawn(
        self, at_risk: npt.NDArray[np.bool_], hazard: FloatArray, purpose: Purpose, *, epoch: int
    ) -> npt.NDArray[np.int64]:
        """Return the lesions at risk that a hazard, summed over the epoch, has met."""
        index = np.flatnonzero(at_risk)
        if not index.size:
            return index
        luck = self._words(self.rows["key"][index], purpose, epoch=epoch)
        return index[luck < loss(hazard[index])]

    def _words(
        self, keys: npt.NDArray[np.uint64], purpose: Purpose, *, epoch: int = 0
    ) -> FloatArray:
        """Return a deviate in (0, 1) for each key, (n,) float64."""
        return uniform(words_of(keys, seed=self.seed, purpose=purpose, epoch=epoch))

    def remove(self, chosen: npt.NDArray[np.bool_], *, is_resected: bool) -> None:
        """Let nothing be left of some lesions: they were taken out, or treated until none lived.

        Parameters
        ----------
        chosen : (n,) bool
            Which.
        is_resected : bool
            Whether they were taken out.
        """
        self.rows["fate"][chosen] = _RESECTED if is_resected else _ERADICATED

    def resize(self, chosen: npt.NDArray[np.bool_], cells: FloatArray, *, time: int) -> None:
        """Let some lesions go on from other sizes, by their law.

        Parameters
        ----------
        chosen : (n,) bool
            Which, k of n.
        cells : (k,) float64
            Their cells at that time, >= 1.
        time : int [ns]
            From when on.
        """
        self.rows["start"][chosen] = cells
        self.rows["paused"][chosen] = time - self.rows["founded"][chosen]

    def _grown(self, time: int, chosen: Any = slice(None)) -> FloatArray:
        """Return the cells that lesions would have if they had not stopped or been lost.

        All of them, or those that an index chooses.
        """
        rows, law = self.rows[chosen], self.biology.law
        if not rows.size:
            return np.zeros(0)
        doubling = np.asarray(self.doubling_time)[rows["organ"]]
        age = (time - rows["founded"] - rows["paused"]) / NANOSECONDS
        start = np.minimum(rows["start"], law.capacity)
        grown = np.maximum(grown_cells(law, age, initial=start, doubling_time=doubling), 1.0)
        found: FloatArray = np.where(rows["dies_out"] == _NEVER, grown, 1.0)
        return found
