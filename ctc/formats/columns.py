"""A network with its flow as named columns and one header: what the lossless formats carry."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, require_index
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats.length_unit import LengthUnit, parse_unit
from ctc.formats.source_graph import ReadOptions
from ctc.vessels.network import ARRAY_FIELDS, Repair, SegmentKind, VesselNetwork

HEADER = "ctc_network"
_VERSION = 1
SEGMENT_FIELDS = tuple(
    name for name in ARRAY_FIELDS if name not in ("node_position", "start_node", "end_node")
)
# Lengths: what a unit other than the metre applies to. All else is SI in any file.
LENGTHS = ("lumen_radius", "length")
_NAMES = ("organ_names", "region_names", "vessel_names")
NODE_FLOWS = ("pressure",)


def _flow_fields() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a flow's arrays and of its plain numbers."""
    fields = dataclasses.fields(FlowField)
    scalars = tuple(each.name for each in fields if each.type in ("float", float))
    return tuple(each.name for each in fields if each.name not in scalars), scalars


FLOW_ARRAYS, FLOW_SCALARS = _flow_fields()
SEGMENT_FLOWS = tuple(name for name in FLOW_ARRAYS if name not in NODE_FLOWS)


@dataclass(frozen=True)
class Columns:
    """Everything that a network and its flow hold, ready to be written or just read.

    Attributes
    ----------
    position : (n_nodes, 3) float64 [unit of the file]
    ends : (n_segments, 2) int64
        Start and end node.
    nodes, segments : dict of str to array
        A column each; lengths in the unit of the file, all else in SI.
    header : str
        JSON: names, origin, repairs, numbers of the flow, unit.
    """

    position: FloatArray
    ends: npt.NDArray[np.int64]
    nodes: dict[str, npt.NDArray[Any]]
    segments: dict[str, npt.NDArray[Any]]
    header: str


def to_columns(network: VesselNetwork, flow: FlowField | None, *, unit: LengthUnit) -> Columns:
    """Return a network and its flow as columns, lengths in a unit."""
    segments = {name: getattr(network, name) for name in SEGMENT_FIELDS}
    for name in LENGTHS:
        segments[name] = unit.write(segments[name])
    nodes: dict[str, npt.NDArray[Any]] = {}
    if flow is not None:
        nodes = {name: getattr(flow, name) for name in NODE_FLOWS}
        segments |= {name: getattr(flow, name) for name in SEGMENT_FLOWS}
    return Columns(
        position=unit.write(network.node_position),
        ends=np.column_stack([network.start_node, network.end_node]).astype(np.int64),
        nodes=nodes,
        segments=segments,
        header=write_header(network, flow, unit=unit),
    )


def with_speed(
    segments: Mapping[str, npt.NDArray[Any]], network: VesselNetwork, flow: FlowField | None
) -> dict[str, npt.NDArray[Any]]:
    """Return columns with ``mean_speed`` [m/s] for pictures; nothing reads it back."""
    if flow is None:
        return dict(segments)
    with np.errstate(over="ignore", invalid="ignore"):
        speed = flow.flow_rate * network.length / network.volume
    return {**segments, "mean_speed": speed}


def from_columns(columns: Columns, options: ReadOptions) -> tuple[VesselNetwork, FlowField | None]:
    """Return the network and flow that `to_columns` wrote, bit for bit where the unit is m.

    Raises
    ------
    InputError
        If the header is damaged or newer, a column is missing or of another length, the counts
        are others than the header's, or an option says again what the file says.
    """
    header, unit = read_header(columns.header)
    require_own(header, options, n_nodes=len(columns.position), n_segments=len(columns.ends))
    values: dict[str, Any] = {}
    for name in SEGMENT_FIELDS:
        array = _column(columns.segments, name, columns.ends.shape[0])
        values[name] = unit.read(array) if name in LENGTHS else _cast(name, array)
    require_index("kind", values["kind"], len(SegmentKind), item="segment")
    network = VesselNetwork(
        node_position=unit.read(columns.position),
        start_node=columns.ends[:, 0].astype(np.int32),
        end_node=columns.ends[:, 1].astype(np.int32),
        **values,
        **named_parts(header),
    )
    if header["flow"] is None:
        return network, None
    flows: dict[str, Any] = {
        name: _column(columns.nodes, name, network.n_nodes) for name in NODE_FLOWS
    }
    for name in SEGMENT_FLOWS:
        flows[name] = _column(columns.segments, name, network.n_segments)
    flows |= flow_scalars(header)
    return network, FlowField(**flows)


