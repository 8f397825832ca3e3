"""A vessel network and its flow as one HDF5 file.

A network file (HDF5, ``libver="v110"``; attributes ``format = "ctc-network"``,
``format_version = [1, 1]``, ``units = "SI"``, ``network_hash``) holds the group ``/vessels`` of run
files, so a network can be read back from either. The group ``/near_organs`` is there where tables
said which nodes lie beside an organ. 1.1 added the attribute ``exercise`` of the flow, 1 where it
is missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import h5py
import numpy as np

from ctc.checks import IntArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.record.failure import DAMAGE
from ctc.record.header import check_format, write_format
from ctc.record.layout import FORMAT_NAME, Compression
from ctc.record.layout import FORMAT_VERSION as RUN_VERSION
from ctc.record.near_organs import read_near_organs, write_near_organs
from ctc.record.new_file import new_hdf5
from ctc.record.opening import open_file
from ctc.record.vessels import (
    VESSEL_GROUP,
    has_flow,
    read_flow,
    read_network,
    vessels_hash,
    write_vessels,
)
from ctc.vessels.network import VesselNetwork

FORMAT = "ctc-network"
FORMAT_VERSION = (1, 1)


def save_network(
    path: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    overwrite: bool = False,
    compression: Compression = Compression.GZIP,
    near_organs: Mapping[str, IntArray] | None = None,
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
    near_organs : mapping of str to (n,) int32, optional
        Nodes that lie beside an organ, by its name.

    Raises
    ------
    InputError
        As `ctc.record.files.check_new_file`.
    OutputError
        If it cannot be written.
    """
    with new_hdf5(path, overwrite=overwrite) as file:
        write_format(file, name=FORMAT, version=FORMAT_VERSION)
        file.attrs["units"] = np.bytes_("SI")
        file.attrs["network_hash"] = np.bytes_(vessels_hash(network, flow))
        write_vessels(file, network, flow=flow, compression=compression)
        if near_organs:
            write_near_organs(file, near_organs)


def load_network(path: Path) -> tuple[VesselNetwork, FlowField | None]:
    """Read a network, and its flow if stored, from a network file or a run file.

    Raises
    ------
    InputError
        If the file is missing, no HDF5 file, of a newer format, or lacks or damages a field.
    """
    with _open_network(path) as file:
        network = read_network(file)
        flow = read_flow(file) if has_flow(file) else None
        if file.attrs["network_hash"] != vessels_hash(network, flow).encode():
            message = "network must have the hash stored with it, got another: it is damaged."
            raise InputError(message + " Make it again.", file=str(path))
        return network, flow


def load_near_organs(path: Path) -> dict[str, IntArray]:
    """Read which nodes of a stored network lie beside an organ; none where no table said so.

    Raises
    ------
    InputError
        As `load_network`.
    """
    with _open_network(path) as file:
        n_nodes = int(file[VESSEL_GROUP]["node_position"].shape[0])
        return read_near_organs(file, n_nodes)


@contextlib.contextmanager
def _open_network(path: Path) -> Iterator[h5py.File]:
    """Open a network file or a run file; what is wrong with it inside the block is told."""
    path = Path(path)
    if path.is_dir():
        message = "network must be a file, got a folder. Check the path; folders are imported."
        raise InputError(message, file=str(path))
    if not path.is_file():
        message = f"network file must exist, got '{path}'. Check the path."
        raise InputError(message, file=str(path))
    try:
        with open_file(path) as file:
            is_run = file.attrs.get("format", b"") == FORMAT_NAME.encode()
            name, version = (FORMAT_NAME, RUN_VERSION) if is_run else (FORMAT, FORMAT_VERSION)
            check_format(file, path, name=name, version=version)
            yield file
    except InputError as error:
        raise error.at(file=str(path)) from None
    except DAMAGE as error:
        message = f"file must be a complete HDF5 file of a vessel network ({error})."
        raise InputError(message + " Make it again.", file=str(path)) from None
