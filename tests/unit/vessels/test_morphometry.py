"""Measures against counts that can be made by hand."""

import dataclasses
import json

import numpy as np
import pytest

from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.vessels.morphometry import measure_network
from ctc.vessels.network import SegmentKind
from tests.unit.flow.loops import Builder, small_body, tree_pair


def test_counts_and_volumes() -> None:
    network = small_body()
    measures = measure_network(network)
    assert measures.n_segments == network.n_segments
    assert measures.n_terminals == 5 * 8
    assert sum(measures.organ_volumes.values()) == pytest.approx(network.volume.sum(), rel=1e-12)
    assert sum(row["count"] for row in measures.kinds.values()) == network.n_segments
    assert measures.hash == network.hash()
    assert list(measures.sides) == ["arteries", "veins", "portal veins"]
    assert measures.sides["portal veins"].n_segments == 2**4 - 1
    figures = measures.to_dict()
    assert figures["strahler"] == measures.sides["arteries"].orders.to_dict()
    assert {"near_collisions", "far_collisions", "coverage_max"} <= figures.keys()
    json.dumps(figures)


def test_systemic_small_vessels_leave_the_lungs_out() -> None:
    network = small_body()
    lungs = [network.organ_index("left lung"), network.organ_index("right lung")]
    # Both lungs become one organ of that name.
    organ = np.where(np.isin(network.organ, lungs), lungs[0], network.organ)
    names = tuple("lung" if name == "left lung" else name for name in network.organ_names)
    network = network.replace(organ=organ, organ_names=names)
    small = network.is_kind(SegmentKind.ARTERIOLE, SegmentKind.CAPILLARY_BED) & (organ != lungs[0])
    expected = network.volume[small].sum() / network.volume.sum()
    assert measure_network(network).systemic_small_vessels == pytest.approx(expected, rel=1e-12)


def test_a_network_without_a_heart_is_no_body() -> None:
    builder = Builder()
    tree_pair(builder, "in", "out", region="kidney")
    assert np.isnan(measure_network(builder.network()).systemic_small_vessels)


def test_arteries_alone_have_their_leaves_for_terminals() -> None:
    builder = Builder()
    for i, end in enumerate("bcd"):
        builder.add("a" if i == 0 else "b", end)
    measures = measure_network(builder.network())
    assert measures.n_terminals == 2
    assert measures.sides["arteries"].path_mean == pytest.approx(0.02)
    assert np.isnan(measures.murray_residual_max)


def test_ratios_of_a_perfect_binary_tree() -> None:
    builder = Builder()
    tree_pair(builder, "in", "out", region="kidney", depth=5)
    measures = measure_network(builder.network())
    arteries, veins = measures.sides["arteries"], measures.sides["veins"]
    # Each doubling is one order, and the radii of the sample fall by 0.8.
    assert arteries.orders.n_orders == 6
    assert arteries.orders.branching == pytest.approx(2.0, rel=1e-12)
    assert veins.orders.diameter_ratio == pytest.approx(1 / 0.8, rel=1e-12)
    # Two daughters of 0.8: the nearest exponent of the law is 3.0.
    assert measures.murray_residual_max == pytest.approx(2 * 0.8**3.0 - 1, rel=1e-9)
    assert arteries.symmetry == pytest.approx(1.0)
    assert arteries.area_ratio == pytest.approx(2 * 0.8**2)


def test_coverage_of_known_terminals() -> None:
    # One terminal at the middle of a ball: the farthest point is a radius away.
    builder = Builder()
    builder.add("a", "b", region="spleen")
    builder.add("b", "c", kind=SegmentKind.CAPILLARY_BED, region="spleen")
    network = builder.network()
    middle = network.node_position[1]
    ball = Territory("spleen", Ellipsoid(tuple(middle), (0.04,) * 3), middle)
    (found,) = measure_network(network, territories={"spleen": ball}).coverage.values()
    volume = 4 / 3 * np.pi * 0.04**3
    # 200,000 points: the volume is good to 1 / sqrt of that, the farthest to a thousandth.
    assert found.volume == pytest.approx(volume, rel=2.3e-3)
    assert found.largest == pytest.approx(0.04 / volume ** (1 / 3), rel=2e-3)
    # Half of the ball lies within 2^(-1/3) of its radius.
    assert found.median == pytest.approx(found.largest * 0.5 ** (1 / 3), rel=5e-3)
    tube = np.pi * 1e-3**2 * 1e-2
    assert found.vessel_fraction == pytest.approx(tube / volume, rel=2.3e-3)
    assert dataclasses.asdict(found)["n_terminals"] == 1
