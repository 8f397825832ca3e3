"""What a sweep came to: its table, the same as text, the page, and a summary; no formulas."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ctc.backends.source import kernel_hash
from ctc.cohort.figures import arm_figures
from ctc.cohort.folder import CSV_NAME, REPORT_NAME, SweepFolder
from ctc.cohort.outcomes import table_columns
from ctc.cohort.plan import Plan
from ctc.cohort.sensitivity import sensitivity_columns, sobol_indices
from ctc.cohort.table import SweepTable, open_table
from ctc.record.new_file import new_file
from ctc.record.provenance import collect_provenance
from ctc.record.sweep_files import TableColumn, write_table
from ctc.report.trial import write_trial_report
from ctc.summary import SweepSummary

_SENSITIVITY = "sensitivity"


def write_results(
    plan: Plan, folder: SweepFolder, *, rate: float | None, device: str
) -> SweepSummary:
    """Write table, CSV and page of a sweep of which every patient is done.

    Parameters
    ----------
    plan : Plan
        Of the sweep.
    folder : SweepFolder
        With all blocks.
    rate : float, optional
        Patients that were followed an hour.
    device : str
        On which, in words.
    """
    columns = table_columns(plan, folder.rows(plan))
    settings = plan.settings
    origin = collect_provenance(
        device=device, kernel_hash=kernel_hash(), network_hash="", seed=settings.seed
    )
    attributes = {
        "title": settings.title,
        "question": settings.question,
        "design": settings.design,
        "seed": str(settings.seed),
        "patients": str(plan.n_patients),
        "plan": plan.identity(),
        "version": origin.version,
        "commit": origin.commit,
        "python": origin.python,
        "platform": origin.platform,
        "device": origin.device,
        "kernel_hash": origin.kernel_hash,
        "finished": origin.started,
    }
    texts = {"sweep": plan.sweep.text, "plan": plan.as_json()}
    further: dict[str, Sequence[TableColumn]] = {}
    if settings.design == "sobol":
        found = sobol_indices(
            SweepTable(folder.table, columns, attributes, texts), settings.outcomes
        )
        further[_SENSITIVITY] = sensitivity_columns(found)
    write_table(folder.table, columns, attributes=attributes, texts=texts, further=further)
    table = open_table(folder.table)
    _write_csv(table, folder.path / CSV_NAME)
    write_trial_report(table, folder.path / REPORT_NAME, overwrite=True)
    return summarise(table, folder, rate=rate)


def report_sweep(path: Path, output: Path | None = None, *, overwrite: bool = False) -> Path:
    """Write the page of a finished sweep anew and return where it is.

    Parameters
    ----------
    path : Path
        Its folder, or its table.
    output : Path, optional
        The page; ``report.html`` beside the table by default.
    overwrite : bool
        Whether an older one may go.

    Raises
    ------
    InputError
        If there is no whole table, or the page may not be written there.
    """
    table = open_table(path)
    target = output or table.path.with_name(REPORT_NAME)
    write_trial_report(table, target, overwrite=overwrite)
    return target


def summarise(table: SweepTable, folder: SweepFolder, *, rate: float | None) -> SweepSummary:
    """Return what the table of a sweep says, arm by arm."""
    files = (table.path, folder.path / CSV_NAME, folder.path / REPORT_NAME)
    return SweepSummary(
        title=table.attributes.get("title", ""),
        status="finished",
        digest=table.digest,
        n_members=table.n_rows,
        n_done=table.n_rows,
        arms=arm_figures(table),
        sensitivity=_sensitivity(table),
        patients_per_hour=rate,
        files=tuple(path for path in files if path.is_file()),
    )


def _sensitivity(table: SweepTable) -> tuple[dict[str, Any], ...]:
    columns = table.further.get(_SENSITIVITY, ())
    rows = []
    for number in range(columns[0].values.size if columns else 0):
        row: dict[str, Any] = {}
        for column in columns:
            value = column.values[number]
            is_missing = column.values.dtype.kind == "f" and not np.isfinite(value)
            plain = None if is_missing else value.item()
            row[column.name] = column.labels[int(value)] if column.labels else plain
        rows.append(row)
    return tuple(rows)


def _write_csv(table: SweepTable, path: Path) -> None:
    """Write the table as text: units in the headings, words for codes, nothing for NaN."""
    columns = []
    for column in table.columns:
        values = column.values.tolist()
        if column.labels:
            values = [column.labels[int(value)] for value in values]
        columns.append(["" if value != value else value for value in values])  # noqa: PLR0124
    units = [f" [{column.unit}]" if column.unit else "" for column in table.columns]
    names = [column.name + unit for column, unit in zip(table.columns, units, strict=True)]
    with (
        new_file(path, overwrite=True) as partial,
        partial.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))
