"""Repairs of graphs from elsewhere, by rule, and which way their trees run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from ctc.errors import InputError
from ctc.formats.assembly import assemble
from ctc.formats.length_unit import MILLIMETRE
from ctc.formats.source_graph import ReadOptions, SourceGraph
from ctc.vessels.network import SegmentKind, VesselNetwork
from tests.unit.formats.made_networks import trees

# Three nodes in a row, one beside, 10 mm apart; radii in the order of the segments.
PLACES = [[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 1, 0]]
ENDS = [(0, 1), (1, 2), (1, 3)]
RADII = [3.0, 2.0, 2.0]


def graph(
    places: Any = PLACES, ends: Any = ENDS, radii: Any = RADII, length: Any = None
) -> SourceGraph:
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return SourceGraph(
        path=Path("made.gxl"),
        format_name="test",
        node_position=np.array(places, dtype=np.float64) * 1e-2,
        start_node=pairs[:, 0],
        end_node=pairs[:, 1],
        lumen_radius=np.array(radii, dtype=np.float64) * 1e-3,
        length=None if length is None else np.array(length, dtype=np.float64) * 1e-2,
        is_rooted=False,
        unit=MILLIMETRE,
    )


# Graph, the rule and its count, what the network then has.
DIRTY: dict[str, tuple[SourceGraph, str, int, dict[str, Any]]] = {
    "nodes at one place": (
        graph(places=[*PLACES, [1, 0, 0], [1, 1, 0]], ends=[*ENDS, (4, 5)], radii=[*RADII, 1.0]),
        "coincident_nodes",
        1,
        {"n_nodes": 5, "n_segments": 4},
    ),
    "a node joined to itself": (
        graph(ends=[*ENDS, (2, 2)], radii=[*RADII, 1.0]),
        "self_loop",
        1,
        {"n_segments": 3},
    ),
    "a segment twice": (
        graph(ends=[*ENDS, (2, 1)], radii=[*RADII, 2.0]),
        "repeated_segment",
        1,
        {"n_segments": 3},
    ),
    "a radius of zero": (
        graph(radii=[3.0, 0.0, 2.0]),
        "zero_radius",
        1,
        {"radius": [3.0, 2.5, 2.0]},
    ),
    "a negative radius": (
        graph(radii=[3.0, 2.0, -1.0]),
        "zero_radius",
        1,
        {"radius": [3.0, 2.0, 2.5]},
    ),
    "a length of zero": (
        graph(length=[1.5, 0.0, 1.5]),
        "zero_length",
        1,
        {"length": [1.5, 1.0, 1.5]},
    ),
    "a node alone": (graph(places=[*PLACES, [9, 9, 9]]), "lone_node", 1, {"n_nodes": 4}),
    "two parts": (
        graph(places=[*PLACES, [5, 0, 0], [6, 0, 0]], ends=[*ENDS, (4, 5)], radii=[*RADII, 1.0]),
        "loose_parts",
        1,
        {"n_nodes": 6, "n_segments": 4},
    ),
}


@pytest.mark.parametrize("case", DIRTY)
def test_each_rule(case: str) -> None:
    dirty, rule, count, expected = DIRTY[case]
    network = assemble(dirty, ReadOptions())
    assert [(each.rule, each.count) for each in network.repairs] == [(rule, count)]
    for name in ("n_nodes", "n_segments"):
        assert getattr(network, name) == expected.get(name, getattr(network, name))
    if "radius" in expected:
        np.testing.assert_allclose(network.lumen_radius * 1e3, expected["radius"])
    if "length" in expected:
        np.testing.assert_allclose(network.length * 1e2, expected["length"])
    with pytest.raises(InputError) as caught:
        assemble(dirty, ReadOptions(repair=False))
    assert f"got {count} of rule '{rule}'" in str(caught.value)
    assert "allow repairs" in str(caught.value)


def test_a_clean_graph_needs_none() -> None:
    network = assemble(graph(), ReadOptions(repair=False))
    assert network.repairs == ()
    np.testing.assert_allclose(network.volume, np.pi * network.lumen_radius**2 * network.length)


def test_loops_are_kept_and_counted() -> None:
    looped = graph(ends=[*ENDS, (2, 3)], radii=[*RADII, 1.0])
    network = assemble(looped, ReadOptions(repair=False))
    assert [(each.rule, each.count) for each in network.repairs] == [("loop", 1)]
    np.testing.assert_array_equal(network.start_node, looped.start_node)


@pytest.mark.parametrize("scale", [1e-5, 1e3])
def test_calibres_that_no_vessel_has(scale: float) -> None:
    with pytest.raises(InputError, match=r"median diameter must be in 1 um .. 50 mm.*--unit"):
        assemble(graph(radii=np.array(RADII) * scale), ReadOptions())


@given(tree=trees())
@settings(max_examples=60, deadline=None)
def test_any_tree_is_directed_from_one_root(tree: VesselNetwork) -> None:
    """Turn half of the segments: then all run from one node, and veins to one."""
    turn = np.arange(tree.n_segments) % 2 == 0
    mixed = SourceGraph(
        path=Path("made.gxl"),
        format_name="test",
        node_position=tree.node_position,
        start_node=np.where(turn, tree.end_node, tree.start_node).astype(np.int64),
        end_node=np.where(turn, tree.start_node, tree.end_node).astype(np.int64),
        lumen_radius=tree.lumen_radius,
        length=None,
        is_rooted=False,
        unit=MILLIMETRE,
    )
    for kind in (SegmentKind.ARTERY, SegmentKind.VEIN):
        network = assemble(mixed, ReadOptions(kind=kind))
        into = np.bincount(network.end_node, minlength=network.n_nodes)
        out = np.bincount(network.start_node, minlength=network.n_nodes)
        most = into if kind is SegmentKind.ARTERY else out
        assert sorted(most) == [0] + [1] * tree.n_segments
        pairs = {frozenset(p) for p in zip(network.start_node, network.end_node, strict=True)}
        assert pairs == {frozenset(p) for p in zip(tree.start_node, tree.end_node, strict=True)}


def test_the_root_is_the_widest_free_end() -> None:
    network = assemble(graph(ends=[(1, 0), (1, 2), (3, 1)], radii=[1.0, 2.0, 3.0]), ReadOptions())
    assert network.start_node.tolist() == [1, 1, 3]
    assert network.end_node.tolist() == [0, 2, 1]
