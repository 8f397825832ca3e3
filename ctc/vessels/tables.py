"""Vessel networks as CSV tables: a row a node, a row a segment; read strictly, mended nowhere."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, IntArray
from ctc.errors import InputError, OutputError, near_name
from ctc.input_files import text_lines

NODE_FILE = "nodes.csv"
SEGMENT_FILE = "segments.csv"
TARGET_FILE = "organ_flow_targets.csv"
TREES = ("artery", "vein", "pulmonary_artery", "pulmonary_vein")
AORTIC_ROOT, CAVA_OUTLET, PULMONARY_ROOT, PULMONARY_OUTLET = (
    "aortic_root",
    "vena_cava_outlet",
    "pulmonary_trunk_root",
    "pulmonary_vein_outlet",
)
BOUNDARIES = (AORTIC_ROOT, CAVA_OUTLET, PULMONARY_ROOT, PULMONARY_OUTLET)
VESSEL, LINK = "vessel", "microvascular_link"
KINDS = (VESSEL, LINK)
_NODE_COLUMNS = ("node", "x_mm", "y_mm", "z_mm", "tree", "boundary", "near_organs")
_SEGMENT_COLUMNS = (
    "segment",
    "node_a",
    "node_b",
    "radius_mm",
    "length_mm",
    "kind",
    "organ",
)
_TARGET_COLUMNS = ("organ", "fraction_of_cardiac_output")
_MILLIMETRE = 1e-3
# Organs that the tables and the body plans name differently.
_PLAN_NAMES = {"adrenal gland": "adrenal", "urinary bladder": "bladder"}


@dataclass(frozen=True)
class VesselTables:
    """What the tables say, in SI, with nodes as indices; nothing is checked but the reading.

    Attributes
    ----------
    folder : str
        Where the tables were read, for messages.
    node_id : tuple of str
        As written.
    node_position : (n_nodes, 3) float64 [m]
        x to the body's left, y to the back, z up.
    tree : (n_nodes,) uint8
        Index into `TREES`.
    boundary : (n_nodes,) int8
        Index into `BOUNDARIES`, or -1.
    near_organs : tuple of frozenset of str
        Organs, left and right apart, that lie beside each node.
    segment_id : tuple of str
        As written.
    start_node, end_node : (n_segments,) int32
        Ends, in no direction.
    radius, length : (n_segments,) float64 [m]
        As written, finite.
    is_link : (n_segments,) bool
        A microvascular link from an artery's end to a vein's.
    region : tuple of str
        Of a link: its organ, left and right apart; empty for vessels.
    flow_targets : dict of str to float
        Share of the cardiac output by region, or empty.
    """

    folder: str
    node_id: tuple[str, ...]
    node_position: FloatArray
    tree: npt.NDArray[np.uint8]
    boundary: npt.NDArray[np.int8]
    near_organs: tuple[frozenset[str], ...]
    segment_id: tuple[str, ...]
    start_node: IntArray
    end_node: IntArray
    radius: FloatArray
    length: FloatArray
    is_link: npt.NDArray[np.bool_]
    region: tuple[str, ...]
    flow_targets: dict[str, float]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.segment_id)

    def keep(self, nodes: npt.NDArray[np.bool_], segments: npt.NDArray[np.bool_]) -> VesselTables:
        """Return the tables with some nodes and segments only; no kept segment may lose an end."""
        index = np.cumsum(nodes) - 1
        node_rows, segment_rows = np.flatnonzero(nodes).tolist(), np.flatnonzero(segments).tolist()
        return VesselTables(
            folder=self.folder,
            node_id=tuple(self.node_id[i] for i in node_rows),
            node_position=self.node_position[nodes],
            tree=self.tree[nodes],
            boundary=self.boundary[nodes],
            near_organs=tuple(self.near_organs[i] for i in node_rows),
            segment_id=tuple(self.segment_id[i] for i in segment_rows),
            start_node=index[self.start_node[segments]].astype(np.int32),
            end_node=index[self.end_node[segments]].astype(np.int32),
            radius=self.radius[segments],
            length=self.length[segments],
            is_link=self.is_link[segments],
            region=tuple(self.region[i] for i in segment_rows),
            flow_targets=self.flow_targets,
        )


def organ_of_region(region: str) -> str:
    """Return the organ of a region: ``kidney`` of ``left kidney``, in the body plans' names."""
    side, _, rest = region.partition(" ")
    organ = rest if side in ("left", "right") and rest else region
    return _PLAN_NAMES.get(organ, organ)


