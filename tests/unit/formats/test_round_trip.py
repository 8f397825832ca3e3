"""What is written and read again is the same: all of it, or all that the format keeps."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats import polydata
from ctc.formats.catalogue import read_vessels, write_vessels
from ctc.formats.length_unit import parse_unit
from ctc.formats.network_graph import from_networkx, to_networkx
from ctc.formats.source_graph import ReadOptions
from ctc.vessels.network import SegmentKind, VesselNetwork
from tests.unit.formats.made_networks import assert_same, networks, pieces, solved_networks, trees

LOSSLESS = ("a.vtp", "a.vtk", "a.vtkhdf", "a.graphml", "a")
NEEDS = {"a.vtp": "vtk", "a.vtk": "vtk", "a.graphml": "networkx"}
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def _without_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that we just wrote need no trial in a child process, which takes half a second."""
    monkeypatch.setattr(polydata, "_require_survivable", lambda _, **__: None)


def through(
    name: str, network: VesselNetwork, flow: FlowField | None, *, unit: str | None = None
) -> tuple[VesselNetwork, FlowField | None]:
    """Write and read again in a folder of its own."""
    chosen = None if unit is None else parse_unit(unit)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_vessels(path, network, flow=flow, unit=chosen)
        assert [each.name for each in Path(folder).iterdir()] == [name]
        return read_vessels(path, ReadOptions())


@pytest.mark.parametrize("name", LOSSLESS)
@given(solved=solved_networks())
@few
def test_nothing_is_lost(name: str, solved: tuple[VesselNetwork, FlowField | None]) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    assert_same(*solved, through(name, *solved))


@pytest.mark.parametrize("unit", ["um", "mm", "cm"])
@given(network=networks())
@few
def test_decimal_texts_keep_every_bit_in_any_unit(unit: str, network: VesselNetwork) -> None:
    assert_same(network, None, through("a", network, None, unit=unit))


@pytest.mark.parametrize("name", ["a.vtkhdf", "a.vtp", "a.graphml"])
def test_binary_files_in_another_unit_round_once_each_way(name: str) -> None:
    """Two roundings: at most one unit in the last place, 2.3e-16 of a value."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    network = _network()
    again, _ = through(name, network, None, unit="mm")
    for field in ("node_position", "lumen_radius", "length"):
        np.testing.assert_allclose(getattr(again, field), getattr(network, field), rtol=2.3e-16)
    np.testing.assert_array_equal(again.volume, network.volume)
    assert again.region_names == network.region_names


@given(solved=solved_networks())
@few
def test_graphs_of_networkx(solved: tuple[VesselNetwork, FlowField | None]) -> None:
    networkx = pytest.importorskip("networkx")
    graph = to_networkx(*solved)
    assert isinstance(graph, networkx.MultiDiGraph)
    assert graph.number_of_edges() == solved[0].n_segments
    assert_same(*solved, from_networkx(graph))


@given(tree=trees())
@few
def test_trees_as_swc(tree: VesselNetwork) -> None:
    again, flow = through("a.swc", tree, None)
    assert flow is None
    assert pieces(again) == pieces(tree)
    np.testing.assert_array_equal(np.sort(again.length), np.sort(tree.length))
    assert again.repairs == ()


@given(tree=trees())
@few
def test_tables_of_microbloom(tree: VesselNetwork) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        write_vessels(path, tree, format_name="microbloom")
        again, _ = read_vessels(path, ReadOptions(kind=_kind(tree)))
    assert pieces(again) == pieces(tree)
    np.testing.assert_array_equal(again.length, tree.length)


def test_names_that_a_table_cannot_hold(tmp_path: Path) -> None:
    network = _network().replace(organ_names=("a", "a"))
    with pytest.raises(InputError, match=r"organ_names must be unique.* got 'a'\. Use vtkhdf"):
        write_vessels(tmp_path / "a", network)
    assert list(tmp_path.iterdir()) == []


def _kind(tree: VesselNetwork) -> SegmentKind:
    return SegmentKind(int(tree.kind[0]))


def _network() -> VesselNetwork:
    generator = np.random.Generator(np.random.Philox(3))
    n = 200
    return VesselNetwork(
        node_position=generator.random((n + 1, 3)),
        start_node=np.arange(n),
        end_node=np.arange(1, n + 1),
        lumen_radius=generator.random(n) + 1e-9,
        length=generator.random(n) + 1e-9,
        volume=generator.random(n) + 1e-9,
        resistance_factor=np.ones(n),
        kind=np.zeros(n),
        organ=np.full(n, -1),
        region=np.zeros(n),
        name=np.full(n, -1),
        organ_names=(),
        region_names=("all",),
        vessel_names=(),
        origin="random",
    )
