"""The measures of a vessel network as tables, in the units of anatomy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from ctc.cli.tables import print_table

_LENGTH_UNITS = (("um", 1e-6), ("mm", 1e-3), ("cm", 1e-2))
_MILLILITRE, _LITRE, _DAY = 1e-6, 1e-3, 86400.0
_MOST_REGIONS = 4
_RESIDUALS = (
    ("mass_residual", "mass balance at the nodes", "largest |sum Q| / sum |Q|"),
    ("red_cell_residual", "balance of red cells at the nodes", "largest |sum QH| / sum |QH|"),
    ("momentum_residual", "pressure law in the segments", "largest relative error"),
    ("flow_deviation_max", "organ flows against the body plan", "largest relative deviation"),
    ("murray_residual_max", "branching law of the radii", "largest relative error"),
)


def _number(value: float) -> str:
    return f"{value:.3g}"


def _degrees(value: float) -> str:
    return f"{math.degrees(value):.0f}"


# What is printed of each side of the trees: key, what it says, how it is written.
_TREE_ROWS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("RB", "branching ratio RB", _number),
    ("RD", "diameter ratio RD", _number),
    ("RL", "length ratio RL", _number),
    ("symmetry", "smaller over larger daughter", _number),
    ("area_ratio", "area of daughters over mother", _number),
    ("angle", "angle between daughters [deg]", _degrees),
    ("least_angle", "  that of least work [deg]", _degrees),
)


def print_vessels(title: str, figures: Mapping[str, Any]) -> None:
    """Print the measures of a network; parts that it lacks are left out."""
    print(f"\n{title}: {figures.get('origin', 'a network')}\n")
    counts = (("segments", "n_segments"), ("nodes", "n_nodes"), ("terminals", "n_terminals"))
    print(", ".join(f"{figures[key]:,} {name}" for name, key in counts if key in figures) + "\n")
    _print_kinds(figures.get("kinds", {}))
    _print_organs(figures.get("organ_volumes", {}))
    notes: list[str] = []
    _print_trees(figures, notes)
    _print_orders(figures)
    _print_filling(figures, notes)
    _print_lymph(figures.get("lymph") or {})
    rows = [
        (name, meaning, f"{figures[key]:.1e}")
        for key, name, meaning in _RESIDUALS
        if figures.get(key) is not None
    ]
    if rows:
        print_table("Checks", ("", "", ""), rows)
    if notes:
        print("Published")
        print("\n".join(f"[{i}] {note}" for i, note in enumerate(notes, start=1)) + "\n")
    repairs = figures.get("repairs", ())
    if repairs:
        print("Repairs")
        for repair in repairs:
            print(f"- {repair['rule'].replace('_', ' ')}: {repair['count']:,} {repair['detail']}")
        print()
    if "network_hash" in figures:
        print(f"network hash {figures['network_hash']}")


def length_text(length: float) -> str:
    """Return a length in the unit that suits it, such as ``3.25 um``."""
    for (unit, size), (_, following) in pairwise(_LENGTH_UNITS):
        if length < following:
            return f"{length / size:.3g} {unit}"
    unit, size = _LENGTH_UNITS[-1]
    return f"{length / size:.3g} {unit}"


def millilitres(volume: float, *, of: float, digits: int) -> str:
    """Return a volume [m^3] in mL, with two digits more where all of it is below 100 mL."""
    return f"{volume / _MILLILITRE:,.{digits if of >= 100 * _MILLILITRE else digits + 2}f}"


def _print_kinds(kinds: Mapping[str, Mapping[str, float]]) -> None:
    def spread(figures: Mapping[str, float], name: str) -> tuple[str, str]:
        low, middle, high = (figures[f"{name}_{part}"] for part in ("min", "median", "max"))
        return length_text(middle), f"{length_text(low)} - {length_text(high)}"

    total = sum(figures["volume"] for figures in kinds.values())
    rows = [
        (
            kind,
            f"{figures['count']:,}",
            *spread(figures, "lumen_radius"),
            *spread(figures, "length"),
            millilitres(figures["volume"], of=total, digits=1),
        )
        for kind, figures in kinds.items()
    ]
    if rows:
        header = ("kind", "segments", "radius", "from - to", "length", "from - to", "blood [mL]")
        print_table("Segments (medians, smallest and largest)", header, rows)


def _print_organs(volumes: Mapping[str, float]) -> None:
    total = sum(volumes.values())
    if not total or len(volumes) < 2:
        return
    ordered = sorted(volumes.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (name, millilitres(volume, of=total, digits=2), f"{volume / total:.2%}")
        for name, volume in ordered
    ]
    rows.append(("all", millilitres(total, of=total, digits=2), "100.00%"))
    print_table("Blood", ("organ", "volume [mL]", "share"), rows, has_total=True)


def _print_trees(figures: Mapping[str, Any], notes: list[str]) -> None:
    trees: Mapping[str, Mapping[str, Any]] = figures.get("trees") or {}
    if not trees:
        # Figures of an older kind hold the ratios alone.
        sides = (("arteries", "strahler"), ("veins", "strahler_veins"))
        trees = {side: {"strahler": figures[key]} for side, key in sides if figures.get(key)}
    if not trees:
        return
    known = figures.get("published", {})
    rows = [("orders", *(f"{side['strahler'].get('orders', 0)}" for side in trees.values()), "")]
    for key, name, text in _TREE_ROWS:
        values = [side.get(key, side["strahler"].get(key)) for side in trees.values()]
        if all(value is None for value in values):
            continue
        cited = [known.get(side, {}).get(key) for side in trees]
        written = [_cited(figure, notes, text) for figure in cited if figure is not None]
        shown = ("-" if value is None else text(value) for value in values)
        rows.append((name, *shown, ", ".join(dict.fromkeys(written))))
    for key, name in (("path", "root to leaf"),):
        means = [side.get(f"{key}_mean") for side in trees.values()]
        if any(mean is not None for mean in means):
            texts = ("-" if mean is None else length_text(mean) for mean in means)
            rows.append((f"{name}, mean length", *texts, ""))
    title = "Trees"
    if figures.get("ordering") == "diameter":
        title += " (orders defined by diameter)"
    print_table(title, ("", *trees, "published"), rows)


def _cited(figure: Mapping[str, Any], notes: list[str], text: Callable[[float], str]) -> str:
    """Return a published range with the number of its note."""
    if figure["source"] not in notes:
        notes.append(figure["source"])
    low, high = text(figure["low"]), text(figure["high"])
    note = f"[{notes.index(figure['source']) + 1}]"
    if not figure["low"]:
        return f"<= {high} {note}"
    return f"{low} {note}" if low == high else f"{low} - {high} {note}"


def _print_orders(figures: Mapping[str, Any]) -> None:
    sides = {
        name: side["by_order"]
        for name, side in (figures.get("trees") or {}).items()
        if side.get("by_order", {}).get("n_elements")
    }
    if not sides:
        return
    n_orders = max(len(side["n_elements"]) for side in sides.values())
    rows = []
    for order in range(n_orders):
        row = [f"{order + 1}"]
        for side in sides.values():
            if order >= len(side["n_elements"]) or side["diameter"][order] is None:
                row += ["", "", ""]
                continue
            length = side["length"][order]
            row += [
                f"{side['n_elements'][order]:,}",
                length_text(side["diameter"][order]),
                "-" if length is None else length_text(length),
            ]
        rows.append(tuple(row))
    header = ["order"]
    for name in sides:
        header += [name, "diameter", "length"]
    print_table("Vessels by order (number of elements, means)", header, rows)


def _print_filling(figures: Mapping[str, Any], notes: list[str]) -> None:
    """Print how vessels lie in their territories."""
    known = figures.get("published", {}).get("network", {})
    rows: list[tuple[str, str, str]] = []
    coverage: Mapping[str, Mapping[str, float]] = figures.get("coverage") or {}
    if coverage:
        name = "farthest place from a terminal [(V/N)^(1/3)]"
        worst = max(coverage, key=lambda region: coverage[region]["largest"])
        where = f", {worst}" if len(coverage) > 1 else ""
        cited = _cited(known["coverage_max"], notes, _number) if known else ""
        rows.append((name + where, _number(coverage[worst]["largest"]), cited))
        if len(coverage) <= _MOST_REGIONS:
            for region, each in coverage.items():
                share = f"{each['vessel_fraction']:.2%}"
                rows.append((f"vessels over volume of {region}", share, ""))
    for key, name in (
        ("far_collisions", "overlapping vessels, far apart in the tree"),
        ("near_collisions", "overlapping vessels, near a junction"),
    ):
        if figures.get(key) is not None:
            rows.append((name, f"{figures[key]:,}", ""))
    small = figures.get("systemic_small_vessels")
    if small is not None:
        cited = _cited(known["systemic_small_vessels"], notes, "{:.0%}".format) if known else ""
        rows.append(("blood in systemic arterioles and capillaries", f"{small:.1%}", cited))
    if rows:
        print_table("Filling", ("", "", "published"), rows)


def _print_lymph(lymph: Mapping[str, float]) -> None:
    if not lymph:
        return
    rows = [
        ("stations", f"{lymph['n_stations']:,}"),
        ("lymph nodes", f"{lymph['n_nodes']:,}"),
        ("lymphatics and stations, segments", f"{lymph['n_segments']:,}"),
        ("lymph held [mL]", millilitres(lymph["volume"], of=100 * lymph["volume"], digits=1)),
    ]
    rows += [
        (f"{name} [L/day]", f"{lymph[key] * _DAY / _LITRE:.3g}")
        for key, name in (
            ("formed", "formed in the organs"),
            ("reabsorbed", "given back at nodes"),
            ("efferent", "given back at the venous angles"),
            ("thoracic_duct", "of it by the thoracic duct"),
        )
    ]
    print_table("Lymph", ("", ""), rows)


def print_export(output: str, figures: Mapping[str, Any]) -> None:
    """Print what a file of another program was given."""
    rows = [
        (name, f"{value:,}" if isinstance(value, int) else str(value))
        for name, value in figures.items()
    ]
    print_table(f"Written to {output}", ("", ""), rows)
