"""Thinned copies of a run that are runs: smaller files for a picture, a viewer or a colleague."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np

from ctc.export.selection import Extract
from ctc.record.files import check_output
from ctc.record.header import write_end
from ctc.record.layout import (
    CELL_FIELDS,
    FORMAT_VERSION,
    LOGS,
    SELECTION_ATTRIBUTE,
    SERIES_FIELDS,
    Compression,
    RunStatus,
)
from ctc.record.new_file import new_file
from ctc.record.reader import Run
from ctc.record.series import SERIES_GROUP
from ctc.record.sums import forget_sums
from ctc.record.writer import RunWriter


def write_vtkhdf_copy(extract: Extract, path: Path, *, overwrite: bool) -> tuple[Path, ...]:
    """Write the selected frames and cells as a run file, whole in everything else.

    Vessels, flow, series, tallies, lesions, clinic, scenario and origin are those of the run;
    events are those of the cells of a thinned export. The attribute ``selection`` of the file says
    what was selected. The copy of a run that has not finished is a stopped run, and has no
    checkpoint.

    A `ctc.export.selection.Writer`.
    """
    run = extract.run
    files = check_output(path, overwrite)
    with new_file(path, overwrite=overwrite) as partial:
        # A run is written with a lock and more beside it: a folder keeps all that together, and
        # goes as a whole, at once or before the next export where this process is killed.
        partial.mkdir()
        try:
            copy = partial / "copy.vtkhdf"
            _write(extract, copy)
            _finish(run, copy, extract.selection.in_words())
            check_output(path, overwrite)
            whole = copy.rename(partial.with_name(f"{partial.name}.whole"))
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        whole.rename(partial)
        for old in files.derived:
            old.unlink(missing_ok=True)
    return (path,)


def _write(extract: Extract, partial: Path) -> None:
    run = extract.run
    tallies = run.tallies()
    widest = max([0, *(extract.identities(number).size for number in extract.numbers)])
    writer = RunWriter.create(
        partial,
        header=run.header,
        network=run.network(),
        flow=run.flow(),
        n_tracked=widest,
        tallies=tuple(tallies),
        compression=Compression.GZIP,
    )
    with writer:
        for _, frame in extract.frames():
            writer.write_frame(
                frame.time, {field.name: getattr(frame, field.name) for field in CELL_FIELDS}
            )
        for events in extract.events():
            writer.append_rows("events", events)
        for log, rows in (
            ("lesions", run.lesion_history()),
            ("litters", run.litters()),
            ("examinations", run.examinations()),
            ("findings", run.findings()),
            ("treatments", run.treatments()),
            ("milestones", run.milestones()),
            ("effects", run.effects()),
        ):
            writer.append_rows(log, rows)
        series = run.series()
        nothing = {"vessel_passages": np.zeros(len(run.vessel_names), dtype="<u8")}
        for epoch in range(run.n_epochs):
            row = nothing | {name: values[epoch] for name, values in series.items()}
            writer.append_epoch(row, tallies=tallies)
        is_finished = run.status == RunStatus.FINISHED.name.lower()
        status = RunStatus.FINISHED if is_finished else RunStatus.STOPPED
        writer.close(digest=run.end.digest, status=status)


def _finish(run: Run, partial: Path, selection: str) -> None:
    end = run.end
    with h5py.File(partial, "r+") as file:
        file.attrs[SELECTION_ATTRIBUTE] = np.bytes_(selection.encode())
        # The date is that of the run; the digest of the frames is that of the frames in the copy.
        record_digest = bytes(file["status"].attrs["record_digest"]).decode()
        _forget(file, run)
        write_end(file, digest=end.digest, record_digest=record_digest, finished=end.finished)


def _forget(file: h5py.File, run: Run) -> None:
    """Make the copy of an older run one of its format: what that lacks is no zero in the copy."""
    if run.format_version == FORMAT_VERSION:
        return
    file.attrs.modify("format_version", np.array(run.format_version, dtype=np.int64))
    for group, fields in {SERIES_GROUP: SERIES_FIELDS, **LOGS}.items():
        lacking = [field.name for field in fields if not run.has_column(group, field.name)]
        if len(lacking) == len(fields):
            del file[group]
            continue
        for place in (file[group], file[group].get("tail", {})):
            for name in lacking:
                if name in place:
                    del place[name]
    forget_sums(file)
