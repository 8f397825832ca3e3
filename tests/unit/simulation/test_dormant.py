"""Dormant cells: rows that merge and vanish, a state that can be taken up, memory that stays."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.simulation.dormant import DormantCells
from ctc.simulation.epochs import Simulation
from ctc.simulation.genealogy import LITTER
from ctc.states import CellState
from tests.physics.mixed import mixed_setting, mixed_world

HOURS = tuple(3600.0 * k for k in range(1, 9))


def absorb(dormant: DormantCells, records: list[int], *, clone: int, first_id: int) -> None:
    litters = np.zeros(1, dtype=LITTER)
    litters["parent"] = -1 - clone
    ids = np.arange(first_id, first_id + len(records), dtype=np.uint64)
    cells = {
        "id": ids,
        "segment": np.array(records, dtype=np.uint32),
        "size_class": np.zeros(ids.size, dtype=np.uint16),
        "clone": np.full(ids.size, clone, dtype=np.uint16),
    }
    dormant.absorb(cells, litters, np.zeros(ids.size, dtype=np.int64), is_tracked=ids % 2 == 0)


def test_alike_cells_share_a_row_whatever_the_order_they_come_in() -> None:
    setting = mixed_setting()
    liver, gut = setting.hops.record[[5, 4]].tolist()
    one, other = DormantCells(setting), DormantCells(setting)
    absorb(one, [gut, liver, gut], clone=1, first_id=0)
    absorb(one, [liver, liver], clone=0, first_id=3)
    absorb(one, [gut], clone=1, first_id=5)
    absorb(other, [liver, liver], clone=0, first_id=3)
    absorb(other, [gut], clone=1, first_id=5)
    absorb(other, [gut, liver, gut], clone=1, first_id=0)
    assert one.n_cells == 6
    assert one.count.sum() == 6
    assert one.code.size == 3
    assert (np.diff(one.code) > 0).all()
    for name, array in one.state().items():
        np.testing.assert_array_equal(array, other.state()[name], err_msg=name)
    found = one.frame(0)
    assert sorted(found["id"].tolist()) == [0, 2, 4]
    assert one.by_record()[[liver, gut]].tolist() == [3, 3]


def test_rows_and_classes_vanish_with_their_last_cell() -> None:
    setting = mixed_setting(mixed_world(dormant_death_rate=1.0))
    dormant = DormantCells(setting)
    absorb(dormant, setting.hops.record[[5, 4, 4]].tolist(), clone=0, first_id=0)
    found = dormant.awaken(0, start=0, end=3600 * 10**9)
    assert found.died.sum() + found.colonies.size == 3
    assert dormant.n_cells == dormant.classes.size == dormant.code.size == 0
    assert dormant.tracked.rows.size == 0


def finished(stops: tuple[int, ...] = ()) -> tuple[Simulation, list[dict[str, np.ndarray]]]:
    """Return a finished simulation and the cells of its frames, a restart after each stop."""
    world = mixed_world(escape_rate=2e-5, dormant_death_rate=4e-5)
    times = tuple(t + 1800.0 for t in HOURS[:-1])
    setting = mixed_setting(
        world, cells=3000, epochs=HOURS, frames=times, n_tracked=3000, track_every=2
    )
    simulation, frames = Simulation(setting, choose_backend("cpu")), []
    while not simulation.is_finished:
        frames += [frame.cells for frame in simulation.step().frames]
        if simulation.n_epochs_done in stops:
            state = simulation.state()
            simulation = Simulation(setting, choose_backend("cpu"))
            simulation.restore(state)
    return simulation, frames


@pytest.mark.parametrize("stops", [(1,), (2, 5), tuple(range(1, 8))])
def test_stops_change_nothing(stops: tuple[int, ...]) -> None:
    (whole, frames), (stopped, again) = finished(), finished(stops)
    assert whole.dormant.n_cells > 50
    assert stopped.digest() == whole.digest()
    for wanted, found in zip(frames, again, strict=True):
        for name, array in wanted.items():
            np.testing.assert_array_equal(found[name], array, err_msg=name)
    state = frames[-1]["state"]
    assert np.count_nonzero(state == CellState.DORMANT) > 20


def test_frames_agree_with_counts_at_the_end() -> None:
    """Every cell tracked, a frame at the last epoch's end: dormant cells as in the series."""
    world = mixed_world(escape_rate=1e-5, dormant_death_rate=4e-5)
    setting = mixed_setting(
        world, cells=2000, epochs=HOURS, frames=(HOURS[-1],), n_tracked=20_000, track_every=1
    )
    run = Simulation(setting, choose_backend("cpu"))
    *_, last = run.epochs()
    state = last.frames[-1].cells["state"]
    wanted = int(last.counts[CellState.DORMANT].sum())
    assert wanted > 100
    assert np.count_nonzero(state == CellState.DORMANT) == wanted
    assert last.died_dormant.sum() > 20


@pytest.mark.parametrize("part", ["count", "class", "rate"])
def test_digest_covers_dormant_cells(part: str) -> None:
    run, _ = finished()
    before = run.digest()
    if part == "count":
        run.dormant.count[0] += 1
    elif part == "class":
        run.dormant.classes["parent"][0] += 1
    else:
        run.setting.tables.clocks["total"] += np.uint64(1)
    assert run.digest() != before


def test_no_dormant_cell_is_in_the_arrays() -> None:
    state = finished()[0].shards.field("state")
    assert not np.isin(state, [CellState.DORMANT, CellState.DIED, CellState.COLONY]).any()


def test_memory_does_not_grow_with_the_cells_that_sleep() -> None:
    """Shedding goes on for 60 times 2 h: cells in arrays and rows of counts stay as many."""
    epochs = tuple(7200.0 * k for k in range(1, 61))
    world = mixed_world(escape_rate=0.0, dormant_death_rate=0.0)
    run = Simulation(
        mixed_setting(world, cells=2000, epochs=epochs, stop=epochs[-1]), choose_backend("cpu")
    )
    held, asleep, rows = [], [], []
    for epoch in run.epochs():
        held.append(run.n_held)
        asleep.append(int(epoch.counts[CellState.DORMANT].sum()))
        rows.append(run.dormant.code.size)
    assert asleep[-1] > 5 * asleep[9]
    assert max(held[30:]) < 1.3 * max(held[5:15])
    assert rows[-1] <= 2 * rows[9]
