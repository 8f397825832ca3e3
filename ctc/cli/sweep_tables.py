"""What a sweep would do and what it came to, as tables on stdout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctc.cli.tables import duration_text, print_table
from ctc.summary import SweepPlan, SweepSummary

# Figures of an arm: their name there, and their heading.
_COUNTS = (
    ("patients", "patients"),
    ("diagnosed", "diagnosed"),
    ("metastases_found", "metastases\nfound"),
    ("deaths", "deaths"),
    ("deaths_by_cancer", "by\ncancer"),
)
_TIMES = (
    ("median_survival", "median\nsurvival"),
    ("median_metastasis_free_survival", "median\nmetastasis-free"),
)
_STAGES = ("localised", "regional", "distant", "not staged")
_YEAR = 365.25 * 86400.0


def print_plan(plan: SweepPlan) -> None:
    """Print what a sweep would do."""
    print(f"\n{plan.title}\n")
    if plan.question:
        print(f"{plan.question}\n")
    rows = [
        (arm["name"], arm["scenario"], "; ".join(arm["changes"]) or "as it is") for arm in plan.arms
    ]
    print_table("Arms", ("", "scenario", "changes"), rows)
    if plan.varied:
        header = ("key", "distribution", "lowest\ndrawn", "median", "highest", "unit", "basis")
        rows = [
            (
                *(each[name] for name in ("key", "distribution", "low", "median", "high")),
                each["unit"] or "-",
                each["basis"] or "-",
            )
            for each in plan.varied
        ]
        print_table("What varies", header, rows, is_text=True)
    if plan.correlations:
        rows = [
            (" and ".join(each["between"]), f"{each['rho']:+.2f}", _signed(each["drawn"]))
            for each in plan.correlations
        ]
        print_table("Rank correlations", ("between", "asked for", "drawn"), rows)
    n_arms = len(plan.arms)
    arms = f" in {n_arms} arms" if n_arms > 1 else ""
    print(
        f"{plan.design}: {plan.n_patients:,} patients{arms}, {plan.n_members:,} to follow; "
        f"{plan.n_done:,} done, {plan.n_blocks:,} block(s) left"
    )
    for note in plan.notes:
        print(note)


def print_sweep(summary: SweepSummary) -> None:
    """Print what a sweep came to, arm by arm, or how far it is."""
    print(f"\n{summary.title}\n")
    if summary.arms:
        print_table("Arms", *_arm_table(summary.arms))
    staged = {name: arm.get("found_at_stage", {}) for name, arm in summary.arms.items()}
    if any(staged.values()):
        shown = [stage for stage in _STAGES if any(stage in found for found in staged.values())]
        rows = [
            (name, *(f"{found.get(stage, 0):,}" for stage in shown))
            for name, found in staged.items()
        ]
        print_table("Found at stage", ("", *shown), rows)
    if summary.sensitivity:
        header = ("arm", "outcome", "key", "S1", "+- 95 %", "ST", "+- 95 %")
        print_table("Sobol indices", header, [_index_row(row) for row in summary.sensitivity])
        remarks = {f"{row['outcome']}, {row['arm']}": row["note"] for row in summary.sensitivity}
        for name, note in remarks.items():
            if note != "-":
                print(f"{name}: {note}")
    rate = summary.patients_per_hour
    speed = f", {rate:,.0f} patients/h" if rate else ""
    print(f"{summary.n_done:,} of {summary.n_members:,} patients done{speed}")
    if summary.digest:
        print(f"digest {summary.digest}")
    for note in summary.notes:
        print(note)
    if summary.files:
        print(f"Written: {', '.join(str(path) for path in summary.files)}")


def _arm_table(
    arms: Mapping[str, Mapping[str, Any]],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    counts = [(name, head) for name, head in _COUNTS if any(name in arm for arm in arms.values())]
    times = [(name, head) for name, head in _TIMES if any(name in arm for arm in arms.values())]
    rows = []
    for name, arm in arms.items():
        row = [name, *(f"{arm.get(key, 0):,}" for key, _ in counts)]
        row += [_time(arm.get(key)) for key, _ in times]
        rows.append(tuple(row))
    return ("", *(head for _, head in (*counts, *times))), rows


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "not reached"
    return f"{seconds / _YEAR:.2f} years" if seconds >= _YEAR else duration_text(round(seconds))


def _index_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = [row[name] for name in ("first", "first_error", "total", "total_error")]
    texts = ["-" if number is None else f"{number:.3f}" for number in numbers]
    return str(row["arm"]), str(row["outcome"]), str(row["key"]), *texts


def _signed(number: float | None) -> str:
    return "-" if number is None else f"{number:+.2f}"
