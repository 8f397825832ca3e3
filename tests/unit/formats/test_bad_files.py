"""Wrong files of every format: one message with file, place, rule, value and remedy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ctc.errors import InputError
from ctc.formats.catalogue import read_vessels
from ctc.formats.source_graph import ReadOptions

DATA = Path(__file__).parent / "data"
BOMB = '<!DOCTYPE gxl [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
NODES = "node,x_mm,y_mm,z_mm\na,0,0,0\nb,1,0,0\nc,2,0,0\n"
SEGMENTS = "segment,start_node,end_node,radius_um\n1,a,b,10\n2,b,c,9\n"


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def cut(text: str) -> str:
    return text[: len(text) * 2 // 3]


# Sample, what is done to its text, what the message must say.
WRONG: dict[str, tuple[str, Callable[[str], str], list[str]]] = {
    "swc: short line": ("tree.swc", swap("40.5 1", "40.5"), ["line 3: ", "7 numbers", "got 6"]),
    "swc: no number": ("tree.swc", swap("40.5", "wide"), ["line 3: ", "finite", "'wide'"]),
    "swc: nan": ("tree.swc", swap("100 0 0", "nan 0 0"), ["line 3: ", "finite", "'nan'"]),
    "swc: unknown parent": ("tree.swc", swap("25 2", "25 9"), ["line 6: ", "parent", "got 9"]),
    "swc: identity twice": ("tree.swc", swap("7 0", "2 0"), ["line 5: ", "unique", "got 2"]),
    "swc: cycle": ("tree.swc", swap("50 -1", "50 4"), ["line ", "cycle", "another format"]),
    "swc: own parent": ("tree.swc", swap("25 2", "25 4"), ["line 6: ", "cycle"]),
    "swc: roots alone": (
        "tree.swc",
        lambda text: text.splitlines()[1],
        ["must hold segments, got none"],
    ),
    "swc: empty": ("tree.swc", lambda _: "", ["must hold segments, got none"]),
    "swc: binary": ("tree.swc", lambda _: "\0\1", ["must be text", "binary"]),
    "gxl: cut short": ("vascusynth.xml", cut, ["line ", "well-formed XML", "cut short"]),
    "gxl: no XML": ("vascusynth.xml", lambda _: "1 2 3\n", ["line 1: ", "well-formed XML"]),
    "gxl: entities": (
        "vascusynth.xml",
        lambda text: BOMB + text,
        ["line 1: ", "no entities", "without a DTD"],
    ),
    "gxl: another XML": (
        "vascusynth.xml",
        lambda _: "<svg/>",
        ["line 1: ", "begins with <gxl>", "<svg>"],
    ),
    "gxl: nan": (
        "vascusynth.xml",
        swap("<float>50</float>", "<float>nan</float>"),
        ["line 9: ", "position must be a finite number", "'nan'"],
    ),
    "gxl: one number": (
        "vascusynth.xml",
        swap("<float>10</float>\n        <float>50</float>\n", ""),
        ["line ", "2 or 3 numbers, got 1", "'n7'"],
    ),
    "gxl: no position": (
        "vascusynth.xml",
        swap(" position", " place"),
        ["line ", "must have a position", "'n7'"],
    ),
    "gxl: node twice": (
        "vascusynth.xml",
        swap('id="n1"', 'id="n0"'),
        ["line ", "unique, got 'n0' twice"],
    ),
    "gxl: unknown node": (
        "vascusynth.xml",
        swap('from="n0"', 'from="n9"'),
        ["nodes of the file, got 'n9' at edge 'e7'"],
    ),
    "gxl: no radius": (
        "vascusynth.xml",
        swap(" radius", " width"),
        ["line ", "'radius', got none at edge 'e7'", "--radius-name"],
    ),
    "gxl: no end": ("vascusynth.xml", swap('from="n0"', ""), ["line ", "<edge> must have 'from'"]),
    "amira: cut short": (
        "spatial_graph.am",
        cut,
        ["line ", "x 3 numbers", "cut short"],
    ),
    "amira: no section": (
        "spatial_graph.am",
        lambda text: text[: text.rindex("@5\n")],
        ["section @5 of thickness", "cut short"],
    ),
    "amira: huge count": (
        "spatial_graph.am",
        swap("define POINT 8", "define POINT 800000000000"),
        ["line 7: ", "POINT must fit", "800000000000"],
    ),
    "amira: wrong count": (
        "spatial_graph.am",
        swap("define EDGE 3", "define EDGE 4"),
        ["line ", "must have 4 x 2 numbers, got 6"],
    ),
    "amira: wrong sum": (
        "spatial_graph.am",
        swap("@3\n4\n2\n", "@3\n4\n3\n"),
        ["NumEdgePoints", "sum to 8", "got a least of 2 and 9"],
    ),
    "amira: unknown vertex": (
        "spatial_graph.am",
        swap("\n2 1\n", "\n2 4\n"),
        ["EdgeConnectivity must be in 0 .. 3", "edge 1"],
    ),
    "amira: no number": (
        "spatial_graph.am",
        swap("30.0 40.0", "30.0 x"),
        ["line 39: ", "EdgePointCoordinates must be numbers"],
    ),
    "amira: nan": (
        "spatial_graph.am",
        swap("30.0 40.0", "30.0 nan"),
        ["coordinates must be finite, got (3e-05, nan, 0)", "(1 of 6 nodes)"],
    ),
    "amira: binary": (
        "spatial_graph.am",
        swap("3D ASCII", "BINARY-LITTLE-ENDIAN"),
        ["must be ASCII, got a binary one"],
    ),
    "amira: another file": ("spatial_graph.am", swap("# Amira", "# "), ["'# AmiraMesh'"]),
    "amira: no thickness": (
        "spatial_graph.am",
        swap("float thickness", "float strain"),
        ["must hold the radius", "'strain'", "--radius-name"],
    ),
    "amira: metres": (
        "spatial_graph.am",
        swap("10.0\n9.0\n8.0\n8.0\n4.0\n6.0\n", "0.1\n0.1\n0.1\n0.1\n0.1\n0.1\n"),
        ["median diameter must be in 1 um .. 50 mm, got 0.0002 mm", "in um", "--unit"],
    ),
    "vtp: cut short": ("centrelines.vtp", cut, ["complete VTK poly data"]),
    "vtp: no XML": ("centrelines.vtp", lambda _: "points", ["complete VTK poly data"]),
    "vtp: huge count": (
        "centrelines.vtp",
        swap('NumberOfPoints="7"', 'NumberOfPoints="70000000000000"'),
        ["line 4: ", "fit a file of", "got 70000000000000"],
    ),
    "vtp: wrong count": (
        "centrelines.vtp",
        swap('NumberOfPoints="7"', 'NumberOfPoints="9"'),
        ["complete VTK poly data"],
    ),
    "vtp: unknown point": (
        "centrelines.vtp",
        swap("0 1 2 3 4 5 6<", "0 1 2 3 4 5 16<"),
        ["in 0 .. 6, got 16 at line 2"],
    ),
    "vtp: no lines": (
        "centrelines.vtp",
        lambda text: text.replace('NumberOfLines="3"', 'NumberOfLines="0"'),
        ["must hold lines"],
    ),
    "vtp: no radius": (
        "centrelines.vtp",
        swap("MaximumInscribedSphereRadius", "Path"),
        ["must hold the radius", "'Path'", "'VesselId'"],
    ),
    "vtp: negative radii": (
        "centrelines.vtp",
        swap("0.2 0.2 0.1 0.2 0.1 0.2 0.1", "-1 -1 -1 -1 -1 -1 -1"),
        ["radius must be > 0 somewhere, got none"],
    ),
    "vtp: nan": (
        "centrelines.vtp",
        swap("0.2 0.2 0.1 0.2", "0.2 0.2 0.1 nan"),
        ["radius must be a finite number, got nan at line 1"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_refused(case: str, tmp_path: Path) -> None:
    sample, change, phrases = WRONG[case]
    if sample.endswith(".vtp"):
        pytest.importorskip("vtk")
    path = tmp_path / sample
    path.write_text(change((DATA / sample).read_text(encoding="utf-8")), encoding="utf-8")
    refuse(path, phrases)


TABLES: dict[str, tuple[Callable[[str], str], Callable[[str], str], list[str]]] = {
    "no column": (swap("z_mm", "w"), str, ["nodes.csv: line 1: ", "column 'z'"]),
    "column twice": (swap("y_mm", "x_um"), str, ["nodes.csv: line 1: ", "'x' twice"]),
    "cut short": (str, swap("2,b,c,9", "2,b"), ["segments.csv: line 3: ", "4 values, got 2"]),
    "nan": (swap("1,0,0", "nan,0,0"), str, ["nodes.csv: line 3: ", "x must be a finite", "'nan'"]),
    "unknown node": (str, swap("b,c", "b,d"), ["segments.csv: line 3: ", "of nodes.csv, got 'd'"]),
    "node twice": (swap("c,2", "a,2"), str, ["nodes.csv: line 4: ", "unique, got 'a' twice"]),
    "no radius": (str, swap("radius_um", "area"), ["segments.csv: ", "must hold the radius"]),
    "no rows": (str, lambda _: "segment,start_node,end_node,r\n", ["must hold segments"]),
    "no text": (str, swap("9", '"9'), ["segments.csv: line ", "values between commas"]),
    "kind": (
        str,
        lambda text: text.replace("\n", ",tube\n").replace("um,tube", "um,kind"),
        ["segments.csv: line 2: ", "kind must be a known one, got 'tube'"],
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_wrong_tables_are_refused(case: str, tmp_path: Path) -> None:
    nodes, segments, phrases = TABLES[case]
    (tmp_path / "nodes.csv").write_text(nodes(NODES), encoding="utf-8")
    (tmp_path / "segments.csv").write_text(segments(SEGMENTS), encoding="utf-8")
    refuse(tmp_path, phrases)


def test_good_tables_without_header_are_read(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    (tmp_path / "segments.csv").write_text(SEGMENTS, encoding="utf-8")
    network, _ = read_vessels(tmp_path, ReadOptions())
    assert network.lumen_radius.tolist() == [1e-5, 9e-6]
    assert network.node_position[:, 0].tolist() == [0.0, 1e-3, 2e-3]


@pytest.mark.parametrize("suffix", ["vtp", "vtk", "vtkhdf", "graphml", "swc", "xml", "am"])
def test_any_other_file_is_refused(suffix: str, tmp_path: Path) -> None:
    """Random bytes, nothing, and a folder of that name."""
    for package, suffixes in (("vtk", ("vtp", "vtk")), ("networkx", ("graphml",))):
        if suffix in suffixes:
            pytest.importorskip(package)
    path = tmp_path / f"a.{suffix}"
    refuse(path, [f"a.{suffix}"])
    for content in (b"", bytes(range(256)), b"\xff\xfe" * 40):
        path.write_bytes(content)
        refuse(path, [f"a.{suffix}: "])
    path.unlink()
    path.mkdir()
    refuse(path, [f"a.{suffix}: "])


def test_unknown_formats(tmp_path: Path) -> None:
    path = tmp_path / "tree.dat"
    shutil.copy(DATA / "tree.swc", path)
    refuse(path, ["suffix must tell the format, got '.dat'", "--format"])
    with pytest.raises(InputError, match=r"format must be one of .* Did you mean 'swc'"):
        read_vessels(path, ReadOptions(), format_name="swg")
    assert read_vessels(path, ReadOptions(), format_name="swc")[0].n_segments == 3


def refuse(path: Path, phrases: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read_vessels(path, ReadOptions())
    message = str(caught.value)
    assert "\n" not in message
    for phrase in (*phrases, ". "):
        assert phrase in message
