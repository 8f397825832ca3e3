"""A vessel network and its flow as one HDF5 file, and as lines for VTK and ParaView.

A network file (HDF5, ``libver="v110"``; attributes ``format = "ctc-network"``,
``format_version = [1, 0]``, ``units = "SI"``, ``network_hash``) holds the group ``/vessels`` of run
files, so a network can be read back from either.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError, OutputError
from ctc.flow.field import FlowField
from ctc.record.chunks import store_array
from ctc.record.failure import failure_reason
from ctc.record.files import check_new_file
from ctc.record.header import check_format, write_format
from ctc.record.layout import FORMAT_NAME, Compression
from ctc.record.layout import FORMAT_VERSION as RUN_VERSION
from ctc.record.opening import DAMAGE, LIBRARY_VERSION, open_file
from ctc.record.vessels import has_flow, read_flow, read_network, vessels_hash, write_vessels
from ctc.vessels.network import VesselNetwork

FORMAT = "ctc-network"
FORMAT_VERSION = (1, 0)


def save_network(
    path: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    overwrite: bool = False,
    compression: Compression = Compression.GZIP,
) -> None:
    """Write a network, and its flow if there is one, to an HDF5 file.

    Parameters
    ----------
    path : Path
        Appears only when complete.
    network : VesselNetwork
        Written without loss: `load_network` gives the same hash.
    flow : FlowField, optional
        Of that network.
    overwrite : bool
        Replace a file that exists.
    compression : Compression
        How arrays are packed.

    Raises
    ------
    InputError
        As `ctc.record.files.check_new_file`.
    OutputError
        If it cannot be written.
    """
    with _new_file(path, overwrite) as file:
        write_format(file, name=FORMAT, version=FORMAT_VERSION)
        file.attrs["units"] = np.bytes_("SI")
        file.attrs["network_hash"] = np.bytes_(vessels_hash(network, flow))
        write_vessels(file, network, flow=flow, compression=compression)


def load_network(path: Path) -> tuple[VesselNetwork, FlowField | None]:
    """Read a network, and its flow if stored, from a network file or a run file.

    Raises
    ------
    InputError
        If the file is missing, no HDF5 file, of a newer format, or lacks or damages a field.
    """
    path = Path(path)
    if not path.is_file():
        message = f"network file must exist, got '{path}'. Check the path."
        raise InputError(message, file=str(path))
    try:
        with open_file(path) as file:
            is_run = file.attrs.get("format", b"") == FORMAT_NAME.encode()
            name, version = (FORMAT_NAME, RUN_VERSION) if is_run else (FORMAT, FORMAT_VERSION)
            check_format(file, path, name=name, version=version)
            network = read_network(file)
            flow = read_flow(file) if has_flow(file) else None
            if file.attrs["network_hash"] != vessels_hash(network, flow).encode():
                message = "network must have the hash stored with it, got another: it is damaged."
                raise InputError(message + " Make it again.", file=str(path))
            return network, flow
    except InputError as error:
        raise error.at(file=str(path)) from None
    except DAMAGE as error:
        message = f"file must be a complete HDF5 file of a vessel network ({error})."
        raise InputError(message + " Make it again.", file=str(path)) from None


def write_vtk(
    path: Path, network: VesselNetwork, *, flow: FlowField | None = None, overwrite: bool = False
) -> None:
    """Write a network as lines in VTKHDF form, which VTK, ParaView and PyVista open.

    Cell data: lumen_radius, length, volume, kind, organ, region, and with a flow flow_rate and
    mean_speed (flow_rate length / volume); point data with a flow: pressure. SI.

    Parameters
    ----------
    path : Path
        Should end in ``.vtkhdf``.
    network : VesselNetwork
        One line a segment.
    flow : FlowField, optional
        Of that network.
    overwrite : bool
        Replace a file that exists.

    Raises
    ------
    InputError
        As `ctc.record.files.check_new_file`.
    OutputError
        If it cannot be written.
    """
    with _new_file(path, overwrite) as file:
        root = file.create_group("VTKHDF")
        root.attrs["Version"] = np.array([2, 0], dtype=np.int64)
        root.attrs.create("Type", b"PolyData", dtype=h5py.string_dtype("ascii", len(b"PolyData")))
        root.create_dataset("NumberOfPoints", data=np.array([network.n_nodes], dtype=np.int64))
        _store(root, "Points", network.node_position)
        lines = np.column_stack([network.start_node, network.end_node]).astype(np.int64)
        for name in ("Vertices", "Lines", "Polygons", "Strips"):
            n_cells = network.n_segments if name == "Lines" else 0
            cells = root.create_group(name)
            cells.create_dataset("NumberOfCells", data=np.array([n_cells], dtype=np.int64))
            cells.create_dataset(
                "NumberOfConnectivityIds", data=np.array([2 * n_cells], dtype=np.int64)
            )
            _store(cells, "Offsets", 2 * np.arange(n_cells + 1, dtype=np.int64))
            _store(cells, "Connectivity", lines[:n_cells].reshape(-1))
        cell_data = root.create_group("CellData")
        for name in ("lumen_radius", "length", "volume", "kind", "organ", "region"):
            _store(cell_data, name, getattr(network, name))
        if flow is not None:
            speed = flow.flow_rate * network.length / network.volume
            _store(cell_data, "flow_rate", flow.flow_rate)
            _store(cell_data, "mean_speed", speed)
            _store(root.create_group("PointData"), "pressure", flow.pressure)


def _store(group: h5py.Group, name: str, array: npt.NDArray[Any]) -> None:
    store_array(group, name, array, compression=Compression.GZIP)


@contextlib.contextmanager
def _new_file(path: Path, overwrite: bool) -> Iterator[h5py.File]:
    """Open a file under a temporary name and rename it when all is written."""
    path = Path(path)
    check_new_file(path, overwrite=overwrite)
    partial = path.with_name(f".{path.name}.new")
    try:
        with h5py.File(partial, "w", libver=LIBRARY_VERSION) as file:
            yield file
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # HDF5 reports a full disk as either
        message = f"{path}: file could not be written ({failure_reason(error)})."
        message += " Check folder and space."
        raise OutputError(message) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
