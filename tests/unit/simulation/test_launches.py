"""Launches: sums, events beyond the room for them, and faults."""

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.backends.records import BED
from ctc.errors import DeviceFaultError
from ctc.simulation.launches import Launches
from ctc.states import CellState, EventKind
from tests.physics.mixed import mixed_world
from tests.physics.worlds import Vessel, bolus, made_world, plug_of, set_out

NS = 10**9


def launched(n: int = 40, **options: object) -> Launches:
    world = made_world([Vessel("a", "b"), Vessel("b", "a")], plug_of())
    return set_out(world, bolus(world.hops, [0], count=n), **options).launches


def test_hops_are_segments_entered_after_birth() -> None:
    """Plugs of 1 s a segment: seven entries in 7.5 s, whatever the chunk."""
    for chunk in (7, 40, 1000):
        launches = launched(chunk=chunk)
        launches.advance(7 * NS + NS // 2)
        assert launches.sums.hops == 40 * 7


def test_advancing_to_the_same_time_again_does_nothing() -> None:
    launches = launched()
    launches.advance(5 * NS)
    before = launches.population.on_host()
    assert launches.advance(5 * NS).size == 0
    for name, array in launches.population.on_host().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_cell_that_leaves_at_the_epochs_end_has_left() -> None:
    """It is at the end of its segment at that time: the hop belongs to the epoch that ends."""
    launches = launched(n=1)
    launches.advance(1 * NS)
    assert launches.sums.hops == 1
    launches.advance(3 * NS)
    assert launches.sums.hops == 3
    assert launches.population.on_host()["entry_time"].tolist() == [3 * NS]


def test_no_event_is_lost_where_there_is_room_for_one() -> None:
    """Ten thousand exits through a buffer of one event a launch of 40 cells."""
    world = made_world([Vessel("a", "b")])
    litter = bolus(world.hops, [0], count=40)
    launches = set_out(world, litter, event_capacity=1).launches
    events = launches.advance(10**5 * NS)
    assert np.sort(events["cell"]).tolist() == list(range(40))
    assert (events["kind"] == EventKind.EXITED).all()
    assert (launches.population.on_host()["state"] == CellState.EXITED).all()


@pytest.mark.parametrize("variant", cpu_variants())
@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("segment", 99, "segment outside the network"),
        ("segment", 2**32 - 1, "segment outside the network"),
        ("state", 7, "unknown state"),
        ("state", 15, "unknown state"),
        ("size_class", 2, "size class outside its table"),
        ("entry_time", 2**40, "leaves its segment before it entered"),
    ],
)
def test_a_fault_names_the_kernel_and_the_lowest_cell(
    variant: str, field: str, value: int, text: str
) -> None:
    launches = launched(backend=CpuBackend(threads=2, variant=variant))
    launches.population.arrays()[field][[31, 12, 38]] = value
    place = r"\(cell 12, segment (of record )?-?\d+ at -?\d+ ns\)"
    with pytest.raises(DeviceFaultError, match=rf"ctc_advance.*{text}.*{place}"):
        launches.advance(10 * NS)


@pytest.mark.parametrize("variant", cpu_variants())
def test_an_unknown_behaviour_is_a_fault(variant: str) -> None:
    world = mixed_world()
    bed = next(c.number for c in world.hops.classes if c.behaviour == BED)
    world.tables.classes["behaviour"][bed] = 9
    litter = bolus(world.hops, [1], count=50)
    launches = set_out(world, litter, backend=CpuBackend(variant=variant)).launches
    with pytest.raises(DeviceFaultError, match="unknown behaviour"):
        launches.advance(1000 * NS)


def test_a_birth_outside_the_network_is_a_fault() -> None:
    world = made_world([Vessel("a", "b")])
    litter = bolus(world.hops, [0], count=3, first_id=500)
    litter.source.sites.record[0] = 77
    with pytest.raises(DeviceFaultError, match=r"ctc_emit.*segment outside.*\(cell 500\)"):
        set_out(world, litter)


def test_positions_of_no_cell_are_none() -> None:
    launches = launched()
    no_slots = np.zeros(0, dtype=np.uint32)
    assert launches.locate(launches.population.arrays(), no_slots, 0).shape == (0, 3)
