"""The shapes of the organs that belong to the vessels of a run; none of an imported body."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ctc.body.own_surfaces import load_own_surfaces
from ctc.body.plan import BodyPlan, load_body_plan
from ctc.body.surface_territory import regions_named
from ctc.body.territory import Territory, load_territories
from ctc.checks import FloatArray

# Vessels belong to the shapes if this part of their ends lies in the box around all shapes,
# widened by this part of its size on each side.
_FIT_SHARE, _FIT_ROOM = 0.98, 0.03


def fitting_territories(
    plan_name: str, positions: FloatArray, *, surfaces: Mapping[str, str] | None = None
) -> dict[str, tuple[Territory, ...]]:
    """Return the shapes of a body plan by organ.

    Parameters
    ----------
    plan_name : str
        Such as ``human_female``.
    positions : (n, 3) float64 [m]
        Of the nodes of the vessels.
    surfaces : mapping of str to str, optional
        Files of the scenario's own surfaces by organ or region. Regions whose file is no longer
        there have no shape: that of the plan would be a wrong one.

    Returns
    -------
    dict of str to tuple of Territory
        Empty where these are the vessels of another body.
    """
    plan = load_body_plan(plan_name)
    by_region = load_territories(plan)
    by_region, unknown = _with_surfaces(plan, by_region, surfaces or {})
    boxes = np.stack([territory.bounds() for territory in by_region.values()])
    low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
    room = _FIT_ROOM * (high - low)
    is_inside = ((positions >= low - room) & (positions <= high + room)).all(axis=1)
    if is_inside.mean() < _FIT_SHARE:
        return {}
    return {
        organ.name: tuple(
            by_region[region.name] for region in organ.regions if region.name not in unknown
        )
        for organ in plan.organs
    }


def body_size(body: Mapping[str, Any]) -> float:
    """Return the length of a scenario's body over a person's; 1 where it is of no known plan.

    What is drawn at a size of its own, such as the beads of the cells, is as much smaller.
    """
    if "plan" not in body or body.get("source") == "tables":
        return 1.0
    return load_body_plan(body["plan"]).layout.length


def _with_surfaces(
    plan: BodyPlan, by_region: dict[str, Territory], surfaces: Mapping[str, str]
) -> tuple[dict[str, Territory], set[str]]:
    """Return the territories with own surfaces in place, and the regions of lost files."""
    found = {name: file for name, file in surfaces.items() if Path(file).is_file()}
    unknown = {
        region for name in surfaces.keys() - found.keys() for region in regions_named(plan, name)
    }
    return by_region | load_own_surfaces(plan, found).territories, unknown
