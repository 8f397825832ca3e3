"""Networks and surfaces that once ended in a traceback, a hang, or took all memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.kept import Kept
from tools.fuzz.registry import TARGETS
from tools.fuzz.sample import Odd

LAUGHS = '<!DOCTYPE {0} [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
GXL = (
    '{0}<gxl><graph id="g"><node id="a"><attr name="position"><tup><float>0</float>'
    "<float>0</float></tup></attr></node></graph></gxl>"
)
OTHERS = ("swc", "gxl", "spatialgraph", "graphml", "stl", "obj")


def first(target: str, old: bytes, new: bytes, *phrases: str) -> Kept:
    """Return the first good sample of a target with one change in its only file."""
    ((name, content),) = TARGETS[target].samples()[0].items()
    assert isinstance(content, bytes)
    assert old in content
    return Kept(target, {name: content.replace(old, new, 1)}, phrases)


def _slivers(count: int) -> str:
    """Return long thin tetrahedra that all lie in the box of each other."""
    lines = []
    for i in range(count):
        x = 1e-3 * i
        corners = ((x, 0, 0), (60 - x, 50, 40), (x, 1e-4, 0), (x, 0, 1e-4))
        lines += ["v {} {} {}".format(*corner) for corner in corners]
        a, b, c, d = range(4 * i + 1, 4 * i + 5)
        lines += [f"f {a} {b} {c}", f"f {a} {c} {d}", f"f {a} {d} {b}", f"f {b} {d} {c}"]
    return "\n".join(lines)


KEPT = {
    # A device has no end: tables and surfaces took all memory.
    **{
        f"a device as {name}": lambda name=name: Kept(
            name, {next(iter(TARGETS[name].samples()[0])): Odd.DEVICE}, ("must be a file", "device")
        )
        for name in OTHERS
    },
    "a device as a table": lambda: Kept("tables", {"net/nodes.csv": Odd.DEVICE}, ("a device",)),
    "a terabyte of holes": lambda: Kept(
        "stl", {"a.stl": Odd.HUGE}, ("at most 600,000,000 bytes", "1,099,511,627,776")
    ),
    # Python refuses to make integers of so many digits; nobody asked it before.
    "an exponent of 5000 digits": lambda: first(
        "swc", b"100 0 0", b"1e" + b"1" * 5000 + b" 0 0", "line 3: ", "finite numbers"
    ),
    "an identity of 5000 digits": lambda: first(
        "swc", b"\n2 ", b"\n" + b"2" * 5000 + b" ", "line 3: ", "whole numbers"
    ),
    "a count of 5000 digits": lambda: first(
        "spatialgraph", b"define POINT 8", b"define POINT " + b"8" * 5000, "define POINT"
    ),
    # Every way to cut a number in two was tried: a minute for 100,000 digits.
    "a number with a letter behind": lambda: first(
        "swc", b"100 0 0", b"1" * 200_000 + b"x 0 0", "line 3: ", "finite numbers"
    ),
    # An array of texts has room for the longest in every place.
    "one long word among numbers": lambda: first(
        "spatialgraph", b"30.0 40.0", b"30.0 " + b"4" * 300_000 + b"x", "must be numbers"
    ),
    "entities in GXL": lambda: Kept(
        "gxl", {"a.xml": GXL.format(LAUGHS.format("gxl"))}, ("no ent",)
    ),
    "an entity of a file": lambda: Kept(
        "gxl",
        {"a.xml": GXL.format('<!DOCTYPE gxl [<!ENTITY e SYSTEM "a.xml">]>')},
        ("no entities",),
    ),
    "declarations without entities": lambda: Kept(
        "gxl",
        {"a.xml": GXL.format('<!DOCTYPE gxl [<!ATTLIST gxl a CDATA "1">]>')},
        ("no entities",),
    ),
    # As the programs that made the format write it; nothing is fetched.
    "a DTD that is only named": lambda: Kept(
        "gxl",
        {"a.xml": GXL.format('<!DOCTYPE gxl SYSTEM "http://localhost:9/gxl-1.0.dtd">')},
        ("must hold segments, got none",),
    ),
    "tags in tags": lambda: Kept("gxl", {"a.xml": "<gxl>" + "<g>" * 200_000}, ("well-formed",)),
    "tags in tags of a graph": lambda: Kept(
        "graphml",
        {"a.graphml": "<graphml>" + "<g>" * 100_000 + "</g>" * 100_000 + "</graphml>"},
        ("must be GraphML",),
    ),
}
KEPT |= {
    "corners all at one place": lambda: Kept(
        "obj", {"a.obj": "v 0 0 0\nv 60 0 0\n" + "f 1 1 2\n" * 4}, ("three corners apart",)
    ),
    "a type beyond 64 bits in SWC": lambda: Kept(
        "swc",
        {
            "a.swc": b"# vessels by ctc: type is 10 + kind of the segment to the parent\n"
            b"1 1 5 0 5 4 -1\n2 9223372036854775808 2 0 5 4 1\n"
        },
        ("line 3: ", "whole numbers of 63 bits"),
    ),
    # Thousands of slivers through one box: their pairs took gigabytes.
    "a bundle of slivers": lambda: Kept("obj", {"a.obj": _slivers(1_200)}, ("boxes overlap",)),
}
WITH_VTK = {
    "a name that is no UTF-8": lambda: first(
        "vtk", b"MaximumInscribedSphereRadius", b"Max\xed\xa0\x80", "radius of its vessels"
    ),
    "a count of 5000 digits in VTP": lambda: first(
        "vtp", b'NumberOfPoints="7"', b'NumberOfPoints="' + b"7" * 5000 + b'"',
        "line 4: ", "counts must fit a file",
    ),
    "a count in single quotes": lambda: first(
        "vtp", b'NumberOfPoints="7"', b"NumberOfPoints = '70000000000'", "counts must fit a file"
    ),
    "entities in VTP": lambda: first(
        "vtp", b"<VTKFile", LAUGHS.format("VTKFile").encode() + b"<VTKFile", "no entities"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_it_is_refused_in_one_clean_line(name: str, tmp_path: Path) -> None:
    kept = KEPT[name]()
    if kept.target == "graphml":
        pytest.importorskip("networkx")
    kept.check(tmp_path / "input")


@pytest.mark.parametrize("name", WITH_VTK)
def test_it_is_refused_before_vtk_reads_it(name: str, tmp_path: Path) -> None:
    pytest.importorskip("vtk")
    WITH_VTK[name]().check(tmp_path / "input")
