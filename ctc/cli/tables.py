"""Summaries as tables worth reading, on stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ctc.summary import CheckReport, RunSummary

_ORGAN_COLUMNS = (
    ("arrested", "arrested"),
    ("extravasated", "in tissue"),
    ("dormant", "dormant"),
    ("colonies", "colonies"),
)
_PLAIN_WIDTH = 110


def print_summary(summary: RunSummary) -> None:
    """Print fates, organs and the figures of a run."""
    if summary.title:
        print(f"\n{summary.title}\n")
    _table("Fates", ("", "cells", "share"), _fate_rows(summary))
    rows = _organ_rows(summary)
    if rows:
        header = (
            "organ",
            "first-pass arrivals",
            "of these held",
            *(label for _, label in _ORGAN_COLUMNS),
        )
        _table("Organs", header, rows, has_total=True)
    print(
        f"{summary.hops:,} hops in {summary.wall_seconds:.1f} s "
        f"({summary.hops_per_second:.2g} hops/s) on {summary.device}; "
        f"{duration_text(summary.simulated_seconds)} simulated, seed {summary.seed}"
    )
    print(f"digest {summary.digest or 'none yet: the run has not ended'}")


def print_report(report: CheckReport, title: str) -> None:
    """Print what a scenario would cost."""
    print(f"\n{title}\n")
    rows = [
        ("segments", f"{report.n_segments:,}"),
        ("cells expected", f"{report.n_cells_expected:,.0f}"),
        ("memory", f"{report.memory_bytes / 1e6:,.0f} MB"),
        ("time", duration_text(report.seconds_estimate)),
    ]
    _table("Estimate", ("", ""), rows)
    for note in report.notes:
        print(f"- {note}")


def print_pairs(title: str, pairs: Mapping[str, Any]) -> None:
    """Print a mapping as a table of two columns; nested mappings by dotted name."""
    _table(title, ("", ""), [(name, _value_text(value)) for name, value in _flat(pairs)])


def duration_text(seconds: float) -> str:
    """Return a duration in the unit that suits it, such as ``3.0 days``."""
    for unit, size in (("years", 365.25 * 86400), ("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _fate_rows(summary: RunSummary) -> list[tuple[str, ...]]:
    shed = max(summary.n_shed, 1)

    def row(name: str, count: int) -> tuple[str, ...]:
        return name, f"{count:,}", _share(count, shed)

    rows = [row("shed", summary.n_shed), row("in flight", summary.in_flight)]
    ordered = sorted(summary.fates.items(), key=lambda item: (-item[1], item[0]))
    return rows + [row(name.replace("_", " "), count) for name, count in ordered if count]


def _organ_rows(summary: RunSummary) -> list[tuple[str, ...]]:
    names = sorted({*summary.organs, *summary.first_pass})
    counts = {}
    for name in names:
        first = summary.first_pass.get(name, {})
        organ = summary.organs.get(name, {})
        figures = [first.get("arrivals", 0), first.get("arrested", 0)]
        figures += [organ.get(key, 0) for key, _ in _ORGAN_COLUMNS]
        if any(figures):
            counts[name] = figures
    ordered = sorted(counts, key=lambda name: (-counts[name][0], -sum(counts[name][1:]), name))
    rows = [_organ_row(name, counts[name]) for name in ordered]
    if len(rows) > 1:
        columns = zip(*counts.values(), strict=True)
        rows.append(_organ_row("all organs", [sum(column) for column in columns]))
    return rows


def _organ_row(name: str, figures: Sequence[int]) -> tuple[str, ...]:
    arrivals, held, *rest = figures
    share = f"{held:,} ({_share(held, arrivals)})" if arrivals else "-"
    return name, f"{arrivals:,}", share, *(f"{count:,}" for count in rest)


def _share(part: int, whole: int) -> str:
    share = part / whole if whole else 0.0
    return f"{share:.2%}" if share == 0 or share >= 1e-4 else f"{share * 100:.1e}%"


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tree.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        pairs += _flat(value, name) if isinstance(value, Mapping) else [(name, value)]
    return pairs


def _value_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return "\n".join(_value_text(entry) for entry in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value_text(entry)}" for key, entry in value.items())
    return str(value)


def _table(
    title: str,
    header: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    *,
    has_total: bool = False,
) -> None:
    from rich import box  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - slow to import

    table = Table(
        title=title, box=box.SIMPLE, title_justify="left", show_header=any(header), pad_edge=False
    )
    for index, name in enumerate(header):
        table.add_column(name, justify="left" if index == 0 else "right", overflow="fold")
    for index, row in enumerate(rows):
        if has_total and len(rows) > 1 and index == len(rows) - 1:
            table.add_section()
        table.add_row(*row)
    width = None if sys.stdout.isatty() else _PLAIN_WIDTH
    Console(width=width, highlight=False, markup=False).print(table)
