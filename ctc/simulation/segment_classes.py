"""SegmentClass: what all segments of one class share, and how segments are put into classes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ctc.backends.records import (
    BED,
    CHAMBER,
    CHAMBER_CLASS,
    CLASS_BITS,
    EXIT,
    MARGINAL_CLASS,
    NODE,
    SPECIAL_CLASS,
    TUBE,
)
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.vessels.network import SegmentKind, VesselNetwork

BoolArray = npt.NDArray[np.bool_]

_BEHAVIOUR = {
    SegmentKind.CAPILLARY_BED: BED,
    SegmentKind.HEART_CHAMBER: CHAMBER,
    SegmentKind.LYMPH_NODE: NODE,
}
# Classes of stress: the square of the stress doubles from one to the next, which makes them a
# factor of sqrt(2) wide; all below 0.25 Pa are one, and all above 22.6 Pa.
_LOWEST, _HIGHEST = -4, 10
_N_STRESSES = _HIGHEST - _LOWEST + 1
# Where the numbers of each sort of class begin, and the end of the last.
_RANGES = (
    0,
    MARGINAL_CLASS,
    SPECIAL_CLASS,
    SPECIAL_CLASS + MARGINAL_CLASS,
    CHAMBER_CLASS,
    1 << CLASS_BITS,
)


@dataclass(frozen=True)
class SegmentClass:
    """What all records of one class share.

    Attributes
    ----------
    number : int
        The class that records carry.
    organ : int
        Row of the organ tables; the last row stands for no organ.
    behaviour : int
        Tube, bed, chamber, node or exit, as in kernels/core/records.h.
    is_vessel : bool
        False for the junctions and the exit, where no time passes.
    holds : bool
        Whether cells may attach to the wall in passing.
    square_stress : float [Pa^2]
        Mean of the squared wall shear stress over the blood in its segments.
    """

    number: int
    organ: int
    behaviour: int
    is_vessel: bool
    holds: bool
    square_stress: float


def classify_segments(
    network: VesselNetwork,
    stress: FloatArray,
    *,
    holds: BoolArray,
    is_marginal: BoolArray,
    is_counted: BoolArray,
) -> tuple[tuple[SegmentClass, ...], npt.NDArray[np.int64]]:
    """Put segments into classes by organ, behaviour, stress, attachment, margination, counting.

    Parameters
    ----------
    network : VesselNetwork
        Any.
    stress : (n_segments,) float64 [Pa]
        That cells feel, >= 0.
    holds, is_marginal, is_counted : (n_segments,) bool
        Where cells may attach; where they marginate; tubes where their passages are counted.

    Returns
    -------
    classes : tuple of SegmentClass
        Tubes from 0, tubes with margination from MARGINAL_CLASS, all else, counted tubes too, the
        same way from SPECIAL_CLASS, chambers from CHAMBER_CLASS; the last two are those of
        junctions and of the exit.
    number : (n_segments,) int64
        The class of each segment.

    Raises
    ------
    InputError
        If there are more classes than records can name.

    Notes
    -----
    The hazard of a class is that of its mean square stress, so the dose of an organ is exact; that
    of one segment is off by less than a factor of two, the width of a class, but for the first
    class, where it is next to nothing, and the last.
    """
    square = stress * stress
    organ = np.where(network.organ < 0, len(network.organ_names), network.organ).astype(np.int64)
    behaviour = np.full(network.n_segments, TUBE, dtype=np.int64)
    for kind, of_kind in _BEHAVIOUR.items():
        behaviour[network.is_kind(kind)] = of_kind
    is_marginal = is_marginal & (behaviour == TUBE)
    is_special = is_counted | (behaviour != TUBE)
    # The exponent of x = m 2^e with m in [1/2, 1).
    exponent = np.where(square > 0.0, np.frexp(square)[1], _LOWEST)
    octave = np.clip(exponent, _LOWEST, _HIGHEST).astype(np.int64) - _LOWEST
    key = ((organ * EXIT + behaviour) * _N_STRESSES + octave) * 8
    key += 4 * is_special + 2 * holds + is_marginal
    present, inverse = np.unique(key, return_inverse=True)
    mean_square = _mean(square, inverse, weight=network.volume, count=present.size)

    place = present // 8 // _N_STRESSES
    of_class = place % EXIT
    first = np.where(present % 2 == 1, MARGINAL_CLASS, 0)
    first += np.where(present // 4 % 2 == 1, SPECIAL_CLASS, 0)
    first[of_class == CHAMBER] = CHAMBER_CLASS
    number = np.zeros(present.size, dtype=np.int64)
    used = {}
    for start, stop in pairwise(_RANGES):
        # One is left for junctions, or for the exit.
        end = stop - 1
        rows = np.flatnonzero(first == start)
        used[start] = rows.size
        if start + rows.size >= end:
            message = (
                f"network must have fewer than {end - start} classes of segments, got {rows.size} "
                "(of one behaviour, by organ and wall shear stress). Give it fewer organs."
            )
            raise InputError(message)
        number[rows] = start + np.arange(rows.size)
    classes = [
        SegmentClass(
            number=int(number[row]),
            organ=int(place[row] // EXIT),
            behaviour=int(of_class[row]),
            is_vessel=True,
            holds=bool(present[row] // 2 % 2),
            square_stress=float(mean_square[row]),
        )
        for row in range(present.size)
    ]
    no_organ = len(network.organ_names)
    for start, of_kind in ((used[0], TUBE), (SPECIAL_CLASS + used[SPECIAL_CLASS], EXIT)):
        classes.append(SegmentClass(start, no_organ, of_kind, False, False, 0.0))
    return tuple(classes), number[inverse]


def _mean(
    value: FloatArray, group: npt.NDArray[np.intp], *, weight: FloatArray, count: int
) -> FloatArray:
    """Return the weighted mean of each group, summed in the order of the segments."""
    total = np.bincount(group, weights=weight, minlength=count)
    mean: FloatArray = np.bincount(group, weights=value * weight, minlength=count) / total
    return mean
