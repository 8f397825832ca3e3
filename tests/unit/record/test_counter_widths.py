"""Counts beyond what float64 holds exactly come back from a file as they were."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ctc.record.checkpoint import read_checkpoint, write_checkpoint
from ctc.record.counters import Counters, RecordPosition
from ctc.record.files import RunFiles
from ctc.record.layout import COUNTER_DTYPE
from ctc.record.reader import open_run
from ctc.record.row_log import LogPosition
from ctc.states import CellState, DeathCause

N = 2**60 + 1


def test_counters_of_a_file_are_exact_up_to_63_bits() -> None:
    position = LogPosition(2**63 - 1, 8191, 1)
    assert position.packed == 2**63 - 8192
    assert all(
        COUNTER_DTYPE[name] == np.dtype("<u8")
        for name in COUNTER_DTYPE.names or ()
        if not name.endswith("_slot") and name not in {"status", "check"}
    )
    row = np.zeros(1, dtype=COUNTER_DTYPE)
    row["events"] = 2**63 - 1
    assert int(row["events"][0]) == 2**63 - 1
    counts = Counters(frames=2**53 + 1, epochs=2**62, events=position).position.as_counts()
    assert RecordPosition.of_counts(counts).events == 2**63 - 1
    assert counts["frames"] == 2**53 + 1


def test_a_checkpoint_keeps_large_counts_as_they_are(tmp_path: Path) -> None:
    files = RunFiles.of(tmp_path / "a.vtkhdf")
    state = {"hops": 2**63 - 1, "n_shed": 2**40 - 1, "id": np.array([2**64 - 2], dtype="<u8")}
    counts = RecordPosition(frames=0, epochs=0, events=2**63 - 1, lesions=0).as_counts()
    write_checkpoint(files, state, counts=counts)
    found = read_checkpoint(files)
    assert found.state["hops"] == 2**63 - 1
    assert int(found.state["id"][0]) == 2**64 - 2
    assert found.counts["events"] == 2**63 - 1


@pytest.mark.parametrize("n", [2**53 + 1, N])
def test_inspect_tells_large_counts_as_they_are(
    samples: ModuleType, tmp_path: Path, n: int
) -> None:
    """JSON has no limit, and Python reads its integers whole."""
    path = tmp_path / "a.vtkhdf"
    by_state = np.zeros(len(CellState), dtype=np.uint64)
    by_state[CellState.DIED], by_state[CellState.DORMANT] = n, 1
    by_cause = np.zeros(len(DeathCause), dtype=np.uint64)
    by_cause[DeathCause.IMMUNE] = n
    row = samples.series(0) | {"cells_by_state": by_state, "died_by_cause": by_cause}
    row |= {"shed": n + 1, "hops": n + 2, "arrivals": np.array([n, 0, 1], dtype=np.uint64)}
    with samples.create(path) as writer:
        writer.append_epoch(row, tallies=samples.tallies(0))
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        said = json.loads(json.dumps(run.summary()))
    assert said["n_shed"] == n + 1
    assert said["hops"] == n + 2
    assert said["fates"]["died_immune"] == n
    assert said["in_flight"] == 1
    assert said["organs"]["lung"]["arrivals"] == n
