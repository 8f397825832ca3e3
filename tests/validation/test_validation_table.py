"""The validation table: what a figure must say, how it is judged, and what the command does."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tools.validate import registry
from tools.validate.__main__ import main
from tools.validate.pictures import allowed_range
from tools.validate.published import DATA, published_figures
from tools.validate.rows import (
    Curve,
    Figure,
    Outcome,
    Panel,
    RowSkipped,
    Sheet,
    inside,
    relative_error,
    within_factor,
    within_points,
    within_share,
)

README = Path(__file__).resolve().parents[2] / "tools" / "README.md"
FIGURE = Figure(
    name="time of a passage",
    target=10.0,
    tolerance="20 %",
    got=11.0,
    standard_error=0.5,
    n=100,
    basis="predicted",
    is_met=True,
    unit="s",
)
MISSED = replace(FIGURE, got=20.0, is_met=False)
EXPLAINED = replace(MISSED, reason="The arm is long.", known=(15.0, 25.0))
TIMES = Panel("Times", "", "time [s]")
CURVES = {
    "counted": Curve(TIMES, ("a", "b"), np.array([1.0, 2.0]), np.array([0.1, 0.2]), "bars"),
    "published": Curve(TIMES, ("a", "b"), np.array([1.1, 1.9]), style="points", is_published=True),
    "course": Curve(
        Panel("Course", "t [s]", "n", y_scale="log"),
        np.array([1.0, 2.0]),
        np.array([5.0, 3.0]),
        np.array([0.5, 0.3]),
    ),
}


@dataclass(frozen=True)
class MadeRow:
    """A row whose figures are given."""

    shipped: tuple[Figure, ...] = (FIGURE,)
    without_law: tuple[Figure, ...] = (MISSED,)
    skips: str = ""
    number: int = 90
    name: str = "made_row"
    body: str = "none"
    source: str = "made up"
    law: str = "all of it"

    def measure(self, *, ablated: bool) -> Outcome:
        if self.skips:
            raise RowSkipped(self.skips)
        sheet = Sheet("Beside it", ("organ", "cells"), (("liver", 3.0), ("lung", 4.0)))
        figures = self.without_law if ablated else self.shipped
        return Outcome(figures, CURVES, notes=("As it came.",), sheets=(sheet,))


@pytest.fixture
def with_rows(monkeypatch: pytest.MonkeyPatch):
    def put(*rows: MadeRow) -> None:
        monkeypatch.setattr(registry, "ROWS", rows)

    return put


def test_judges() -> None:
    assert within_factor(15.0, 10.0, 1.5)
    assert within_factor(10.0 / 1.5, 10.0, 1.5)
    assert not within_factor(15.1, 10.0, 1.5)
    assert within_share(12.0, 10.0, 0.2)
    assert within_share(-8.0, -10.0, 0.2)
    assert not within_share(7.9, 10.0, 0.2)
    assert within_points(12.0, 7.0, 5.0)
    assert not within_points(12.1, 7.0, 5.0)
    assert inside(3.0, 3.0, 4.0)
    assert not inside(4.1, 3.0, 4.0)
    assert not inside(float("nan"), 3.0, 4.0)
    assert relative_error(100.0, 400.0) == pytest.approx(np.sqrt(0.0125))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"basis": "guessed"}, "basis"),
        ({"target": (4.0, 3.0)}, "target"),
        ({"standard_error": None}, "standard_error"),
        ({"n": 0}, "standard_error"),
        ({"n": -1, "standard_error": None}, "standard_error"),
        ({"standard_error": -0.1}, "standard_error"),
        ({"standard_error": float("nan")}, "standard_error"),
    ],
)
def test_a_figure_without_basis_band_or_error_is_refused(changes, words) -> None:
    with pytest.raises(ValueError, match=f"^{words} must be|^{words} must come"):
        replace(FIGURE, **changes)


def test_sheets_and_curves_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="rows must have 2"):
        Sheet("Beside it", ("organ", "cells"), (("liver", 3.0), ("lung",)))
    with pytest.raises(ValueError, match="equally long"):
        Curve(TIMES, ("a", "b"), np.array([1.0]))


@pytest.mark.parametrize(
    ("target", "tolerance", "wanted"),
    [
        (10.0, "factor 1.5", (10.0 / 1.5, 15.0)),
        (10.0, "20 %", (8.0, 12.0)),
        (10.0, "5 points", (5.0, 15.0)),
        (0.8, "at least", (0.8, np.inf)),
        (0.15, "at most", (-np.inf, 0.15)),
        (1.5, "sign", (1.0, np.inf)),
        (0.5, "sign", (0.0, 1.0)),
        (1.0, "above: order preserved", (1.0, np.inf)),
        ((9.0, 16.0), "5 points", (4.0, 21.0)),
        ((9.0, 16.0), "1 SD about 12", (9.0, 16.0)),
        ((3.0, 4.0), "inside the band", (3.0, 4.0)),
        (10.0, "by eye", None),
    ],
)
def test_tolerances_are_drawn_as_they_are_worded(target, tolerance, wanted) -> None:
    found = allowed_range(replace(FIGURE, target=target, tolerance=tolerance))
    assert found == (None if wanted is None else pytest.approx(wanted))


def test_rows_are_in_order_and_say_what_they_are() -> None:
    numbers = [row.number for row in registry.ROWS]
    names = [row.name for row in registry.ROWS]
    assert numbers == sorted(numbers)
    assert len(set(names)) == len(names)
    page = README.read_text(encoding="utf-8")
    for row in registry.ROWS:
        assert row.law
        assert row.source
        assert row.body
        assert f"`{row.name}`" in page, f"tools/README.md has no line for {row.name}"


def test_every_published_figure_has_certainty_and_source() -> None:
    subjects = []
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as text:
            head = next(csv.reader(text))
        if head[:2] == ["quantity", "system"]:
            subjects.append(path.stem)
    assert {"circulation_times", "clusters"} <= set(subjects)
    for subject in subjects:
        for figure in published_figures(subject).values():
            assert figure.certainty in {"S", "K", "D"}, figure
            assert len(figure.source) > 10, figure
            assert figure.value is not None or figure.low is not None, figure


@pytest.mark.parametrize("option", ["--only", "--ablate"])
def test_an_unknown_row_is_refused_with_a_near_name(option, capsys) -> None:
    assert main([option, "portal_rout"]) == 2
    assert capsys.readouterr().err == (
        f"{option} must be the name of a row, got 'portal_rout'. Did you mean 'portal_route'?\n"
    )
    assert main([option, "nothing like it"]) == 2
    assert "circulation_time, lung_transit" in capsys.readouterr().err


def test_an_unknown_comparison_is_refused(capsys) -> None:
    assert main(["transits"]) == 2
    assert "Did you mean 'transit'?" in capsys.readouterr().err


def test_tables_that_are_no_folder_are_refused(tmp_path, capsys) -> None:
    assert main(["--only", "flow_only", "--tables", str(tmp_path / "none")]) == 2
    assert "--tables must be a folder" in capsys.readouterr().err


def test_plots_where_nothing_can_be_written_are_refused(tmp_path, capsys, with_rows) -> None:
    with_rows(MadeRow())
    taken = tmp_path / "taken"
    taken.write_text("")
    assert main(["--plots", str(taken)]) == 5
    assert "--plots must be a folder" in capsys.readouterr().err


def test_met_and_explained_figures_end_well(capsys, with_rows) -> None:
    with_rows(MadeRow(shipped=(FIGURE, EXPLAINED)))
    assert main([]) == 0
    out = capsys.readouterr().out
    for word in ("target", "tolerance", "standard error", "basis", "met", "MISSED *", "20 %"):
        assert word in out
    assert "* Missed: time of a passage. The arm is long." in out
    assert "1 figures met, 1 missed with a reason, 0 missed without." in out
    assert "Beside it" in out
    assert "As it came." in out


def test_a_miss_without_a_reason_is_an_error(capsys, with_rows) -> None:
    with_rows(MadeRow(shipped=(FIGURE, MISSED)))
    assert main([]) == 1
    assert "made_row is missed, and nothing explains it." in capsys.readouterr().out


def test_a_row_that_turns_red_without_its_law_ends_well(capsys, with_rows) -> None:
    with_rows(MadeRow(), MadeRow(number=91, name="other_row"))
    assert main(["--ablate", "made_row"]) == 0
    out = capsys.readouterr().out
    assert "without its law: all of it" in out
    assert "1 of 1 rows are missed without their law, as they must." in out
    assert "other_row" not in out


@pytest.mark.parametrize("left", [FIGURE, EXPLAINED])
def test_a_row_that_needs_no_law_is_an_error(left, capsys, with_rows) -> None:
    """A figure that the shipped row misses too does not count as turned red."""
    with_rows(MadeRow(shipped=(FIGURE, EXPLAINED), without_law=(FIGURE, left)))
    assert main(["--ablate", "90"]) == 1
    assert "made_row is still met without its law" in capsys.readouterr().out


def test_the_table_as_json(capsys, with_rows) -> None:
    skipped = MadeRow(number=92, name="skipped_row", skips="tables are missing")
    with_rows(MadeRow(shipped=(FIGURE, EXPLAINED)), MadeRow(number=91, name="bare_row"), skipped)
    assert main(["--json", "--only", "all", "--ablate", "bare_row"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["row"] for row in found["rows"]] == [90, 91, 92]
    assert [row["ablated"] for row in found["rows"]] == [False, True, False]
    assert [row["ok"] for row in found["rows"]] == [False, False, None]
    assert found["rows"][2]["skipped"] == "tables are missing"
    assert found["rows"][0]["figures"][1] == {
        "name": "time of a passage",
        "target": 10.0,
        "tolerance": "20 %",
        "got": 20.0,
        "standard_error": 0.5,
        "n": 100,
        "basis": "predicted",
        "unit": "s",
        "reason": "The arm is long.",
        "known": [15.0, 25.0],
        "ok": False,
    }
    assert found["rows"][0]["sheets"][0]["columns"] == ["organ", "cells"]
    assert (found["n_met"], found["n_missed_with_reason"], found["n_missed_without"]) == (1, 1, 0)
    assert found["ok"] is True


@pytest.mark.parametrize("options", [["--only", "92"], ["--ablate", "skipped_row"]])
def test_a_row_that_was_asked_for_and_skipped_is_a_failure(with_rows, options) -> None:
    with_rows(MadeRow(), MadeRow(number=92, name="skipped_row", skips="tables are missing"))
    assert main(options) == 1
    assert main([]) == 0


def test_a_reason_holds_for_what_was_found_only(capsys, with_rows) -> None:
    with_rows(MadeRow(shipped=(FIGURE, replace(EXPLAINED, got=26.0))))
    assert main([]) == 1
    assert "1 missed without" in capsys.readouterr().out


def test_only_the_rows_asked_for_are_measured(capsys, with_rows) -> None:
    with_rows(MadeRow(), MadeRow(number=91, name="other_row"), MadeRow(number=92, name="third_row"))
    assert main(["--json", "--only", "other_row", "--only", "92"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found["rows"]] == ["other_row", "third_row"]


def test_each_row_has_its_picture(tmp_path, capsys, with_rows) -> None:
    band = replace(FIGURE, target=(8.0, 13.0), tolerance="inside the band")
    far = replace(EXPLAINED, got=1e6, known=(1e5, 1e7))
    zero = replace(FIGURE, target=0.0, tolerance="at most", got=0.0)
    exact = replace(FIGURE, standard_error=None, n=0)
    with_rows(MadeRow(shipped=(FIGURE, band, far, zero, exact)))
    assert main(["--plots", str(tmp_path / "new" / "plots")]) == 0
    assert main(["--plots", str(tmp_path / "new" / "plots"), "--ablate", "all"]) == 0
    capsys.readouterr()
    found = sorted(path.name for path in (tmp_path / "new" / "plots").iterdir())
    names = ["90_made_row", "90_made_row_ablated", "overview", "overview_ablated"]
    assert found == [f"{name}.png" for name in names]
    for path in (tmp_path / "new" / "plots").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
