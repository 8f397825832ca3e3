"""The table in the pages of the checkout, between markers: whole for tools/, short in front."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ctc.errors import InputError
from tools.bench.rows import Conditions
from tools.bench.table import Measured, below, cells, closing, headline

ROOT = Path(__file__).resolve().parents[2]
WHOLE, SHORT = ROOT / "tools" / "README.md", ROOT / "README.md"
BEGIN = "<!-- bench table: written by python -m tools.bench --markdown -->"
END = "<!-- end of bench table -->"
_HEAD = (
    "| what | ours, median | best | spread, runs | peer | ratio | goal | |",
    "|---|---|---|---|---|---|---|---|",
)
_SHORT_HEAD = ("| what | ours | peer | ratio | goal | |", "|---|---|---|---|---|---|")


def whole_table(measured: Sequence[Measured], *, conditions: Conditions) -> str:
    """Return every figure as Markdown, with what belongs below."""
    lines = [f"{headline(conditions)}.", "", *_HEAD]
    for each in measured:
        lines.append(f"| **`{each.row.name}`** {each.row.what} | | | | | | | |")
        if each.outcome is None:
            lines.append(f"| {each.why_empty} | | | | | | | |")
            continue
        lines += [_line(cells(figure)) for figure in each.outcome.figures]
    lines += ["", closing(measured)]
    lines += [f"- {line}" for each in measured for line in below(each)]
    return "\n".join(lines)


def short_table(measured: Sequence[Measured], *, conditions: Conditions) -> str:
    """Return the figures that have a goal, or the first of a row, as Markdown."""
    lines = [f"{headline(conditions)}.", "", *_SHORT_HEAD]
    for each in measured:
        if each.outcome is None:
            continue
        aimed = [figure for figure in each.outcome.figures if figure.goal is not None]
        for figure in aimed or each.outcome.figures[:1]:
            name, ours, _, _, *rest = cells(figure)
            lines.append(_line((f"{each.row.name}: {name.strip()}", ours, *rest)))
    return "\n".join(lines)


def _line(parts: Sequence[str]) -> str:
    name, *rest = (part.strip().replace("|", "/") for part in parts)
    word = rest.pop()
    return f"| {name} | {' | '.join(rest)} | {f'**{word}**' if word == 'MISSED' else word} |"


def around_markers(page: Path) -> tuple[str, str]:
    """Return what stands before and behind the table of a page.

    Raises
    ------
    InputError
        If the page lacks the markers.
    """
    before, found, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        message = f"{page.name} must hold the lines '{BEGIN}' and '{END}', got neither. Add them."
        raise InputError(message)
    return before, after


def require_pages() -> None:
    """Raise `InputError` unless both pages have their markers."""
    for page in (WHOLE, SHORT):
        around_markers(page)


def write_between(page: Path, text: str) -> None:
    """Put a text between the markers of a page; raises `InputError` if it lacks them."""
    before, after = around_markers(page)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def write_pages(measured: Sequence[Measured], *, conditions: Conditions) -> None:
    """Write the whole table into tools/README.md and the short one into README.md."""
    texts = (
        (WHOLE, whole_table(measured, conditions=conditions)),
        (SHORT, short_table(measured, conditions=conditions)),
    )
    for page, text in texts:  # both made before a page changes, which makes the checkout another
        write_between(page, text)
