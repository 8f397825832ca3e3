"""What a tree costs in vessel volume, by rules that ask nothing but its shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray

_GAMMA = 3.0


@dataclass(frozen=True)
class TreeShape:
    """A binary tree without radii; a segment a node, which ends there.

    Attributes
    ----------
    parent : (n_nodes,) int64
        -1 at the root; parents stand before what hangs on them.
    length : (n_nodes,) float64
        Of the segments, any unit; 0 where the root has none.
    """

    parent: npt.NDArray[np.int64]
    length: FloatArray

    def levels(self) -> list[npt.NDArray[np.int64]]:
        """Return the nodes by their distance from the root."""
        depth = np.zeros(self.parent.size, dtype=np.int64)
        for node, parent in enumerate(self.parent.tolist()):
            if parent >= 0:
                depth[node] = depth[parent] + 1
        order = np.argsort(depth, kind="stable")
        return np.split(order, np.searchsorted(depth[order], np.arange(1, depth.max() + 1)))


def flow_rule_cost(shape: TreeShape) -> float:
    """Return ``sum r^2 L`` with r the cube root of the terminals below."""
    return float((np.cbrt(_terminals(shape)) ** 2 * shape.length).sum())


def pressure_rule_cost(shape: TreeShape) -> float:
    """Return ``sum r^2 L`` of radii with equal flow and equal pressure at all terminals.

    Reduced resistances are summed from the leaves up; at each fork the ratio of the daughters'
    radii is ``(Q_1 R_1 / (Q_2 R_2))^(1/4)``, Murray's exponent 3 sets both over the mother's,
    and the root's radius makes the whole drop the same for every tree (that of unit flow a
    terminal in unit viscosity).

    References
    ----------
    .. [1] Karch, Neumann, Neumann and Schreiner 1999, doi:10.1016/S0010-4825(98)00045-6.
    """
    count = _terminals(shape)
    resistance = np.zeros(shape.parent.size)
    relative = np.ones(shape.parent.size)
    levels = shape.levels()
    inverse = np.zeros(shape.parent.size)
    for level in levels[::-1]:
        below = np.divide(1.0, inverse[level], out=np.zeros(level.size), where=inverse[level] > 0)
        resistance[level] = shape.length[level] + below
        parent = shape.parent[level]
        order = np.argsort(parent, kind="stable")
        pairs = level[order][parent[order] >= 0]
        alone = np.bincount(shape.parent[pairs], minlength=shape.parent.size)
        only = pairs[alone[shape.parent[pairs]] == 1]
        inverse[shape.parent[only]] = 1.0 / np.maximum(resistance[only], 1e-300)
        two = pairs[alone[shape.parent[pairs]] == 2].reshape(-1, 2)
        if not two.size:
            continue
        drive = count[two] * resistance[two]
        ratio = (drive[:, 0] / drive[:, 1]) ** 0.25
        relative[two[:, 0]] = (1.0 + ratio**-_GAMMA) ** (-1.0 / _GAMMA)
        relative[two[:, 1]] = (1.0 + ratio**_GAMMA) ** (-1.0 / _GAMMA)
        admitted = (relative[two] ** 4 / resistance[two]).sum(axis=1)
        inverse[shape.parent[two[:, 0]]] = admitted
    root = levels[0][0]
    radius = np.empty(shape.parent.size)
    radius[root] = (resistance[root] * count[root]) ** 0.25
    for level in levels[1:]:
        radius[level] = radius[shape.parent[level]] * relative[level]
    return float((radius**2 * shape.length).sum())


def _terminals(shape: TreeShape) -> FloatArray:
    is_leaf = np.bincount(shape.parent[shape.parent >= 0], minlength=shape.parent.size) == 0
    count = is_leaf.astype(np.float64)
    for node in range(shape.parent.size - 1, 0, -1):
        count[shape.parent[node]] += count[node]
    return np.asarray(count)
