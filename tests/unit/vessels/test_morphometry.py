"""Measures against counts that can be made by hand."""

import json

import numpy as np
import pytest

from ctc.vessels.morphometry import measure_network, strahler_orders
from tests.unit.flow.loops import Builder, small_body, tree_pair


def test_counts_and_volumes() -> None:
    network = small_body()
    measures = measure_network(network)
    assert measures.n_segments == network.n_segments
    assert measures.n_terminals == 5 * 8
    assert sum(measures.organ_volumes.values()) == pytest.approx(network.volume.sum(), rel=1e-12)
    assert sum(row["count"] for row in measures.kinds.values()) == network.n_segments
    assert measures.hash == network.hash()
    json.dumps(measures.to_dict(), allow_nan=False)


def test_orders_of_a_symmetric_and_of_a_herringbone_tree() -> None:
    # Root 0-1, daughters 1-2 and 1-3, then 2 splits again: orders 2 below, no rise at the root.
    start = np.array([0, 1, 1, 2, 2], dtype=np.int32)
    end = np.array([1, 2, 3, 4, 5], dtype=np.int32)
    np.testing.assert_array_equal(strahler_orders(start, end, n_nodes=6), [2, 2, 1, 1, 1])


def test_ratios_of_a_perfect_binary_tree() -> None:
    builder = Builder()
    tree_pair(builder, "in", "out", region="kidney", depth=5)
    measures = measure_network(builder.network())
    # Each doubling is one order, and the radii of the sample fall by 0.8.
    assert measures.arteries.n_orders == 6
    assert measures.arteries.branching == pytest.approx(2.0, rel=1e-12)
    assert measures.veins.diameter == pytest.approx(1 / 0.8, rel=1e-12)
    # Two daughters of 0.8: the nearest exponent of the law is 3.0.
    assert measures.murray_residual_max == pytest.approx(2 * 0.8**3.0 - 1, rel=1e-9)


def test_a_cycle_has_no_order() -> None:
    start = np.array([0, 1, 2], dtype=np.int32)
    end = np.array([1, 2, 0], dtype=np.int32)
    np.testing.assert_array_equal(strahler_orders(start, end, n_nodes=3), [0, 0, 0])
