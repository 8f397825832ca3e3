"""The page: sections as one HTML file that fetches nothing; every text of a run is escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from ctc.report.material import Material
from ctc.report.origin import commands
from ctc.report.overview import key_numbers, lead_sentence, status_sentence
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


def page_text(
    material: Material, sections: Sequence[Section], *, picture: bytes, caption: str
) -> str:
    """Return the whole page.

    Parameters
    ----------
    material : Material
        For the head and the scenario.
    sections : sequence of Section
        In order.
    picture : bytes
        PNG of the body; empty for none.
    caption : str
        Below the picture, or why there is none.

    Returns
    -------
    str
        HTML, the same text for the same run.
    """
    title = escape(material.title)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{title}</title>",
        f"<style>{style_text()}</style></head><body><main>",
        _head(material, sections),
        _picture(material, picture, caption),
        *(_section(section) for section in sections),
        _scenario(material),
        _footer(material),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _head(material: Material, sections: Sequence[Section]) -> str:
    cards = "".join(
        f'<div><dt>{escape(name)}</dt><dd class="value">{escape(value)}</dd>'
        + (f'<dd class="remark">{escape(remark)}</dd>' if remark else "")
        + "</div>"
        for name, value, remark in key_numbers(material)
    )
    status = status_sentence(material)
    warning = f'<p class="status">{escape(status)}</p>' if status else ""
    question = material.scenario["scenario"].get("question", "").strip()
    asked = f'<p class="question">{escape(question)}</p>' if question else ""
    links = "".join(f'<a href="#{s.name}">{escape(s.title)}</a>' for s in sections)
    return (
        f'<header><p class="kicker">Report of {escape(material.run.path.name)}, made with ctc</p>'
        f"<h1>{escape(material.title)}</h1>"
        f'<p class="lead">{escape(lead_sentence(material))}</p>{asked}{warning}'
        f'<dl class="numbers">{cards}</dl><nav>{links}<a href="#again">Scenario</a></nav></header>'
    )


def _picture(material: Material, picture: bytes, caption: str) -> str:
    if not picture:
        return f'<p class="note">{escape(caption)}</p>'
    data = base64.b64encode(picture).decode("ascii")
    about = escape(f"Picture of the body with its vessels and cells: {material.title}")
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{about}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _section(section: Section) -> str:
    parts = [f'<section id="{section.name}"><h2>{escape(section.title)}</h2>']
    parts += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
    parts += [
        f'<figure id="figure-{drawing.name}"><div class="scroll">{svg_text(drawing)}</div></figure>'
        for drawing in section.figures
    ]
    parts += [_table(table) for table in section.tables if table.is_shown and table.rows]
    parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    return "\n".join([*parts, "</section>"])


def _table(table: Table) -> str:
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


def _scenario(material: Material) -> str:
    lines = escape("\n".join(commands(material)))
    base = material.scenario.get("base_text") or ""
    more = ""
    if base.strip():
        more = (
            "<details><summary>The scenario that it extends</summary>"
            f"<pre>{escape(base)}</pre></details>"
        )
    return (
        '<section id="again"><h2>The scenario, and how to run it again</h2>'
        "<p>Save the text below as scenario.toml; then</p>"
        f"<pre>{lines}</pre>"
        "<details open><summary>Scenario file, to the letter</summary>"
        f"<pre>{escape(material.run.scenario_text)}</pre></details>{more}</section>"
    )


def _footer(material: Material) -> str:
    provenance = material.run.provenance
    commit = f", commit {provenance.commit[:12]}" if provenance.commit else ""
    text = (
        f"Run with ctc {provenance.version}{commit}, seed {provenance.seed}. A simulation, not a "
        "prediction for a patient. This page needs no network."
    )
    return f"<footer>{escape(text)}</footer>"
