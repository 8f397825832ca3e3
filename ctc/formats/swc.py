"""Single trees as SWC: a line a node with its parent; the radius is that of the way to it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.formats.assembly import assemble
from ctc.formats.length_unit import MICROMETRE, LengthUnit
from ctc.formats.mending import parts_of
from ctc.formats.rooting import breadth_first, root_of
from ctc.formats.source_graph import NodeIndex, ReadOptions, SourceGraph
from ctc.input_files import at_line, read_text
from ctc.record.new_file import new_file
from ctc.vessels.network import SegmentKind, VesselNetwork

_NO_PARENT = -1
_LARGEST = 2**63 - 1
_COLUMNS = "identity, type, x, y, z, radius, parent"
_MARK = "# vessels by ctc: type is 10 + kind of the segment to the parent"
# Types 0 .. 7 of SWC are parts of neurons; kinds of vessels come above them.
_FIRST_KIND = 10


def write_swc(
    path: Path, network: VesselNetwork, *, unit: LengthUnit = MICROMETRE, overwrite: bool = False
) -> None:
    """Write a single tree as SWC.

    Kept: coordinates, radii, kinds and what joins what. Lost: names, flow, the order of nodes
    and segments, and lengths other than the distance of the ends.

    Parameters
    ----------
    path : Path
        The file to be.
    network : VesselNetwork
        One tree, without loops.
    unit : LengthUnit
        Of the file; readers expect um.
    overwrite : bool
        Replace a file that exists.

    Raises
    ------
    InputError
        If the network is no single tree.
    OutputError
        If the file cannot be written.
    """
    graph = SourceGraph(
        path=path,
        format_name="SWC",
        node_position=network.node_position,
        start_node=network.start_node.astype(np.int64),
        end_node=network.end_node.astype(np.int64),
        lumen_radius=network.lumen_radius,
        length=None,
        is_rooted=False,
        unit=unit,
    )
    n_parts, _ = parts_of(graph)
    n_loops = graph.n_segments - graph.n_nodes + n_parts
    if n_parts != 1 or n_loops:
        what = f"{n_loops} loop(s)" if n_loops else f"{n_parts} parts"
        message = f"network must be a single tree for SWC, got {what} in {graph.n_segments} "
        message += "segments. Export it as vtp, vtkhdf, graphml or csv, or cut out one tree."
        raise InputError(message)
    root = root_of(graph, network.kind)
    order, parent = breadth_first(graph, root)
    segment = _segment_to(graph, parent)
    rank = np.empty(graph.n_nodes, dtype=np.int64)
    rank[order] = np.arange(graph.n_nodes)
    widest = int(np.argmax(network.lumen_radius * _touches(graph, root)))
    rows = [_MARK, f"# {_COLUMNS}; lengths in {unit.name}"]
    for place, node in enumerate(order.tolist(), start=1):
        through = int(segment[node]) if node != root else widest
        position = " ".join(unit.write_text(v) for v in network.node_position[node])
        radius = unit.write_text(float(network.lumen_radius[through]))
        kind = _FIRST_KIND + int(network.kind[through])
        above = int(rank[parent[node]]) + 1 if node != root else _NO_PARENT
        rows.append(f"{place} {kind} {position} {radius} {above}")
    with new_file(path, overwrite=overwrite) as partial:
        partial.write_text("\n".join(rows) + "\n", encoding="utf-8")


def read_swc(path: Path, options: ReadOptions) -> VesselNetwork:
    """Read SWC: every node but a root is a segment from its parent, with the node's radius.

    Raises
    ------
    InputError
        If a line is not seven numbers, an identity comes twice, a parent is unknown, the nodes
        form a cycle, or as `ctc.formats.assembly.assemble`; names the line.
    """
    unit = options.unit or MICROMETRE
    if options.radius_name is not None:
        message = f"radius-name must be left out for swc, got '{options.radius_name}'. Its radius "
        raise InputError(message + "is the sixth number of a line: drop it.", key="--radius-name")
    text = read_text(path)
    identity: dict[int, int] = {}
    line_of: list[int] = []
    types: list[int] = []
    parents: list[int] = []
    lengths: list[tuple[float, ...]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        if len(fields) != 7:
            message = f"line must be 7 numbers ({_COLUMNS}), got {len(fields)}. "
            raise at_line(path, number, message + "The file may be cut short.")
        node, kind, parent = (_whole(path, number, fields[i]) for i in (0, 1, 6))
        if node in identity:
            message = f"identity must be unique, got {node} twice. Renumber the nodes."
            raise at_line(path, number, message)
        identity[node] = len(line_of)
        line_of.append(number)
        types.append(kind)
        parents.append(parent)
        lengths.append(tuple(_length(path, number, text, unit) for text in fields[2:6]))
    values = np.array(lengths, dtype=np.float64).reshape(-1, 4)
    is_child = np.array([parent != _NO_PARENT for parent in parents], dtype=bool)
    above = np.full(len(parents), _NO_PARENT, dtype=np.int64)
    for i, parent in enumerate(parents):
        if parent != _NO_PARENT:
            if parent not in identity:
                message = f"parent must be a node of the file or -1, got {parent}. Correct it."
                raise at_line(path, line_of[i], message)
            above[i] = identity[parent]
    _require_no_cycle(path, above, line_of)
    child = np.flatnonzero(is_child)
    kinds = None
    if text.startswith(_MARK):
        kinds = (np.array(types, dtype=np.int64) - _FIRST_KIND)[child]
        known = [int(kind) for kind in SegmentKind]
        strange = np.flatnonzero(~np.isin(kinds, known))
        if strange.size:
            message = f"type must be in {_FIRST_KIND} .. {_FIRST_KIND + max(known)}, got "
            message += f"{kinds[strange[0]] + _FIRST_KIND}. Export the network again."
            raise at_line(path, line_of[int(child[strange[0]])], message)
    graph = SourceGraph(
        path=path,
        format_name="SWC",
        node_position=values[:, :3],
        start_node=above[child],
        end_node=child,
        lumen_radius=values[child, 3],
        length=None,
        is_rooted=True,
        unit=unit,
        name_node=lambda i: f"line {line_of[i]}",
        name_segment=lambda i: f"line {line_of[int(child[i])]}",
        kind=None if kinds is None else kinds.astype(np.uint8),
    )
    return assemble(graph, options)


def _whole(path: Path, number: int, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or abs(value) > _LARGEST:
        message = f"identity, type and parent must be whole numbers of 63 bits, got '{text[:30]}'."
        raise at_line(path, number, message + " Correct the line.")
    return value


def _length(path: Path, number: int, text: str, unit: LengthUnit) -> float:
    value = unit.read_text(text)
    if math.isnan(value):
        message = f"coordinates and radius must be finite numbers, got '{text[:30]}'."
        raise at_line(path, number, message + " Correct the line.")
    return value


def _require_no_cycle(path: Path, above: NodeIndex, line_of: list[int]) -> None:
    """Refuse nodes whose way up never ends."""
    reaches_root = above == _NO_PARENT
    trail: list[int] = []
    on_trail = np.zeros(above.size, dtype=bool)
    for first in range(above.size):
        node = first
        while not reaches_root[node] and not on_trail[node]:
            on_trail[node] = True
            trail.append(node)
            node = int(above[node])
        if not reaches_root[node]:
            message = "nodes must form a tree, got a cycle through this one. SWC cannot hold "
            message += "loops: correct the parent, or import the network in another format."
            raise at_line(path, line_of[node], message)
        reaches_root[trail] = True
        on_trail[trail] = False
        trail.clear()


def _segment_to(graph: SourceGraph, parent: NodeIndex) -> NodeIndex:
    """Return, for every node but the root, the segment to its parent."""
    segment = np.full(graph.n_nodes, -1, dtype=np.int64)
    index = np.arange(graph.n_segments)
    is_down = parent[graph.end_node] == graph.start_node
    segment[graph.end_node[is_down]] = index[is_down]
    segment[graph.start_node[~is_down]] = index[~is_down]
    return segment


def _touches(graph: SourceGraph, node: int) -> npt.NDArray[np.bool_]:
    touches: npt.NDArray[np.bool_] = (graph.start_node == node) | (graph.end_node == node)
    return touches
