"""The vessels of a run: what they measure, and whether blood flows as the body plan asks."""

from __future__ import annotations

from typing import Any

from ctc.report.axes import Frame, Scale, duration_text
from ctc.report.drawing import Drawing
from ctc.report.material import Material, VesselFacts
from ctc.report.section import Cell, Section, Table

_TITLE = "The vessels and the blood in them"
_WIDTH, _ROW, _LEFT, _RIGHT = 960.0, 22.0, 150.0, 250.0
_MILLILITRE, _MILLILITRE_A_MINUTE, _LITRE_A_MINUTE = 1e-6, 1e-6 / 60.0, 1e-3 / 60.0
_MICROMETRE, _MILLIMETRE = 1e-6, 1e-3
_NOTE = (
    "Flow of an organ is that of blood through its capillary beds, arterial and portal; it can "
    "differ from the plan by the lymph that leaves it and returns."
)
# Measures of the trees: key, name in words.
_TREES = (
    ("RB", "branching ratio RB"),
    ("RD", "diameter ratio RD"),
    ("RL", "length ratio RL"),
    ("symmetry", "symmetry of branchings, median"),
    ("area_ratio", "area ratio of branchings, median"),
)


def network_section(material: Material) -> Section:
    """Return measures, blood volumes and the flow check of the network."""
    facts = material.vessels
    figures = facts.figures
    if not figures:
        return Section("network", _TITLE, ("The vessels of this run were not measured.",))
    sentences = [
        (
            f"{figures['n_segments']:,} vessels join at {figures['n_nodes']:,} nodes and end in "
            f"{figures['n_terminals']:,} capillary beds "
            f"(origin: {figures['origin'] or 'not told'})."
        )
    ]
    figures_drawn = []
    if facts.planned_flows:
        sentences.append(_flow_sentence(facts))
    else:
        sentences.append("The vessels are not those of a body plan: there is no flow to meet.")
    if facts.flows:
        figures_drawn.append(_draw_flows(facts))
    tables = (
        _kind_table(figures),
        _flow_table(facts),
        _blood_table(figures),
        _tree_table(figures),
        _check_table(figures),
    )
    notes = [_NOTE]
    notes += [
        f"Repaired {r['rule'].replace('_', ' ')}: {r['count']:,} ({r['detail']})."
        for r in _repairs(figures)
    ]
    return Section(
        "network", _TITLE, sentences, figures_drawn, [t for t in tables if t.rows], notes
    )


def _flow_sentence(facts: VesselFacts) -> str:
    deviations = {
        organ: facts.flows.get(organ, 0.0) / planned - 1.0
        for organ, planned in facts.planned_flows.items()
        if planned > 0.0
    }
    worst = max(deviations, key=lambda organ: abs(deviations[organ]))
    return (
        f"The heart pumps {facts.cardiac_output / _LITRE_A_MINUTE:.2f} L/min. Of "
        f"{len(deviations)} organs the one farthest from the flow that the body plan gives it is "
        f"the {worst}, by {100.0 * deviations[worst]:+.2g} %."
    )


def _draw_flows(facts: VesselFacts) -> Drawing:
    organs = sorted(facts.flows, key=lambda organ: -facts.flows[organ])
    organs = [organ for organ in organs if facts.flows[organ] > 0.0]
    flows = {organ: facts.flows[organ] / _MILLILITRE_A_MINUTE for organ in organs}
    drawing = Drawing("organ_flows", "Blood flow of each organ", _WIDTH, 82.0 + _ROW * len(organs))
    frame = Frame(
        _LEFT,
        34.0,
        _WIDTH - _LEFT - _RIGHT,
        _ROW * len(organs),
        Scale(0.5 * min(flows.values()), 1.3 * max(flows.values()), is_log=True),
        Scale(0.0, 1.0),
    )
    frame.draw(drawing, has_y=False, n_y=1, x_label="blood flow [mL/min], log axis")
    drawing.dot((_LEFT + 6.0, 15.0), 5.0, colour="artery")
    drawing.text((_LEFT + 17.0, 19.5), "in the network")
    if facts.planned_flows:
        drawing.line([(_LEFT + 150.0, 8.0), (_LEFT + 150.0, 22.0)], colour="plan", width=2.0)
        drawing.text((_LEFT + 159.0, 19.5), "by the body plan")
    for x, text in ((_WIDTH - 128.0, "mL/min"), (_WIDTH - 4.0, "mean bed transit")):
        drawing.text((x, 19.5), text, colour="faint", anchor="end", size=12.0)
    for number, organ in enumerate(organs):
        y = frame.top + _ROW * (number + 0.5)
        drawing.text((_LEFT - 12.0, y + 4.5), organ, anchor="end")
        x = frame.across(flows[organ])
        drawing.line([(frame.left, y), (x, y)], colour="artery", width=2.0, opacity=0.45)
        drawing.dot((x, y), 5.0, colour="artery", tip=f"{organ}: {flows[organ]:.4g} mL/min")
        planned = facts.planned_flows.get(organ, 0.0) / _MILLILITRE_A_MINUTE
        if planned > 0.0:
            place = frame.across(planned)
            tip = f"{organ}, planned: {planned:.4g} mL/min"
            drawing.line([(place, y - 8.0), (place, y + 8.0)], colour="plan", width=2.0, tip=tip)
        text = f"{flows[organ]:,.0f}" if flows[organ] >= 1e3 else f"{flows[organ]:.4g}"
        drawing.text((_WIDTH - 128.0, y + 4.5), text, anchor="end", colour="faint", size=12.0)
        if organ in facts.bed_transit:
            text = duration_text(facts.bed_transit[organ])
            drawing.text((_WIDTH - 4.0, y + 4.5), text, anchor="end", colour="faint", size=12.0)
    return drawing


