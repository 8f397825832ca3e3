"""The vessel network and its flow inside a run file."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import h5py
import numpy as np

from ctc.flow.field import FlowField
from ctc.record.chunks import store_array
from ctc.record.layout import Compression
from ctc.vessels.network import ARRAY_FIELDS, Repair, VesselNetwork

VESSEL_GROUP = "vessels"
_NAME_FIELDS = ("organ_names", "region_names", "vessel_names")
_FLOW_GROUP = "flow"


def write_vessels(
    file: h5py.File, network: VesselNetwork, *, flow: FlowField, compression: Compression
) -> None:
    """Store a network and its flow as ``/vessels`` of a new run file.

    Parameters
    ----------
    file : h5py.File
        Without ``/vessels``.
    network : VesselNetwork
        Arrays under the names of its fields.
    flow : FlowField
        Below ``/vessels/flow``, under the names of its fields.
    compression : Compression
        How the arrays are packed.
    """
    group = file.create_group(VESSEL_GROUP)
    for name in ARRAY_FIELDS:
        store_array(group, name, getattr(network, name), compression=compression)
    for name in _NAME_FIELDS:
        group.create_dataset(name, data=list(getattr(network, name)), dtype=h5py.string_dtype())
    group.create_dataset("origin", data=network.origin, dtype=h5py.string_dtype())
    repairs = [dataclasses.asdict(repair) for repair in network.repairs]
    group.create_dataset("repairs", data=json.dumps(repairs), dtype=h5py.string_dtype())
    flow_group = group.create_group(_FLOW_GROUP)
    for field in dataclasses.fields(flow):
        value = getattr(flow, field.name)
        if isinstance(value, np.ndarray):
            store_array(flow_group, field.name, value, compression=compression)
        else:
            flow_group.attrs[field.name] = value


def read_network(file: h5py.File) -> VesselNetwork:
    """Return the network of a run file."""
    group = file[VESSEL_GROUP]
    values: dict[str, Any] = {name: group[name][()] for name in ARRAY_FIELDS}
    for name in _NAME_FIELDS:
        values[name] = tuple(group[name].asstr()[()])
    repairs = json.loads(group["repairs"].asstr()[()])
    values["repairs"] = tuple(Repair(**repair) for repair in repairs)
    return VesselNetwork(origin=group["origin"].asstr()[()], **values)


def read_flow(file: h5py.File) -> FlowField:
    """Return the flow of a run file."""
    group = file[VESSEL_GROUP][_FLOW_GROUP]
    values = {
        field.name: group[field.name][()] if field.name in group else group.attrs[field.name]
        for field in dataclasses.fields(FlowField)
    }
    return FlowField(**{k: _plain(v) for k, v in values.items()})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
