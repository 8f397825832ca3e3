"""Surface: a closed mesh of triangles around an organ, checked, with what was mended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.body.crossings import crossing_pairs
from ctc.body.surface_files import read_triangles
from ctc.body.surface_topology import (
    orient,
    require_closed_edges,
    require_one_piece,
    shells_of,
    signed_volumes,
)
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.parameters import load_parameters
from ctc.units import to_si

LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SurfaceRepair:
    """A named change made to a surface: rule, how many triangles, what was done."""

    rule: str
    count: int
    detail: str


@dataclass(frozen=True)
class Surface:
    """A closed, orientable surface that does not cross itself: one piece, cavities allowed.

    Attributes
    ----------
    vertices : (n_vertices, 3) float64 [m]
        Each place once.
    triangles : (n_triangles, 3) int64
        Corners, counter-clockwise seen from outside the enclosed space.
    n_cavities : int
        Shells inside the outer one.
    repairs : tuple of SurfaceRepair
        What was mended.
    """

    vertices: FloatArray
    triangles: LongArray
    n_cavities: int = 0
    repairs: tuple[SurfaceRepair, ...] = ()

    @property
    def corners(self) -> FloatArray:
        """(n_triangles, 3, 3) float64 [m]."""
        return self.vertices[self.triangles]

    @property
    def volume(self) -> float:
        """Enclosed volume [m^3], less the cavities."""
        return float(np.sum(signed_volumes(self.corners)))

    def moved(self, offset: FloatArray) -> Surface:
        """Return a copy that is shifted by an offset, (3,) float64 [m]."""
        return Surface(self.vertices + offset, self.triangles, self.n_cavities, self.repairs)


def load_surface(path: Path, *, unit: str) -> Surface:
    """Read a closed surface from an STL or OBJ file and check it.

    Parameters
    ----------
    path : Path
        See `read_triangles`.
    unit : str
        Of its coordinates, such as ``mm``.

    Returns
    -------
    Surface
        Every check of `check_surface` passed.

    Raises
    ------
    InputError
        As `read_triangles` and `check_surface`; names the file.
    """
    corners = read_triangles(path)
    try:
        return check_surface(corners * length_unit(unit))
    except InputError as error:
        raise error.at(file=str(path)) from None


def check_surface(corners: FloatArray) -> Surface:
    """Make a surface of loose triangles, or say why they are none.

    Corners at exactly the same place become one vertex. Triangles with two corners at one place
    are dropped and those that face inwards are turned; both are recorded.

    Parameters
    ----------
    corners : (n_triangles, 3, 3) float64 [m]
        Finite.

    Returns
    -------
    Surface
        Closed, free of crossings, facing outwards.

    Raises
    ------
    InputError
        If an edge does not join exactly two triangles (open, or not a manifold), a triangle has
        no area, triangles cross or touch, the surface falls into separate pieces, encloses
        nothing, or is no size that an organ may have.
    """
    # Adding 0.0 turns -0.0 into 0.0, so that both are one place.
    flat = np.ascontiguousarray(corners.reshape(-1, 3)) + 0.0
    vertices, index = np.unique(flat, axis=0, return_inverse=True)
    triangles = index.reshape(-1, 3).astype(np.int64)
    repairs: list[SurfaceRepair] = []
    _require_size(vertices)
    collapsed = (triangles == np.roll(triangles, 1, axis=1)).any(axis=1)
    if collapsed.any():
        triangles = triangles[~collapsed]
        detail = "triangles with two corners at one place dropped"
        repairs.append(SurfaceRepair("collapsed_triangle", int(collapsed.sum()), detail))
    if not len(triangles):
        message = "surface must have triangles with three corners apart, got none. Remesh it."
        raise InputError(message)
    _require_areas(vertices[triangles])
    edges = require_closed_edges(triangles, vertices)
    _require_no_crossings(vertices, triangles)
    turned = orient(triangles, edges)
    shell = shells_of(turned, edges)
    faces_out, n_cavities = require_one_piece(vertices, turned, shell)
    inverted = ~faces_out[shell]
    turned[inverted] = turned[inverted][:, ::-1]
    n_turned = int((turned != triangles).any(axis=1).sum())
    triangles = turned
    if n_turned:
        detail = "triangles that faced inwards turned"
        repairs.append(SurfaceRepair("inverted_normal", n_turned, detail))
    return Surface(vertices, triangles, n_cavities, tuple(repairs))


def length_unit(unit: str) -> float:
    """Return a unit of length, such as ``mm``, in metres; InputError if it is none."""
    try:
        return to_si(f"1 {unit}", "length")
    except InputError:
        message = f"unit must be a length, got '{unit}'. Use mm, cm, um or m."
        raise InputError(message, key="--unit") from None


def _require_size(vertices: FloatArray) -> None:
    limits = load_parameters("bodies/surfaces")
    low, high = limits.value("extent.smallest"), limits.value("extent.largest")
    extent = float((vertices.max(axis=0) - vertices.min(axis=0)).max())
    if not low <= extent <= high:
        message = (
            f"surface must be {low:g} to {high:g} m long, got {extent:g} m. "
            "Give the unit of its coordinates (--unit)."
        )
        raise InputError(message)


def _require_areas(corners: FloatArray) -> None:
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    bad = (np.cross(first, second) == 0.0).all(axis=1)
    if bad.any():
        index = int(np.flatnonzero(bad)[0])
        x, y, z = corners[index].mean(axis=0)
        message = (
            f"triangle must have an area, got corners on one line at x, y, z = {x:.5g}, {y:.5g}, "
            f"{z:.5g} m ({int(bad.sum())} of {bad.size} triangles). Remesh the surface."
        )
        raise InputError(message)


def _require_no_crossings(vertices: FloatArray, triangles: LongArray) -> None:
    pairs = crossing_pairs(vertices, triangles)
    if not len(pairs):
        return
    shown = ", ".join(f"{a} and {b}" for a, b in pairs[:3].tolist())
    more = f" and {len(pairs) - 3} more pairs" if len(pairs) > 3 else ""
    x, y, z = vertices[triangles[pairs[0]]].reshape(-1, 3).mean(axis=0)
    message = (
        f"surface must not cross or touch itself, got triangles {shown}{more}, near x, y, z = "
        f"{x:.5g}, {y:.5g}, {z:.5g} m. Remesh or smooth it there."
    )
    raise InputError(message)
