"""Vessel networks as CSV tables: one row a node, one row a segment; read strictly, mended nowhere."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, IntArray
from ctc.errors import InputError, OutputError, near_name

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
    node_file = folder / NODE_FILE
    node_id: list[str] = []
    position: list[tuple[float, float, float]] = []
    tree: list[int] = []
    boundary: list[int] = []
    near: list[frozenset[str]] = []
    node_index: dict[str, int] = {}
    for line, row in _rows(node_file, _NODE_COLUMNS):
        name, x, y, z, tree_name, boundary_name, near_names = row
        _require_new(name, node_index, node_file, line, "node")
        node_index[name] = len(node_id)
        node_id.append(name)
        position.append(
            (
                _number(x, "x_mm", node_file, line),
                _number(y, "y_mm", node_file, line),
                _number(z, "z_mm", node_file, line),
            )
        )
        tree.append(_choice(tree_name, TREES, "tree", node_file, line))
        boundary.append(
            _choice(boundary_name, BOUNDARIES, "boundary", node_file, line) if boundary_name else -1
        )
        near.append(frozenset(_plain(part) for part in near_names.split("|") if part))
    segment_file = folder / SEGMENT_FILE
    segment_index: dict[str, int] = {}
    ends: list[tuple[int, int]] = []
    radius: list[float] = []
    length: list[float] = []
    is_link: list[bool] = []
    region: list[str] = []
    for line, row in _rows(segment_file, _SEGMENT_COLUMNS):
        name, node_a, node_b, radius_text, length_text, kind, organ = row
        _require_new(name, segment_index, segment_file, line, "segment")
        segment_index[name] = len(ends)
        for column, node in (("node_a", node_a), ("node_b", node_b)):
            if node not in node_index:
                message = f"{column} must be a node of {NODE_FILE}, got '{node}'."
                raise _at(message + " Add the node or drop the segment.", segment_file, line)
        ends.append((node_index[node_a], node_index[node_b]))
        radius.append(_number(radius_text, "radius_mm", segment_file, line))
        length.append(_number(length_text, "length_mm", segment_file, line))
        is_link.append(KINDS[_choice(kind, KINDS, "kind", segment_file, line)] == LINK)
        if is_link[-1] and not organ:
            message = f"organ must be given for a {LINK}, got none. Write 'other'."
            raise _at(message, segment_file, line)
        region.append(_plain(organ) if is_link[-1] else "")
    if not ends:
        raise _at("table must hold segments, got none. Add rows.", segment_file, 1)
    pairs = np.asarray(ends, dtype=np.int32)
    return VesselTables(
        folder=str(folder),
        node_id=tuple(node_id),
        node_position=np.asarray(position, dtype=np.float64).reshape(-1, 3) * _MILLIMETRE,
        tree=np.asarray(tree, dtype=np.uint8),
        boundary=np.asarray(boundary, dtype=np.int8),
        near_organs=tuple(near),
        segment_id=tuple(segment_index),
        start_node=np.ascontiguousarray(pairs[:, 0]),
        end_node=np.ascontiguousarray(pairs[:, 1]),
        radius=np.asarray(radius) * _MILLIMETRE,
        length=np.asarray(length) * _MILLIMETRE,
        is_link=np.asarray(is_link, dtype=bool),
        region=tuple(region),
        flow_targets=_targets(folder / TARGET_FILE),
    )


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


def _targets(file: Path) -> dict[str, float]:
    targets: dict[str, float] = {}
    if not file.exists():
        return targets
    for line, (organ, share) in _rows(file, _TARGET_COLUMNS):
        _require_new(_plain(organ), targets, file, line, "organ")
        value = _number(share, "fraction_of_cardiac_output", file, line)
        if not value > 0:
            message = f"fraction_of_cardiac_output must be > 0, got {value:g}. Drop the row."
            raise _at(message, file, line)
        targets[_plain(organ)] = value
    return targets


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and the wanted columns of every row of a table."""
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            for column in columns:
                if column not in header:
                    message = f"table must have a column '{column}', got none."
                    raise _at(f"{message} {near_name(column, header)}", file, 1)
            wanted = [header.index(column) for column in columns]
            for row in reader:
                if len(row) != len(header):
                    message = f"row must have {len(header)} values, got {len(row)}."
                    raise _at(f"{message} The file may be cut short.", file, reader.line_num)
                yield reader.line_num, [row[i].strip() for i in wanted]
    except FileNotFoundError:
        message = f"folder must hold {file.name}, got none in '{file.parent}'. Check the folder."
        raise InputError(message, file=str(file)) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"table must be readable UTF-8 text with commas ({error}). Check the file."
        raise InputError(message, file=str(file)) from None


def _at(message: str, file: Path, line: int) -> InputError:
    return InputError(message, file=str(file), key=f"line {line}")


def _require_new(
    name: str, known: dict[str, int] | dict[str, float], file: Path, line: int, what: str
) -> None:
    if not name:
        message = f"{what} must have a name, got none. The file may be damaged."
        raise _at(message, file, line)
    if name in known:
        message = f"{what} must be unique, got '{name}' twice. Rename or drop one."
        raise _at(message, file, line)


def _number(text: str, column: str, file: Path, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        message = f"{column} must be a finite number, got '{text}'. Correct it."
        raise _at(message, file, line)
    return value


def _choice(text: str, known: Sequence[str], column: str, file: Path, line: int) -> int:
    if text not in known:
        message = f"{column} must be a known one, got '{text}'. {near_name(text, known)}"
        raise _at(message, file, line)
    return known.index(text)


def _plain(name: str) -> str:
    return name.replace("_", " ")
