"""Trees by recursive bisection of a territory's terminals; no radii, no files.

Every region's terminals are halved again and again across the longest side of their box; each
division is a bifurcation. All regions grow together, level by level, so the cost is that of
about twenty sorts. Trees made so are more even than casts of real ones.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.parameters import load_parameters

LongArray = npt.NDArray[np.int64]

# Relaxation weighs a neighbour by the cross-section of the vessel to it, which goes with the
# terminals behind it to the power 2/g; 2.7 is the exponent of the middle calibres.
_WEIGHT_POWER = 2.0 / 2.7


@dataclass(frozen=True)
class GrowthRules:
    """How terminals are joined; from the parameter set ``bodies/vessel_growth``.

    Attributes
    ----------
    smallest_part : float
        Least share of a division's smaller part, 0 to 0.5.
    pull : float
        Where a junction starts: 0 at the one before it, 1 at the middle of what it feeds.
    relaxation_sweeps : int
        How often junctions are moved.
    relaxation_damping : float
        Part of each move that is taken.
    """

    smallest_part: float
    pull: float
    relaxation_sweeps: int
    relaxation_damping: float


@dataclass(frozen=True)
class Forest:
    """Binary trees, one for each region, nodes level by level and siblings side by side.

    Attributes
    ----------
    parent : (n_nodes,) int64
        -1 at a root.
    first_daughter : (n_nodes,) int64
        The second is the next node; -1 at a leaf.
    count : (n_nodes,) int64
        Terminals below, 1 at a leaf.
    tree : (n_nodes,) int64
        Which region.
    terminal : (n_nodes,) int64
        Terminal of a leaf, else -1.
    level_start : (n_levels + 1,) int64
        Nodes ``level_start[i]`` to ``level_start[i + 1]`` have i nodes above them.
    centroid : (n_nodes, 3) float64 [m]
        Mean of the terminals below.
    """

    parent: LongArray
    first_daughter: LongArray
    count: LongArray
    tree: LongArray
    terminal: LongArray
    level_start: LongArray
    centroid: FloatArray

    @property
    def n_nodes(self) -> int:
        """Number of nodes, 2 n_terminals - n_trees."""
        return int(self.parent.size)

    @property
    def n_trees(self) -> int:
        """Number of trees; their roots are the first nodes."""
        return int(self.level_start[1])

    def levels(self) -> list[slice]:
        """Return the nodes of each level, roots first."""
        return [slice(int(a), int(b)) for a, b in itertools.pairwise(self.level_start)]

    @property
    def is_leaf(self) -> npt.NDArray[np.bool_]:
        """(n_nodes,) bool, true at terminals."""
        return self.first_daughter < 0


def load_growth_rules() -> GrowthRules:
    """Return the shipped rules."""
    shape = load_parameters("bodies/vessel_growth")
    return GrowthRules(
        smallest_part=shape.value("shape.smallest_part"),
        pull=shape.value("shape.pull"),
        relaxation_sweeps=round(shape.value("shape.relaxation_sweeps")),
        relaxation_damping=shape.value("shape.relaxation_damping"),
    )


def grow_forest(
    terminals: FloatArray, tree_start: LongArray, *, rules: GrowthRules, seed: int
) -> Forest:
    """Join each region's terminals into a binary tree.

    Parameters
    ----------
    terminals : (n_terminals, 3) float64 [m]
        Region after region.
    tree_start : (n_trees + 1,) int64
        Region i owns terminals ``tree_start[i]`` to ``tree_start[i + 1]``, at least one.
    rules : GrowthRules
        How uneven divisions are.
    seed : int
        Sets the share of each division.

    Returns
    -------
    Forest
        The same for the same input, on any machine.

    Raises
    ------
    InputError
        If a region has no terminal.
    """
    count = np.diff(tree_start)
    if (count < 1).any():
        index = int(np.flatnonzero(count < 1)[0])
        message = f"terminals must be >= 1, got {count[index]} at region {index}. Ask for more."
        raise InputError(message)
    draws = np.random.Philox(key=seed)
    order = np.arange(tree_start[-1])
    # Of the level at hand: where each node's terminals start in `order`, and how many.
    start = np.asarray(tree_start[:-1], dtype=np.int64)
    tree = np.arange(count.size)
    parent = np.full(count.size, -1)
    levels: list[tuple[LongArray, ...]] = []
    n_nodes = 0
    while count.size:
        divides = count > 1
        level_first = np.full(count.size, -1)
        next_node = n_nodes + count.size
        level_first[divides] = next_node + 2 * np.arange(int(divides.sum()))
        levels.append((parent, level_first, count, tree, start))
        parent = np.repeat(n_nodes + np.flatnonzero(divides), 2)
        n_nodes = next_node
        start, count, tree = start[divides], count[divides], tree[divides]
        if not count.size:
            break
        _sort_along_longest_side(terminals, order, start, count)
        n_first = _first_parts(count, draws.random_raw(2 * count.size), rules.smallest_part)
        start = np.stack([start, start + n_first], axis=1).reshape(-1)
        count = np.stack([n_first, count - n_first], axis=1).reshape(-1)
        tree = np.repeat(tree, 2)
    parent, first_daughter, count, tree, start = (
        np.concatenate(parts) for parts in zip(*levels, strict=True)
    )
    sums = np.concatenate([np.zeros((1, 3)), np.cumsum(terminals[order], axis=0)])
    centroid = (sums[start + count] - sums[start]) / count[:, None]
    terminal = np.where(count == 1, order[start], -1)
    sizes = [len(part[0]) for part in levels]
    level_start = np.concatenate([[0], np.cumsum(sizes)])
    return Forest(parent, first_daughter, count, tree, terminal, level_start, centroid)


def _sort_along_longest_side(
    terminals: FloatArray, order: LongArray, start: LongArray, count: LongArray
) -> None:
    """Sort, in place, each node's terminals along the longest side of their box."""
    offset = np.concatenate([[0], np.cumsum(count)[:-1]])
    label = np.repeat(np.arange(count.size), count)
    place = np.arange(label.size) - offset[label] + start[label]
    points = terminals[order[place]]
    sides = np.maximum.reduceat(points, offset) - np.minimum.reduceat(points, offset)
    axis = np.argmax(sides, axis=1)
    along = np.take_along_axis(points, axis[label][:, None], axis=1)[:, 0]
    order[place] = order[place][np.lexsort((along, label))]


