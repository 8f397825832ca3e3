"""The measures of a vessel network as tables, in the units of anatomy."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ctc.cli.tables import print_table

_LENGTH_UNITS = (("um", 1e-6), ("mm", 1e-3), ("cm", 1e-2))
_MILLILITRE = 1e-6
_RESIDUALS = (
    ("mass_residual", "mass balance at the nodes", "largest |sum Q| / sum |Q|"),
    ("momentum_residual", "pressure law in the segments", "largest relative error"),
    ("flow_deviation_max", "organ flows against the body plan", "largest relative deviation"),
    ("murray_residual_max", "branching law of the radii", "largest relative error"),
)


def print_vessels(title: str, figures: Mapping[str, Any]) -> None:
    """Print the measures of a network; parts that it lacks are left out."""
    print(f"\n{title}: {figures.get('origin', 'a network')}\n")
    counts = (("segments", "n_segments"), ("nodes", "n_nodes"), ("capillary beds", "n_terminals"))
    print(", ".join(f"{figures[key]:,} {name}" for name, key in counts if key in figures) + "\n")
    _print_kinds(figures.get("kinds", {}))
    _print_organs(figures.get("organ_volumes", {}))
    _print_trees(figures)
    rows = [
        (name, meaning, f"{figures[key]:.1e}")
        for key, name, meaning in _RESIDUALS
        if figures.get(key) is not None
    ]
    if rows:
        print_table("Checks", ("", "", ""), rows)
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


def _print_kinds(kinds: Mapping[str, Mapping[str, float]]) -> None:
    def spread(figures: Mapping[str, float], name: str) -> tuple[str, str]:
        low, middle, high = (figures[f"{name}_{part}"] for part in ("min", "median", "max"))
        return length_text(middle), f"{length_text(low)} - {length_text(high)}"

    rows = [
        (
            kind,
            f"{figures['count']:,}",
            *spread(figures, "lumen_radius"),
            *spread(figures, "length"),
            f"{figures['volume'] / _MILLILITRE:,.1f}",
        )
        for kind, figures in kinds.items()
    ]
    if rows:
        header = ("kind", "segments", "radius", "from - to", "length", "from - to", "blood [mL]")
        print_table("Segments (medians, smallest and largest)", header, rows)


def _print_organs(volumes: Mapping[str, float]) -> None:
    total = sum(volumes.values())
    if not total:
        return
    ordered = sorted(volumes.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (name, f"{volume / _MILLILITRE:,.2f}", f"{volume / total:.2%}") for name, volume in ordered
    ]
    rows.append(("all", f"{total / _MILLILITRE:,.2f}", "100.00%"))
    print_table("Blood", ("organ", "volume [mL]", "share"), rows, has_total=True)


def _print_trees(figures: Mapping[str, Any]) -> None:
    rows = []
    for side, key in (("arteries", "strahler"), ("veins", "strahler_veins")):
        ratios = figures.get(key)
        if ratios:
            texts = [_ratio(ratios.get(name)) for name in ("RB", "RD", "RL")]
            rows.append((side, f"{ratios['orders']}", *texts))
    if rows:
        header = ("", "Strahler orders", "branching ratio", "diameter ratio", "length ratio")
        print_table("Trees", header, rows)


def print_export(output: str, figures: Mapping[str, Any]) -> None:
    """Print what a file of another program was given."""
    rows = [
        (name, f"{value:,}" if isinstance(value, int) else str(value))
        for name, value in figures.items()
    ]
    print_table(f"Written to {output}", ("", ""), rows)


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
