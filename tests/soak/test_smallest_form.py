"""Some seconds of `python -m tools.soak`: real processes, and what hangs on no speed."""

from __future__ import annotations

from pathlib import Path

from tools.soak.__main__ import SCENARIO, soak

ALWAYS = {"exit codes", "file", "cells", "folder", "beginning", "end"}


def test_some_seconds_leave_whole_files(tmp_path: Path) -> None:
    """A small tumour; memory and rate take longer to judge (`test_short_form.py`)."""
    course, findings = soak(
        tmp_path,
        SCENARIO,
        minutes=0.1,
        overrides=["source.0.mass=0.02 g", "body.terminals=1456"],
    )
    by_name = {finding.name: finding for finding in findings}
    assert by_name.keys() >= ALWAYS
    assert [by_name[name].text for name in ALWAYS if not by_name[name].is_good] == []
    assert len(course.epochs) > 1
    assert course.looks[-1]["frames"] > 0
    assert by_name["beginning"].figures["epochs"] > 0
    assert by_name["end"].figures["epochs"] > 0
