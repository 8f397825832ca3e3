"""The H5MD 1.1 view of a run, for molecular viewers: a small file that points into the run file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError
from ctc.record.failure import failure_reason
from ctc.record.files import RunFiles
from ctc.record.frames import VTK_GROUP
from ctc.record.layout import CELL_FIELDS, NANOSECONDS, Field
from ctc.record.reader import open_run
from ctc.record.superblock import is_marked_open
from ctc.record.whole_hdf5 import whole_hdf5
from ctc.resources import program_version

PARTICLES = "particles/ctc"


def write_h5md(path: str | os.PathLike[str]) -> Path | None:
    """Write ``RUN.h5md`` beside a run that has ended.

    Every dataset is virtual: its frames lie in ``RUN.vtkhdf`` of the same folder, so the two are
    moved together. H5MD knows no frames of different size: each is padded to the largest, with
    NaN for real numbers and the largest value for integers. Row k of two frames need not be the
    same cell; ``id`` says which it is.

    Parameters
    ----------
    path : path
        ``RUN.vtkhdf``.

    Returns
    -------
    Path or None
        The new file; None where the run has no frames.

    Raises
    ------
    InputError
        If it is no run file, or still open for writing.
    OutputError
        If the view cannot be written.
    """
    files = RunFiles.of(path)
    with open_run(path) as run:
        if is_marked_open(files.run):
            message = "run must be closed before it gets an H5MD view, got one still open."
            message += " Wait for it, or repair it with 'ctc repair'."
            raise InputError(message, file=str(files.run))
        if run.n_frames == 0:
            return None
        start, count = run.frame_extents
        times = run.frame_times / NANOSECONDS
    fresh = files.h5md.with_name(f".{files.h5md.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with whole_hdf5(fresh) as file:
            write_root(file)
            group = file.create_group(PARTICLES)
            box = group.create_group("box")
            box.attrs["dimension"] = 3
            box.attrs["boundary"] = np.array([b"none"] * 3)
            with h5py.File(files.run, "r") as source:
                for field in CELL_FIELDS:
                    _write_element(group, field, source, start=start, count=count)
            first = group[CELL_FIELDS[0].name]
            first["step"] = np.arange(times.size, dtype=np.int64)
            first["time"] = times
            # The name is "units": MDAnalysis knows no metre and refuses a "unit" of that name.
            first["time"].attrs["units"] = np.bytes_("s")
            for field in CELL_FIELDS[1:]:
                group[field.name]["step"] = first["step"]
                group[field.name]["time"] = first["time"]
        put_in_place(fresh, files.h5md, what="h5md")
    except (OSError, RuntimeError) as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        message = f"{files.h5md}: H5MD view could not be written ({failure_reason(error)})."
        message += " Check folder and space; the run is complete, and 'ctc resume' ends it."
        raise OutputError(message) from error
    return files.h5md


def write_root(file: h5py.File) -> None:
    """Say that a new file is H5MD, and what made it."""
    group = file.create_group("h5md")
    group.attrs["version"] = np.array([1, 1], dtype=np.int64)
    group.create_group("author").attrs["name"] = np.bytes_("unknown")
    creator = group.create_group("creator")
    creator.attrs["name"] = np.bytes_("ctc")
    creator.attrs["version"] = np.bytes_(program_version())


def _write_element(
    group: h5py.Group,
    field: Field,
    source: h5py.File,
    *,
    start: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
) -> None:
    is_position = field.name == "position"
    place = f"/{VTK_GROUP}/Points" if is_position else f"/{VTK_GROUP}/PointData/{field.name}"
    stored = source[place]
    tail = stored.shape[1:]
    shape = (count.size, max(int(count.max()), 1), *tail)
    # By the low-level interface: h5py's own copies the whole list for every frame that it adds.
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_fill_value(np.array(padding(stored.dtype), dtype=stored.dtype))
    # A bare name is looked for beside the file that names it, wherever the two are moved.
    name = Path(source.filename).name.encode()
    rows = h5py.h5s.create_simple(stored.shape)
    frames = h5py.h5s.create_simple(shape)
    rest = (0,) * len(tail)
    for frame in np.flatnonzero(count):
        n_cells = int(count[frame])
        frames.select_hyperslab((int(frame), 0, *rest), (1, n_cells, *tail))
        rows.select_hyperslab((int(start[frame]), *rest), (n_cells, *tail))
        creation.set_virtual(frames, name, place.encode(), rows)
    whole = h5py.h5s.create_simple(shape)
    kind = h5py.h5t.py_create(stored.dtype)
    element = group.create_group(field.name)
    h5py.h5d.create(element.id, b"value", kind, whole, creation)
    element["value"].attrs["units"] = np.bytes_(field.unit)


def padding(dtype: np.dtype[Any]) -> Any:
    """Return what stands where a frame has no cell: NaN, or the largest of the integers."""
    return np.nan if dtype.kind == "f" else np.iinfo(dtype).max
