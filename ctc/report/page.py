"""The page of a run: its sections as one HTML file that fetches nothing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from ctc.report.markup import cards, document, links, section_text
from ctc.report.material import Material
from ctc.report.origin import commands
from ctc.report.overview import key_numbers, lead_sentence, status_sentence
from ctc.report.section import Section


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
    parts = [
        _head(material, sections),
        _picture(material, picture, caption),
        *(section_text(section) for section in sections),
        _scenario(material),
        _footer(material),
    ]
    return document(material.title, parts)


def _head(material: Material, sections: Sequence[Section]) -> str:
    status = status_sentence(material)
    warning = f'<p class="status">{escape(status)}</p>' if status else ""
    question = material.scenario["scenario"].get("question", "").strip()
    asked = f'<p class="question">{escape(question)}</p>' if question else ""
    return (
        f'<header><p class="kicker">Report of {escape(material.run.path.name)}, made with ctc</p>'
        f"<h1>{escape(material.title)}</h1>"
        f'<p class="lead">{escape(lead_sentence(material))}</p>{asked}{warning}'
        f"{cards(key_numbers(material))}{links(sections, ('again', 'Scenario'))}</header>"
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
