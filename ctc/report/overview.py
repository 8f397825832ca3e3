"""The head of the report: what was simulated, in a sentence and in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctc.report.axes import count_text, duration_text, percent_text
from ctc.report.material import Material
from ctc.report.section import Table
from ctc.states import CellState

_BODIES = {
    "human_female": "a woman's",
    "human_male": "a man's",
    "mouse_25g": "a mouse's",
    "rat_250g": "a rat's",
}
_STATUS = {
    "running": "The run is still going: all numbers are those of the moment this page was made.",
    "stopped": "The run was stopped early and can go on; numbers are those of its last epoch.",
    "killed": "The run was killed before its end; numbers are those of its last complete epoch.",
}


def lead_sentence(material: Material) -> str:
    """Return in one sentence what was simulated."""
    summary, scenario = material.summary, material.scenario
    sources = scenario["source"]
    text = _source_text(sources[0]) if len(sources) == 1 else f"{len(sources)} sources"
    verb = "sheds" if len(sources) == 1 else "shed"
    if len(sources) == 1 and sources[0]["kind"] == "bolus":
        verb = "brings"
    cells = "inert tracers" if scenario["cells"]["inert"] else "tumour cells"
    plan, body = scenario["body"], "the vessels of an imported body"
    if plan["source"] == "grown":
        body = f"the blood vessels of {_BODIES.get(plan['plan'], plan['plan'])} whole body"
    time = duration_text(summary["simulated_seconds"])
    return (
        f"{text} {verb} {count_text(summary['n_shed'])} {cells} into {body} "
        f"({material.run.network().n_segments:,} vessels), and each of them is followed for {time}."
        + _weight_text(summary)
    )


def status_sentence(material: Material) -> str:
    """Return what a reader must know of a run that is not finished; empty for a finished one."""
    summary = material.summary
    text = _STATUS.get(summary["status"], "")
    if text:
        done = duration_text(summary["simulated_seconds"])
        text += f" It has come to {done} of {duration_text(summary['planned_seconds'])}."
    return text


def key_numbers(material: Material) -> tuple[tuple[str, str, str], ...]:
    """Return the numbers on top: name, value and remark of each."""
    summary, fates = material.summary, material.fates
    shed = fates.shed
    died = fates.states[CellState.DIED]
    colonies = fates.states[CellState.COLONY]
    speed = f"{summary['hops_per_second']:.2g} a second" if summary["hops"] else ""
    return (
        ("cells shed", count_text(shed), ""),
        ("died", count_text(died), percent_text(died, shed)),
        ("in flight", count_text(summary["in_flight"]), percent_text(summary["in_flight"], shed)),
        ("colonies founded", count_text(colonies), _one_in(colonies, shed)),
        ("vessels entered", count_text(summary["hops"]), speed),
        ("wall time", duration_text(summary["wall_seconds"]), summary["device"]),
    )


def key_table(material: Material) -> Table:
    """Return the numbers of the head as a table."""
    summary, fates = material.summary, material.fates
    rows: tuple[tuple[str, Any], ...] = (
        ("title", material.title),
        ("status", summary["status"]),
        ("simulated [s]", summary["simulated_seconds"]),
        ("shed [cells]", fates.shed),
        ("died [cells]", fates.states[CellState.DIED]),
        ("in flight [cells]", summary["in_flight"]),
        ("colonies founded", fates.states[CellState.COLONY]),
        ("hops", summary["hops"]),
        ("wall time [s]", summary["wall_seconds"]),
        ("device", summary["device"]),
    )
    return Table("key_numbers", "Key numbers", ("name", "value"), rows, is_shown=False)


def _weight_text(summary: Mapping[str, Any]) -> str:
    """Return what each followed cell stands for; empty where it is itself alone."""
    weight = summary.get("cell_weight", 1.0)
    in_lymph = summary.get("lymph_cell_weight", weight)
    if weight == 1.0:
        return ""
    text = f" Each cell counted here stands for {weight:,.6g} shed ones"
    if in_lymph == weight:
        return text + "."
    return f"{text}, or for {in_lymph:,.6g} if it entered the lymph; counts do not tell them apart."


def _source_text(source: dict[str, Any]) -> str:
    place = source.get("organ") or source.get("vessel") or "the vessels"
    if source["kind"] == "bolus":
        return f"A bolus into the {place}"
    mass = source.get("mass")
    size = f" of {1e3 * mass:.3g} g" if mass else ""
    return f"A tumour{size} in the {place}"


def _one_in(part: int, whole: int) -> str:
    return f"1 in {whole / part:,.0f} shed cells" if part else "none"
