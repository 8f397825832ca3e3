"""Pages as HTML that fetch nothing: sections, tables, cards; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ctc.report.section import Cell, Section, Table
from ctc.report.style import style_text
from ctc.report.svg import svg_text

# Nothing may be fetched and nothing runs: what a file holds stays text, even a title with tags.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
_LONG = 40  # letters from which a column is given room
_MOST_ROWS = 400


def document(title: str, parts: Iterable[str]) -> str:
    """Return a whole page of parts that are HTML already."""
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}</title>",
        f"<style>{style_text()}</style></head><body><main>",
        *parts,
        "</main></body></html>",
    ]
    return "\n".join(lines) + "\n"


def cards(numbers: Iterable[tuple[str, str, str]]) -> str:
    """Return numbers on cards: name, value and remark of each."""
    inside = "".join(
        f'<div><dt>{escape(name)}</dt><dd class="value">{escape(value)}</dd>'
        + (f'<dd class="remark">{escape(remark)}</dd>' if remark else "")
        + "</div>"
        for name, value, remark in numbers
    )
    return f'<dl class="numbers">{inside}</dl>'


def links(sections: Sequence[Section], *further: tuple[str, str]) -> str:
    """Return links to sections, and to further places (name, title)."""
    places = [*((section.name, section.title) for section in sections), *further]
    inside = "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title in places)
    return f"<nav>{inside}</nav>"


def section_text(section: Section) -> str:
    """Return a section: sentences, figures, tables, notes."""
    parts = [f'<section id="{section.name}"><h2>{escape(section.title)}</h2>']
    parts += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
    parts += [
        f'<figure id="figure-{drawing.name}"><div class="scroll">{svg_text(drawing)}</div></figure>'
        for drawing in section.figures
    ]
    parts += [table_text(table) for table in section.tables if table.is_shown and table.rows]
    parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    return "\n".join([*parts, "</section>"])


def table_text(table: Table) -> str:
    """Return a table, unfolded or to be unfolded."""
    shown = table.rows[:_MOST_ROWS]
    kinds = []
    for i, _ in enumerate(table.columns):
        cells = [row[i] for row in shown if row[i] != ""]
        if cells and all(not isinstance(cell, str) for cell in cells):
            kinds.append(' class="n"')
        elif any(isinstance(cell, str) and len(cell) > _LONG for cell in cells):
            kinds.append(' class="long"')
        else:
            kinds.append("")
    head = "".join(
        f"<th{kind if 'n' in kind else ''}>{escape(name)}</th>"
        for name, kind in zip(table.columns, kinds, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{kind}>{_cell(c)}</td>" for c, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in shown
    )
    rest = len(table.rows) - len(shown)
    more = f'<p class="note">{rest:,} more rows: see --format csv.</p>' if rest else ""
    grid = (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody>'
        f"</table></div>{more}"
    )
    if table.is_open:
        return f"<h3>{escape(table.title)}</h3>{grid}"
    return f"<details><summary>{escape(table.title)}</summary>{grid}</details>"


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, int):
        return f"{value:,}"
    if 1e3 <= abs(value) < 1e7:
        return f"{value:,.0f}"
    return f"{value:.4g}"
