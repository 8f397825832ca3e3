"""Angles, symmetry and the branching law at bifurcations drawn by hand."""

import numpy as np
import pytest

from ctc.vessels.bifurcations import find_bifurcations
from ctc.vessels.calibre import load_calibre_law
from ctc.vessels.network import SegmentKind, VesselNetwork, tube_volume
from ctc.vessels.tree_side import tree_sides

LAW = load_calibre_law()


def fork(radii, directions, *, kind=SegmentKind.ARTERY, region=(0, 0, 0)):
    """Return a mother along x that ends at the origin, and her daughters from there."""
    position = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 0.0], *directions])
    start, end = np.array([0, 1, 1]), np.array([1, 2, 3])
    if kind is SegmentKind.VEIN:
        start, end = end, start
    radius, length = np.array(radii), np.ones(3)
    return VesselNetwork(
        node_position=position,
        start_node=start,
        end_node=end,
        lumen_radius=radius,
        length=length,
        volume=tube_volume(radius, length),
        resistance_factor=np.ones(3),
        kind=np.full(3, int(kind)),
        organ=np.zeros(3),
        region=np.array(region),
        name=np.full(3, -1),
        organ_names=("liver",),
        region_names=("liver", "other"),
        vessel_names=(),
        origin="made by hand",
    )


def measured(network):
    (side,) = tree_sides(network)
    return find_bifurcations(network, side, laws=(LAW,))


@pytest.mark.parametrize("kind", [SegmentKind.ARTERY, SegmentKind.VEIN])
def test_a_symmetric_fork(kind):
    half = np.radians(40.0)
    directions = [[np.cos(half), np.sin(half), 0.0], [2 * np.cos(half), -2 * np.sin(half), 0.0]]
    found = measured(fork([1.0, 0.5 ** (1 / 3), 0.5 ** (1 / 3)], directions, kind=kind))
    assert np.degrees(found.angle).tolist() == pytest.approx([80.0])
    # Murray 1926: equal daughters of exponent 3 part by arccos(2^(1/3) - 1) = 74.9 degrees.
    assert np.degrees(found.least_angle).tolist() == pytest.approx([74.93], abs=0.01)
    assert found.symmetry.tolist() == [1.0]
    assert found.area_ratio.tolist() == pytest.approx([2 ** (1 / 3)])
    assert found.residual.max() < 1e-15


def test_an_uneven_fork_names_the_larger_daughter():
    found = measured(fork([1.0, 0.4, 0.9], [[1, 0, 0], [0, 1, 0]]))
    assert found.larger.tolist() == [2]
    assert found.smaller.tolist() == [1]
    assert found.symmetry.tolist() == pytest.approx([0.4 / 0.9])
    assert np.degrees(found.angle).tolist() == pytest.approx([90.0])
    g = np.array([LAW.exponent_large, LAW.exponent_small, LAW.exponent_arteriole])
    assert found.residual[0] == pytest.approx(np.abs(0.4**g + 0.9**g - 1).min())


def test_daughters_of_another_tree_have_no_law():
    found = measured(fork([1.0, 0.4, 0.9], [[1, 0, 0], [0, 1, 0]], region=(0, 0, 1)))
    assert np.isnan(found.residual).all()


def test_a_daughter_without_length_has_no_angle():
    found = measured(fork([1.0, 0.4, 0.9], [[0, 0, 0], [0, 1, 0]]))
    assert np.isnan(found.angle).all()


def test_ends_and_joints_are_no_bifurcations():
    network = fork([1.0, 0.4, 0.9], [[1, 0, 0], [0, 1, 0]])
    chain = network.replace(start_node=np.array([0, 1, 2]), end_node=np.array([1, 2, 3]))
    assert measured(chain).mother.size == 0
