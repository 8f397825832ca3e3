"""Blocks: what a patient comes to does not depend on who else is followed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.cohort.block import follow_block
from ctc.cohort.member import Member
from ctc.pipeline import load_scenario

_SHORT = (
    *("run.duration=3 years", "run.epoch=60 days", "body.terminals=1500"),
    *("treatment.0.delay=1 year", "examination.5.delay=300 days"),
)
# Dies of a twentieth of what others die of; the other of twenty times as much.
_FAR_GONE = ("source.0.mass=2 kg", "patient.frailty=0.05", "source.0.shedding_rate=7e4 1/g/day")
_EARLY = ("source.0.mass=20 g", "patient.frailty=20", "source.0.shedding_rate=7e4 1/g/day")


def _member(number: int, *overrides: str) -> Member:
    own = (*_SHORT, f"patient.number={number}", *overrides)
    return Member(number, 0, load_scenario("scenarios/clinic/breast_early.toml", overrides=own))


def test_a_patient_is_counted_at_the_own_end(tmp_path: Path) -> None:
    """The first dies and leaves cells in the blood while the second lives on for years."""

    def follow(*members: Member) -> npt.NDArray[np.void]:
        return follow_block(members, backend_name="cpu", threads=1, folder=tmp_path)

    members = _member(1, *_FAR_GONE), _member(2, *_EARLY)
    together = follow(*members)
    assert together["death_cause"].tolist() == [1, 0]
    assert together["end_time"][0] < together["end_time"][1]
    assert together["in_flight"][0] > 0
    for member, row in zip(members, together, strict=True):
        assert follow(member)[0].tobytes() == row.tobytes(), member.patient
