"""Networks as lines in VTKHDF, the HDF5 form of VTK: written and read without VTK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats.columns import HEADER, to_columns, with_speed
from ctc.formats.length_unit import METRE, MILLIMETRE, LengthUnit
from ctc.formats.lines import Lines, header_array, header_text, network_of_lines
from ctc.formats.source_graph import ReadOptions
from ctc.record.chunks import store_array
from ctc.record.contents import check_contents
from ctc.record.failure import DAMAGE, failure_reason
from ctc.record.layout import Compression
from ctc.record.new_file import new_hdf5
from ctc.record.unpacking import read_rows
from ctc.vessels.network import VesselNetwork

_CELLS = ("Vertices", "Lines", "Polygons", "Strips")


def write_vtkhdf(
    path: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    unit: LengthUnit = METRE,
    overwrite: bool = False,
) -> None:
    """Write a network as lines in VTKHDF form, which VTK, ParaView and PyVista open.

    Cell data: every array of a segment, and with a flow those of the flow and ``mean_speed``
    (flow_rate length / volume); point data with a flow: pressure. SI.

    Parameters
    ----------
    path : Path
        Should end in ``.vtkhdf``.
    network : VesselNetwork
        One line a segment.
    flow : FlowField, optional
        Of that network.
    unit : LengthUnit
        Of coordinates, radii and lengths.
    overwrite : bool
        Replace a file that exists.

    Raises
    ------
    InputError
        As `ctc.record.files.check_new_file`.
    OutputError
        If it cannot be written.
    """
    columns = to_columns(network, flow, unit=unit)
    with new_hdf5(path, overwrite=overwrite) as file:
        root = file.create_group("VTKHDF")
        root.attrs["Version"] = np.array([2, 0], dtype=np.int64)
        root.attrs.create("Type", b"PolyData", dtype=h5py.string_dtype("ascii", len(b"PolyData")))
        root.create_dataset("NumberOfPoints", data=np.array([network.n_nodes], dtype=np.int64))
        _store(root, "Points", columns.position)
        for name in _CELLS:
            n_cells = network.n_segments if name == "Lines" else 0
            cells = root.create_group(name)
            cells.create_dataset("NumberOfCells", data=np.array([n_cells], dtype=np.int64))
            cells.create_dataset(
                "NumberOfConnectivityIds", data=np.array([2 * n_cells], dtype=np.int64)
            )
            _store(cells, "Offsets", 2 * np.arange(n_cells + 1, dtype=np.int64))
            _store(cells, "Connectivity", columns.ends[:n_cells].reshape(-1))
        cell_data = root.create_group("CellData")
        for name, array in with_speed(columns.segments, network, flow).items():
            _store(cell_data, name, array)
        if flow is not None:
            point_data = root.create_group("PointData")
            for name, array in columns.nodes.items():
                _store(point_data, name, array)
        _store(root.create_group("FieldData"), HEADER, header_array(columns.header))


def read_vtkhdf(path: Path, options: ReadOptions) -> tuple[VesselNetwork, FlowField | None]:
    """Read the lines of a VTKHDF file of poly data.

    Raises
    ------
    InputError
        If it is no such file, holds several times, or as `ctc.formats.lines.network_of_lines`.
    """
    try:
        # Not as our own files are opened: VTK writes older HDF5 than those.
        with h5py.File(path, "r") as file:
            check_contents(file, is_own=False)
            if "VTKHDF" not in file:
                message = "file must hold a group 'VTKHDF', got none. Check that it is VTKHDF."
                raise InputError(message, file=str(path))
            lines = _read_lines(file["VTKHDF"], path)
    except InputError as error:
        raise error.at(file=str(path)) from None
    except (*DAMAGE, MemoryError) as error:
        reason = failure_reason(error) if isinstance(error, OSError) else error
        message = f"file must be a complete VTKHDF file of lines ({reason})."
        raise InputError(message + " Make it again.", file=str(path)) from None
    return network_of_lines(lines, path, options, format_name="VTKHDF", default_unit=MILLIMETRE)


def _read_lines(root: h5py.Group, path: Path) -> Lines:
    kind = root.attrs.get("Type", b"")
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    if kind != "PolyData":
        message = f"file must be of type PolyData, got '{kind}'. Export lines."
        raise InputError(message, file=str(path))
    if "Steps" in root:
        message = "file must hold one time, got several. Export one of them. (The vessels of a "
        raise InputError(message + "run lie beside it in RUN.vessels.vtkhdf.)", file=str(path))
    cells = {name: root[name] for name in _CELLS if name in root}
    n_others = sum(int(np.sum(read_rows(each["NumberOfCells"]))) for each in cells.values())
    lines = cells["Lines"]
    n_cells = read_rows(lines["NumberOfCells"]).astype(np.int64)
    if n_others != int(n_cells.sum()):
        message = f"file must hold lines alone, got {n_others - int(n_cells.sum())} other cells."
        raise InputError(message + " Export the centrelines.", file=str(path))
    points_each = read_rows(root["NumberOfPoints"]).astype(np.int64)
    ids_each = read_rows(lines["NumberOfConnectivityIds"]).astype(np.int64)
    raw_offsets = read_rows(lines["Offsets"]).astype(np.int64)
    connectivity = read_rows(lines["Connectivity"])[: int(ids_each.sum())].astype(np.int64)
    # Each piece of the file counts its points and entries from 0.
    first_point = np.repeat(np.cumsum(points_each) - points_each, ids_each)
    starts = np.cumsum(ids_each) - ids_each
    offsets = [np.zeros(1, dtype=np.int64)]
    at = 0
    for piece, count in enumerate(n_cells.tolist()):
        offsets.append(raw_offsets[at + 1 : at + 1 + count] + starts[piece])
        at += count + 1
    header = ""
    if "FieldData" in root and HEADER in root["FieldData"]:
        header = header_text(read_rows(root["FieldData"][HEADER]))
    return Lines(
        points=read_rows(root["Points"])[: int(points_each.sum())].astype(np.float64),
        connectivity=connectivity + first_point,
        offsets=np.concatenate(offsets),
        point_arrays=_arrays(root, "PointData", int(points_each.sum())),
        line_arrays=_arrays(root, "CellData", int(n_cells.sum())),
        header=header,
    )


def _arrays(root: h5py.Group, group: str, count: int) -> dict[str, npt.NDArray[Any]]:
    if group not in root:
        return {}
    arrays = {name: root[group][name] for name in root[group]}
    found = {name: read_rows(each) for name, each in arrays.items() if each.dtype.kind in "fiu"}
    for name, array in found.items():
        if array.shape[:1] != (count,):
            message = f"array '{name}' must have {count} rows, got shape {array.shape}."
            raise InputError(message + " The file is damaged.")
    return found


def _store(group: h5py.Group, name: str, array: npt.NDArray[Any]) -> None:
    store_array(group, name, array, compression=Compression.GZIP)
