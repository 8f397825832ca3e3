"""How far a run is recorded, as a checkpoint tells it."""

from __future__ import annotations

from ctc.record.counters import Counters, RecordPosition

COUNTS = {
    "frames": 1, "epochs": 2, "events": 3, "lesions": 4, "litters": 5, "examinations": 6,
    "findings": 7, "treatments": 8, "milestones": 9, "effects": 10,
}  # fmt: skip


def test_a_position_comes_back_from_its_counts() -> None:
    position = RecordPosition.of_counts(COUNTS)
    assert position.as_counts() == COUNTS
    assert RecordPosition(**COUNTS) == position


def test_counts_that_an_older_checkpoint_lacks_are_none() -> None:
    found = RecordPosition.of_counts({"frames": 3, "epochs": 2, "of_another_program": 5})
    assert found.as_counts() == dict.fromkeys(COUNTS, 0) | {"frames": 3, "epochs": 2}
    assert RecordPosition(3, 2, 0, 0) == found


def test_a_new_run_has_recorded_nothing() -> None:
    assert set(Counters().position.as_counts().values()) == {0}
