"""Trees of other programs on the same terminals: svVascularize grown beside, others from files."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ctc.body.shapes import Box
from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.formats.catalogue import read_vessels
from ctc.formats.length_unit import LengthUnit
from ctc.formats.source_graph import ReadOptions
from ctc.vessels.calibre import CalibreLaw
from ctc.vessels.grow import Member, grow_bundle, load_growth_rules
from tools.bench.vessel_cost import TreeShape, flow_rule_cost, pressure_rule_cost

# Vessels of svVascularize fill this part of its cube at 1,000 terminals; ours are grown as thick.
_FILLING = 0.0076
_MURRAY = CalibreLaw(3.0, 3.0, 3.0, 1e-3, 1e-4)
# Grows a tree of N terminals in a unit cube as its own examples do; writes it and its seconds.
_SVV = """
import sys, time
import numpy as np, pyvista
from svv.domain.domain import Domain
from svv.tree.tree import Tree
domain = Domain(pyvista.Cube()); domain.create(); domain.solve(); domain.build()
tree = Tree(); tree.set_domain(domain); tree.set_root()
begun = time.perf_counter()
for _ in range(int(sys.argv[1]) - 1):
    tree.add()
seconds = time.perf_counter() - begun
np.savez(sys.argv[2], data=np.asarray(tree.data, dtype=float), seconds=seconds)
"""


@dataclass(frozen=True)
class PeerTree:
    """A tree of another program.

    Attributes
    ----------
    name : str
        Of the program, or the file.
    shape : TreeShape
        In m.
    root : (3,) float64 [m]
        Where it begins.
    terminals : (n, 3) float64 [m]
        Where it ends.
    seconds : float [s]
        That it took to grow; NaN where only its file is known.
    """

    name: str
    shape: TreeShape
    root: FloatArray
    terminals: FloatArray
    seconds: float


@dataclass(frozen=True)
class Comparison:
    """Ours against one tree, on its terminals and from its root.

    Attributes
    ----------
    name : str
        Of the other.
    n_terminals : int
        Of both.
    flow_rule, pressure_rule : float
        Our vessel volume over the other's, by two rules for radii.
    seconds, other_seconds : float [s]
        To grow.
    n_touching : int
        Vessels of ours that overlap another.
    """

    name: str
    n_terminals: int
    flow_rule: float
    pressure_rule: float
    seconds: float
    other_seconds: float
    n_touching: int


def grow_svv(n_terminals: int) -> PeerTree | None:
    """Grow a tree of svVascularize in a process of its own; None where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "tree.npz"
        command = [sys.executable, "-c", _SVV, str(n_terminals), str(target)]
        subprocess.run(command, check=False, capture_output=True)
        if not target.is_file():
            return None
        with np.load(target) as found:
            data, seconds = found["data"], float(found["seconds"])
    # Columns: both ends, ..., 15 and 16 the daughters, 17 the parent; lengths in a cube of 1.
    start, end = 0.1 * data[:, 0:3], 0.1 * data[:, 3:6]
    parent = np.where(np.isnan(data[:, 17]), -1, data[:, 17]).astype(np.int64)
    shape, order = _in_order(parent, np.sqrt(((end - start) ** 2).sum(axis=1)))
    is_leaf = np.isnan(data[:, 15])
    return PeerTree(
        "svVascularize", shape, start[parent < 0][0], end[order][is_leaf[order]], seconds
    )


def read_peer(path: Path, *, unit: LengthUnit | None) -> PeerTree:
    """Read a tree that another program wrote (VascuSynth and OpenCCO: GXL, XML)."""
    network, _ = read_vessels(path, ReadOptions(unit=unit))
    enters = np.full(network.n_nodes, -1, dtype=np.int64)
    enters[network.end_node] = np.arange(network.n_segments)
    parent = enters[network.start_node]
    shape, order = _in_order(parent, network.length)
    leaves = np.bincount(network.start_node, minlength=network.n_nodes)[network.end_node] == 0
    end = network.node_position[network.end_node]
    root = network.node_position[network.start_node[parent < 0][0]]
    return PeerTree(path.name, shape, root, end[order][leaves[order]], float("nan"))


def compare(peer: PeerTree) -> Comparison:
    """Grow a tree on the terminals and from the root of another, free of collisions."""
    low = np.minimum(peer.terminals.min(axis=0), peer.root)
    high = np.maximum(peer.terminals.max(axis=0), peer.root)
    half = 0.5 * (high - low) + 1e-4
    middle = 0.5 * (low + high)
    box = Box((middle[0], middle[1], middle[2]), (half[0], half[1], half[2]), 0.0)
    volume = _FILLING * float(np.prod(2.0 * half))
    begun = time.perf_counter()
    grown = grow_bundle(
        Territory(peer.name, box, peer.root),
        [Member(_MURRAY, volume)],
        n_terminals=len(peer.terminals),
        seed=1,
        rules=replace(load_growth_rules(), largest_part=1.0),
        terminals=peer.terminals,
    )
    seconds = time.perf_counter() - begun
    tree = grown.members[0]
    own = TreeShape(grown.parent.astype(np.int64), tree.length)
    return Comparison(
        peer.name,
        len(peer.terminals),
        flow_rule_cost(own) / flow_rule_cost(peer.shape),
        pressure_rule_cost(own) / pressure_rule_cost(peer.shape),
        seconds,
        peer.seconds,
        grown.n_touching,
    )


def _in_order(
    parent: np.ndarray[tuple[int], np.dtype[np.int64]], length: FloatArray
) -> tuple[TreeShape, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return a tree with parents before their daughters, and the order that makes it so."""
    depth = np.full(parent.size, -1, dtype=np.int64)
    here = np.flatnonzero(parent < 0)
    level = 0
    while here.size:
        depth[here] = level
        level += 1
        here = np.flatnonzero(np.isin(parent, here))
    order = np.argsort(depth, kind="stable")
    place = np.empty(parent.size, dtype=np.int64)
    place[order] = np.arange(parent.size)
    moved = parent[order]
    return TreeShape(np.where(moved < 0, -1, place[moved]), length[order]), order
