"""The loop over epochs: what a step returns, and a state that can be taken up."""

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.errors import CtcError
from ctc.simulation.epochs import Simulation
from ctc.simulation.population import CELL_FIELDS
from ctc.states import CellState, EventKind
from tests.physics.mixed import MIXED_VENULE, mixed_setting
from tests.physics.worlds import only_shard


def simulation(**options: object) -> Simulation:
    return Simulation(mixed_setting(cells=800, **options), choose_backend("cpu"))


def test_time_goes_from_epoch_to_epoch() -> None:
    run = simulation()
    assert run.time == 0
    times = []
    for number, epoch in enumerate(run.epochs()):
        assert epoch.number == number
        assert run.time == epoch.end
        times.append(epoch.end)
    assert tuple(times) == run.setting.epochs
    assert run.is_finished


def test_events_belong_to_their_epoch_and_organ() -> None:
    run = simulation()
    start = 0
    for epoch in run.epochs():
        assert (epoch.events["time"] <= epoch.end).all()
        assert (epoch.events["time"] >= start).all()
        np.testing.assert_array_equal(epoch.organ, run.setting.hops.organ[epoch.events["segment"]])
        start = epoch.end


def test_colonies_become_lesions_in_the_order_of_events() -> None:
    run = simulation(epochs=(3600.0, 7200.0, 14400.0))
    n_founded = 0
    for epoch in run.epochs():
        colonies = epoch.events[epoch.events["kind"] == EventKind.COLONY]
        np.testing.assert_array_equal(epoch.founded["cell"], colonies["cell"])
        np.testing.assert_array_equal(epoch.founded["founded"], colonies["time"])
        np.testing.assert_array_equal(epoch.founded["lesion"], n_founded + np.arange(colonies.size))
        n_founded += colonies.size
    assert n_founded == run.lesions.rows.size > 0


def test_counts_are_the_cells_in_memory() -> None:
    run = simulation()
    epoch = run.step()
    held = run.shards.cells()
    assert epoch.counts.sum() == run.n_held + run.dormant.n_cells
    for state in CellState:
        n_counted = run.dormant.n_cells if state is CellState.DORMANT else 0
        assert epoch.counts[state].sum() == np.count_nonzero(held["state"] == state) + n_counted
    assert run.dormant.n_cells > 0


def test_what_an_epoch_brought_stays_while_the_next_one_runs() -> None:
    """It is written down later, in another thread."""
    first, second = simulation(), simulation()
    early = first.step()
    for _ in first.epochs():
        pass
    at_once = second.step()
    at_once_passages = at_once.passages.copy()
    for name in ("hops", "organ_sums"):
        np.testing.assert_array_equal(getattr(early.books, name), getattr(at_once.books, name))
    assert vars(early.books.ledger).keys() == vars(at_once.books.ledger).keys()
    for name, value in vars(second.ledger).items():
        np.testing.assert_array_equal(vars(early.books.ledger)[name], value)
    assert early.books.lesions.rows.tobytes() == second.lesions.rows.tobytes()
    np.testing.assert_array_equal(early.passages, at_once_passages)
    assert early.passages.sum() < first.passages().sum()
    assert early.events.tobytes() == at_once.events.tobytes()


def test_a_lost_cell_stops_the_run() -> None:
    run = simulation()
    run.step()
    only_shard(run).launches.population.count -= 1
    with pytest.raises(CtcError, match="cells must be conserved"):
        run.step()


def test_digest_covers_the_future_as_well_as_the_past() -> None:
    """Any field of a cell that is still held changes it; so do the draws to come."""
    run = simulation()
    run.step()
    before = run.digest()
    names = {field.name for field in CELL_FIELDS} - {"id", "state"}
    for name in sorted(names):
        field = only_shard(run).launches.population.arrays()[name]
        field[0] += 1
        assert run.digest() != before, name
        field[0] -= 1
    assert run.digest() == before


def test_state_holds_copies() -> None:
    run = simulation()
    run.step()
    state = run.state()
    wanted = {k: np.copy(v) for k, v in state.items() if isinstance(v, np.ndarray)}
    run.step()
    for name, array in wanted.items():
        np.testing.assert_array_equal(state[name], array, err_msg=name)


def test_newborn_cells_of_a_source_enter_at_its_sites() -> None:
    run = simulation()
    assert run.setting.sources[1].sites.record.tolist() == [run.setting.hops.record[MIXED_VENULE]]
