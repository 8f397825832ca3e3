"""A plan in words: what ``ctc sweep --dry-run`` tells."""

from __future__ import annotations

from typing import Any

import numpy as np

from ctc.cohort.plan import Arm, Plan, Varied
from ctc.summary import SweepPlan
from ctc.units import convert

# One patient in an arm cannot be compared with another.
_FEW = 30


def describe_plan(plan: Plan, *, n_done: int, n_blocks: int) -> SweepPlan:
    """Return what a plan would do.

    Parameters
    ----------
    plan : Plan
        Checked.
    n_done : int
        Patients of all arms that the output folder holds.
    n_blocks : int
        Units of work that are left.
    """
    settings = plan.settings
    return SweepPlan(
        title=settings.title,
        question=settings.question,
        design=settings.design,
        scenario=settings.scenario,
        n_patients=plan.n_patients,
        n_members=plan.n_members,
        n_done=n_done,
        n_blocks=n_blocks,
        arms=tuple(_arm(arm) for arm in plan.arms),
        varied=tuple(_varied(varied) for varied in plan.varied),
        correlations=_correlations(plan),
        notes=_notes(plan),
    )


def _arm(arm: Arm) -> dict[str, Any]:
    changes = (*arm.overrides, *(f"without {key}" for key in arm.removed))
    return {"name": arm.name, "scenario": arm.draft.file.name, "changes": changes}


def _varied(varied: Varied) -> dict[str, Any]:
    values = np.sort(varied.values)
    middle = float(values[(values.size - 1) // 2])
    ends = {"low": float(values[0]), "median": middle, "high": float(values[-1])}
    return {
        "key": varied.key,
        "unit": varied.shown_unit.replace("**", "^"),
        "distribution": varied.description,
        "basis": varied.basis,
        "source": varied.source,
        **{name: _shown(varied, value) for name, value in ends.items()},
    }


def _shown(varied: Varied, value: float) -> str:
    """Return a value in the unit of the file."""
    if varied.labels:
        return varied.text(value)
    unit = "percent" if varied.shown_unit == "%" else varied.shown_unit
    return f"{convert(value, varied.unit, unit):.4g}"


def _correlations(plan: Plan) -> tuple[dict[str, Any], ...]:
    ranks = {v.key: np.argsort(np.argsort(v.values, kind="stable")) for v in plan.varied}
    found = []
    for entry in plan.sweep.content.correlation:
        first, second = (ranks[key] for key in entry.between)
        drawn = float(np.corrcoef(first, second)[0, 1]) if plan.n_patients > 2 else None
        found.append({"between": entry.between, "rho": entry.rho, "drawn": drawn})
    return tuple(found)


def _notes(plan: Plan) -> tuple[str, ...]:
    notes = []
    if len(plan.arms) > 1:
        notes.append("Every patient has the same random numbers in all arms.")
    if plan.settings.design == "sobol":
        n_keys = len(plan.varied)
        base = plan.n_patients // (n_keys + 2)
        notes.append(f"{base:,} base points x ({n_keys} + 2) = {plan.n_patients:,} patients.")
        notes.append("Chance differs between patients too: it lowers all indices alike.")
    if plan.settings.design == "cohort" and plan.n_patients < _FEW:
        notes.append(f"{plan.n_patients} patients an arm are too few for statistics.")
    return tuple(notes)
