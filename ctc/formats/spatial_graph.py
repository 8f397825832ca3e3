"""Amira's and Avizo's SpatialGraph in ASCII: vertices, edges, and points along the edges."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.formats.assembly import assemble
from ctc.formats.length_unit import MICROMETRE
from ctc.formats.lines import find_radius, missing_radius
from ctc.formats.source_graph import ReadOptions, SourceGraph
from ctc.input_files import LARGEST_TEXT, at_line, decode_text, read_bytes
from ctc.vessels.network import VesselNetwork

# Numbers of few digits, and no way to try a text in more ways than one: both are bounded by it.
_DEFINE = re.compile(r"^[ \t]*+define[ \t]++(\w++)[ \t]++([0-9]{1,18})[ \t\r]*+$", re.MULTILINE)
_FIELD = re.compile(
    r"^[ \t]*+(\w++)[ \t]*+\{[ \t]*+(\w++)(?:\[([0-9]{1,9})\])?[ \t]++(\w++)[ \t]*+\}"
    r"[ \t]*+=?[ \t]*+@([0-9]{1,9})",
    re.MULTILINE,
)
_SECTION = re.compile(r"^@([0-9]{1,9})[^\n]*+\n", re.MULTILINE)
_VERTICES, _ENDS, _COUNTS, _POINTS = (
    ("VERTEX", "VertexCoordinates"),
    ("EDGE", "EdgeConnectivity"),
    ("EDGE", "NumEdgePoints"),
    ("POINT", "EdgePointCoordinates"),
)


@dataclass(frozen=True)
class _Field:
    """A column that the header declares: of what, its numbers a row, and its section."""

    n_rows: int
    width: int
    section: str
    line: int


def read_spatial_graph(path: Path, options: ReadOptions) -> VesselNetwork:
    """Read a SpatialGraph: every piece between two points of an edge becomes a segment.

    The radius of a piece is the mean of its two points (``thickness``, which is a radius, or
    another name), or that of the edge.

    Raises
    ------
    InputError
        If the file is binary, lacks a column, or has other counts than it declares, an edge
        ends at no vertex, or as `ctc.formats.assembly.assemble`.
    """
    unit = options.unit or MICROMETRE
    text = _read(path)
    fields = _fields(path, text)
    sections = {found[1]: found for found in _SECTION.finditer(text)}
    starts = sorted((found.start(), found.end()) for found in sections.values())

    def column(key: tuple[str, str]) -> FloatArray:
        if key not in fields:
            message = f"file must hold {key[0]} {key[1]}, got none. Save it as a SpatialGraph."
            raise InputError(message, file=str(path))
        each = fields[key]
        if each.section not in sections:
            message = f"data section @{each.section} of {key[1]} must be there, got none. "
            raise InputError(message + "The file may be cut short.", file=str(path))
        begin = sections[each.section].end()
        ends = [start for start, _ in starts if start >= begin]
        values = text[begin : ends[0] if ends else len(text)].split()
        line = text.count("\n", 0, begin)
        return _numbers(path, key[1], each, values=values, line=line)

    vertices, points = column(_VERTICES), column(_POINTS)
    ends = _indices(path, "EdgeConnectivity", column(_ENDS), most=len(vertices) - 1)
    counts = _indices(path, "NumEdgePoints", column(_COUNTS)[:, 0], most=len(points))
    if int(counts.sum()) != len(points) or (counts < 2).any():
        message = f"NumEdgePoints must be >= 2 each and sum to {len(points)}, got a least of "
        message += f"{min(counts.tolist(), default=0)} and {counts.sum()}. The file is damaged."
        raise InputError(message, file=str(path))
    edge = np.repeat(np.arange(len(counts)), counts)
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    # The ends of an edge are vertices, whatever its points say; the rest are nodes of their own.
    node = np.arange(len(points)) + len(vertices)
    node[first], node[last] = ends[:, 0], ends[:, 1]
    begins = np.ones(len(points), dtype=bool)
    begins[last] = False
    piece = np.flatnonzero(begins)
    try:
        radius = _radius(fields, options.radius_name, column=column, piece=piece, edge=edge)
    except InputError as error:
        raise error.at(file=str(path)) from None
    inner = np.ones(len(points), dtype=bool)
    inner[first] = inner[last] = False
    index = np.concatenate([np.arange(len(vertices)), np.cumsum(inner) - 1 + len(vertices)])
    graph = SourceGraph(
        path=path,
        format_name="SpatialGraph",
        node_position=unit.read(np.vstack([vertices, points[inner]])),
        start_node=index[node[piece]],
        end_node=index[node[piece + 1]],
        lumen_radius=unit.read(radius),
        length=None,
        is_rooted=False,
        unit=unit,
        name_node=lambda i: f"vertex {i}" if i < len(vertices) else "a point of an edge",
        name_segment=lambda i: f"edge {edge[piece[i]]}",
    )
    return assemble(graph, options)


def _read(path: Path) -> str:
    content = read_bytes(path, most=LARGEST_TEXT)
    first = content[:200].partition(b"\n")[0]
    if not re.match(rb"# (AmiraMesh|Avizo)\b", first):
        message = "file must begin with '# AmiraMesh' or '# Avizo', got another first line. "
        raise InputError(message + "Check the format.", file=str(path))
    if b"BINARY" in first:
        message = "file must be ASCII, got a binary one. Save it as 'Amira SpatialGraph ASCII'."
        raise InputError(message, file=str(path))
    return decode_text(content, path)


def _fields(path: Path, text: str) -> dict[tuple[str, str], _Field]:
    """Return the columns that the header declares, by what they are of and name."""
    begin = _SECTION.search(text)
    header = text[: begin.start()] if begin else text
    sizes: dict[str, int] = {}
    for found in _DEFINE.finditer(header):
        line = header.count("\n", 0, found.start()) + 1
        # A number and its blank take two characters at the least.
        if int(found[2]) > len(text) // 2:
            message = f"{found[1]} must fit a file of {len(text)} characters, got {found[2]}. "
            raise at_line(path, line, message + "The file is damaged.")
        sizes[found[1]] = int(found[2])
    fields = {}
    for found in _FIELD.finditer(header):
        line = header.count("\n", 0, found.start()) + 1
        if found[1] not in sizes:
            message = f"'define {found[1]}' must stand above, got none. The file is damaged."
            raise at_line(path, line, message)
        width = int(found[3] or 1)
        fields[found[1], found[4]] = _Field(sizes[found[1]], width, found[5], line)
    return fields


def _numbers(path: Path, name: str, each: _Field, *, values: list[str], line: int) -> FloatArray:
    if len(values) != each.n_rows * each.width:
        message = f"{name} must have {each.n_rows} x {each.width} numbers, got {len(values)}. "
        raise at_line(path, line, message + "The file may be cut short.")
    try:
        # Number by number: an array of texts has room for the longest in every place.
        numbers = np.fromiter(map(float, values), dtype=np.float64, count=len(values))
        return numbers.reshape(each.n_rows, each.width)
    except ValueError as error:
        message = f"{name} must be numbers, got another ({error}). Correct the section."
        raise at_line(path, line, message) from None


def _indices(path: Path, name: str, values: FloatArray, *, most: int) -> npt.NDArray[np.int64]:
    bad = ~((values >= 0) & (values <= most) & (values == np.floor(values)))
    if bad.any():
        where = int(np.flatnonzero(bad.reshape(len(values), -1).any(axis=1))[0])
        message = f"{name} must be in 0 .. {most}, got {values[where]} at edge {where}. "
        raise InputError(message + "The file is damaged.", file=str(path))
    return values.astype(np.int64)


def _radius(
    fields: dict[tuple[str, str], _Field],
    wanted: str | None,
    *,
    column: Callable[[tuple[str, str]], FloatArray],
    piece: npt.NDArray[np.int64],
    edge: npt.NDArray[np.int64],
) -> FloatArray:
    """Return the radius of every piece in the unit of the file."""
    for what in ("POINT", "EDGE"):
        names = {name: None for of, name in fields if of == what}
        name, scale = find_radius(names, wanted)
        if not name:
            continue
        values = scale * column((what, name))[:, 0]
        if what == "EDGE":
            return values[edge[piece]]
        mean: FloatArray = (values[piece] + values[piece + 1]) / 2.0
        return mean
    raise missing_radius(wanted, [name for _, name in fields])
