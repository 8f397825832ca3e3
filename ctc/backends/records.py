"""NumPy dtypes of the records that kernels read and write; layouts as in kernels/core/records.h."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SEGMENT_RECORD = np.dtype(
    [("transit_time", "<f4"), ("bore_class", "<u4"), ("next", "<u4"), ("share", "<f4")]
)
CLASS_RECORD = np.dtype(
    [
        ("hazard", "<f4"),
        ("toll", "<f4"),
        ("organ", "<u4"),
        ("behaviour", "<u4"),
        ("bed", "<u4"),
        ("to_shear", "<u4"),
        ("to_immune", "<u4"),
        ("to_anoikis", "<u4"),
    ]
)
BED_RECORD = np.dtype([("arrest", "<u8"), ("slowness", "<f4"), ("law", "<u4")])
SIZE_RECORD = np.dtype(
    [("radius", "<f4"), ("chain_radius", "<f4"), ("clocks", "<u4"), ("n_cells", "<u4")]
)
CLOCK_RECORD = np.dtype(
    [
        ("to_first", "<u8"),
        ("to_second", "<u8"),
        ("to_third", "<u8"),
        ("to_fourth", "<u8"),
        ("to_immune", "<u8"),
        ("to_treatment", "<u8"),
        ("total", "<u8"),
        ("padding", "<u8"),
    ]
)
EVENT = np.dtype(
    [
        ("time", "<i8"),
        ("cell", "<u8"),
        ("segment", "<u4"),
        ("number", "<u4"),
        ("size_class", "<u2"),
        ("passes", "<u2"),
        ("clone", "<u2"),
        ("kind", "u1"),
        ("cause", "u1"),
    ]
)
SEGMENT_PLACE = np.dtype(
    [("start", "<f4", (3,)), ("end", "<f4", (3,)), ("spread", "<f4"), ("padding", "<f4")]
)
LITTER_RECORD = np.dtype(
    [
        ("first_number", "<u8"),
        ("first_id", "<u8"),
        ("start", "<i8"),
        ("duration", "<u8"),
        ("first_site", "<u4"),
        ("n_sites", "<u4"),
        ("clone", "<u4"),
        ("padding", "<u4"),
    ]
)

RECORDS: dict[str, np.dtype[Any]] = {
    "SegmentRecord": SEGMENT_RECORD,
    "ClassRecord": CLASS_RECORD,
    "SizeRecord": SIZE_RECORD,
    "BedRecord": BED_RECORD,
    "ClockRecord": CLOCK_RECORD,
    "Event": EVENT,
    "SegmentPlace": SEGMENT_PLACE,
    "LitterRecord": LITTER_RECORD,
}

# Constants of core/records.h; tests/architecture compares them.
SURVIVAL_BITS = 45
CLOCK_BITS = 58
TICK_BITS = 16
CLASS_BITS = 12
MARGINAL_CLASS = 0x400
SPECIAL_CLASS = 0x800
CHAMBER_CLASS = 0xE00
HAS_BYWAY = 3.0
N_TALLIES = 3
N_ORGAN_TALLIES = 4
N_CLOCK_STATES = 3
N_QUANTILES = 1024
NO_FAULT = 0xFFFF_FFFF_FFFF_FFFF
TUBE, BED, CHAMBER, NODE, EXIT = range(5)

_ALIGNMENT = 64


def aligned_zeros(count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return zeros that begin at a multiple of 64 bytes: the cpu backend takes them as they lie."""
    room = np.zeros(count * dtype.itemsize + _ALIGNMENT, dtype=np.uint8)
    start = -room.ctypes.data % _ALIGNMENT
    return room[start : start + count * dtype.itemsize].view(dtype)
