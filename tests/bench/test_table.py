"""How the benchmark table is rendered, written into pages, and asked for."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ctc.errors import InputError
from tools.bench import pages, registry, whole
from tools.bench.__main__ import main
from tools.bench.registry import ROWS, find_rows
from tools.bench.rows import Conditions, Goal, Outcome, Peer, RowSkipped, figure_of
from tools.bench.table import (
    Measured,
    as_plain,
    cells,
    closing,
    counts,
    goal_text,
    measure_row,
    number,
    show,
)


@dataclass(frozen=True)
class MadeRow:
    """A row whose figures are known."""

    name: str = "made"
    what: str = "nothing"

    def measure(self, conditions: Conditions) -> Outcome:
        del conditions
        ours = np.array([2e8, 3e8, 4e8])
        peer = Peer("other", 1e8, "measured elsewhere: a PC, 2020")
        return Outcome(
            (
                figure_of("rate", "1/s", ours=ours, peer=peer, goal=Goal(low=2e8)),
                figure_of("cost", "s", ours=ours / 1e8, goal=Goal(high=1.0), is_less_better=True),
                figure_of("only", "", ours=ours[:1]),
            ),
            ("a sentence.",),
            {"first": 0.25, "second": 0.75},
        )


@dataclass(frozen=True)
class SkippedRow:
    """A row that lacks something."""

    name: str = "lacking"
    what: str = "nothing"

    def measure(self, conditions: Conditions) -> Outcome:
        del conditions
        raise RowSkipped("it lacks a thing: get one")


@dataclass(frozen=True)
class FailingRow:
    """A row that breaks."""

    name: str = "breaking"
    what: str = "nothing"

    def measure(self, conditions: Conditions) -> Outcome:
        del conditions
        message = "its example must run, got a stone"
        raise InputError(message)


CONDITIONS = Conditions(is_quick=True)
MEASURED = [measure_row(MadeRow(), CONDITIONS), measure_row(SkippedRow(), CONDITIONS)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.368, "0.368"),
        (0.00123, "0.00123"),
        (1.5, "1.50"),
        (59.9, "59.9"),
        (5926.0, "5,926"),
        (5.5e8, "5.50e8"),
        (1e-9, "1.00e-9"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_goals_in_words() -> None:
    assert goal_text(Goal(low=2e8)) == ">= 2.00e8"
    assert goal_text(Goal(high=0.3)) == "<= 0.300"
    assert goal_text(Goal(low=3.0, is_of_ratio=True)) == ">= 3.00 x"
    assert goal_text(Goal(low=0.97, high=1.03)) == "0.970 - 1.03"


def test_cells_of_a_figure() -> None:
    outcome = MEASURED[0].outcome
    assert outcome is not None
    rate, cost, only = (cells(figure) for figure in outcome.figures)
    assert rate[1:] == (
        *("3.00e8 1/s", "4.00e8", "16.7 % of 3"),
        "1.00e8 other (measured elsewhere: a PC, 2020)",
        *("3.00 x", ">= 2.00e8", "met"),
    )
    assert cost[2] == "2.00"
    assert cost[-1] == "MISSED"
    assert only[2] == ""
    assert only[-1] == ""
    assert counts(MEASURED) == (1, 1, 0)


def test_a_ratio_to_a_peer_of_another_machine_is_not_judged() -> None:
    """Ten times better than elsewhere is no verdict: the machine may be ten times better."""
    goal = Goal(low=3.0, is_of_ratio=True)
    ours, there = np.array([1e9]), Peer("other", 1e8, "measured elsewhere: a PC, 2020")
    here = figure_of("rate", "1/s", ours=ours, peer=np.array([1e8]), peer_name="other", goal=goal)
    quoted = figure_of("rate", "1/s", ours=ours, peer=there, goal=goal)
    assert [here.is_met, quoted.is_met] == [True, None]
    assert [cells(here)[-1], cells(quoted)[-1]] == ["met", "not judged"]
    outcome = Outcome((here, quoted))
    measured = [Measured(MadeRow(), outcome, "", 0.0)]
    assert counts(measured) == (1, 0, 1)
    assert "1 not judged (their peer ran on another machine)" in closing(measured)


def test_the_table_shows_all() -> None:
    text = io.StringIO()
    console = Console(file=text, width=170, highlight=False, markup=False)
    show(MEASURED, console, conditions=CONDITIONS)
    shown = text.getvalue()
    for words in (
        "made: a sentence.",
        "first 25.0 %, second 75.0 %",
        "skipped: it lacks a thing: get one",
        "1 goals met, 1 missed, 0 not judged; 1 rows skipped, 0 failed.",
        "quick",
    ):
        assert words in shown


def test_plain_values_are_json() -> None:
    plain = json.loads(json.dumps(as_plain(MEASURED, conditions=CONDITIONS)))
    made, lacking = plain["rows"]
    assert [figure["ok"] for figure in made["figures"]] == [True, False, None]
    assert made["figures"][0]["ratio"] == pytest.approx(3.0)
    assert made["figures"][0]["peer"]["origin"] == "measured elsewhere: a PC, 2020"
    assert lacking["skipped"] == "it lacks a thing: get one"
    assert (plain["n_met"], plain["n_missed"], plain["n_skipped"]) == (1, 1, 1)


def test_markdown_lines_have_as_many_cells_as_the_head() -> None:
    for text in (
        pages.whole_table(MEASURED, conditions=CONDITIONS),
        pages.short_table(MEASURED, conditions=CONDITIONS),
    ):
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert len(rows) > 2
        assert len({line.count("|") for line in rows}) == 1


def test_the_short_table_keeps_what_has_a_goal() -> None:
    text = pages.short_table(MEASURED, conditions=CONDITIONS)
    peer = "1.00e8 other (measured elsewhere: a PC, 2020)"
    assert f"| made: rate | 3.00e8 1/s | {peer} | 3.00 x | >= 2.00e8 | met |" in text
    assert "| made: cost | 3.00 s |  |  | <= 1.00 | **MISSED** |" in text
    assert "only" not in text


def test_the_pages_hold_a_whole_table() -> None:
    """All rows of one full run, with its commit and date."""
    for page in (pages.WHOLE, pages.SHORT):
        before, after = pages.around_markers(page)
        text = page.read_text(encoding="utf-8")
        table = text[len(before) : len(text) - len(after)]
        assert re.search(r"ctc \S+ [0-9a-f]{40}\S* on .*, \d{4}-\d\d-\d\d\.", table)
        for row in ROWS:
            assert f"`{row.name}`" in table or f"| {row.name}:" in table


def test_a_page_is_written_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{pages.BEGIN}\nold\n{pages.END}\nafter\n", encoding="utf-8")
    pages.write_between(page, "new")
    text = page.read_text(encoding="utf-8")
    assert text == f"before\n{pages.BEGIN}\n\nnew\n\n{pages.END}\nafter\n"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="must hold the lines"):
        pages.write_between(page, "new")
    assert page.read_text(encoding="utf-8") == "nothing"


def test_rows_have_names_of_their_own() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert find_rows([]) == ROWS
    assert [row.name for row in find_rows(["hedos", "toy"])] == ["toy", "hedos"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--only", "toi"], "--only must be the name of a row, got 'toi'. Did you mean 'toy'?"),
        (["flows"], "first word must be an option or a part, got 'flows'. Did you mean 'flow'?"),
        (["--hedos", "nowhere"], "--hedos must hold examples/BloodDose.py, got 'nowhere'"),
        (["--tables", "nowhere"], "--tables must hold nodes.csv, got 'nowhere'"),
        (["--markdown", "--quick"], "--markdown must have the whole table"),
    ],
)
def test_wrong_input_is_told_and_exits_with_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert says in capsys.readouterr().err


def test_missed_goals_exit_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "ROWS", (MadeRow(), SkippedRow()))
    assert main(["--json", "--quick"]) == 0
    assert json.loads(capsys.readouterr().out)["n_missed"] == 1
    assert main([]) == 0
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "file", "lacks"),
    [("--tables", "nodes.csv", "segments.csv"), ("--hedos", "README.md", "examples/BloodDose.py")],
)
def test_a_wrong_folder_is_told_before_any_row(
    option: str,
    file: str,
    *,
    lacks: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(registry, "ROWS", (MadeRow(),))
    (tmp_path / file).touch()
    assert main([option, str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert f"{option} must hold {lacks}" in told
    assert "made ..." not in told


def test_a_row_that_fails_costs_no_other_its_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "ROWS", (MadeRow(), FailingRow(), SkippedRow()))
    assert main(["--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [bool(row["figures"]) for row in found["rows"]] == [True, False, False]
    assert found["rows"][1]["failed"] == "its example must run, got a stone"
    assert (found["n_skipped"], found["n_failed"]) == (1, 1)
    assert main([]) == 1
    shown = capsys.readouterr().out
    assert "FAILED: its example must run, got a stone" in shown
    assert "1 rows skipped, 1 failed" in shown


def test_pages_keep_their_table_where_a_row_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "ROWS", (FailingRow(),))
    monkeypatch.setattr(whole, "write_pages", pytest.fail)
    assert main(["--markdown"]) == 1
    assert "the pages stay as they are" in capsys.readouterr().err


def test_pages_without_markers_are_told_before_any_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "ROWS", (MadeRow(),))
    monkeypatch.setattr(pages, "SHORT", tmp_path / "page.md")
    pages.SHORT.write_text("no markers", encoding="utf-8")
    assert main(["--markdown"]) == 2
    told = capsys.readouterr().err
    assert "page.md must hold the lines" in told
    assert "made ..." not in told