def parse_tables(folder: Path) -> VesselTables:
    """Read the tables of a folder: ``nodes.csv``, ``segments.csv``, ``organ_flow_targets.csv``.

    Parameters
    ----------
    folder : Path
        With the columns node, x_mm, y_mm, z_mm, tree, boundary, near_organs and segment,
        node_a, node_b, radius_mm, length_mm, kind, organ; the targets (organ,
        fraction_of_cardiac_output) may be missing. Other columns are ignored.

    Returns
    -------
    VesselTables
        In SI.

    Raises
    ------
    InputError
        If a file or column is missing, a row is cut short, a number cannot be read or is not
        finite, a name is unknown, an identity comes twice, or a segment ends at no node; names
        file and line.
    """
    for name in (NODE_FILE, SEGMENT_FILE):
        if folder.is_dir() and not (folder / name).exists():
            message = f"folder must hold {name}, got none in '{folder}'. Check the folder."
            raise InputError(message, file=str(folder / name))
    nodes = _read_nodes(folder / NODE_FILE)
    segments = _read_segments(folder / SEGMENT_FILE, nodes.index)
    ends = np.asarray(segments.ends, dtype=np.int32)
    return VesselTables(
        folder=str(folder),
        node_id=tuple(nodes.index),
        node_position=np.asarray(nodes.position, dtype=np.float64) * _MILLIMETRE,
        tree=np.asarray(nodes.tree, dtype=np.uint8),
        boundary=np.asarray(nodes.boundary, dtype=np.int8),
        near_organs=tuple(nodes.near_organs),
        segment_id=tuple(segments.index),
        start_node=np.ascontiguousarray(ends[:, 0]),
        end_node=np.ascontiguousarray(ends[:, 1]),
        radius=np.asarray(segments.radius) * _MILLIMETRE,
        length=np.asarray(segments.length) * _MILLIMETRE,
        is_link=np.asarray(segments.is_link, dtype=bool),
        region=tuple(segments.region),
        flow_targets=_targets(folder / TARGET_FILE),
    )


@dataclass
class _NodeRows:
    index: dict[str, int] = field(default_factory=dict)
    position: list[tuple[float, ...]] = field(default_factory=list)
    tree: list[int] = field(default_factory=list)
    boundary: list[int] = field(default_factory=list)
    near_organs: list[frozenset[str]] = field(default_factory=list)


@dataclass
class _SegmentRows:
    index: dict[str, int] = field(default_factory=dict)
    ends: list[tuple[int, ...]] = field(default_factory=list)
    radius: list[float] = field(default_factory=list)
    length: list[float] = field(default_factory=list)
    is_link: list[bool] = field(default_factory=list)
    region: list[str] = field(default_factory=list)


def _read_nodes(file: Path) -> _NodeRows:
    rows = _NodeRows()
    for place, (name, x, y, z, tree, boundary, near) in _rows(file, _NODE_COLUMNS):
        _require_new("node", name, rows.index, place)
        rows.index[name] = len(rows.index)
        pairs = zip(("x_mm", "y_mm", "z_mm"), (x, y, z), strict=True)
        rows.position.append(tuple(_number(column, text, place) for column, text in pairs))
        rows.tree.append(_choice("tree", tree, TREES, place))
        rows.boundary.append(_choice("boundary", boundary, BOUNDARIES, place) if boundary else -1)
        rows.near_organs.append(frozenset(_plain(part) for part in near.split("|") if part))
    return rows


def _read_segments(file: Path, nodes: Mapping[str, int]) -> _SegmentRows:
    rows = _SegmentRows()
    for place, row in _rows(file, _SEGMENT_COLUMNS):
        name, node_a, node_b, radius, length, kind, organ = row
        _require_new("segment", name, rows.index, place)
        rows.index[name] = len(rows.index)
        for column, node in (("node_a", node_a), ("node_b", node_b)):
            if node not in nodes:
                message = f"{column} must be a node of {NODE_FILE}, got '{node}'."
                raise place.error(message, remedy="Add the node or drop the segment.")
        rows.ends.append((nodes[node_a], nodes[node_b]))
        rows.radius.append(_number("radius_mm", radius, place))
        rows.length.append(_number("length_mm", length, place))
        is_link = KINDS[_choice("kind", kind, KINDS, place)] == LINK
        if is_link and not organ:
            message = f"organ must be given for a {LINK}, got none."
            raise place.error(message, remedy="Write 'other'.")
        rows.is_link.append(is_link)
        rows.region.append(_plain(organ) if is_link else "")
    if not rows.ends:
        message = "table must hold segments, got none. Add rows."
        raise InputError(message, file=str(file))
    return rows