def _first_parts(
    count: LongArray, draws: npt.NDArray[np.uint64], smallest_part: float
) -> LongArray:
    """Return how many terminals go to the first daughter, at least one to each."""
    share, side = draws[0::2] / 2.0**64, draws[1::2] < np.uint64(1 << 63)
    smaller = np.rint((smallest_part + (0.5 - smallest_part) * share) * count)
    smaller = np.clip(smaller.astype(np.int64), 1, count - 1)
    return np.where(side, smaller, count - smaller)


def place_junctions(
    forest: Forest, root: FloatArray, leaf: FloatArray, *, rules: GrowthRules
) -> FloatArray:
    """Place the downstream end of every segment of a tree.

    From a start between parent and centroid, damped sweeps towards the point of least vessel
    volume, the Fermat point with the vessels' cross-sections for weights (Weiszfeld).

    Parameters
    ----------
    forest : Forest
        The topology.
    root : (n_trees, 3) float64 [m]
        Where each root segment ends; stays.
    leaf : (n_terminals, 3) float64 [m]
        Where the terminals lie; stay.
    rules : GrowthRules
        Start and sweeps.

    Returns
    -------
    (n_nodes, 3) float64 [m]
        One point a node.
    """
    levels = forest.levels()
    position = np.empty((forest.n_nodes, 3))
    position[levels[0]] = root
    for level in levels[1:]:
        above = position[forest.parent[level]]
        position[level] = above + rules.pull * (forest.centroid[level] - above)
    leaves = np.flatnonzero(forest.is_leaf)
    position[leaves] = leaf[forest.terminal[leaves]]
    moved = np.flatnonzero(~forest.is_leaf & (forest.parent >= 0))
    first = forest.first_daughter[moved]
    neighbours = np.stack([forest.parent[moved], first, first + 1])
    behind = np.stack([forest.count[moved], forest.count[first], forest.count[first + 1]])
    weight = np.power(behind.astype(np.float64), _WEIGHT_POWER)
    for _ in range(rules.relaxation_sweeps):
        here = position[moved]
        there = position[neighbours]
        gap = there - here
        distance = np.sqrt(np.einsum("kij,kij->ki", gap, gap))
        pull = weight / np.maximum(distance, 1e-6)
        target = np.einsum("ki,kij->ij", pull, there) / pull.sum(axis=0)[:, None]
        position[moved] = here + rules.relaxation_damping * (target - here)
    return position


def depth_first_places(forest: Forest, *, extra_per_leaf: int) -> tuple[LongArray, LongArray]:
    """Return each node's place when its tree is laid out depth first, daughters side by side.

    Parameters
    ----------
    forest : Forest
        The topology.
    extra_per_leaf : int
        Places kept after each leaf (1 for its capillary bed).

    Returns
    -------
    place : (n_nodes,) int64
        Counted from the start of its own tree, which takes ``(2 + extra) n - 1`` places.
    below : (n_nodes,) int64
        Where what lies below the node starts: its daughters, or a leaf's extra places.
    """
    size = 2 * (forest.count - 1) + extra_per_leaf * forest.count
    place = np.zeros(forest.n_nodes, dtype=np.int64)
    below = np.ones(forest.n_nodes, dtype=np.int64)
    for level in forest.levels():
        mothers = np.arange(level.start, level.stop)
        mothers = mothers[~forest.is_leaf[level]]
        first = forest.first_daughter[mothers]
        place[first] = below[mothers]
        place[first + 1] = below[mothers] + 1
        below[first] = below[mothers] + 2
        below[first + 1] = below[mothers] + 2 + size[first]
    return place, below
