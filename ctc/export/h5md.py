"""H5MD files that stand by themselves: one row a cell, the same in every frame."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ctc.export.selection import Extract
from ctc.record.h5md import PARTICLES, padding, write_root
from ctc.record.layout import CELL_FIELDS, NANOSECONDS, Field
from ctc.record.new_file import new_hdf5

_CHUNK_ROWS = 65536
# One value a cell for the whole file; the rest changes from frame to frame.
_FIXED = "id"


def write_h5md_copy(extract: Extract, path: Path, *, overwrite: bool) -> tuple[Path, ...]:
    """Write the frames of a run as H5MD 1.1, in SI.

    Unlike ``RUN.h5md``, which points into the run, it holds what it shows, and row k is the same
    cell in every frame, so that a trajectory can be followed: ``id`` says which cell. Where a cell
    is not there, real numbers are NaN and integers the largest of their type.

    A `ctc.export.selection.Writer`.
    """
    identities = extract.all_identities()
    with new_hdf5(path, overwrite=overwrite) as file:
        write_root(file)
        _write_origin(file, extract)
        group = file.create_group(PARTICLES)
        box = group.create_group("box")
        box.attrs["dimension"] = 3
        box.attrs["boundary"] = np.array([b"none"] * 3)
        group.create_dataset("id", data=identities)
        changing = [field for field in CELL_FIELDS if field.name != _FIXED]
        columns = {
            field.name: _create_element(
                group, field, n_frames=len(extract.numbers), n_cells=identities.size
            )
            for field in changing
        }
        _write_times(group, extract, changing)
        for index, (_, frame) in enumerate(extract.frames()):
            rows = np.searchsorted(identities, frame.id)
            for name, dataset in columns.items():
                row = np.full(dataset.shape[1:], dataset.fillvalue, dtype=dataset.dtype)
                row[rows] = getattr(frame, name)
                dataset[index] = row
    return (path,)


def _create_element(
    group: h5py.Group, field: Field, *, n_frames: int, n_cells: int
) -> h5py.Dataset:
    dtype = np.dtype(field.dtype)
    tail = (3,) if field.axes else ()
    dataset = group.create_group(field.name).create_dataset(
        "value",
        shape=(n_frames, n_cells, *tail),
        chunks=(1, min(n_cells, _CHUNK_ROWS), *tail),
        dtype=dtype,
        fillvalue=padding(dtype),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
    )
    # Not "unit": MDAnalysis knows no metre and refuses an attribute of that name.
    dataset.attrs["units"] = np.bytes_(field.unit)
    dataset.attrs["meaning"] = np.bytes_(field.meaning)
    return dataset


def _write_times(group: h5py.Group, extract: Extract, fields: list[Field]) -> None:
    first = group[fields[0].name]
    first["step"] = np.array(extract.numbers, dtype=np.int64)
    first["time"] = extract.times / NANOSECONDS
    first["time"].attrs["units"] = np.bytes_("s")
    for field in fields[1:]:
        group[field.name]["step"] = first["step"]
        group[field.name]["time"] = first["time"]


def _write_origin(file: h5py.File, extract: Extract) -> None:
    """Say where the run comes from, and what the codes mean."""
    group = file.create_group("parameters/ctc")
    provenance: dict[str, Any] = dataclasses.asdict(extract.run.provenance)
    for name, value in provenance.items():
        group.attrs[name] = np.uint64(value) if name == "seed" else np.bytes_(value.encode())
    group.attrs["selection"] = np.bytes_(extract.selection.in_words().encode())
    names = [name.encode() for name in extract.run.organ_names]
    kind = h5py.string_dtype("utf-8", max([1, *map(len, names)]))
    group.create_dataset("organ_names", data=np.array(names, dtype=kind))
