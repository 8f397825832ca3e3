"""The kernels as a GPU runs them, lane by lane: the bits of the host's scalar loop.

Small runs in the mixed world, where every branch of a cell's life is taken. Each shape is another
interleaving: blocks, threads and the seed of the schedule.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from ctc.backends.kernels import kernels
from ctc.errors import DeviceFaultError
from ctc.preparation import prepare
from ctc.simulation.epochs import Simulation
from ctc.simulation.events import in_order
from ctc.simulation.launches import Launches
from tests.architecture.sources import ROOT
from tests.emulation.backend import EmulatedBackend, Shape
from tests.parity.runs import load
from tests.physics.mixed import (
    LAST_VEIN,
    MIXED_VENULE,
    MIXED_VESSELS,
    digest_of_run,
    mixed_biology,
    mixed_setting,
    mixed_world,
)
from tests.physics.worlds import NANOSECONDS, Vessel, bolus, made_world, set_out

CELLS = 200
SHAPES = (
    Shape(1, 32, 1),
    Shape(1, 128, 2),
    Shape(5, 32, 3),
    Shape(2, 96, 4),
    Shape(16, 64, 5),  # more lanes than cells
)


@pytest.fixture(scope="module")
def expected() -> str:
    return digest_of_run(mixed_setting(cells=CELLS), CpuBackend(threads=1, variant="scalar"))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_launch_shapes_change_nothing(shape: Shape, expected: str) -> None:
    assert digest_of_run(mixed_setting(cells=CELLS), EmulatedBackend(shape)) == expected


@pytest.mark.parametrize("seed", range(10, 16))
def test_interleavings_change_nothing(seed: int, expected: str) -> None:
    backend = EmulatedBackend(Shape(3, 64, seed))
    assert digest_of_run(mixed_setting(cells=CELLS), backend) == expected


@pytest.mark.parametrize("max_hops", [1, 2, 7, 100])
def test_launches_of_few_hops_change_nothing(max_hops: int, expected: str) -> None:
    backend = EmulatedBackend(Shape(2, 32, max_hops), max_hops=max_hops)
    assert digest_of_run(mixed_setting(cells=CELLS), backend) == expected
    whole = EmulatedBackend(Shape(2, 32, max_hops))
    digest_of_run(mixed_setting(cells=CELLS), whole)
    assert backend.n_launches > whole.n_launches


@pytest.mark.parametrize("event_capacity", [1, 3, 50])
def test_room_for_events_changes_nothing(event_capacity: int, expected: str) -> None:
    """Cells whose event finds no room stall, and go on in the next launch."""
    backend = EmulatedBackend(Shape(2, 64, event_capacity))
    found = digest_of_run(mixed_setting(cells=CELLS), backend, event_capacity=event_capacity)
    assert found == expected


@pytest.mark.parametrize("chunk", [1, 37, 64])
def test_chunks_change_nothing(chunk: int, expected: str) -> None:
    backend = EmulatedBackend(Shape(2, 64, chunk), max_hops=50)
    found = digest_of_run(mixed_setting(cells=CELLS), backend, chunk=chunk, event_capacity=20)
    assert found == expected


def emitted(backend: Any) -> tuple[Launches, np.ndarray]:
    """Return 300 newborn cells on a vein and in a venule, and their events."""
    litter = bolus(
        mixed_world().hops,
        [LAST_VEIN, MIXED_VENULE],
        count=300,
        start=7,
        duration=60 * NANOSECONDS,
        first_id=2**33 + 5,
        clone=3,
    )
    journey = set_out(mixed_world(), litter, seed=2**63 + 3, backend=backend)
    return journey.launches, journey.events


def test_every_array_has_the_same_bits() -> None:
    """Cells, events, tallies and passages after ctc_emit and after each ctc_advance."""
    found, events = emitted(EmulatedBackend(Shape(3, 64, 8), max_hops=20))
    wanted, wanted_events = emitted(CpuBackend(threads=1, variant="scalar"))
    n_events = 0
    for until in (0, 1, 30, 61, 600, 7200):
        if until:
            events = found.advance(until * NANOSECONDS)
            wanted_events = wanted.advance(until * NANOSECONDS)
        np.testing.assert_array_equal(in_order(events), in_order(wanted_events))
        n_events += events.size
        for name, array in wanted.population.on_host().items():
            np.testing.assert_array_equal(found.population.on_host()[name], array, err_msg=name)
        np.testing.assert_array_equal(found.sums.organs, wanted.sums.organs)
        np.testing.assert_array_equal(found.sums.passages, wanted.sums.passages)
        assert found.sums.hops == wanted.sums.hops
    assert n_events > 300
    assert found.sums.hops > 5_000
    assert found.sums.organs.sum() > 1000


def test_a_fault_is_that_of_the_lowest_cell() -> None:
    """Two cells are out of bounds; the launch still ends, and names the lower one."""
    texts = []
    for backend in (EmulatedBackend(Shape(2, 32, 9)), CpuBackend(threads=1, variant="scalar")):
        launches, _ = emitted(backend)
        fields = launches.population.arrays()
        fields["segment"][200] = 10_000
        fields["size_class"][100] = 99
        with pytest.raises(DeviceFaultError, match="size class outside its table") as caught:
            launches.advance(NANOSECONDS)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


def test_sums_by_organ_do_not_need_shared_memory() -> None:
    """A body of more organs than a block has bins for counts in global memory, to the same sums."""
    many = [Vessel(f"in {i}", f"out {i}", organ=f"organ {i}") for i in range(70)]
    world = made_world([*MIXED_VESSELS, *many], mixed_biology())
    counts = []
    for backend in (EmulatedBackend(Shape(2, 64, 3)), CpuBackend(threads=1, variant="scalar")):
        simulation = Simulation(mixed_setting(world, cells=100), backend)
        simulation.step()
        counts.append(simulation.organ_sums)
    assert counts[0].shape[0] > 64
    assert counts[0].sum() > 100
    np.testing.assert_array_equal(*counts)


def test_a_whole_body_has_the_same_bits(tmp_path: Path) -> None:
    """Five hours of a woman's body: lymph nodes, portal system, clusters, counted vessels."""
    setting = prepare(load(tmp_path)).setting
    runs = [
        Simulation(setting, backend)
        for backend in (EmulatedBackend(Shape(3, 64, 2)), CpuBackend(threads=1, variant="scalar"))
    ]
    for run in runs:
        for _ in run.epochs():
            pass
    assert runs[0].ledger.n_shed > 3000
    assert runs[0].digest() == runs[1].digest()


def test_every_entry_point_is_emulated() -> None:
    text = (ROOT / "tests" / "emulation" / "kernels.cpp").read_text(encoding="utf-8")
    assert set(re.findall(r"ENTRY\((\w+)\)", text)) - {"name"} == set(kernels())
