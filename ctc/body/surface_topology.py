"""What joins the triangles of a surface: edges, shells, which side is out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from ctc.body.parity import is_inside
from ctc.checks import FloatArray
from ctc.errors import InputError

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SharedEdges:
    """Each edge of a closed surface with its two triangles.

    Attributes
    ----------
    first, second : (n_edges,) int64
        Triangles.
    agrees : (n_edges,) bool
        Whether the two run along the edge in opposite directions, as neighbours of one
        orientation do.
    """

    first: LongArray
    second: LongArray
    agrees: BoolArray


def require_closed_edges(triangles: LongArray, vertices: FloatArray) -> SharedEdges:
    """Pair the triangles by their edges.

    Parameters
    ----------
    triangles : (n_triangles, 3) int64
        Corners, all different within a triangle.
    vertices : (n_vertices, 3) float64 [m]
        For the message.

    Returns
    -------
    SharedEdges
        Three for every two triangles.

    Raises
    ------
    InputError
        If an edge has one triangle (the surface is open) or more than two (it is no manifold);
        says how many and where the first is.
    """
    start, end = triangles.reshape(-1), np.roll(triangles, -1, axis=1).reshape(-1)
    owner = np.repeat(np.arange(len(triangles)), 3)
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((owner, high, low))
    low, high = low[order], high[order]
    is_new = np.ones(low.size, dtype=bool)
    is_new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    begin = np.flatnonzero(is_new)
    count = np.diff(np.append(begin, low.size))
    for bad, what, remedy in (
        (count == 1, "be closed, got edges with one triangle", "Fill its holes; merge vertices."),
        (count > 2, "have two triangles an edge, got more", "Take out doubled or inner faces."),
    ):
        if bad.any():
            edge = begin[np.flatnonzero(bad)[0]]
            x, y, z = 0.5 * (vertices[low[edge]] + vertices[high[edge]])
            message = (
                f"surface must {what} at x, y, z = {x:.5g}, {y:.5g}, {z:.5g} m "
                f"({int(bad.sum())} of {bad.size} edges). {remedy}"
            )
            raise InputError(message)
    forward = (start < end)[order]
    owner = owner[order]
    return SharedEdges(owner[begin], owner[begin + 1], forward[begin] != forward[begin + 1])


def shells_of(triangles: LongArray, edges: SharedEdges) -> LongArray:
    """Return the shell of each triangle, (n_triangles,) int64: those joined by edges."""
    graph = _graph(len(triangles), edges)
    shell: LongArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return shell


def orient(triangles: LongArray, edges: SharedEdges) -> LongArray:
    """Return a copy, (n_triangles, 3) int64, in which all of a shell agree with its first."""
    triangles = triangles.copy()
    if edges.agrees.all():
        return triangles
    n = len(triangles)
    graph = _graph(n, edges)
    shell = connected_components(graph, directed=False)[1]
    # Whether a triangle disagrees with the one before it on a walk from its shell's first.
    key = np.minimum(edges.first, edges.second) * n + np.maximum(edges.first, edges.second)
    by_key = np.argsort(key, kind="stable")
    sorted_key = key[by_key]
    before = np.arange(n)
    for first in np.unique(shell, return_index=True)[1]:
        _, came_from = breadth_first_order(graph, first, directed=False)
        reached = came_from >= 0
        before[reached] = came_from[reached]
    own = np.arange(n)
    walked = before != own
    wanted = np.minimum(before, own) * n + np.maximum(before, own)
    at = by_key[np.minimum(np.searchsorted(sorted_key, wanted), key.size - 1)]
    flip = walked & ~edges.agrees[at]
    # Disagreements on the walk back to the first add up, in steps of doubled length.
    for _ in range(int(n).bit_length()):
        flip ^= flip[before]
        before = before[before]
    triangles[flip] = triangles[flip][:, ::-1]
    return triangles


def require_one_piece(
    vertices: FloatArray, triangles: LongArray, shell: LongArray
) -> tuple[BoolArray, int]:
    """Tell the outer shell from cavities.

    Parameters
    ----------
    vertices, triangles : (n_vertices, 3) float64 [m], (n_triangles, 3) int64
        Closed, each shell of one orientation, free of crossings.
    shell : (n_triangles,) int64
        From `shells_of`.

    Returns
    -------
    faces_out : (n_shells,) bool
        Whether a shell's triangles face out of the enclosed space already.
    n_cavities : int
        Shells inside the outer one.

    Raises
    ------
    InputError
        If there are separate pieces, or a shell encloses nothing.
    """
    corners = vertices[triangles]
    n_shells = int(shell.max()) + 1
    volume = np.bincount(shell, weights=signed_volumes(corners), minlength=n_shells)
    # Below this share of its box a volume cannot be told from rounding.
    extent = float(np.abs(corners - corners.mean(axis=(0, 1))).max())
    if (np.abs(volume) <= 1e-12 * extent * extent * extent).any():
        message = "surface must enclose a volume, got a shell that encloses none. Remesh it."
        raise InputError(message)
    depth = np.zeros(n_shells, dtype=np.int64)
    first = np.unique(shell, return_index=True)[1]
    for other in range(n_shells if n_shells > 1 else 0):
        # Shells do not cross, so one point of each tells where all of it lies.
        within = is_inside(corners[shell == other], corners[first, 0])
        within[other] = False
        depth += within
    n_outer = int((depth == 0).sum())
    if n_outer > 1 or depth.max(initial=0) > 1:
        pieces = np.sort(np.abs(volume[depth % 2 == 0]))[::-1]
        sizes = ", ".join(f"{piece * 1e6:.3g}" for piece in pieces[:5])
        message = (
            f"surface must be one piece (cavities are allowed), got {pieces.size} pieces of "
            f"{sizes} mL. Keep one, or join them."
        )
        raise InputError(message)
    return (volume > 0.0) == (depth == 0), int((depth == 1).sum())


def signed_volumes(corners: FloatArray) -> FloatArray:
    """Return (n,) float64 [m^3]: of the tetrahedra between each triangle and the middle of all."""
    a, b, c = np.moveaxis(corners - corners.mean(axis=(0, 1)), 1, 0)
    cross = np.cross(b, c)
    volume: FloatArray = (a[:, 0] * cross[:, 0] + a[:, 1] * cross[:, 1] + a[:, 2] * cross[:, 2]) / 6
    return volume


def _graph(n_triangles: int, edges: SharedEdges) -> coo_array:
    ones = np.ones(edges.first.size, dtype=np.int8)
    return coo_array((ones, (edges.first, edges.second)), shape=(n_triangles,) * 2).tocsr()
