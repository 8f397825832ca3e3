"""The formats of runs by name and suffix, and the function that writes any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctc.errors import InputError
from ctc.export.csv_tables import tables_beside, write_csv
from ctc.export.gsd import require_gsd, write_gsd
from ctc.export.h5md import write_h5md_copy
from ctc.export.selection import Extract, Selection, Writer
from ctc.export.vtkhdf import write_vtkhdf_copy
from ctc.export.vtp import folder_of, names_in, require_vtk, write_vtp
from ctc.record.files import check_new_file, check_output
from ctc.record.new_file import check_new_folder
from ctc.record.reader import Run


@dataclass(frozen=True)
class Format:
    """What is known of a format.

    Attributes
    ----------
    name : str
        For ``--format``.
    suffixes : tuple of str
        Of its files; the first is the usual one.
    write : Writer
        Writes an extract.
    require : callable or None
        Raises InputError where a package is missing.
    has_tables : bool
        Whether it is of use for a run without frames.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Writer
    require: Callable[[], Any] | None = None
    has_tables: bool = False


FORMATS = (
    Format("gsd", (".gsd",), write_gsd, require_gsd),
    Format("vtp", (".pvd",), write_vtp, require_vtk),
    Format("csv", (".csv", ".csv.gz"), write_csv, has_tables=True),
    Format("h5md", (".h5md", ".h5"), write_h5md_copy),
    Format("vtkhdf", (".vtkhdf",), write_vtkhdf_copy, has_tables=True),
)
NAMES = tuple(each.name for each in FORMATS)


def export_run(
    run: Run,
    path: Path,
    *,
    selection: Selection | None = None,
    format_name: str | None = None,
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write a run, or some of its frames and cells, for another program.

    Everything is checked before anything is written, and what is written appears under its name
    when it is complete. Frames are read one at a time.

    Parameters
    ----------
    run : Run
        Finished, running or killed.
    path : Path
        The file to be; its suffix tells the format.
    selection : Selection, optional
        Everything by default.
    format_name : str, optional
        One of `NAMES`, to be sure; the suffix must be one of its own.
    overwrite : bool
        Replace files that exist.

    Returns
    -------
    tuple of Path
        What was written, the named file first.

    Raises
    ------
    InputError
        If the suffix is unknown, the selection empty, the run without frames, a package missing,
        the output in a missing folder, the run itself, or exists and may not be replaced.
    OutputError
        If it cannot be written.
    """
    path = Path(path)
    chosen = _format(path, format_name)
    _check_targets(chosen, path, run=run, overwrite=overwrite)
    if chosen.require is not None:
        chosen.require()
    if not run.n_frames and not chosen.has_tables:
        message = "run must have frames to be exported so, got none. Export it as CSV, or run the "
        message += "scenario again with a [[record.window]]."
        raise InputError(message, file=str(run.path))
    return chosen.write(Extract(run, selection or Selection()), path, overwrite=overwrite)


def _format(path: Path, name: str | None) -> Format:
    if name is not None and name not in NAMES:
        message = f"format must be one of {', '.join(NAMES)}, got '{name}'."
        raise InputError(message, key="--format")
    for each in FORMATS:
        is_meant = name in (None, each.name)
        if is_meant and any(path.name != s and path.name.endswith(s) for s in each.suffixes):
            return each
    known = ", ".join(
        f"{each.suffixes[0]} ({each.name})" for each in FORMATS if name in (None, each.name)
    )
    message = f"name of the output must end in {known}, got '{path.name}'."
    raise InputError(message + " Correct the name given with -o.", file=str(path))


def _check_targets(chosen: Format, path: Path, *, run: Run, overwrite: bool) -> None:
    check_new_file(path, overwrite=overwrite, source=run.path)
    if chosen.write is write_csv:
        for each in tables_beside(path).values():
            check_new_file(each, overwrite=overwrite)
    elif chosen.write is write_vtp:
        folder = folder_of(path)
        check_new_folder(folder, names_in(folder), overwrite)
    elif chosen.write is write_vtkhdf_copy:
        check_output(path, overwrite)
