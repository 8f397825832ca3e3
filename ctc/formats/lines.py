"""Lines with arrays, as VTK holds them: our own networks, and those of other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError, near_name
from ctc.flow.field import FlowField
from ctc.formats.assembly import assemble
from ctc.formats.columns import HEADER, Columns, from_columns, is_complete
from ctc.formats.length_unit import LengthUnit
from ctc.formats.source_graph import ReadOptions, SourceGraph
from ctc.vessels.network import VesselNetwork

# Names that programs give the radius or the diameter of a line or point, in the order of trust:
# svVascularize and VMTK "MaximumInscribedSphereRadius", ParaView's tube filter "Radius".
_RADIUS_NAMES = (
    "lumen_radius",
    "radius",
    "maximuminscribedsphereradius",
    "vesselradius",
    "vessel_radius",
    "thickness",
    "r",
)
_DIAMETER_NAMES = ("diameter", "lumen_diameter", "vesseldiameter", "vessel_diameter", "d")


@dataclass(frozen=True)
class Lines:
    """Points, polylines and their arrays, as read.

    Attributes
    ----------
    points : (n_points, 3) float64 [unit of the file]
    connectivity : (n,) int64
        Points of all lines, one line after the other.
    offsets : (n_lines + 1,) int64
        Where each line begins in it, and the end.
    point_arrays, line_arrays : dict of str to array
        One row a point or line.
    header : str
        Of a network of ours, else empty.
    """

    points: FloatArray
    connectivity: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    point_arrays: dict[str, npt.NDArray[Any]]
    line_arrays: dict[str, npt.NDArray[Any]]
    header: str = ""


def header_array(text: str) -> npt.NDArray[np.uint8]:
    """Return the header as the numbers of its letters: an array that every program keeps."""
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8)


def header_text(array: npt.NDArray[Any]) -> str:
    """Return the header that `header_array` made.

    Raises
    ------
    InputError
        If it holds what is no letter.
    """
    try:
        return np.asarray(array).astype(np.uint8).tobytes().decode("ascii")
    except (UnicodeDecodeError, ValueError, TypeError):
        message = f"'{HEADER}' must be the header that ctc wrote, got other values."
        raise InputError(message + " Export the network again.") from None


def network_of_lines(
    lines: Lines, path: Path, options: ReadOptions, *, format_name: str, default_unit: LengthUnit
) -> tuple[VesselNetwork, FlowField | None]:
    """Return the network of a file of lines, with its flow where ctc wrote both.

    A line of more than two points becomes a chain of straight segments. Its radius is that of
    the line, or the mean of its two points. Points at one place are one node: many programs give
    each line points of its own.

    Raises
    ------
    InputError
        If an index is out of range, no radius is found, or as `ctc.formats.assembly.assemble`.
    """
    try:
        _require_indices(lines)
        is_pairs = bool((np.diff(lines.offsets) == 2).all())
        columns = Columns(
            position=lines.points,
            ends=lines.connectivity.reshape(-1, 2) if is_pairs else np.empty((0, 2), np.int64),
            nodes=lines.point_arrays,
            segments=lines.line_arrays,
            header=lines.header,
        )
        if is_pairs and is_complete(columns):
            return from_columns(columns, options)
        graph = _graph(lines, path, options, format_name=format_name, unit=default_unit)
        return assemble(graph, options), None
    except InputError as error:
        raise error.at(file=str(path)) from None


def _require_indices(lines: Lines) -> None:
    sizes = np.diff(lines.offsets)
    if lines.offsets.size == 0 or sizes.size == 0:
        message = "file must hold lines, got none. Export the centrelines, not surfaces or points."
        raise InputError(message)
    if lines.offsets[0] != 0 or lines.offsets[-1] != lines.connectivity.size or (sizes < 0).any():
        message = f"offsets of lines must rise from 0 to {lines.connectivity.size}, got others."
        raise InputError(message + " The file is damaged.")
    bad = np.flatnonzero((lines.connectivity < 0) | (lines.connectivity >= len(lines.points)))
    if bad.size:
        line = int(np.searchsorted(lines.offsets, bad[0], side="right")) - 1
        message = f"points of a line must be in 0 .. {len(lines.points) - 1}, got "
        message += f"{lines.connectivity[bad[0]]} at line {line}. The file is damaged."
        raise InputError(message)


def _graph(
    lines: Lines, path: Path, options: ReadOptions, *, format_name: str, unit: LengthUnit
) -> SourceGraph:
    unit = options.unit or unit
    sizes = np.diff(lines.offsets)
    line_of_entry = np.repeat(np.arange(sizes.size), sizes)
    # A piece begins at every entry but the last of its line.
    begins = np.ones(lines.connectivity.size, dtype=bool)
    begins[lines.offsets[1:][sizes > 0] - 1] = False
    first = np.flatnonzero(begins)
    line = line_of_entry[first]
    start, end = lines.connectivity[first], lines.connectivity[first + 1]
    radius = unit.read(_radius(lines, options.radius_name, line, ends=(start, end)))
    return SourceGraph(
        path=path,
        format_name=format_name,
        node_position=unit.read(lines.points),
        start_node=start,
        end_node=end,
        lumen_radius=radius,
        length=None,
        is_rooted=False,
        unit=unit,
        name_node=lambda i: f"point {i}",
        name_segment=lambda i: f"line {int(line[i])}",
    )


def _radius(
    lines: Lines,
    wanted: str | None,
    line: npt.NDArray[np.int64],
    *,
    ends: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> FloatArray:
    for arrays, is_of_line in ((lines.line_arrays, True), (lines.point_arrays, False)):
        name, scale = find_radius(arrays, wanted)
        if not name:
            continue
        values = np.asarray(arrays[name], dtype=np.float64)
        if values.ndim != 1:
            message = f"radius must be one number each, got '{name}' of shape {values.shape}."
            raise InputError(message + " Name another with --radius-name.")
        if is_of_line:
            of_line: FloatArray = scale * values[line]
            return of_line
        mean: FloatArray = scale * ((values[ends[0]] + values[ends[1]]) / 2.0)
        return mean
    known = sorted({*lines.line_arrays, *lines.point_arrays})
    raise missing_radius(wanted, known)


def find_radius(names: Mapping[str, object], wanted: str | None) -> tuple[str, float]:
    """Return the name that holds the radius, and what makes it one: 1, or 1/2 of a diameter.

    Parameters
    ----------
    names : mapping of str to anything
        Of arrays or attributes.
    wanted : str or None
        The name that the user gave.

    Returns
    -------
    name : str
        Empty if there is none.
    scale : float
    """
    if wanted is not None:
        is_diameter = "diameter" in wanted.lower()
        return (wanted, 0.5 if is_diameter else 1.0) if wanted in names else ("", 1.0)
    lower = {name.lower(): name for name in names}
    for known, scale in ((_RADIUS_NAMES, 1.0), (_DIAMETER_NAMES, 0.5)):
        for each in known:
            if each in lower:
                return lower[each], scale
    return "", 1.0


def missing_radius(wanted: str | None, known: list[str]) -> InputError:
    """Return the error for a file in which no radius was found."""
    if wanted is not None:
        message = f"radius must be an array of the file, got '{wanted}'. "
        return InputError(message + near_name(wanted, known), key="--radius-name")
    there = ", ".join(f"'{name}'" for name in known[:20]) or "none"
    message = f"file must hold the radius of its vessels, got only these arrays: {there}. "
    return InputError(message + "Name the right one with --radius-name.")
