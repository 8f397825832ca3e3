"""Growth of vessel trees by the host library."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.checks import FloatArray, IntArray
from ctc.errors import CtcError

GROWN, TERRITORY_EMPTY, NO_PLACE = 0, 1, 2
MOST_MEMBERS = 3
# Numbers of a member: three exponents, two borders, volume, has a port, port.
_MEMBER_NUMBERS = 10
_Vector = ctypes.c_double * 3
_Counts = ctypes.c_int32 * 3


class EngineRules(ctypes.Structure):
    """How the engine grows; see ``kernels/host/growth/scene.h``."""

    _fields_ = (
        ("batch", ctypes.c_double),
        ("round", ctypes.c_double),
        ("n_candidates", ctypes.c_int32),
        ("n_sweeps", ctypes.c_int32),
        ("shortest", ctypes.c_double),
        ("clearance", ctypes.c_double),
        ("contact", ctypes.c_double),
        ("member_gap", ctypes.c_double),
        ("bed_gap", ctypes.c_double),
        ("swell", ctypes.c_double),
        ("sharpest_cosine", ctypes.c_double),
        ("largest_part", ctypes.c_double),
        ("tests_collisions", ctypes.c_int32),
        ("moves_terminals", ctypes.c_int32),
        ("n_joined", ctypes.c_int32),
    )


class _Request(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("steps", "numbers", "grid", "weight")),
        *((name, ctypes.c_void_p) for name in ("given", "members")),
        ("low", _Vector),
        ("high", _Vector),
        ("grid_low", _Vector),
        ("grid_spacing", ctypes.c_double),
        ("weight_low", _Vector),
        ("weight_spacing", ctypes.c_double),
        ("hilum", _Vector),
        ("aside", _Vector),
        ("rules", EngineRules),
        ("n_terminals", ctypes.c_int64),
        ("seed", ctypes.c_uint64),
        ("n_steps", ctypes.c_int32),
        ("n_members", ctypes.c_int32),
        ("grid_n", _Counts),
        ("weight_n", _Counts),
        ("n_threads", ctypes.c_uint32),
    )


class _Report(ctypes.Structure):
    _fields_ = (
        ("territory_volume", ctypes.c_double),
        ("cost", ctypes.c_double),
        ("n_nodes", ctypes.c_int64),
        ("n_forced", ctypes.c_int64),
        ("n_touching", ctypes.c_int64),
        ("outcome", ctypes.c_int32),
    )


@dataclass(frozen=True)
class Field:
    """Steps of a territory with what they read, as the library takes them.

    Attributes
    ----------
    steps : (n_steps, 2) int32
        Operation and first number of each.
    numbers : (n,) float64
        SI.
    low, high : (3,) float64 [m]
        Box around the inside.
    grid, weight : tuple of ((3,) float64 [m], float [m], (n_x, n_y, n_z) float32), optional
        First node, spacing and values of sampled distances, and of the density of terminals.
    """

    steps: npt.NDArray[np.int32]
    numbers: FloatArray
    low: FloatArray
    high: FloatArray
    grid: tuple[FloatArray, float, npt.NDArray[np.float32]] | None = None
    weight: tuple[FloatArray, float, npt.NDArray[np.float32]] | None = None


@dataclass(frozen=True)
class MemberRequest:
    """One tree of a bundle.

    Attributes
    ----------
    exponents : tuple of float
        Of the branching law for large vessels, small ones and arterioles.
    borders : tuple of float [m]
        Radii above which a vessel is large, and small.
    volume : float [m^3]
        Blood that it holds, its root segment included.
    port : (3,) float64 [m], optional
        Where its root segment begins; without one it begins at the hilum.
    """

    exponents: tuple[float, float, float]
    borders: tuple[float, float]
    volume: float
    port: FloatArray | None = None


@dataclass(frozen=True)
class MemberTree:
    """Shape and calibre of one tree; a segment a node, which ends there.

    Attributes
    ----------
    position : (n_nodes, 3) float64 [m]
        Of the nodes.
    length, lumen_radius : (n_nodes,) float64 [m]
        Of the segments; that of node 0 comes from the port, length 0 without one.
    """

    position: FloatArray
    length: FloatArray
    lumen_radius: FloatArray


@dataclass(frozen=True)
class GrownTrees:
    """Trees that share their topology: nodes depth first, daughters side by side.

    Attributes
    ----------
    outcome : int
        GROWN, or why there are no trees.
    parent, first_daughter, count, terminal : (n_nodes,) int32
        Node 0 is the hilum (parent -1) with the only daughter 1; the second daughter is the node
        after the first, -1 at a leaf; terminals below; terminal of a leaf, else -1.
    place, bed : (n_nodes,) int32
        Place of each segment where every leaf's is followed by a bed, and of that bed (else -1).
    centre : (n_nodes, 3) float64 [m]
        Middle of the bundle.
    members : tuple of MemberTree
        In the order of the request.
    territory_volume : float [m^3]
        By counting points.
    cost : float [m^3]
        Sum of R^2 L over all members, as foretold by shares.
    n_forced, n_touching : int
        Terminals joined where no free place was found, and bundles that touch another.
    """

    outcome: int
    parent: IntArray
    first_daughter: IntArray
    count: IntArray
    terminal: IntArray
    place: IntArray
    bed: IntArray
    centre: FloatArray
    members: tuple[MemberTree, ...]
    territory_volume: float
    cost: float
    n_forced: int
    n_touching: int


def default_threads() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def grow_trees(
    field: Field,
    members: Sequence[MemberRequest],
    *,
    rules: EngineRules,
    hilum: FloatArray,
    aside: FloatArray,
    n_terminals: int,
    seed: int,
    shortest: float,
    terminals: FloatArray | None = None,
    threads: int | None = None,
) -> GrownTrees:
    """Grow trees that run side by side; see ``kernels/host/growth/engine.h``.

    Parameters
    ----------
    field : Field
        The territory.
    members : sequence of MemberRequest
        One to three, in the order in which they lie side by side.
    rules : EngineRules
        How to grow.
    hilum : (3,) float64 [m]
        Where they enter.
    aside : (3,) float64 [m]
        In what direction the members lie there, first to last.
    n_terminals : int
        > 0.
    seed : int
        0 to 2^64 - 1.
    shortest : float [m]
        No segment is given less length.
    terminals : (n_terminals, 3) float64 [m], optional
        Given ones, inside; drawn when left out.
    threads : int, optional
        All cores when left out; no result depends on it.

    Returns
    -------
    GrownTrees
        Empty unless its outcome is GROWN.

    Raises
    ------
    CtcError
        If memory runs out.
    """
    request, _kept = _request(field)
    numbers = np.zeros((len(members), _MEMBER_NUMBERS))
    for row, member in zip(numbers, members, strict=True):
        row[:6] = (*member.exponents, *member.borders, member.volume)
        if member.port is not None:
            row[6] = 1.0
            row[7:] = member.port
    given = None if terminals is None else np.ascontiguousarray(terminals, dtype=np.float64)
    request.members = numbers.ctypes.data
    request.given = None if given is None else given.ctypes.data
    request.hilum, request.aside = _Vector(*hilum), _Vector(*aside)
    request.rules = rules
    request.n_terminals, request.seed = n_terminals, seed
    request.n_members = len(members)
    request.n_threads = threads or default_threads()
    library = _library()
    report = _Report()
    handle = library.ctc_growth_start(ctypes.byref(request), ctypes.byref(report))
    if not handle:
        message = f"growth of {n_terminals} terminals ran out of memory. Ask for fewer."
        raise CtcError(message)
    try:
        return _fetch(library, handle, report, n_members=len(members), shortest=shortest)
    finally:
        library.ctc_growth_free(handle)


def _fetch(
    library: Any, handle: int, report: _Report, *, n_members: int, shortest: float
) -> GrownTrees:
    n = int(report.n_nodes) if report.outcome == GROWN else 0
    topology = [np.empty(n, dtype=np.int32) for _ in range(6)]
    centre = np.empty((n, 3))
    trees = []
    if n:
        library.ctc_growth_settle(handle)
        library.ctc_growth_topology(handle, *[array.ctypes.data for array in topology])
        library.ctc_growth_centres(handle, centre.ctypes.data)
    for m in range(n_members if n else 0):
        tree = MemberTree(np.empty((n, 3)), np.empty(n), np.empty(n))
        arrays = (tree.position, tree.length, tree.lumen_radius)
        library.ctc_growth_member(handle, m, shortest, *[a.ctypes.data for a in arrays])
        trees.append(tree)
    return GrownTrees(
        int(report.outcome),
        parent=topology[0],
        first_daughter=topology[1],
        count=topology[2],
        terminal=topology[3],
        place=topology[4],
        bed=topology[5],
        centre=centre,
        members=tuple(trees),
        territory_volume=float(report.territory_volume),
        cost=float(report.cost),
        n_forced=int(report.n_forced),
        n_touching=int(report.n_touching),
    )


def signed_distances(field: Field, points: FloatArray) -> FloatArray:
    """Return (n,) float64 [m]: what the library takes for the distance of (n, 3) points."""
    request, _kept = _request(field)
    points = np.ascontiguousarray(points, dtype=np.float64)
    distance = np.empty(len(points))
    _library().ctc_signed_distance(
        ctypes.byref(request), points.ctypes.data, distance.ctypes.data, len(points)
    )
    return distance


def _request(field: Field) -> tuple[_Request, list[Any]]:
    """Return a request with the territory filled in, and the arrays that it points to."""
    steps = np.ascontiguousarray(field.steps, dtype=np.int32)
    numbers = np.ascontiguousarray(field.numbers, dtype=np.float64)
    request = _Request(
        steps=steps.ctypes.data,
        numbers=numbers.ctypes.data,
        low=_Vector(*field.low),
        high=_Vector(*field.high),
        n_steps=len(steps),
    )
    kept: list[Any] = [steps, numbers]
    for name, grid in (("grid", field.grid), ("weight", field.weight)):
        if grid is None:
            continue
        low, spacing, values = grid
        values = np.ascontiguousarray(values, dtype=np.float32)
        setattr(request, name, values.ctypes.data)
        setattr(request, f"{name}_low", _Vector(*low))
        setattr(request, f"{name}_spacing", spacing)
        setattr(request, f"{name}_n", _Counts(*values.shape))
        kept.append(values)
    return request, kept


def _library() -> Any:
    library = host_library()
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    library.ctc_growth_start.restype = pointer
    library.ctc_growth_start.argtypes = [pointer, pointer]
    library.ctc_growth_topology.argtypes = [pointer] * 7
    library.ctc_growth_member.argtypes = [pointer, ctypes.c_int32, ctypes.c_double, *[pointer] * 3]
    library.ctc_growth_centres.argtypes = [pointer] * 2
    library.ctc_growth_settle.argtypes = [pointer]
    library.ctc_growth_free.argtypes = [pointer]
    library.ctc_signed_distance.argtypes = [pointer, pointer, pointer, count]
    return library
