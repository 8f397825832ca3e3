"""Every cell is in one place, and a cell that is not is told."""

import types

import numpy as np

from ctc.analysis.fates import count_fates
from ctc.states import CellState, DeathCause


def run_with(states, died, *, shed):
    by_state = np.zeros((1, len(CellState)), dtype=np.uint64)
    by_cause = np.zeros((1, len(DeathCause)), dtype=np.uint64)
    for state, count in states.items():
        by_state[0, state] = count
    for cause, count in died.items():
        by_cause[0, cause] = count
    series = {
        "time": np.array([10**9]),
        "shed": np.array([shed], dtype=np.uint64),
        "cells_by_state": by_state,
        "died_by_cause": by_cause,
    }
    return types.SimpleNamespace(n_epochs=1, series=lambda: series)


STATES = {
    CellState.CIRCULATING: 1,
    CellState.ARRESTED: 2,
    CellState.EXTRAVASATED: 3,
    CellState.DORMANT: 4,
    CellState.COLONY: 5,
    CellState.EXITED: 6,
    CellState.DIED: 79,
}
DIED = {
    DeathCause.SHEAR: 7,
    DeathCause.IMMUNE: 8,
    DeathCause.ANOIKIS: 9,
    DeathCause.ARREST: 10,
    DeathCause.TISSUE: 20,
    DeathCause.TREATMENT: 25,
}


def test_parts_add_up_to_what_was_shed():
    fates = count_fates(run_with(STATES, DIED, shed=100))
    assert fates.is_closed
    assert fates.in_vessels == 3
    assert fates.died_in_vessels == 34
    assert fates.left_vessels == 32


def test_a_lost_cell_is_told():
    assert not count_fates(run_with(STATES, DIED, shed=101)).is_closed
    assert not count_fates(run_with(STATES, DIED | {DeathCause.SHEAR: 8}, shed=100)).is_closed


def test_a_run_before_its_first_epoch_has_no_cell():
    fates = count_fates(types.SimpleNamespace(n_epochs=0))
    assert fates.is_closed
    assert fates.shed == 0
