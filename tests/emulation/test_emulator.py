"""The emulated warps find what they are there for: lanes that do not meet, or read too early."""

import pytest

from ctc.backends.cpu import CpuBackend
from ctc.backends.source import device_source
from ctc.errors import CtcError
from tests.emulation.backend import EmulatedBackend, LanesApartError, Shape
from tests.physics.mixed import digest_of_run, mixed_setting

SEEDS = (1, 2, 3)


def planted(text: str, fault: str) -> str:
    """Return the kernels with one piece of text replaced."""
    source = device_source()
    assert source.count(text) == 1, f"'{text}' is not there once"
    return source.replace(text, fault)


@pytest.fixture(scope="module")
def expected() -> str:
    return digest_of_run(mixed_setting(cells=200), CpuBackend(threads=1, variant="scalar"))


def run(source: str, shape: Shape, **options: int) -> str:
    return digest_of_run(mixed_setting(cells=200), EmulatedBackend(shape, source=source), **options)


def test_a_vote_that_some_lanes_miss_is_reported() -> None:
    """Lanes without a cell skip the vote on events and meet the others at another one."""
    vote = "goes_on &= write_events(has_cell && cell.pending != 0, cell);"
    source = planted(vote, f"if (has_cell) {vote}")
    with pytest.raises(LanesApartError, match=r"another place|in vain|while lane"):
        run(source, Shape())


def test_lanes_that_leave_early_are_reported() -> None:
    loop = "WarpLoop(cells, world, desk, memory).run(hops, unfinished);"
    source = planted(loop, f"if (threadIdx.x % 32 >= 20) return; {loop}")
    with pytest.raises(LanesApartError, match=r"waits in vain at .* 20 \(ended\)"):
        run(source, Shape())


def test_a_mask_without_the_caller_is_reported() -> None:
    source = planted("__ballot_sync(ALL_LANES, condition)", "__ballot_sync(0xFFFF, condition)")
    with pytest.raises(LanesApartError, match="is not in the mask 0x0000ffff"):
        run(source, Shape())


def test_a_shuffle_from_outside_its_mask_is_reported() -> None:
    source = planted(
        "return from_lane(number, first)", "return __shfl_sync(0xFFFF0000u, number, first)"
    )
    with pytest.raises(LanesApartError, match=r"not in (its|the) mask"):
        run(source, Shape())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lane_that_is_read_without_a_vote_changes_the_result(seed: int, expected: str) -> None:
    """The first lane's number is left in memory, and read before it is known to be there."""
    source = planted(
        "return from_lane(number, first) + lanes_before(lanes);",
        """static u64 left[1024];
           u64& box = left[(blockIdx.x * blockDim.x + threadIdx.x) / WARP_LANES];
           if (lane_index() == first) box = number;
           return box + lanes_before(lanes);""",
    )
    try:
        found = run(source, Shape(seed=seed))
    except CtcError as error:  # cells that were taken twice, or never
        found = str(error)
    assert found != expected


@pytest.mark.parametrize("seed", SEEDS)
def test_an_addition_that_is_not_atomic_changes_the_result(seed: int, expected: str) -> None:
    source = planted(
        "{ return atomicAdd(address, value); }",
        """{
               const u64 before = *address;
               emulation::grid->may_switch();
               *address = before + value;
               return before;
           }""",
    )
    try:
        found = run(source, Shape(blocks=3, threads=64, seed=seed))
    except (CtcError, LanesApartError) as error:
        found = str(error)
    assert found != expected


def test_a_barrier_that_is_missing_changes_the_result(expected: str) -> None:
    """A warp counts in the bins of its block before another has cleared them.

    One order in seven lets it get that far ahead.
    """
    source = planted("count[i] = 0;\n        join_block();", "count[i] = 0;")
    shapes = (Shape(blocks=1, threads=128, seed=seed) for seed in range(1, 31))
    assert any(run(source, shape) != expected for shape in shapes)


def test_without_a_fault_all_is_well(expected: str) -> None:
    assert run(device_source(), Shape()) == expected
