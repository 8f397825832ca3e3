"""Times since shedding, from made-up events."""

import types

import numpy as np
import pytest

from ctc.analysis import since_shed
from ctc.analysis.since_shed import times_since_shed
from ctc.record.layout import EVENT_DTYPE
from ctc.states import DeathCause, EventKind

SECOND = 10**9
HOUR = 3600 * SECOND


def run_with(events, *, sources, shed=(10, 20), epoch=HOUR):
    rows = np.zeros(len(events), dtype=EVENT_DTYPE)
    for row, (time, cell, kind, cause, passes) in zip(rows, events, strict=True):
        row["time"], row["cell"], row["kind"] = time, cell, kind
        row["cause"], row["passes"] = cause, passes
    series = {
        "time": epoch * np.arange(1, len(shed) + 1),
        "shed": np.array(shed, dtype=np.uint64),
    }
    return types.SimpleNamespace(
        n_events=rows.size,
        n_epochs=len(shed),
        events=lambda start, stop: rows[start:stop],
        series=lambda: series,
        scenario=lambda: {"source": sources},
    )


BOLUS = {"kind": "bolus", "at": 5.0, "cells": 20}
TUMOUR = {"kind": "tumour", "start": 0.0, "stop": None}


def test_times_of_a_bolus_are_exact_and_only_the_first_arrest_counts(monkeypatch):
    monkeypatch.setattr(since_shed, "_ROWS_AT_ONCE", 2)  # the same cell in two readings
    events = [
        (15 * SECOND, 3, EventKind.ARRESTED, 0, 0),
        (20 * SECOND, 3, EventKind.RELEASED, 0, 1),
        (95 * SECOND, 3, EventKind.ARRESTED, 0, 4),
        (105 * SECOND, 4, EventKind.DIED, DeathCause.IMMUNE, 2),
        (HOUR, 5, EventKind.DIED, DeathCause.TISSUE, 2),
    ]
    found = times_since_shed(run_with(events, sources=[BOLUS], shed=(20, 20)))
    assert found.resolution == 0.0
    assert found.has_arrests
    assert set(found.counts) == {"first arrest", "died in a vessel"}
    (arrest,) = np.flatnonzero(found.counts["first arrest"])
    assert found.edges[arrest] <= 10.0 < found.edges[arrest + 1]
    (death,) = np.flatnonzero(found.counts["died in a vessel"])
    assert found.edges[death] <= 100.0 < found.edges[death + 1]
    assert found.passes["first arrest"].tolist() == [1]
    assert found.passes["died in a vessel"].tolist() == [0, 0, 1]


@pytest.mark.parametrize("patient", [1, 2**23 - 1])
def test_the_cells_of_a_patient_with_a_number_are_not_left_out(patient):
    """Their identities begin at the patient's number times 2^40."""
    events = [
        (15 * SECOND, 3, EventKind.ARRESTED, 0, 0),
        (4 * HOUR, 9, EventKind.EXTRAVASATED, 0, 0),
        (4 * HOUR, 10, EventKind.COLONY, 0, 1),
    ]
    numbered = [(time, cell + (patient << 40), *rest) for time, cell, *rest in events]
    alone, found = (
        times_since_shed(run_with(rows, sources=[TUMOUR], shed=(10, 20, 20, 20)))
        for rows in (events, numbered)
    )
    assert found.counts.keys() == alone.counts.keys()
    assert "first arrest" in found.counts
    for name, counts in alone.counts.items():
        np.testing.assert_array_equal(found.counts[name], counts)


def test_a_cell_of_a_tumour_was_shed_in_the_epoch_that_its_number_tells():
    events = [
        (4 * HOUR, 9, EventKind.EXTRAVASATED, 0, 0),  # shed in the first hour: 3.5 h
        (4 * HOUR, 10, EventKind.COLONY, 0, 1),  # shed in the second: 2.5 h
    ]
    found = times_since_shed(run_with(events, sources=[TUMOUR], shed=(10, 20, 20, 20)))
    assert found.resolution == pytest.approx(3600.0)
    assert found.edges[1] == pytest.approx(3600.0)
    assert not found.has_arrests
    for name, age in (("left the vessel", 3.5 * 3600), ("founded a colony", 2.5 * 3600)):
        (i,) = np.flatnonzero(found.counts[name])
        assert found.edges[i] <= age < found.edges[i + 1]


def test_without_events_nothing_is_known():
    assert times_since_shed(run_with([], sources=[TUMOUR])) is None
