"""Files that VTK and NetworkX read and write: they see what we see, and may be missing."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ctc.cli import vessels as commands
from ctc.errors import InputError, OutputError
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import load_haemodynamics
from ctc.flow.field import FlowField
from ctc.formats import catalogue, extras, graphml
from ctc.formats.catalogue import read_vessels, write_vessels
from ctc.formats.network_graph import from_networkx
from ctc.formats.source_graph import ReadOptions
from ctc.vessels.network import VesselNetwork
from tests.unit.flow.loops import small_body


@pytest.fixture(scope="module")
def solved() -> tuple[VesselNetwork, FlowField]:
    return solve_circulation(small_body(), load_haemodynamics())


READERS = {
    "vtp": "vtkXMLPolyDataReader",
    "vtk": "vtkPolyDataReader",
    "vtkhdf": "vtkHDFReader",
}


@pytest.mark.parametrize("suffix", READERS)
def test_vtk_reads_lines_and_flow(
    suffix: str, tmp_path: Path, solved: tuple[VesselNetwork, FlowField]
) -> None:
    vtk = pytest.importorskip("vtk")
    support = pytest.importorskip("vtk.util.numpy_support")
    network, flow = solved
    path = tmp_path / f"body.{suffix}"
    write_vessels(path, network, flow=flow)
    reader = getattr(vtk, READERS[suffix])()
    reader.SetFileName(str(path))
    if suffix == "vtk":
        reader.ReadAllScalarsOn()
    reader.Update()
    data = reader.GetOutput()
    assert data.GetNumberOfPoints() == network.n_nodes
    assert data.GetNumberOfLines() == network.n_segments
    speed = flow.flow_rate * network.length / network.volume
    for name, wanted in (
        ("flow_rate", flow.flow_rate),
        ("lumen_radius", network.lumen_radius),
        ("mean_speed", speed),
    ):
        got = support.vtk_to_numpy(data.GetCellData().GetArray(name))
        np.testing.assert_array_equal(got, wanted)
    ends = data.GetCell(7).GetPointIds()
    assert (ends.GetId(0), ends.GetId(1)) == (network.start_node[7], network.end_node[7])
    pressure = support.vtk_to_numpy(data.GetPointData().GetArray("pressure"))
    np.testing.assert_array_equal(pressure, flow.pressure)


def test_what_vtk_saves_again_is_still_ours(
    tmp_path: Path, solved: tuple[VesselNetwork, FlowField]
) -> None:
    """A file that went through another program, here as text, keeps header and bits."""
    vtk = pytest.importorskip("vtk")
    network, flow = solved
    write_vessels(tmp_path / "a.vtkhdf", network, flow=flow)
    reader, writer = vtk.vtkHDFReader(), vtk.vtkXMLPolyDataWriter()
    reader.SetFileName(str(tmp_path / "a.vtkhdf"))
    writer.SetInputConnection(reader.GetOutputPort())
    writer.SetFileName(str(tmp_path / "b.vtp"))
    writer.SetDataModeToAscii()
    assert writer.Write()
    again, flow_again = read_vessels(tmp_path / "b.vtp", ReadOptions())
    assert again.hash() == network.hash()
    assert flow_again is not None


def test_networkx_reads_graphml(tmp_path: Path, solved: tuple[VesselNetwork, FlowField]) -> None:
    networkx = pytest.importorskip("networkx")
    network, flow = solved
    write_vessels(tmp_path / "a.graphml", network, flow=flow)
    graph = networkx.read_graphml(tmp_path / "a.graphml")
    assert graph.number_of_nodes() == network.n_nodes
    total = sum(radius for _, _, radius in graph.edges(data="lumen_radius"))
    assert total == pytest.approx(network.lumen_radius.sum(), rel=1e-12)


def test_a_graph_of_someone_else() -> None:
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_node("root", pos=(0, 0, 0))
    graph.add_node("fork", pos=[0, 0, 3])
    graph.add_node("tip", pos="(0, 4, 3)")
    graph.add_edge("fork", "root", diameter=2.0)
    graph.add_edge("fork", "tip", diameter=1.0)
    network, flow = from_networkx(graph)
    assert flow is None
    np.testing.assert_allclose(network.lumen_radius, [1e-3, 0.5e-3])
    np.testing.assert_allclose(network.length, [3e-3, 4e-3])
    assert network.start_node.tolist() == [0, 1]


Change = tuple[str, list[str]]
BAD_GRAPHS: dict[str, tuple[Any, Any, str]] = {
    "no position": ({}, {"radius": 1.0}, "nodes must have 'x', 'y' and 'z'"),
    "two numbers": ({"pos": (0, 0)}, {"radius": 1.0}, "must be three numbers.* at node 'a'"),
    "no radius": ({"x": 0, "y": 0, "z": 0}, {"width": 1.0}, "must hold the radius.*'width'"),
    "no number": ({"x": 0, "y": 0, "z": 0}, {"radius": "thin"}, "'radius' must be a number"),
    "nan": ({"x": 0, "y": float("nan"), "z": 0}, {"radius": 1.0}, "finite.*at node 'a'"),
}


@pytest.mark.parametrize("case", BAD_GRAPHS)
def test_wrong_graphs(case: str) -> None:
    networkx = pytest.importorskip("networkx")
    node, edge, message = BAD_GRAPHS[case]
    graph = networkx.Graph()
    graph.add_node("a", **node)
    graph.add_node("b", **{**node, "x": 1} if "x" in node else node)
    graph.add_edge("a", "b", **edge)
    with pytest.raises(InputError, match=message):
        from_networkx(graph)


def test_graphml_bombs_and_sizes(
    tmp_path: Path, solved: tuple[VesselNetwork, FlowField], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("networkx")
    path = tmp_path / "a.graphml"
    path.write_text('<!DOCTYPE g [<!ENTITY a "b">]><graphml>&a;</graphml>')
    with pytest.raises(InputError, match=r"a.graphml: line 1: XML must declare no entities"):
        read_vessels(path, ReadOptions())
    path.write_text("<graphml></graphml>")
    with pytest.raises(InputError, match="must be GraphML"):
        read_vessels(path, ReadOptions())
    write_vessels(path, solved[0], overwrite=True)
    text = path.read_text()
    path.write_text(text.replace('"double"', '"whole"', 1))
    with pytest.raises(InputError, match="must be GraphML"):
        read_vessels(path, ReadOptions())
    path.write_text(text)
    monkeypatch.setattr(graphml, "MOST_SEGMENTS", 100)
    for call in (
        lambda: read_vessels(path, ReadOptions()),
        lambda: write_vessels(tmp_path / "b.graphml", solved[0]),
    ):
        with pytest.raises(InputError, match=r"at most 100 .*Use vtkhdf or vtp"):
            call()
    assert [each.name for each in tmp_path.iterdir()] == ["a.graphml"]


def test_vtkhdf_as_vtk_writes_it(tmp_path: Path, solved: tuple[VesselNetwork, FlowField]) -> None:
    vtk = pytest.importorskip("vtk")
    network, flow = solved
    write_vessels(tmp_path / "a.vtp", network, flow=flow)
    reader, writer = vtk.vtkXMLPolyDataReader(), vtk.vtkHDFWriter()
    reader.SetFileName(str(tmp_path / "a.vtp"))
    writer.SetInputConnection(reader.GetOutputPort())
    writer.SetFileName(str(tmp_path / "b.vtkhdf"))
    assert writer.Write()
    again, _ = read_vessels(tmp_path / "b.vtkhdf", ReadOptions())
    assert again.n_segments == network.n_segments
    np.testing.assert_array_equal(again.lumen_radius, network.lumen_radius)


def test_damaged_vtkhdf(tmp_path: Path, solved: tuple[VesselNetwork, FlowField]) -> None:
    path = tmp_path / "a.vtkhdf"

    def refuse(message: str) -> None:
        with pytest.raises(InputError, match=message) as caught:
            read_vessels(path, ReadOptions())
        assert str(caught.value).startswith(str(path))

    def change(name: str, place: int, value: int) -> None:
        write_vessels(path, solved[0], overwrite=True)
        with h5py.File(path, "r+") as file:
            file[name][place] = value

    change("VTKHDF/Lines/Connectivity", 4, 9999)
    refuse(r"points of a line must be in 0 \.\. 168, got 9999 at line 2")
    change("VTKHDF/FieldData/ctc_network", 0, ord("["))
    refuse("'ctc_network' must be the header that ctc wrote")
    change("VTKHDF/CellData/kind", 3, 99)
    refuse(r"kind must be in 0 \.\. 7, got 99 at segment 3")
    change("VTKHDF/CellData/organ", 3, 99)
    refuse(r"organ must be in")
    write_vessels(path, solved[0], overwrite=True)
    with h5py.File(path, "r+") as file:
        del file["VTKHDF/Lines/Offsets"]
        file["VTKHDF/Lines"].create_dataset("Offsets", shape=(10**12,), dtype="i8", chunks=(1024,))
    refuse("must fit the file, which can hold")
    path.write_bytes(path.read_bytes()[:3000])
    refuse("must be a complete VTKHDF file")
    with h5py.File(path, "w") as file:
        file["a"] = 1
    refuse("must hold a group 'VTKHDF'")


def test_missing_packages_are_named(
    tmp_path: Path, solved: tuple[VesselNetwork, FlowField], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert extras.importlib is importlib
    for name, package in (("a.vtp", "vtk"), ("a.graphml", "networkx")):
        with pytest.raises(InputError) as caught:
            write_vessels(tmp_path / name, solved[0])
        wanted = f"package '{package}' must be installed .* pip install 'ctc\\[formats\\]'"
        assert re.search(wanted, str(caught.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.vtp", "a.vtkhdf", "a.swc", "a"])
def test_a_failed_write_leaves_nothing(
    name: str,
    tmp_path: Path,
    solved: tuple[VesselNetwork, FlowField],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if name == "a.vtp":
        pytest.importorskip("vtk")
    network = solved[0]
    if name == "a.swc":
        network = read_vessels(Path(__file__).parent / "data/tree.swc", ReadOptions())[0]
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match="No space left"):
        write_vessels(tmp_path / name, network)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_unasked(
    tmp_path: Path, solved: tuple[VesselNetwork, FlowField]
) -> None:
    for name in ("a.vtkhdf", "a"):
        write_vessels(tmp_path / name, solved[0])
        with pytest.raises(InputError, match=r"output must not exist yet"):
            write_vessels(tmp_path / name, solved[0])
        write_vessels(tmp_path / name, solved[0], overwrite=True)
    (tmp_path / "a" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match=r"must hold what ctc wrote alone, got 'mine.txt'"):
        write_vessels(tmp_path / "a", solved[0], overwrite=True)
    assert (tmp_path / "a" / "nodes.csv").exists()


def test_the_command_knows_all_formats() -> None:
    assert set(commands._READABLE) == {"auto", "tables", *catalogue.READABLE}
    assert set(commands._WRITABLE) == {"auto", *catalogue.WRITABLE}
    assert tuple(kind.name.lower() for kind in catalogue.PLAIN_KINDS) == commands._KINDS


def test_a_file_at_which_vtk_dies(tmp_path: Path, solved: tuple[VesselNetwork, FlowField]) -> None:
    """The first packed block claims 2^62 parts: VTK finds no memory and ends its process."""
    pytest.importorskip("vtk")
    path = tmp_path / "a.vtp"
    write_vessels(path, solved[0])
    content = bytearray(path.read_bytes())
    first = content.index(b"_", content.index(b"<AppendedData")) + 1
    content[first : first + 8] = (2**62).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"must be complete VTK poly data.*Make it again"):
        read_vessels(path, ReadOptions())
