"""Secondary seeding: what lesions with vessels of their own shed, and into which vessels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import poisson
from ctc.backends.records import BED
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.simulation.entry_sites import EntrySites, weighted_sites
from ctc.simulation.hop_table import NANOSECONDS, ONLY_DAUGHTER, HopTable
from ctc.simulation.host_draws import Purpose, words_of
from ctc.simulation.identities import Identities
from ctc.simulation.lesions import Lesions
from ctc.simulation.primaries import one_route
from ctc.simulation.rhythm import rhythm_factor
from ctc.simulation.shedding import Litter, SheddingSource
from ctc.states import Route

# As many as sources may give to a whole run.
_MOST_CELLS = 1e12


@dataclass
class LesionVessels:
    """Where the cells of lesions enter the blood: found when first asked for, and kept.

    Attributes
    ----------
    hops : HopTable
        Of the network.
    routes : (n_segments,) uint8
        `Route` of every segment; empty where none is known.
    """

    hops: HopTable
    routes: npt.NDArray[np.uint8]
    _known: dict[int, tuple[EntrySites, Route]] = field(default_factory=dict)

    def of_segment(self, segment: int) -> tuple[EntrySites, Route]:
        """Return entry sites and route of a lesion in a segment.

        The venules that a capillary bed drains into, by their flow; any other segment itself.
        """
        if segment not in self._known:
            self._known[segment] = self._find(int(self.hops.record[segment]))
        return self._known[segment]

    def of_segments(self, segments: npt.NDArray[np.integer]) -> EntrySites:
        """Return entry sites of lesions that are equally likely in each of some segments."""
        total: dict[int, float] = {}
        for segment in segments.tolist():
            for record, weight in self._weights(int(self.hops.record[segment])).items():
                total[record] = total.get(record, 0.0) + weight
        records = np.array(list(total), dtype=np.uint32)
        return weighted_sites(records, np.array(list(total.values())))

    def _weights(self, record: int) -> dict[int, float]:
        """Return the records that cells of a lesion enter, with their weights."""
        found = {record: 1.0}
        if self._behaviour(record) == BED:
            found = {r: w for r, w in self._daughters(record) if w > 0.0} or found
        return found

    def _find(self, record: int) -> tuple[EntrySites, Route]:
        found = self._weights(record)
        records = np.array(list(found), dtype=np.uint32)
        sites = weighted_sites(records, np.array(list(found.values())))
        if not self.routes.size:
            return sites, Route.SEVERAL
        return sites, one_route(self.routes[self.hops.segment[records]])

    def _daughters(self, record: int) -> list[tuple[int, float]]:
        """Return the records of segments behind a record, with their shares of its flow."""
        rows = self.hops.records
        found, left = [], 1.0
        while True:
            first, share = int(rows["next"][record]), float(rows["share"][record])
            if share == ONLY_DAUGHTER:
                found.append((first, left))
                break
            found.append((first, left * share))
            left *= 1.0 - share
            record = first + 1
            if self.hops.segment[record] >= 0:
                found.append((record, left))
                break
        return [(r, w) for r, w in found if self.hops.segment[r] >= 0]

    def _behaviour(self, record: int) -> int:
        number = self.hops.class_number[record]
        return next(c.behaviour for c in self.hops.classes if c.number == number)


def _require_few_enough(expected: float, *, n_lesions: int, time: int) -> None:
    """Raise InputError if lesions are to shed more in an epoch than a run can hold."""
    if not expected <= _MOST_CELLS:
        message = (
            f"lesions must shed at most {_MOST_CELLS:g} cells in an epoch, got {expected:g} of "
            f"{n_lesions} lesions at {time / NANOSECONDS:g} s: they run away. Lower "
            "tissue.colony_factor or tumour.lesion_shedding_factor, or set tumours.lesions_shed = "
            "false; ctc check foretells it."
        )
        raise InputError(message, key="tumours.lesions_shed")


def followed_share(lesions: Lesions, most: float, *, start: int, end: int) -> float:
    """Return the share that is followed of what lesions shed in an epoch [ns].

    ``most`` cells on average, of all lesions together; may be infinite.
    """
    if math.isinf(most):
        return 1.0
    sizes, shedding, factor = _shedding(lesions, start=start, end=end)
    # One after another: NumPy adds in blocks of a width that depends on the processor.
    mean = factor * float(sum(sizes[shedding].tolist()))
    return min(most / mean, 1.0) if mean > 0.0 else 1.0


def _shedding(
    lesions: Lesions, *, start: int, end: int
) -> tuple[FloatArray, npt.NDArray[np.int64], float]:
    """Return sizes in the middle of an epoch [ns], who sheds, and cells shed per cell in it."""
    biology = lesions.biology
    if biology.shedding_rate <= 0.0 or not lesions.rows.size:
        return np.zeros(0), np.zeros(0, dtype=np.int64), 0.0
    sizes = lesions.sizes(start + (end - start) // 2)
    duration = (end - start) / NANOSECONDS
    factor = biology.shedding_rate * duration * rhythm_factor(biology.rhythm, start, end)
    return sizes, np.flatnonzero(sizes >= biology.vascular_cells), factor


def lesion_litters(
    lesions: Lesions,
    vessels: LesionVessels,
    *,
    epoch: int,
    start: int,
    end: int,
    identities: Identities,
    share: float = 1.0,
) -> list[Litter]:
    """Draw how many cells each lesion sheds in an epoch.

    Poisson numbers, keyed by seed, epoch and lesion, of the mean ``rate a cell x cells x time``,
    with the cells in the middle of the epoch. A lesion below the size at which it has vessels of
    its own sheds nothing. Cells carry the clone of the lesion.

    Parameters
    ----------
    lesions : Lesions
        As they are at the start of the epoch.
    vessels : LesionVessels
        Where their cells enter.
    epoch : int
        Number of the epoch.
    start, end : int [ns]
        Of the epoch.
    identities : Identities
        Of the patient.
    share : float
        Of what they shed, that is followed.
    """
    sizes, shedding, factor = _shedding(lesions, start=start, end=end)
    if not shedding.size:
        return []
    factor *= share
    _require_few_enough(float(sizes[shedding].sum()) * factor, n_lesions=shedding.size, time=start)
    words = words_of(
        lesions.rows["key"][shedding],
        seed=lesions.seed,
        purpose=Purpose.LESION_SHEDDING,
        epoch=epoch,
    )
    born: list[Litter] = []
    for lesion, word in zip(shedding.tolist(), words.tolist(), strict=True):
        count = poisson(float(sizes[lesion]) * factor, word)
        if count == 0:
            continue
        row = lesions.rows[lesion]
        sites, route = vessels.of_segment(int(row["segment"]))
        source = SheddingSource(
            sites, 0.0, start, end, 0, int(row["clone"]), "", lesion=lesion, route=route
        )
        born.append(Litter(source, identities.take(count), count, start, end - start))
    return born
