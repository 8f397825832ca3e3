"""The group ``/vessels`` of run files and network files: a network and its flow."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of
from ctc.flow.field import FlowField
from ctc.record.chunks import load_text, load_texts, store_array, store_text
from ctc.record.header import exercise_of_run
from ctc.record.layout import Compression
from ctc.record.unpacking import read_rows
from ctc.vessels.network import ARRAY_FIELDS, Repair, VesselNetwork

VESSEL_GROUP = "vessels"
_NAME_FIELDS = ("organ_names", "region_names", "vessel_names")
_FLOW_GROUP = "flow"
_EXERCISE = "exercise"
_UNITS = {
    "node_position": "m",
    "lumen_radius": "m",
    "length": "m",
    "volume": "m^3",
    "pressure": "Pa",
    "flow_rate": "m^3/s",
    "transit_time": "s",
    "apparent_viscosity": "Pa s",
    "wall_shear_stress": "Pa",
}


def write_vessels(
    file: h5py.File, network: VesselNetwork, *, flow: FlowField | None, compression: Compression
) -> None:
    """Store a network, and its flow if it has one, as ``/vessels`` of a new file.

    Parameters
    ----------
    file : h5py.File
        Without ``/vessels``.
    network : VesselNetwork
        Arrays under the names of its fields.
    flow : FlowField or None
        Below ``/vessels/flow``, under the names of its fields.
    compression : Compression
        How the arrays are packed.
    """
    group = file.create_group(VESSEL_GROUP)
    for name in ARRAY_FIELDS:
        _store(group, name, getattr(network, name), compression)
    for name in _NAME_FIELDS:
        store_text(group, name, getattr(network, name))
    store_text(group, "origin", network.origin)
    repairs = [dataclasses.asdict(repair) for repair in network.repairs]
    store_text(group, "repairs", json.dumps(repairs))
    if flow is None:
        return
    flow_group = group.create_group(_FLOW_GROUP)
    for field in dataclasses.fields(flow):
        value = getattr(flow, field.name)
        if isinstance(value, np.ndarray):
            _store(flow_group, field.name, value, compression)
        else:
            flow_group.attrs[field.name] = value


def read_network(file: h5py.File) -> VesselNetwork:
    """Return the network of a file."""
    group = file[VESSEL_GROUP]
    values: dict[str, Any] = {name: read_rows(group[name]) for name in ARRAY_FIELDS}
    for name in _NAME_FIELDS:
        values[name] = load_texts(group, name)
    repairs = json.loads(load_text(group, "repairs"))
    values["repairs"] = tuple(Repair(**repair) for repair in repairs)
    return VesselNetwork(origin=load_text(group, "origin"), **values)


def vessels_hash(network: VesselNetwork, flow: FlowField | None) -> str:
    """Return the SHA-256 of a network with its flow: ``network_hash`` of files and summaries."""
    if flow is None:
        return network.hash()
    name = np.frombuffer(network.hash().encode(), dtype=np.uint8)
    return digest_of(
        [
            ("network", name),
            ("flow", flow.flow_rate),
            ("transit", flow.transit_time),
            ("discharge_haematocrit", flow.discharge_haematocrit),
            ("tube_haematocrit", flow.tube_haematocrit),
            ("wall_shear_stress", flow.wall_shear_stress),
        ]
    )


def has_flow(file: h5py.File) -> bool:
    """Return whether a flow is stored with the network of a file."""
    return _FLOW_GROUP in file[VESSEL_GROUP]


def read_flow(file: h5py.File) -> FlowField:
    """Return the flow of a file's network.

    A file that does not say at which cardiac output it is holds one at rest, or that of its run.
    """
    group = file[VESSEL_GROUP][_FLOW_GROUP]
    values = {
        field.name: (
            read_rows(group[field.name]) if field.name in group else group.attrs[field.name]
        )
        for field in dataclasses.fields(FlowField)
        if field.name != _EXERCISE
    }
    values[_EXERCISE] = group.attrs.get(_EXERCISE, exercise_of_run(file))
    return FlowField(**{k: _plain(v) for k, v in values.items()})


def _store(group: h5py.Group, name: str, array: npt.NDArray[Any], compression: Compression) -> None:
    dataset = store_array(group, name, array, compression=compression)
    if name in _UNITS:
        dataset.attrs["units"] = _UNITS[name]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
