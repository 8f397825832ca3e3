"""The report of a trial, or of any sweep: one page that fetches nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from pathlib import Path

from ctc.errors import InputError
from ctc.record.new_file import new_file
from ctc.report.axes import count_text
from ctc.report.forest import forest_section
from ctc.report.markup import cards, document, links, section_text
from ctc.report.sampled import sampled_section, sensitivity_section
from ctc.report.section import Section, Table
from ctc.report.stage_matrix import matrix_section
from ctc.report.swimmer import course_section
from ctc.report.trial_flow import flow_section
from ctc.report.trial_groups import cells_section, stage_section
from ctc.report.trial_material import MONTH, TrialMaterial, TrialTable
from ctc.report.trial_survival import (
    effect_of,
    gain_text,
    ratio_text,
    saving_text,
    survival_section,
)

_SECTIONS: tuple[Callable[[TrialMaterial], Section | None], ...] = (
    flow_section,
    survival_section,
    forest_section,
    stage_section,
    cells_section,
    matrix_section,
    course_section,
    sensitivity_section,
    sampled_section,
)
_DIGEST = (
    "The digest is that of all rows of the table: the same however the sweep was split, stopped "
    "and resumed."
)
_NEEDED = ("patient", "arm", "diagnosis_time", "death_time", "end_time", "death_cause")


def write_trial_report(table: TrialTable, target: Path, *, overwrite: bool = False) -> None:
    """Write the report of a sweep as one HTML page; the same bytes for the same table.

    Parameters
    ----------
    table : TrialTable
        As `ctc.cohort.table.open_table` gives it; with one arm or more.
    target : Path
        Page to be made.
    overwrite : bool
        Whether an older one may go.

    Raises
    ------
    InputError
        If the target is no ``.html`` or may not be written, or the table holds no courses of
        patients.
    OutputError
        If the system refuses to write.
    """
    if target.suffix.lower() not in (".html", ".htm"):
        message = f"report must be a .html file, got '{target.name}'. Name it so."
        raise InputError(message, key="-o")
    known = {"patient", "arm", *table.outcomes}
    missing = [name for name in _NEEDED if name not in known]
    if missing:
        message = (
            f"table must have a column {missing[0]}, got none: this sweep did not follow patients "
            "to an end. Make its report from a sweep of patients."
        )
        raise InputError(message, file=str(table.path))
    with new_file(target, overwrite=overwrite) as partial:
        partial.write_text(trial_page(table), encoding="utf-8", newline="\n")


def trial_page(table: TrialTable) -> str:
    """Return the page."""
    material = TrialMaterial(table)
    sections = [found for make in _SECTIONS if (found := make(material)) is not None]
    parts = [
        _head(material, sections),
        *(section_text(section) for section in sections),
        _origin(material),
        _footer(material),
    ]
    return document(material.title, parts)


def _head(material: TrialMaterial, sections: list[Section]) -> str:
    attributes = material.table.attributes
    question = attributes.get("question", "").strip()
    asked = f'<p class="question">{escape(question)}</p>' if question else ""
    name = material.table.path.parent.name or material.table.path.name
    return (
        f'<header><p class="kicker">Report of {escape(name)}, made with ctc</p>'
        f"<h1>{escape(material.title)}</h1>"
        f'<p class="lead">{escape(_lead(material))}</p>{asked}'
        f"{cards(_numbers(material))}{links(sections, ('again', 'Sweep'))}</header>"
    )


def _lead(material: TrialMaterial) -> str:
    n = f"{count_text(material.n_patients)} virtual patients"
    if len(material.arms) == 1:
        return f"{n}, from their first tumour cells in blood to their end."
    arms = " v ".join(reversed(material.arms)) if len(material.arms) == 2 else ""
    text = f"{n}, each followed in {len(material.arms)} arms with the same random numbers"
    return f"{text}: {arms}." if arms else f"{text}."


def _numbers(material: TrialMaterial) -> list[tuple[str, str, str]]:
    endpoint = material.endpoints[0]
    deaths = [
        int((material.column("death_cause", a) == 1).sum()) for a in range(len(material.arms))
    ]
    is_pair = len(material.arms) == 2
    died = " v ".join(f"{n:,}" for n in (reversed(deaths) if is_pair else deaths))
    versus = " v ".join(reversed(material.arms)) if is_pair else "in the order of arms"
    found = [
        ("patients", count_text(material.n_patients), f"in each of {len(material.arms)} arms"),
        ("died of the cancer", died, versus),
    ]
    if len(material.arms) == 1:
        return [("patients", count_text(material.n_patients), ""), (*found[1][:2], "")]
    effect = effect_of(material, endpoint, 1)
    if effect is None:
        return found
    versus = f"{material.arms[1]} v {material.arms[0]}"
    if effect.ratio is not None:
        found.append((f"hazard ratio, {endpoint}", ratio_text(effect.ratio), versus))
    if effect.difference is not None:
        months = f"{gain_text(effect.difference)} months"
        within = f"of {effect.difference.horizon / MONTH:.0f} months"
        found.append(("mean time gained", months, within))
        if math.isfinite(effect.difference.variance_reduction):
            remark = "the patients, had the arms different ones"
            found.append(("pairing saves", saving_text(effect.difference), remark))
    return found


def _origin(material: TrialMaterial) -> str:
    table = material.table
    hidden = {"title", "question", "format", "format_version"}
    rows = [(name, value) for name, value in sorted(table.attributes.items()) if name not in hidden]
    facts = section_text(
        Section(
            "again",
            "Where this page is from, and how to make it again",
            ("Save the text below as sweep.toml; then give ctc sweep sweep.toml.",),
            tables=(
                Table(
                    "provenance",
                    "Provenance",
                    ("name", "value"),
                    tuple(rows),
                    is_open=True,
                ),
            ),
            notes=(_DIGEST,),
        )
    ).removesuffix("</section>")
    text = table.texts.get("sweep", "")
    more = (
        f"<details><summary>Sweep file, to the letter</summary><pre>{escape(text)}</pre></details>"
        if text
        else ""
    )
    return f"{facts}{more}</section>"


def _footer(material: TrialMaterial) -> str:
    attributes = material.table.attributes
    version, seed = (escape(attributes.get(name, "?")) for name in ("version", "seed"))
    return (
        f"<footer>Sweep with ctc {version}, seed {seed}. Virtual patients, a simulation: no "
        "prediction for a person. This page needs no network.</footer>"
    )
