"""The benchmark table: rows measured one after another, for people and for programs."""

from __future__ import annotations

import math
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ctc.errors import CtcError
from ctc.record.provenance import program_commit
from ctc.resources import program_version
from tools.bench.machine import processor
from tools.bench.rows import Conditions, Figure, Goal, Outcome, Row, RowSkipped

_HEADS = ("ours", "best", "+-", "peer", "ratio", "goal", "ok")


@dataclass(frozen=True)
class Measured:
    """One row as it came out.

    Attributes
    ----------
    row : Row
        Which.
    outcome : Outcome or None
        Figures; None where the row was skipped or failed.
    skipped : str
        Why it was, and what it lacks.
    seconds : float [s]
        That it took.
    failed : str
        What went wrong.
    """

    row: Row
    outcome: Outcome | None
    skipped: str
    seconds: float
    failed: str = ""

    @property
    def why_empty(self) -> str:
        """Why there are no figures, in words."""
        return f"FAILED: {self.failed}" if self.failed else f"skipped: {self.skipped}"


def measure_row(row: Row, conditions: Conditions) -> Measured:
    """Measure a row; one that fails says so and costs no other row its figures."""
    began = time.perf_counter()
    outcome, skipped, failed = None, "", ""
    try:
        outcome = row.measure(conditions)
    except RowSkipped as word:
        skipped = str(word)
    except CtcError as error:
        failed = str(error)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        failed = f"{type(error).__name__}: {error}"
    return Measured(row, outcome, skipped, time.perf_counter() - began, failed)


def as_plain(measured: Sequence[Measured], *, conditions: Conditions) -> dict[str, Any]:
    """Return the table as plain values, ready for JSON."""
    met, missed, unjudged = counts(measured)
    return {
        "version": program_version(),
        "commit": program_commit() or "",
        "processor": processor(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "quick": conditions.is_quick,
        "rows": [_plain_row(each) for each in measured],
        "n_met": met,
        "n_missed": missed,
        "n_unjudged": unjudged,
        "n_skipped": sum(bool(each.skipped) for each in measured),
        "n_failed": sum(bool(each.failed) for each in measured),
    }


def _plain_row(measured: Measured) -> dict[str, Any]:
    outcome = measured.outcome
    return {
        "name": measured.row.name,
        "what": measured.row.what,
        "skipped": measured.skipped,
        "failed": measured.failed,
        "seconds": round(measured.seconds, 1),
        "figures": [] if outcome is None else [_plain_figure(f) for f in outcome.figures],
        "notes": [] if outcome is None else list(outcome.notes),
        "shares": {} if outcome is None else dict(outcome.shares),
    }


def _plain_figure(figure: Figure) -> dict[str, Any]:
    plain = asdict(figure)
    plain["goal"] = None if figure.goal is None else goal_text(figure.goal)
    plain["ok"] = figure.is_met
    return plain


def counts(measured: Sequence[Measured]) -> tuple[int, int, int]:
    """Return how many goals are met, how many are missed and how many cannot be judged here."""
    figures = [f for each in measured if each.outcome for f in each.outcome.figures if f.goal]
    words = [figure.is_met for figure in figures]
    return words.count(True), words.count(False), words.count(None)


def closing(measured: Sequence[Measured]) -> str:
    """Return how many goals are met and how many rows gave nothing, in words."""
    met, missed, unjudged = counts(measured)
    n_skipped = sum(bool(each.skipped) for each in measured)
    n_failed = sum(bool(each.failed) for each in measured)
    why = " (their peer ran on another machine)" if unjudged else ""
    goals = f"{met} goals met, {missed} missed, {unjudged} not judged{why}"
    return f"{goals}; {n_skipped} rows skipped, {n_failed} failed."


def show(measured: Sequence[Measured], console: Console, *, conditions: Conditions) -> None:
    """Print the table, what belongs below it, and how many goals are met."""
    console.print(headline(conditions))
    console.print(_main_table(measured))
    for each in measured:
        for line in below(each):
            console.print(line)
    console.print(closing(measured))


def headline(conditions: Conditions) -> str:
    """Return what was measured where and when."""
    quick = ", quick" if conditions.is_quick else ""
    date = time.strftime("%Y-%m-%d", time.gmtime())
    return f"ctc {program_version()} {program_commit() or ''} on {processor()}, {date}{quick}"


def below(measured: Measured) -> list[str]:
    """Return the sentences that belong below the table."""
    if measured.outcome is None:
        return []
    lines = [f"{measured.row.name}: {note}" for note in measured.outcome.notes]
    shares = measured.outcome.shares
    if shares:
        parts = ", ".join(f"{name} {100.0 * share:.1f} %" for name, share in shares.items())
        lines.append(f"{measured.row.name}: {parts}.")
    return lines


def _main_table(measured: Sequence[Measured]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("what")
    for head in _HEADS:
        table.add_column(head, justify="left" if head in {"peer", "goal", "ok"} else "right")
    for each in measured:
        table.add_section()
        title = Text(each.row.name, style="bold")
        title.append(f"  {each.row.what}", style="not bold dim")
        table.add_row(title)
        if each.outcome is None:
            style = "red" if each.failed else "dim"
            table.add_row(Text(f"  {each.why_empty}", style=style))
            continue
        for figure in each.outcome.figures:
            table.add_row(*(Text(cell) for cell in cells(figure)[:-1]), _word(figure))
    return table


def cells(figure: Figure) -> tuple[str, ...]:
    """Return the cells of a figure's line, in the order of the table."""
    unit = f" {figure.unit}" if figure.unit else ""
    peer = ""
    if figure.peer is not None:
        origin = f" ({figure.peer.origin})" if figure.peer.origin else ""
        peer = f"{number(figure.peer.value)} {figure.peer.name}{origin}"
    return (
        f"  {figure.name}",
        f"{number(figure.ours)}{unit}",
        number(figure.best) if figure.n_runs > 1 else "",
        f"{100.0 * figure.spread:.1f} % of {figure.n_runs}",
        peer,
        "" if figure.ratio is None else f"{number(figure.ratio)} x",
        "" if figure.goal is None else goal_text(figure.goal),
        {True: "met", False: "MISSED", None: "not judged" if figure.goal else ""}[figure.is_met],
    )


def goal_text(goal: Goal) -> str:
    """Return a goal in words."""
    times = " x" if goal.is_of_ratio else ""
    if math.isinf(goal.high):
        return f">= {number(goal.low)}{times}"
    if math.isinf(goal.low):
        return f"<= {number(goal.high)}{times}"
    return f"{number(goal.low)} - {number(goal.high)}{times}"


def _word(figure: Figure) -> Text:
    word = cells(figure)[-1]
    return Text(word, style={"MISSED": "red", "met": "green"}.get(word, "dim"))


def number(value: float) -> str:
    """Return a number to three significant digits, with an exponent where it is long."""
    if value == 0.0 or 1e-3 <= abs(value) < 1e5:
        digits = 0 if value == 0.0 else max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:,.{digits}f}"
    mantissa, _, power = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(power)}"
