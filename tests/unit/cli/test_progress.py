"""How far a run is, on a screen and in a log."""

from __future__ import annotations

import io
import sys

import pytest

from ctc.cli import progress
from ctc.cli.progress import progress_report
from ctc.summary import Progress

STEPS = (
    Progress("prepare", 0.0, 0.0, 0, 0, "growing [vessels]"),
    Progress("simulate", 3600.0, 7200.0, 1500, 1000, "Simulating"),
    Progress("simulate", 7200.0, 7200.0, 2500, 2000, "Simulating"),
    Progress("mesh", 1.0, 4.0, 0, 0, "", "organ 1 of 4"),
)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_screen_has_a_bar_for_every_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    with progress_report() as report:
        for step in STEPS:
            report(step)
    shown = screen.getvalue()
    assert "growing [vessels]" in shown  # no markup
    last = shown[shown.rindex("Simulating") :]
    assert "100 %" in last
    assert "2,500 cells" in last
    assert "hops/s" in last
    assert "mesh" in last
    assert "25 %" in last
    assert "organ 1 of 4" in last


def test_a_log_has_a_line_now_and_then_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A quarter in each ten seconds: after the second the third and the fourth are left."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress_report() as report:
        for share in (0.25, 0.26, 0.5, 0.75, 1.0):
            now[0] += 10.0 if share != 0.26 else 0.1
            report(Progress("simulate", 100 * share, 100.0, 10, int(1e5 * share), "Simulating"))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        f"Simulating: {share}%" for share in (25, 50, 75, 100)
    ]
    assert lines[1].endswith("about 20 s left")
    assert lines[2].endswith("about 10 s left")
    assert not lines[3].endswith("left")


def test_what_ends_at_once_says_nothing_of_its_beginning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_report() as report:
        report(STEPS[0])
    assert capsys.readouterr().err == ""
