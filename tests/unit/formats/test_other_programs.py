"""Files as other programs write them, made by hand from their layouts, give the right vessels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ctc.formats.catalogue import read_vessels
from ctc.formats.length_unit import parse_unit
from ctc.formats.source_graph import ReadOptions
from ctc.vessels.morphometry import measure_network
from ctc.vessels.network import SegmentKind, VesselNetwork

DATA = Path(__file__).parent / "data"


def read(name: str, **options: object) -> VesselNetwork:
    network, flow = read_vessels(DATA / name, ReadOptions(**options))  # type: ignore[arg-type]
    assert flow is None
    return network


def roots_and_tips(network: VesselNetwork) -> tuple[int, int]:
    into = np.bincount(network.end_node, minlength=network.n_nodes)
    out = np.bincount(network.start_node, minlength=network.n_nodes)
    return int((into == 0).sum()), int((out == 0).sum())


def test_vascusynth() -> None:
    """Voxels of 0.04 mm; a bifurcation by Murray's law: 2^3 = 2 x 1.5874^3."""
    network = read("vascusynth.xml", unit=parse_unit("0.04 mm"))
    np.testing.assert_allclose(network.lumen_radius, np.array([2, 1.5874, 1.5874]) * 4e-5)
    np.testing.assert_allclose(network.length, np.array([10, 5, 5]) * 4e-5)
    np.testing.assert_allclose(network.node_position[1], np.array([0, 50, 50]) * 4e-5)
    assert roots_and_tips(network) == (1, 2)
    assert network.region_names == ("vascusynth",)
    assert "0.04 mm" in network.origin
    assert measure_network(network).murray_residual_max < 2e-5
    assert network.repairs == ()


def test_opencco_in_two_dimensions() -> None:
    network = read("opencco.xml")
    np.testing.assert_array_equal(network.node_position[:, 2], 0.0)
    np.testing.assert_allclose(network.lumen_radius, [0.25e-3, 0.125e-3], rtol=1e-15)
    np.testing.assert_allclose(network.length, [2.5e-3, np.hypot(2.0, 2.5) * 1e-3])
    assert list(network.start_node) == [0, 1]


def test_gxl_as_veins_drains_to_the_root() -> None:
    network = read("vascusynth.xml", kind=SegmentKind.VEIN)
    assert roots_and_tips(network) == (2, 1)
    assert (network.kind == SegmentKind.VEIN).all()


def test_spatial_graph() -> None:
    """Edge 0 has two points within: three pieces; edge 1 runs against the others."""
    network = read("spatial_graph.am")
    assert (network.n_nodes, network.n_segments) == (6, 5)
    np.testing.assert_allclose(network.lumen_radius, np.array([9.5, 8.5, 8, 5, 5]) * 1e-6)
    np.testing.assert_allclose(network.length, np.array([50, 50, 40, 50, 50]) * 1e-6)
    assert roots_and_tips(network) == (1, 2)
    assert [(each.rule, each.count) for each in network.repairs] == [("direction", 1)]


def test_swc() -> None:
    network = read("tree.swc")
    np.testing.assert_allclose(network.lumen_radius, np.array([40.5, 30, 25]) * 1e-6, rtol=1e-15)
    np.testing.assert_allclose(network.length, np.array([100, 50, 50]) * 1e-6)
    assert [tuple(pair) for pair in zip(network.start_node, network.end_node, strict=True)] == [
        (0, 1),
        (1, 2),
        (1, 3),
    ]


def test_centrelines_with_points_of_their_own() -> None:
    """Lengths in cm; the lines of a bifurcation do not share their points in the file."""
    pytest.importorskip("vtk")
    network = read("centrelines.vtp")
    assert (network.n_nodes, network.n_segments) == (5, 4)
    np.testing.assert_allclose(network.lumen_radius, np.array([0.2, 0.15, 0.15, 0.15]) * 1e-2)
    np.testing.assert_allclose(network.length, np.array([1, 1, 5, 5]) * 1e-2)
    assert roots_and_tips(network) == (1, 2)
    assert [(each.rule, each.count) for each in network.repairs] == [("coincident_nodes", 2)]


def test_free_ends_are_the_boundary() -> None:
    network = read("tree.swc")
    ends = np.concatenate([network.start_node, network.end_node])
    assert (np.bincount(ends) == 1).sum() == 3
    assert not network.is_kind(SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER).any()
