"""The validation table: rows measured one after another, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ctc.record.provenance import program_commit
from ctc.resources import program_version
from tools.validate.rows import Figure, Outcome, Row, RowSkipped, Sheet

_HEADS = ("target", "tolerance", "got", "standard error", "n", "basis")


@dataclass(frozen=True)
class Measured:
    """One row as it came out.

    Attributes
    ----------
    row : Row
        Which.
    ablated : bool
        Whether its law was taken away.
    outcome : Outcome or None
        Figures; None where the row was skipped.
    skipped : str
        Why it was, and what it lacks.
    seconds : float [s]
        That it took.
    """

    row: Row
    ablated: bool
    outcome: Outcome | None
    skipped: str
    seconds: float

    @property
    def is_as_it_should(self) -> bool:
        """Whether each figure is met or missed with a reason; without its law, whether not."""
        if self.outcome is None:
            return True
        return self.outcome.is_red if self.ablated else self.outcome.is_expected


def measure_row(row: Row, *, ablated: bool) -> Measured:
    """Measure a row, with its law or without it."""
    began = time.perf_counter()
    outcome, skipped = None, ""
    try:
        outcome = row.measure(ablated=ablated)
    except RowSkipped as word:
        skipped = str(word)
    return Measured(row, ablated, outcome, skipped, time.perf_counter() - began)


def as_plain(measured: Sequence[Measured], *, device: str) -> dict[str, Any]:
    """Return the table as plain values, ready for JSON."""
    met, explained, unexplained = counts([each for each in measured if not each.ablated])
    return {
        "version": program_version(),
        "commit": program_commit() or "",
        "device": device,
        "rows": [_plain_row(each) for each in measured],
        "n_met": met,
        "n_missed_with_reason": explained,
        "n_missed_without": unexplained,
        "ok": all(each.is_as_it_should for each in measured),
    }


def _plain_row(measured: Measured) -> dict[str, Any]:
    row, outcome = measured.row, measured.outcome
    figures = [] if outcome is None else outcome.figures
    return {
        "row": row.number,
        "name": row.name,
        "body": row.body,
        "source": row.source,
        "law": row.law,
        "ablated": measured.ablated,
        "skipped": measured.skipped,
        "seconds": round(measured.seconds, 1),
        "ok": None if outcome is None else all(figure.is_met for figure in figures),
        "figures": [_plain_figure(figure) for figure in figures],
        "notes": [] if outcome is None else list(outcome.notes),
        "sheets": [] if outcome is None else [asdict(sheet) for sheet in outcome.sheets],
    }


def _plain_figure(figure: Figure) -> dict[str, Any]:
    plain = asdict(figure)
    plain["ok"] = plain.pop("is_met")
    return plain


def counts(measured: Sequence[Measured]) -> tuple[int, int, int]:
    """Return how many figures are met, missed with a reason, and missed without one."""
    figures = [f for each in measured if each.outcome for f in each.outcome.figures]
    met = sum(f.is_met for f in figures)
    explained = sum(f.is_expected for f in figures) - met
    return met, explained, len(figures) - met - explained


def show(measured: Sequence[Measured], console: Console, *, device: str) -> None:
    """Print the table, what stands beside its rows, and why figures are missed."""
    console.print(f"ctc {program_version()} {program_commit() or ''} on {device}")
    console.print(_main_table(measured))
    for each in measured:
        for part in _below(each):
            console.print(part)
    plain = [each for each in measured if not each.ablated and each.outcome]
    if plain:
        met, explained, unexplained = counts(plain)
        console.print(
            f"{met} figures met, {explained} missed with a reason, {unexplained} missed without."
        )
    ablated = [each for each in measured if each.ablated and each.outcome]
    if ablated:
        n_red = sum(each.is_as_it_should for each in ablated)
        console.print(f"{n_red} of {len(ablated)} rows are missed without their law, as they must.")
    n_skipped = sum(each.outcome is None for each in measured)
    if n_skipped:
        console.print(f"{n_skipped} of {len(measured)} rows skipped.")
    for each in measured:
        if not each.is_as_it_should:
            console.print(_verdict(each), style="bold red")


def _verdict(measured: Measured) -> str:
    if measured.ablated:
        return (
            f"{measured.row.name} is still met without its law ({measured.row.law}): it cannot "
            "show that the law matters."
        )
    return f"{measured.row.name} is missed, and nothing explains it."


def _main_table(measured: Sequence[Measured]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("row", justify="right")
    table.add_column("what")
    for head in _HEADS:
        table.add_column(head, justify="left" if head in {"tolerance", "basis"} else "right")
    table.add_column("ok")
    for each in measured:
        table.add_section()
        table.add_row(str(each.row.number), _title(each))
        if each.outcome is None:
            table.add_row("", Text(f"skipped: {each.skipped}", style="dim"))
            continue
        for figure in each.outcome.figures:
            table.add_row(
                "", Text(figure.name), *_cells(figure), _word(figure, ablated=each.ablated)
            )
    return table


def _title(measured: Measured) -> Text:
    row = measured.row
    title = Text(row.name, style="bold")
    title.append(f"  {row.body}", style="not bold dim")
    if measured.ablated:
        title.append(f"\nwithout its law: {row.law}", style="not bold italic")
    return title


def _cells(figure: Figure) -> tuple[Text, ...]:
    unit = f" {figure.unit}" if figure.unit else ""
    if isinstance(figure.target, tuple):
        target = f"{number(figure.target[0])} - {number(figure.target[1])}{unit}"
    else:
        target = f"{number(figure.target)}{unit}"
    error = "exact" if figure.standard_error is None else number(figure.standard_error, digits=2)
    n = f"{figure.n:,}" if figure.n else ""
    values = (target, figure.tolerance, f"{number(figure.got)}{unit}", error, n, figure.basis)
    return tuple(Text(value) for value in values)


def _word(figure: Figure, *, ablated: bool) -> Text:
    if figure.is_met:
        return Text("met", style="green")
    if figure.reason and not ablated:
        return Text("MISSED *", style="yellow")
    return Text("MISSED", style="red")


def number(value: float, *, digits: int = 4) -> str:
    """Return a number to some significant digits, without an exponent where it reads well."""
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-4 < abs(value) < 1e7:
        return f"{float(text):,.0f}" if abs(value) >= 1.0 else f"{float(text):f}".rstrip("0")
    return text


def _below(measured: Measured) -> Iterator[RenderableType]:
    if measured.outcome is None:
        return
    row, outcome = measured.row, measured.outcome
    missed = [f for f in outcome.figures if not f.is_met and f.reason and not measured.ablated]
    if missed or outcome.notes or outcome.sheets:
        yield Text(f"\n{row.number} {row.name} ({row.source})", style="bold")
    for figure in missed:
        yield Text(f"* Missed: {figure.name}. {figure.reason}")
    for note in outcome.notes:
        yield Text(note)
    for sheet in outcome.sheets:
        yield _sheet_table(sheet)


def _sheet_table(sheet: Sheet) -> Table:
    table = Table(title=sheet.title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for i, head in enumerate(sheet.columns):
        table.add_column(head, justify="right" if i else "left")
    for row in sheet.rows:
        table.add_row(*(cell if isinstance(cell, str) else number(cell, digits=3) for cell in row))
    return table
