"""The table of entry points: calls are checked before anything is launched."""

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from ctc.backends.kernels import kernels, raise_fault
from ctc.backends.records import NO_FAULT, RECORDS, SEGMENT_PLACE, aligned_zeros
from ctc.errors import DeviceFaultError


def arguments(n: int = 3) -> dict[str, object]:
    return {
        "id": np.zeros(n, dtype=np.uint64),
        "entry_time": np.zeros(n, dtype=np.int64),
        "exit_time": np.zeros(n, dtype=np.int64),
        "segment": np.zeros(n, dtype=np.uint32),
        "places": np.zeros(2, dtype=SEGMENT_PLACE),
        "slots": np.zeros(n, dtype=np.uint32),
        "position": np.zeros((n, 3), dtype=np.float32),
        "time": 5,
        "seed": 2**64 - 1,
        "n_segments": 2,
        "count": n,
        "first_fault": np.array([NO_FAULT], dtype=np.uint64),
    }


def test_arguments_come_out_in_the_kernels_order_with_scalars_cast() -> None:
    kernel = kernels()["ctc_locate"]
    bound = kernel.bind(arguments())
    assert len(bound) == len(kernel.arguments)
    scalars = {a.name: v for a, v in zip(kernel.arguments, bound, strict=True) if a.length is None}
    assert scalars["time"].dtype == np.int64
    assert scalars["seed"] == np.uint64(2**64 - 1)
    assert scalars["n_segments"].dtype == np.uint32


@pytest.mark.parametrize(
    ("name", "value", "error", "text"),
    [
        ("slots", np.zeros(3, dtype=np.int64), TypeError, "slots must be of dtype uint32"),
        ("slots", np.zeros(2, dtype=np.uint32), ValueError, "at least 3 items, got 2"),
        ("position", np.zeros((2, 3), dtype=np.float32), ValueError, "at least 9 items, got 6"),
        ("id", np.zeros(6, dtype=np.uint64)[::2], ValueError, "id must be contiguous"),
        ("places", np.zeros(1, dtype=SEGMENT_PLACE), ValueError, "at least 2 items"),
        ("places", np.zeros(32, dtype=np.uint8), ValueError, "at least 2 items, got 1"),
        ("seed", 2**64, OverflowError, "too large|out of bounds"),
        ("n_segments", -1, OverflowError, "negative|out of bounds"),
    ],
)
def test_wrong_values_are_refused(
    name: str, value: object, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        kernels()["ctc_locate"].bind(arguments() | {name: value})


def test_records_may_travel_as_bytes() -> None:
    as_bytes = np.zeros(64, dtype=np.uint8)
    kernels()["ctc_locate"].bind(arguments() | {"places": as_bytes})


def test_missing_and_unknown_arguments_are_named() -> None:
    given = arguments()
    del given["slots"]
    given["colour"] = 1
    with pytest.raises(TypeError, match=r"ctc_locate must get exactly .*\['colour', 'slots'\]"):
        kernels()["ctc_locate"].bind(given)


def test_every_entry_point_has_a_summary_and_meanings() -> None:
    assert set(kernels()) == {"ctc_advance", "ctc_emit", "ctc_locate", "ctc_probe_laws"}
    for kernel in kernels().values():
        assert kernel.summary.endswith(".")
        assert all(argument.meaning for argument in kernel.arguments)
        assert all(argument.direction in {"in", "out", "inout"} for argument in kernel.arguments)


def test_record_sizes_are_those_of_aligned_loads() -> None:
    sizes = {name: dtype.itemsize for name, dtype in RECORDS.items()}
    assert sizes["SegmentRecord"] == 16
    assert sizes["BedRecord"] == 16
    assert sizes["SizeRecord"] == 16
    assert sizes["ClockRecord"] == 64
    assert {sizes[n] for n in ("ClassRecord", "Event", "SegmentPlace")} == {32}


def test_no_fault_passes_and_a_fault_is_raised_with_its_text() -> None:
    raise_fault("ctc_advance", NO_FAULT)
    with pytest.raises(DeviceFaultError, match=r"ctc_advance.*unknown state.*\(cell 9\)"):
        raise_fault("ctc_advance", (9 << 8) | 2)
    with pytest.raises(DeviceFaultError, match="unknown fault"):
        raise_fault("ctc_advance", (9 << 8) | 200)


def test_tables_are_laid_where_the_cpu_backend_takes_them_as_they_lie() -> None:
    """A table of a large network is not to be held twice."""
    for count in (0, 1, 1000):
        table = aligned_zeros(count, SEGMENT_PLACE)
        assert table.size == count
        assert table.dtype == SEGMENT_PLACE
        assert np.shares_memory(CpuBackend().to_device(table), table) or count == 0