def _kind_table(figures: Any) -> Table:
    def lengths(row: Any, name: str, unit: float) -> tuple[float, ...]:
        return tuple(
            float(f"{row[f'{name}_{part}'] / unit:.6g}") for part in ("median", "min", "max")
        )

    rows: list[tuple[Cell, ...]] = [
        (
            kind,
            row["count"],
            *lengths(row, "lumen_radius", _MICROMETRE),
            *lengths(row, "length", _MILLIMETRE),
            float(f"{row['volume'] / _MILLILITRE:.6g}"),
        )
        for kind, row in figures["kinds"].items()
    ]
    columns = (
        *("kind", "vessels", "median lumen radius [\u00b5m]", "from", "to"),
        *("median length [mm]", "from", "to", "content [mL]"),
    )
    return Table("vessel_kinds", "Vessels by kind", columns, tuple(rows), is_open=True)


def _flow_table(facts: VesselFacts) -> Table:
    rows = []
    for organ, flow in sorted(facts.flows.items(), key=lambda item: (-item[1], item[0])):
        planned = facts.planned_flows.get(organ)
        rows.append(
            (
                organ,
                flow / _MILLILITRE_A_MINUTE,
                planned / _MILLILITRE_A_MINUTE if planned else "",
                100.0 * (flow / planned - 1.0) if planned else "",
                facts.bed_transit.get(organ, ""),
            )
        )
    columns = ("organ", "flow [mL/min]", "planned [mL/min]", "deviation [%]", "bed transit [s]")
    return Table("organ_flows", "Organ flows against the plan", columns, tuple(rows))


def _blood_table(figures: Any) -> Table:
    volumes = figures["organ_volumes"]
    total = sum(volumes.values()) or 1.0
    ordered = sorted(volumes.items(), key=lambda item: (-item[1], item[0]))
    rows = [(organ, v / _MILLILITRE, v / total) for organ, v in ordered]
    rows.append(("all", sum(volumes.values()) / _MILLILITRE, 1.0))
    columns = ("organ", "blood [mL]", "share")
    return Table("blood_volumes", "Blood by organ", columns, tuple(rows))


def _tree_table(figures: Any) -> Table:
    known = figures.get("published", {})
    rows: list[tuple[Cell, ...]] = []
    for side, measures in (figures.get("trees") or {}).items():
        for key, name in _TREES:
            value = measures.get(key, measures["strahler"].get(key))
            if value is None:
                continue
            figure = known.get(side, {}).get(key)
            cited = f"{figure['low']:g} to {figure['high']:g}" if figure else ""
            source = figure["source"] if figure else ""
            rows.append((side, name, round(float(value), 4), cited, source))
    columns = ("tree", "measure", "value", "published", "source")
    return Table("morphometry", "Morphometry of the trees", columns, tuple(rows))


def _check_table(figures: Any) -> Table:
    names = (
        ("mass_residual", "mass lost at a node, largest share of the flow there"),
        ("red_cell_residual", "red cells lost at a node, largest share"),
        ("momentum_residual", "flow off Poiseuille's law, largest over the largest flow"),
        ("murray_residual_max", "residual of the branching law, largest"),
        ("far_collisions", "overlapping vessels, far apart in the tree"),
        ("near_collisions", "overlapping vessels, near a junction"),
        ("systemic_small_vessels", "share of the blood in systemic arterioles and capillaries"),
    )
    rows = tuple((text, figures[key]) for key, text in names if figures.get(key) is not None)
    return Table("vessel_checks", "Checks", ("check", "value"), rows)


def _repairs(figures: Any) -> list[dict[str, Any]]:
    return list(figures.get("repairs") or ())
