"""Ledger: counts of events, and the proof that no cell is lost."""

import numpy as np
import pytest

from ctc.backends.records import EVENT
from ctc.errors import CtcError
from ctc.simulation.ledger import Ledger
from ctc.states import CellState, DeathCause, EventKind


def ledger_with(
    kinds: list[EventKind], *, n_shed: int, cause: DeathCause = DeathCause.NONE
) -> Ledger:
    ledger = Ledger(n_organs=3)
    ledger.n_shed = n_shed
    events = np.zeros(len(kinds), dtype=EVENT)
    events["kind"] = kinds
    events["cause"] = cause
    events["segment"] = np.arange(len(kinds))
    organ_of = (np.arange(len(kinds)) % 3).astype(np.int16)
    ledger.enter(events, organ_of, np.zeros(len(kinds), dtype=np.int64))
    return ledger


def held(**numbers: int) -> np.ndarray:
    counts = np.zeros(len(CellState), dtype=np.int64)
    for name, number in numbers.items():
        counts[CellState[name.upper()]] = number
    return counts


FATES = [EventKind.DIED, EventKind.COLONY, EventKind.EXITED, EventKind.ARRESTED]


def test_events_are_counted_by_kind_and_organ() -> None:
    ledger = ledger_with([*FATES, EventKind.DIED], n_shed=10)
    assert ledger.n_events(EventKind.DIED) == 2
    assert ledger.by_kind[EventKind.DIED].tolist() == [1, 1, 0]
    assert ledger.n_finished == 4


def test_only_deaths_have_causes() -> None:
    ledger = ledger_with(FATES, n_shed=4, cause=DeathCause.IMMUNE)
    assert ledger.by_cause[DeathCause.IMMUNE] == 1
    assert ledger.by_cause.sum() == 1


def test_conserved_cells_pass() -> None:
    ledger = ledger_with(FATES, n_shed=10)
    ledger.check(held(circulating=4, arrested=2, dormant=1))
    by_state = ledger.by_state(held(circulating=4, arrested=2, dormant=1))
    assert by_state.sum() == 10
    assert by_state[CellState.DIED] == by_state[CellState.COLONY] == 1


@pytest.mark.parametrize(
    "found",
    [
        held(circulating=6),
        held(circulating=8),
        held(circulating=6, died=1),
        held(),
    ],
)
def test_lost_or_made_up_cells_are_an_error(found: np.ndarray) -> None:
    ledger = ledger_with(FATES, n_shed=10)
    with pytest.raises(CtcError, match="cells must be conserved: 10 shed, 3 with a fate"):
        ledger.check(found)