def write_tables(folder: Path, tables: VesselTables) -> None:
    """Write tables that `parse_tables` reads back to the same numbers; the folder must exist.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    nodes = (
        (
            tables.node_id[i],
            *(repr(float(v) / _MILLIMETRE) for v in tables.node_position[i]),
            TREES[tables.tree[i]],
            BOUNDARIES[tables.boundary[i]] if tables.boundary[i] >= 0 else "",
            "|".join(sorted(tables.near_organs[i])),
        )
        for i in range(tables.n_nodes)
    )
    segments = (
        (
            tables.segment_id[i],
            tables.node_id[tables.start_node[i]],
            tables.node_id[tables.end_node[i]],
            repr(float(tables.radius[i]) / _MILLIMETRE),
            repr(float(tables.length[i]) / _MILLIMETRE),
            LINK if tables.is_link[i] else VESSEL,
            tables.region[i],
        )
        for i in range(tables.n_segments)
    )
    targets = ((name, repr(share)) for name, share in tables.flow_targets.items())
    for name, columns, rows in (
        (NODE_FILE, _NODE_COLUMNS, nodes),
        (SEGMENT_FILE, _SEGMENT_COLUMNS, segments),
        (TARGET_FILE, _TARGET_COLUMNS, targets),
    ):
        try:
            with (folder / name).open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(rows)
        except OSError as error:
            message = f"table '{folder / name}' could not be written ({error.strerror})."
            raise OutputError(message) from None


@dataclass(frozen=True)
class _Place:
    """A line of a table, for messages."""

    file: Path
    line: int

    def error(self, message: str, *, remedy: str) -> InputError:
        return InputError(f"{message} {remedy}", file=str(self.file), key=f"line {self.line}")


def _targets(file: Path) -> dict[str, float]:
    targets: dict[str, float] = {}
    if not file.exists():
        return targets
    for place, (organ, share) in _rows(file, _TARGET_COLUMNS):
        _require_new("organ", _plain(organ), targets, place)
        value = _number("fraction_of_cardiac_output", share, place)
        if not value > 0:
            message = f"fraction_of_cardiac_output must be > 0, got {value:g}."
            raise place.error(message, remedy="Drop the row.")
        targets[_plain(organ)] = value
    return targets


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[_Place, list[str]]]:
    """Place and wanted columns of every row of a table."""
    if not file.exists():
        message = f"folder must hold {file.name}, got none in '{file.parent}'. Check the folder."
        raise InputError(message, file=str(file))
    reader = csv.reader(text_lines(file, what="table"), strict=True)
    try:
        header = next(reader, [])
        for column in columns:
            if column not in header:
                message = f"table must have a column '{column}', got none."
                raise _Place(file, 1).error(message, remedy=near_name(column, header))
        wanted = [header.index(column) for column in columns]
        for row in reader:
            place = _Place(file, reader.line_num)
            if len(row) != len(header):
                message = f"row must have {len(header)} values, got {len(row)}."
                raise place.error(message, remedy="The file may be cut short.")
            yield place, [row[i].strip() for i in wanted]
    except csv.Error as error:
        message = f"table must be values between commas ({error})."
        raise _Place(file, reader.line_num).error(message, remedy="Correct the line.") from None


def _require_new(what: str, name: str, known: Mapping[str, object], place: _Place) -> None:
    if not name:
        message = f"{what} must have a name, got none."
        raise place.error(message, remedy="The file may be damaged.")
    if name in known:
        message = f"{what} must be unique, got '{name}' twice."
        raise place.error(message, remedy="Rename or drop one.")


def _number(column: str, text: str, place: _Place) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        message = f"{column} must be a finite number, got '{text}'."
        raise place.error(message, remedy="Correct it.")
    return value


def _choice(column: str, text: str, known: Sequence[str], place: _Place) -> int:
    if text not in known:
        message = f"{column} must be a known one, got '{text}'."
        raise place.error(message, remedy=near_name(text, known))
    return known.index(text)


def _plain(name: str) -> str:
    return name.replace("_", " ")
