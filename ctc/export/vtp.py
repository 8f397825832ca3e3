"""A series of VTP files with its index (PVD), which ParaView and VTK open, and the vessels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from ctc.errors import OutputError
from ctc.export.selection import Extract
from ctc.formats.extras import load_package
from ctc.formats.polydata import complaints, to_vtk, write_polydata
from ctc.record.layout import CELL_FIELDS, NANOSECONDS
from ctc.record.new_file import new_file, new_folder
from ctc.record.reader import Frame

VESSELS = "vessels.vtp"
_FRAME = re.compile(r"cells_\d{6,}\.vtp")


def require_vtk() -> Any:
    """Return the package; InputError if it is not installed."""
    return load_package("vtk", needed_by="VTP files")


def folder_of(index: Path) -> Path:
    """Return the folder that the files of an index lie in: ``run.pvd`` has ``run``."""
    return index.with_suffix("")


def names_in(folder: Path) -> tuple[str, ...]:
    """Return those files of a folder that an export may have written, and may replace."""
    there = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    return (VESSELS, *(name for name in there if _FRAME.fullmatch(name)))


def write_vtp(extract: Extract, path: Path, *, overwrite: bool) -> tuple[Path, ...]:
    """Write the frames of a run as poly data, one file each, with every column, in SI.

    ``run.pvd`` is the index with the time of each frame in seconds; its files lie in the folder
    ``run``, beside ``vessels.vtp``, which holds the network with its flow and is no part of the
    series. The index appears last.

    A `ctc.export.selection.Writer`.
    """
    vtk = require_vtk()
    folder = folder_of(path)
    names = {number: f"cells_{number:06d}.vtp" for number in extract.numbers}
    with new_file(path, overwrite=overwrite) as index:
        with new_folder(folder, names=names_in(folder), overwrite=overwrite) as partial:
            for number, frame in extract.frames():
                _write_frame(vtk, frame, partial / names[number])
            run = extract.run
            write_polydata(partial / VESSELS, run.network(), flow=run.flow())
        entries = [
            f'    <DataSet timestep="{time / NANOSECONDS!r}" part="0" '
            f"file={quoteattr(f'{folder.name}/{names[number]}')}/>"
            for number, time in zip(extract.numbers, extract.times.tolist(), strict=True)
        ]
        text = "\n".join(
            [
                '<?xml version="1.0" encoding="utf-8"?>',
                '<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">',
                "  <Collection>",
                *entries,
                "  </Collection>",
                "</VTKFile>\n",
            ]
        )
        index.write_text(text, encoding="utf-8")
    return (path, folder)


def _write_frame(vtk: Any, frame: Frame, path: Path) -> None:
    data = vtk.vtkPolyData()
    points = vtk.vtkPoints()
    points.SetData(to_vtk(frame.position, "position"))
    data.SetPoints(points)
    vertices = vtk.vtkCellArray()
    numbers = np.arange(frame.id.size + 1, dtype=np.int64)
    vertices.SetData(to_vtk(numbers, ""), to_vtk(numbers[:-1], ""))
    data.SetVerts(vertices)
    for field in CELL_FIELDS:
        if field.name != "position":
            data.GetPointData().AddArray(to_vtk(getattr(frame, field.name), field.name))
    data.GetFieldData().AddArray(to_vtk(np.array([frame.time / NANOSECONDS]), "TimeValue"))
    writer = vtk.vtkXMLPolyDataWriter()
    writer.SetDataModeToAppended()
    writer.EncodeAppendedDataOff()
    writer.SetHeaderTypeToUInt64()
    writer.SetCompressionLevel(1)
    writer.SetInputData(data)
    writer.SetFileName(str(path))
    with complaints(vtk) as said:
        if not writer.Write() or said():
            message = f"{path}: file could not be written ({said() or 'VTK does not say why'})."
            raise OutputError(message + " Check folder and space.")
