"""How many blocks stay on a multiprocessor: figures worked out by hand from the limits."""

import pytest

from ctc.backends.occupancy import resident_blocks


@pytest.mark.parametrize(
    ("target", "threads", "registers", "shared", "expected"),
    [
        (90, 128, 64, 0, 8),  # 65536 / (64 * 128)
        (90, 128, 65, 0, 7),  # 72 registers are given out for 65
        (90, 128, 32, 0, 16),  # 64 warps
        (90, 32, 16, 0, 32),  # blocks
        (75, 128, 62, 9344, 6),  # shared memory: 64 KiB / (9344 + 1024)
        (120, 128, 40, 0, 12),  # 48 warps
        (103, 128, 64, 0, 8),  # not listed: as 10.0
        (90, 1024, 255, 0, 1),  # never none
    ],
)
def test_blocks_are_limited_by_what_is_scarce(
    target: int, threads: int, registers: int, shared: int, expected: int
) -> None:
    found = resident_blocks(target, threads, registers=registers, shared=shared)
    assert found == expected