def write_header(network: VesselNetwork, flow: FlowField | None, *, unit: LengthUnit) -> str:
    """Return what the columns do not hold, as JSON."""
    header: dict[str, Any] = {"version": _VERSION, "unit": unit.name, "origin": network.origin}
    header |= {name: list(getattr(network, name)) for name in _NAMES}
    header["repairs"] = [dataclasses.asdict(each) for each in network.repairs]
    header |= {"nodes": network.n_nodes, "segments": network.n_segments}
    header["flow"] = None
    if flow is not None:
        header["flow"] = {name: getattr(flow, name) for name in FLOW_SCALARS}
    return json.dumps(header)


def read_header(text: str) -> tuple[dict[str, Any], LengthUnit]:
    """Return the header that `write_header` wrote, and the unit of the file.

    Raises
    ------
    InputError
        If it is damaged, or of a newer version.
    """
    try:
        header = json.loads(text)
        if header["version"] > _VERSION:
            message = f"version of '{HEADER}' must be at most {_VERSION}, got {header['version']}."
            raise InputError(message + " Install a newer ctc.")
        unit = parse_unit(header["unit"])
        named_parts(header)
        if header["flow"] is not None:
            flow_scalars(header)
    except InputError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = f"'{HEADER}' must be the header that ctc wrote, got another ({error})."
        raise InputError(message + " Export the network again.") from None
    return header, unit


def require_own(
    header: Mapping[str, Any], options: ReadOptions, *, n_nodes: int, n_segments: int
) -> None:
    """Refuse a network of ours that was cut short, and options that nothing would look at.

    Raises
    ------
    InputError
        If the counts are others than the header's (one without counts is believed), or a unit, a
        kind or the name of a radius is given.
    """
    for name, count in (("nodes", n_nodes), ("segments", n_segments)):
        if header.get(name, count) != count:
            message = f"file must have the {header[name]} {name} of its header, got {count}: it is "
            message += "cut short or edited. Export it again, or drop "
            message += f"its header ('{HEADER}', network.json) to read plain vessels."
            raise InputError(message)
    given = {"unit": options.unit, "kind": options.kind, "radius-name": options.radius_name}
    for name, value in given.items():
        if value is not None:
            message = f"{name} must be left out for a network that ctc wrote, which says its own. "
            raise InputError(message + "Drop it.", key=f"--{name}")


def named_parts(header: Mapping[str, Any]) -> dict[str, Any]:
    """Return names, origin and repairs of a header as fields of a network."""
    repairs = tuple(
        Repair(str(each["rule"]), int(each["count"]), str(each["detail"]))
        for each in header["repairs"]
    )
    names = {name: tuple(str(each) for each in header[name]) for name in _NAMES}
    return {**names, "origin": str(header["origin"]), "repairs": repairs}


def flow_scalars(header: Mapping[str, Any]) -> dict[str, float]:
    """Return the plain numbers of the flow of a header."""
    # A header of an older version is of a flow at rest.
    flow = {"exercise": 1.0, **header["flow"]}
    return {name: float(flow[name]) for name in FLOW_SCALARS}


def is_complete(columns: Columns) -> bool:
    """Return whether a header and every column are there, so that it is a network of ours."""
    return bool(columns.header) and all(name in columns.segments for name in SEGMENT_FIELDS)


def _column(columns: Mapping[str, npt.NDArray[Any]], name: str, count: int) -> npt.NDArray[Any]:
    if name not in columns:
        message = f"file must have a column '{name}', as its header says, got none."
        raise InputError(message + " Export the network again.")
    array = columns[name]
    if array.shape != (count,):
        message = f"column '{name}' must have {count} values, got shape {array.shape}."
        raise InputError(message + " Export the network again.")
    return array


def _cast(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column in the dtype of its field; refused where a value would change."""
    dtype = np.dtype(ARRAY_FIELDS[name])
    if np.issubdtype(dtype, np.floating):
        return array.astype(dtype)
    with np.errstate(invalid="ignore"):
        cast = array.astype(dtype)
    changed = np.flatnonzero(cast != array)
    if changed.size:
        value = array[changed[0]]
        text = f"{value:g}" if math.isfinite(float(value)) else str(value)
        message = f"{name} must be a whole number of type {dtype}, got {text} at segment "
        message += f"{changed[0]}. Export the network again."
        raise InputError(message)
    return cast
