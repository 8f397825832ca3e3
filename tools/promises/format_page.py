"""The page of file formats, ``ctc/FORMAT.md``, made from `ctc.record.stored`."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path

from ctc import states
from ctc.cohort.outcomes import outcome_meanings
from ctc.record.layout import CHECKPOINT_VERSION, FORMAT_VERSION, RunStatus
from ctc.record.network_file import FORMAT_VERSION as NETWORK_VERSION
from ctc.record.stored import (
    Stored,
    stored_in_block,
    stored_in_h5md,
    stored_in_network,
    stored_in_run,
    stored_in_sweep,
)
from ctc.record.stored_checkpoint import stored_in_checkpoint
from ctc.record.sweep_files import VERSION as SWEEP_VERSION
from ctc.vessels.network import SegmentKind

_HERE = Path(__file__).resolve().parent


def format_page() -> str:
    """Return the page."""
    versions = {
        "run": FORMAT_VERSION,
        "checkpoint": CHECKPOINT_VERSION,
        "network": NETWORK_VERSION,
        "sweep": SWEEP_VERSION,
    }
    texts = {name: ".".join(map(str, version)) for name, version in versions.items()}
    parts = [_text("format_page").format(**texts)]
    for title, about, rows in (
        ("Run", _text("run_file"), stored_in_run()),
        ("Checkpoint", "`RUN.checkpoint.h5`", stored_in_checkpoint()),
        ("Vessels", "`NET.h5`; `/near_organs` where tables said so", stored_in_network()),
        ("H5MD", "`RUN.h5md`; data lie in `RUN.vtkhdf`", stored_in_h5md()),
        ("Sweep", "`sweep.h5`", stored_in_sweep()),
        ("Block of a sweep", "`blocks/armA-patientsFIRST-LAST.h5`", stored_in_block()),
    ):
        parts.append(f"## {title}\n\n{about}\n\n{_table(rows)}")
    parts.append("## Columns of a sweep\n\n" + _columns())
    parts.append("## Codes\n\n" + _codes())
    return "\n".join(parts)


def _text(name: str) -> str:
    return (_HERE / f"{name}.md").read_text(encoding="utf-8").rstrip("\n") + "\n"


def _table(rows: Iterable[Stored]) -> str:
    lines = [
        "| place | dtype | shape | unit | meaning | since | absent |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "/tail/" in row.place:  # told once, above the table
            continue
        cells = (
            *(f"`{row.place}`", row.dtype, row.shape or "-", row.unit or "-"),
            *(row.meaning, row.since, row.absent),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _columns() -> str:
    lines = ["| column | unit | meaning |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {unit or '-'} | {meaning} |"
        for name, (unit, meaning) in outcome_meanings().items()
    ]
    return "\n".join(lines) + "\n"


def _codes() -> str:
    kinds: list[type[enum.IntEnum]] = [
        value
        for value in vars(states).values()
        if isinstance(value, type) and issubclass(value, enum.IntEnum) and value is not enum.IntEnum
    ]
    lines = ["| code | numbers |", "|---|---|"]
    kinds += [SegmentKind, RunStatus]
    for kind in kinds:
        numbers = ", ".join(f"{int(code)} {code.name.lower()}" for code in kind)
        lines.append(f"| `{kind.__name__}` | {numbers} |")
    return "\n".join(lines) + "\n"
