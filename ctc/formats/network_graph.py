"""Networks as graphs of NetworkX, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats.assembly import assemble
from ctc.formats.columns import HEADER, SEGMENT_FIELDS, Columns, from_columns, to_columns
from ctc.formats.extras import load_package
from ctc.formats.length_unit import METRE, MILLIMETRE, LengthUnit
from ctc.formats.lines import find_radius, missing_radius
from ctc.formats.source_graph import ReadOptions, SourceGraph
from ctc.vessels.network import VesselNetwork

_AXES = ("x", "y", "z")
_POSITIONS = ("pos", "position", "coords", "xyz")
_ORDER = "segment"


def to_networkx(
    network: VesselNetwork, flow: FlowField | None = None, *, unit: LengthUnit = METRE
) -> Any:
    """Return a network as a directed graph of NetworkX that `from_networkx` gives back.

    Parameters
    ----------
    network : VesselNetwork
        A node each with ``x``, ``y``, ``z``; an edge a segment with its arrays by name.
    flow : FlowField, optional
        Of that network: ``pressure`` of nodes, the rest of edges.
    unit : LengthUnit
        Of coordinates, radii and lengths; all else is in SI.

    Returns
    -------
    networkx.MultiDiGraph
        Two segments may join the same nodes. All values are plain numbers.

    Raises
    ------
    InputError
        If NetworkX is not installed.
    """
    networkx = load_package("networkx", needed_by="graphs")
    columns = to_columns(network, flow, unit=unit)
    graph = networkx.MultiDiGraph(**{HEADER: columns.header})
    nodes = {name: columns.position[:, i].tolist() for i, name in enumerate(_AXES)}
    nodes |= {name: array.tolist() for name, array in columns.nodes.items()}
    segments = {name: array.tolist() for name, array in columns.segments.items()}
    graph.add_nodes_from((i, _row(nodes, i)) for i in range(network.n_nodes))
    ends = columns.ends.tolist()
    graph.add_edges_from(
        (*ends[i], i, {_ORDER: i, **_row(segments, i)}) for i in range(network.n_segments)
    )
    return graph


def from_networkx(
    graph: Any,
    options: ReadOptions | None = None,
    *,
    path: Path = Path("graph"),
    format_name: str = "NetworkX",
) -> tuple[VesselNetwork, FlowField | None]:
    """Return the network of a graph, with its flow where `to_networkx` made it.

    Parameters
    ----------
    graph : networkx graph
        Of any kind. Nodes need ``x``, ``y``, ``z`` or one of ``pos``, ``position``, ``coords``,
        ``xyz``; edges a radius or diameter, and may have a ``length``.
    options : ReadOptions, optional
        Lengths are in mm by default.
    path : Path
        For messages and the name of the region.
    format_name : str
        For the origin.

    Raises
    ------
    InputError
        If an attribute is missing or no number, or as `ctc.formats.assembly.assemble`.
    """
    options = options or ReadOptions()
    try:
        if HEADER in graph.graph:
            return from_columns(_columns(graph), options)
        return assemble(_source(graph, options, path, format_name=format_name), options), None
    except InputError as error:
        raise error.at(file=str(path)) from None


def _row(columns: Mapping[str, list[Any]], i: int) -> dict[str, Any]:
    return {name: values[i] for name, values in columns.items()}


def _columns(graph: Any) -> Columns:
    """Return the columns of a graph that ctc made, in the order of its segments."""
    edges = list(graph.edges(data=True))
    order = _collect("edge", (each[2] for each in edges), _ORDER)
    rows = [edges[i] for i in np.argsort(order, kind="stable")]
    index = {node: i for i, node in enumerate(graph.nodes)}
    data = [each[2] for each in rows]
    first = data[0] if data else {}
    segments = [name for name in first if name != _ORDER]
    node_data = [each for _, each in graph.nodes(data=True)]
    nodes = [name for name in (node_data[0] if node_data else {}) if name not in _AXES]
    position = [_collect("node", node_data, name) for name in _AXES]
    ends = [(index[start], index[end]) for start, end, _ in rows]
    lacking = [name for name in SEGMENT_FIELDS if name not in first]
    if lacking:
        message = f"edges must have '{lacking[0]}', as the header says, got none."
        raise InputError(message + " Export the network again.")
    return Columns(
        position=np.column_stack(position),
        ends=np.array(ends, dtype=np.int64).reshape(-1, 2),
        nodes={name: _collect("node", node_data, name) for name in nodes},
        segments={name: _collect("edge", data, name) for name in segments},
        header=str(graph.graph[HEADER]),
    )


def _source(graph: Any, options: ReadOptions, path: Path, *, format_name: str) -> SourceGraph:
    unit = options.unit or MILLIMETRE
    labels = [str(node) for node in graph.nodes]
    index = {node: i for i, node in enumerate(graph.nodes)}
    edges = list(graph.edges(data=True))
    ends = np.array([(index[a], index[b]) for a, b, _ in edges], dtype=np.int64).reshape(-1, 2)
    data = [each for _, _, each in edges]
    names = {name: None for each in data for name in each}
    radius = np.empty(0)
    length = None
    if data:
        name, scale = find_radius(names, options.radius_name)
        if not name:
            raise missing_radius(options.radius_name, sorted(names))
        radius = scale * unit.read(_collect("edge", data, name))
        if "length" in names:
            length = unit.read(_collect("edge", data, "length"))
    return SourceGraph(
        path=path,
        format_name=format_name,
        node_position=unit.read(_positions(graph)),
        start_node=ends[:, 0],
        end_node=ends[:, 1],
        lumen_radius=radius,
        length=length,
        is_rooted=False,
        unit=unit,
        name_node=lambda i: f"node '{labels[i]}'",
        name_segment=lambda i: f"edge '{labels[ends[i, 0]]}' - '{labels[ends[i, 1]]}'",
    )


def _positions(graph: Any) -> npt.NDArray[np.float64]:
    """Return the coordinates of the nodes, (n, 3) in the unit of the graph."""
    data = [each for _, each in graph.nodes(data=True)]
    labels = [str(node) for node in graph.nodes]
    if not data:
        return np.empty((0, 3))
    if "x" in data[0]:
        return np.column_stack([_collect("node", data, name) for name in _AXES])
    name = next((name for name in _POSITIONS if name in data[0]), "")
    if not name:
        message = "nodes must have 'x', 'y' and 'z', or 'pos', got neither. Add coordinates."
        raise InputError(message)
    rows = []
    for label, each in zip(labels, data, strict=True):
        values = each.get(name)
        if isinstance(values, str):
            values = values.strip("()[] ").replace(",", " ").split()
        try:
            row = [float(value) for value in values]
        except (TypeError, ValueError):
            row = []
        if len(row) != 3:
            message = f"'{name}' must be three numbers, got {each.get(name)!r} at node '{label}'."
            raise InputError(message + " Correct it.")
        rows.append(row)
    return np.array(rows, dtype=np.float64)


def _collect(item: str, data: Iterable[Mapping[str, Any]], name: str) -> npt.NDArray[np.float64]:
    """Return one attribute of all nodes or edges as numbers."""
    values = []
    for i, each in enumerate(data):
        value = each.get(name)
        try:
            values.append(math.nan if value is None else float(value))
        except (TypeError, ValueError):
            value = str(value)[:30]
            message = f"'{name}' must be a number, got '{value}' at {item} {i}. Correct it."
            raise InputError(message) from None
        if value is None:
            message = f"'{name}' must be given at every {item}, got none at {item} {i}. Add it."
            raise InputError(message)
    return np.array(values, dtype=np.float64)
