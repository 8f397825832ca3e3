"""Targets: networks of vessels in the files of other programs, and tables of a whole body."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ctc.formats import polydata
from ctc.formats.catalogue import read_vessels, write_vessels
from ctc.formats.extras import load_package
from ctc.formats.source_graph import ReadOptions
from ctc.vessel_exchange import import_vessels
from tools.fuzz.changes import BYTES, ByteChange, changing
from tools.fuzz.forked import run_in_fork
from tools.fuzz.sample import Sample
from tools.fuzz.target import Target
from tools.fuzz.text_changes import TEXT
from tools.fuzz.xml_changes import XML

_ROOT = Path(__file__).resolve().parents[2]
_DATA = _ROOT / "tests" / "unit" / "formats" / "data"
_OUTPUT = "imported.h5"

_NODES = "node,x_mm,y_mm,z_mm\na,0,0,0\nb,10,0,0\nc,20,5,0\nd,20,-5,0\n"
_SEGMENTS = (
    "segment,start_node,end_node,radius_um,kind\n1,a,b,100,artery\n2,b,c,80,artery\n"
    "3,b,d,70,arteriole\n"
)
_BODY_NODES = """\
node,x_mm,y_mm,z_mm,tree,boundary,near_organs
a0,0,0,100,artery,aortic_root,
a1,0,0,90,artery,,brain|left_kidney
a2,5,0,80,artery,,left_kidney
a3,-5,0,80,artery,,
v1,5,0,70,vein,,left_kidney
v2,-5,0,70,vein,,
v0,0,0,60,vein,vena_cava_outlet,
v9,1,0,120,vein,vena_cava_outlet,
p0,0,5,100,pulmonary_artery,pulmonary_trunk_root,
p1,0,5,95,pulmonary_artery,,left_lung
q1,0,9,95,pulmonary_vein,,left_lung
q0,0,9,100,pulmonary_vein,pulmonary_vein_outlet,
"""
_BODY_SEGMENTS = """\
segment,node_a,node_b,radius_mm,length_mm,kind,organ
s0,a0,a1,2,10,vessel,
s1,a1,a2,1.5,11,vessel,
s2,a1,a3,1.5,11,vessel,
s3,v1,a2,30,1,microvascular_link,left_kidney
s4,a3,v2,1,1,microvascular_link,other
s5,v1,v0,1.5,11,vessel,
s6,v2,v0,1.5,11,vessel,
s7,v2,v9,1.5,50,vessel,
s8,p0,p1,2,5,vessel,
s9,p1,q1,1,4,microvascular_link,lung
s10,q1,q0,2,5,vessel,
"""
_BODY_TARGETS = "organ,fraction_of_cardiac_output\nleft_kidney,0.3\nother,0.7\n"


def _file(name: str) -> bytes:
    return (_DATA / name).read_bytes()


def small_tree() -> bytes:
    """Return a tree of three segments as SWC."""
    return _file("tree.swc")


@functools.cache
def _written(format_name: str, *names: str) -> tuple[Sample, ...]:
    """Return a small tree as ctc writes it in a format."""
    network, _ = read_vessels(_DATA / "tree.swc", ReadOptions())
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / (names[0] if len(names) == 1 else "folder")
        write_vessels(target, network, format_name=format_name)
        if target.is_file():
            return ({names[0]: target.read_bytes()},)
        return ({f"net/{name}": (target / name).read_bytes() for name in names},)


@functools.cache
def _vtp() -> tuple[Sample, ...]:
    """Return centrelines of another program, and ours in every way that VTK packs them."""
    vtk = load_package("vtk", needed_by="samples")
    reader = vtk.vtkXMLPolyDataReader()
    found: list[Sample] = [{"a.vtp": _file("centrelines.vtp")}, *_written("vtp", "a.vtp")]
    reader.SetFileName(str(_DATA / "centrelines.vtp"))
    for mode, encoded in (("SetDataModeToBinary", True), ("SetDataModeToAppended", True),
                          ("SetDataModeToAppended", False)):  # fmt: skip
        writer = vtk.vtkXMLPolyDataWriter()
        writer.SetInputConnection(reader.GetOutputPort())
        getattr(writer, mode)()
        writer.SetEncodeAppendedData(encoded)
        writer.WriteToOutputStringOn()
        writer.Write()
        found.append({"a.vtp": _bytes(writer.GetOutputString())})
    return tuple(found)


@functools.cache
def _vtk() -> tuple[Sample, ...]:
    vtk = load_package("vtk", needed_by="samples")
    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName(str(_DATA / "centrelines.vtp"))
    writer = vtk.vtkPolyDataWriter()
    writer.SetInputConnection(reader.GetOutputPort())
    writer.WriteToOutputStringOn()
    writer.Write()
    return ({"a.vtk": _bytes(writer.GetOutputString())}, *_written("vtk", "a.vtk"))


def _bytes(output: str | bytes) -> bytes:
    # VTK gives bytes where the text is not UTF-8.
    return output if isinstance(output, bytes) else output.encode("utf-8")


def importing(name: str, *, without_child: bool = False) -> Callable[[Path], object]:
    """Return what imports a file, or folder, of that name as ``ctc vessels import`` does."""

    def feed(folder: Path) -> object:
        if without_child:
            _try_in_fork()
        return import_vessels(folder / name, repair=True, output=folder / _OUTPUT, overwrite=True)

    return feed


def _try_in_fork() -> None:
    """Let files be tried in a fork of this process: a new one needs a second to load VTK."""
    polydata.run_trial = run_in_fork


def _target(
    name: str,
    about: str,
    samples: Callable[[], Sequence[Sample]],
    *changes: ByteChange,
    packages: tuple[str, ...] = (),
) -> Target:
    feed = importing(_NAMES[name])
    return Target(name, about, samples, changing(*changes), feed, packages=packages)


_NAMES = {
    "swc": "a.swc", "gxl": "a.xml", "spatialgraph": "a.am", "graphml": "a.graphml",
    "vtp": "a.vtp", "vtk": "a.vtk", "csv": "net", "microbloom": "net", "tables": "net",
}  # fmt: skip

TARGETS: tuple[Target, ...] = (
    _target(
        "swc", "a tree as SWC",
        lambda: ({"a.swc": _file("tree.swc")}, *_written("swc", "a.swc")), *TEXT, *TEXT, *BYTES,
    ),
    _target(
        "gxl", "a tree of VascuSynth or OpenCCO",
        lambda: ({"a.xml": _file("vascusynth.xml")}, {"a.xml": _file("opencco.xml")}),
        *TEXT, *XML, *XML, *BYTES,
    ),
    _target(
        "spatialgraph", "a SpatialGraph of Amira",
        lambda: ({"a.am": _file("spatial_graph.am")},), *TEXT, *TEXT, *BYTES,
    ),
    _target(
        "graphml", "a graph as GraphML", lambda: _written("graphml", "a.graphml"),
        *TEXT, *XML, *XML, *BYTES, packages=("networkx",),
    ),
    _target(
        "csv", "nodes.csv and segments.csv, with or without network.json",
        lambda: (
            {"net/nodes.csv": _NODES.encode(), "net/segments.csv": _SEGMENTS.encode()},
            *_written("csv", "nodes.csv", "segments.csv", "network.json"),
        ),
        *TEXT, *TEXT, *BYTES,
    ),
    _target(
        "microbloom", "the tables of microBlooM",
        lambda: _written("microbloom", "node_data.csv", "edge_data.csv"), *TEXT, *TEXT, *BYTES,
    ),
    _target(
        "tables", "the tables of a whole body",
        lambda: (
            {
                "net/nodes.csv": _BODY_NODES.encode(), "net/segments.csv": _BODY_SEGMENTS.encode(),
                "net/organ_flow_targets.csv": _BODY_TARGETS.encode(),
            },
        ),
        *TEXT, *TEXT, *BYTES,
    ),
    *(
        replace(
            _target(name, about, samples, *TEXT, *XML, *BYTES, *BYTES, packages=("vtk",)),
            feed=importing(_NAMES[name], without_child=True), has_pipes=False, short_form=30,
            seconds=8.0,  # VTK may take half a minute before its trial is given up
        )
        for name, about, samples in (
            ("vtp", "poly data of VTK in XML, packed and not", _vtp),
            ("vtk", "legacy poly data of VTK", _vtk),
        )
    ),
)  # fmt: skip
