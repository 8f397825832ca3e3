"""Networks as a folder of CSV tables: nodes, segments, and what else is known of them as JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats.assembly import assemble
from ctc.formats.columns import (
    LENGTHS,
    NODE_FLOWS,
    SEGMENT_FIELDS,
    SEGMENT_FLOWS,
    flow_scalars,
    named_parts,
    read_header,
    require_own,
    write_header,
)
from ctc.formats.csv_table import CsvTable, number_text, read_csv_table
from ctc.formats.length_unit import METRE, MILLIMETRE, LengthUnit
from ctc.formats.lines import find_radius, missing_radius
from ctc.formats.source_graph import NodeIndex, ReadOptions, SourceGraph
from ctc.input_files import at_line, read_text
from ctc.record.new_file import new_folder
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.vessels.tables import NODE_FILE, SEGMENT_FILE

HEADER_FILE = "network.json"
_PAIR = (NODE_FILE, SEGMENT_FILE)
MICROBLOOM_PAIR = ("node_data.csv", "edge_data.csv")
MICROBLOOM_BOUNDARY = "boundary_node_data.csv"
# Columns that only tables of a whole body have, which `ctc.vessels.tables` reads.
_BODY_COLUMNS = ("tree", "boundary", "near_organs")
_KINDS = tuple(kind.name.lower() for kind in SegmentKind)
_UNITS = {
    "volume": "m3",
    "pressure": "Pa",
    "flow_rate": "m3_per_s",
    "transit_time": "s",
    "apparent_viscosity": "Pa_s",
    "wall_shear_stress": "Pa",
}
_LABELS = ("organ", "region", "name")
_PRESSURE_TYPE = 1


def write_csv_pair(
    folder: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    unit: LengthUnit = MILLIMETRE,
    overwrite: bool = False,
) -> None:
    """Write ``nodes.csv``, ``segments.csv`` and ``network.json`` into a new folder.

    Lengths are decimal texts that give the same bits again in any decimal unit.

    Raises
    ------
    InputError
        If a name is empty, comes twice or cannot be printed, if the unit is a size, or as
        `ctc.formats.new_file.new_folder`.
    OutputError
        If a file cannot be written.
    """
    if unit.factor != 1.0:
        message = f"unit must be um, mm, cm or m for CSV, got '{unit.name}'. Choose one of them."
        raise InputError(message, key="--unit")
    for what in ("organ_names", "region_names", "vessel_names"):
        _require_plain(what, getattr(network, what))
    ending = f"_{unit.name}"
    flows = [] if flow is None else [(name, getattr(flow, name)) for name in NODE_FLOWS]
    nodes: list[tuple[str, Iterable[str]]] = [("node", map(str, range(network.n_nodes)))]
    for i, axis in enumerate("xyz"):
        nodes.append((axis + ending, map(unit.write_text, network.node_position[:, i].tolist())))
    nodes += [(_titled(name), map(number_text, values.tolist())) for name, values in flows]
    segments: list[tuple[str, Iterable[str]]] = [
        ("segment", map(str, range(network.n_segments))),
        ("start_node", map(str, network.start_node.tolist())),
        ("end_node", map(str, network.end_node.tolist())),
    ]
    named = {"organ": network.organ_names, "region": network.region_names}
    named["name"] = network.vessel_names
    for name in SEGMENT_FIELDS:
        values = getattr(network, name).tolist()
        if name in LENGTHS:
            segments.append((name + ending, map(unit.write_text, values)))
        elif name == "kind":
            segments.append((name, (_KINDS[value] for value in values)))
        elif name in named:
            texts = (*named[name], "")  # index -1 is the last
            segments.append((name, [texts[value] for value in values]))
        else:
            segments.append((_titled(name), map(number_text, values)))
    if flow is not None:
        for name in SEGMENT_FLOWS:
            segments.append((_titled(name), map(number_text, getattr(flow, name).tolist())))
    with new_folder(folder, names=(*_PAIR, HEADER_FILE), overwrite=overwrite) as partial:
        _write(partial / NODE_FILE, nodes)
        _write(partial / SEGMENT_FILE, segments)
        text = write_header(network, flow, unit=unit)
        (partial / HEADER_FILE).write_text(text + "\n", encoding="utf-8")


def write_microbloom(
    folder: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    unit: LengthUnit = METRE,
    overwrite: bool = False,
) -> None:
    """Write the three tables that microBlooM reads, in SI as it expects.

    The boundary nodes are the free ends, with their pressure where there is a flow.

    Raises
    ------
    InputError, OutputError
        As `write_csv_pair`.
    """
    ends = np.concatenate([network.start_node, network.end_node])
    free = np.flatnonzero(np.bincount(ends, minlength=network.n_nodes) == 1).tolist()
    pressure = {} if flow is None else {i: number_text(flow.pressure[i]) for i in free}
    position, diameter = network.node_position, 2.0 * network.lumen_radius
    tables: dict[str, list[tuple[str, Iterable[str]]]] = {
        MICROBLOOM_PAIR[0]: [
            (axis, map(unit.write_text, position[:, i].tolist())) for i, axis in enumerate("xyz")
        ],
        MICROBLOOM_PAIR[1]: [
            ("n1", map(str, network.start_node.tolist())),
            ("n2", map(str, network.end_node.tolist())),
            ("D", map(unit.write_text, diameter.tolist())),
            ("L", map(unit.write_text, network.length.tolist())),
        ],
        MICROBLOOM_BOUNDARY: [
            ("nodeId", map(str, pressure)),
            ("boundaryType", (str(_PRESSURE_TYPE) for _ in pressure)),
            ("boundaryValue", pressure.values()),
        ],
    }
    with new_folder(folder, names=tuple(tables), overwrite=overwrite) as partial:
        for name, columns in tables.items():
            _write(partial / name, columns)


def is_csv_pair(folder: Path) -> bool:
    """Return whether a folder holds a plain network, ours or microBlooM's, and no whole body."""
    if all((folder / name).is_file() for name in MICROBLOOM_PAIR):
        return True
    if not all((folder / name).is_file() for name in _PAIR):
        return False
    try:
        with (folder / NODE_FILE).open(encoding="utf-8-sig") as file:
            header = next(csv.reader([file.readline(65536)]), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    names = {name.strip() for name in header}
    return any(name == "x" or name.startswith("x_") for name in names) and names.isdisjoint(
        _BODY_COLUMNS
    )


def read_csv_pair(folder: Path, options: ReadOptions) -> tuple[VesselNetwork, FlowField | None]:
    """Read the tables of a folder for which `is_csv_pair` holds.

    Raises
    ------
    InputError
        If a table lacks a column, a value cannot be read, a segment ends at no node, or as
        `ctc.formats.assembly.assemble`; names file and line.
    """
    is_pair = (folder / NODE_FILE).is_file()
    node_file, segment_file = _PAIR if is_pair else MICROBLOOM_PAIR
    nodes, segments = read_csv_table(folder / node_file), read_csv_table(folder / segment_file)
    unit = options.unit or (MILLIMETRE if is_pair else METRE)
    position = np.column_stack(
        [nodes.lengths(nodes.find(axis, what="coordinates"), unit=unit) for axis in "xyz"]
    )
    start = segments.find("start_node", "node_a", "n1", "source", what="first end")
    end = segments.find("end_node", "node_b", "n2", "target", what="second end")
    ends = _ends(nodes, segments, (start, end))
    try:
        if (folder / HEADER_FILE).is_file():
            return _ours(folder, nodes, segments, position=position, ends=ends, options=options)
    except InputError as error:
        raise error.at(file=str(folder / HEADER_FILE)) from None
    name, scale = find_radius(segments.columns, options.radius_name)
    if not name:
        raise missing_radius(options.radius_name, list(segments.columns)).at(
            file=str(segments.path)
        )
    length = next((each for each in ("length", "L") if each in segments.columns), "")
    graph = SourceGraph(
        path=folder,
        format_name="CSV" if is_pair else "microBlooM",
        node_position=position,
        start_node=ends[:, 0],
        end_node=ends[:, 1],
        lumen_radius=scale * segments.lengths(name, unit=unit),
        length=segments.lengths(length, unit=unit) if length else None,
        is_rooted=False,
        unit=segments.units.get(name, unit),
        name_node=lambda i: f"line {nodes.lines[i]} of {node_file}",
        name_segment=lambda i: f"line {segments.lines[i]} of {segment_file}",
        kind=_kinds(segments),
    )
    return assemble(graph, options), None


def _kinds(segments: CsvTable) -> Any:
    if "kind" not in segments.columns:
        return None
    return segments.chosen("kind", _KINDS, is_optional=False).astype(np.uint8)


def _ends(nodes: CsvTable, segments: CsvTable, names: tuple[str, str]) -> NodeIndex:
    """Return the ends of the segments as rows of the nodes, (n, 2)."""
    label = next((each for each in ("node", "node_id", "id") if each in nodes.columns), "")
    labels = [str(i) for i in range(nodes.n_rows)]
    if label:
        labels = [each.strip() for each in nodes.columns[label]]
    index: dict[str, int] = {}
    for i, each in enumerate(labels):
        if each in index:
            message = f"node must be unique, got '{each[:40]}' twice. Rename or drop one."
            raise at_line(nodes.path, nodes.lines[i], message)
        index[each] = i
    ends = np.empty((segments.n_rows, 2), dtype=np.int64)
    for column, name in enumerate(names):
        for i, written in enumerate(segments.columns[name]):
            each = written.strip()
            if each not in index:
                message = f"{name} must be a node of {nodes.path.name}, got '{each[:40]}'. "
                message += "Add the node or drop the segment."
                raise at_line(segments.path, segments.lines[i], message)
            ends[i, column] = index[each]
    return ends


def _ours(
    folder: Path,
    nodes: CsvTable,
    segments: CsvTable,
    *,
    position: FloatArray,
    ends: NodeIndex,
    options: ReadOptions,
) -> tuple[VesselNetwork, FlowField | None]:
    header, unit = read_header(read_text(folder / HEADER_FILE))
    require_own(header, options, n_nodes=nodes.n_rows, n_segments=segments.n_rows)
    parts = named_parts(header)
    known = {"organ": "organ_names", "region": "region_names", "name": "vessel_names"}
    values: dict[str, Any] = {}
    for name in SEGMENT_FIELDS:
        column = segments.find(name, _titled(name), what="as network.json says")
        if name in LENGTHS:
            values[name] = segments.lengths(column, unit=unit)
        elif name == "kind":
            values[name] = _kinds(segments)
        elif name in _LABELS:
            values[name] = segments.chosen(column, parts[known[name]], is_optional=True)
        else:
            values[name] = segments.numbers(column)
    network = VesselNetwork(
        node_position=position,
        start_node=ends[:, 0].astype(np.int32),
        end_node=ends[:, 1].astype(np.int32),
        **values,
        **parts,
    )
    if header["flow"] is None:
        return network, None
    flows: dict[str, Any] = {}
    for table, names in ((nodes, NODE_FLOWS), (segments, SEGMENT_FLOWS)):
        for name in names:
            column = table.find(_titled(name), name, what="as network.json says")
            flows[name] = table.numbers(column)
    flows |= flow_scalars(header)
    return network, FlowField(**flows)


def _require_plain(what: str, names: tuple[str, ...]) -> None:
    """Refuse names that a table could not tell apart again."""
    for i, name in enumerate(names):
        if not name or name in names[:i] or not name.isprintable():
            message = f"{what} must be unique, printable and not empty for CSV, got {name!r}. "
            raise InputError(message + "Use vtkhdf or vtp.")


def _titled(name: str) -> str:
    return f"{name}_{_UNITS[name]}" if name in _UNITS else name


def _write(path: Path, columns: Sequence[tuple[str, Iterable[str]]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([name for name, _ in columns])
        writer.writerows(zip(*(values for _, values in columns), strict=True))
