"""STL and OBJ as programs write them, and as they break."""

import numpy as np
import pytest

from ctc.body.surface import load_surface
from ctc.body.surface_files import read_triangles, write_stl
from ctc.errors import InputError
from tests.unit.body.surfaces import ball, cube


def ascii_stl(corners):
    lines = ["solid part"]
    for triangle in corners:
        lines += ["  facet normal 0 0 0", "    outer loop"]
        lines += [f"      vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in triangle]
        lines += ["    endloop", "  endfacet"]
    return "\n".join([*lines, "endsolid part", ""])


def obj(corners, *, back=False):
    points = corners.reshape(-1, 3)
    n = len(points)
    lines = ["# made by rule", "o part", *(f"v {x} {y} {z} 1.0" for x, y, z in points), "s off"]
    for i in range(0, n, 3):
        numbers = [j - n if back else j + 1 for j in (i, i + 1, i + 2)]
        lines.append("f " + " ".join(f"{j}//1" for j in numbers))
    return "\n".join(lines)


def test_binary_stl_round_trip(tmp_path):
    write_stl(tmp_path / "a.stl", cube(100.0))
    assert np.array_equal(read_triangles(tmp_path / "a.stl"), cube(100.0))


def test_binary_stl_may_begin_with_solid(tmp_path):
    path = tmp_path / "a.STL"
    write_stl(path, cube(100.0))
    path.write_bytes(b"solid of some program" + path.read_bytes()[21:])
    assert np.array_equal(read_triangles(path), cube(100.0))


def test_ascii_stl_and_obj_give_the_same_triangles(tmp_path):
    corners = np.round(ball(30.0, divisions=1), 3)
    for name, text in (
        ("a.stl", ascii_stl(corners)),
        ("b.stl", ascii_stl(corners).upper()),
        ("a.obj", obj(corners)),
        ("b.obj", obj(corners, back=True)),
    ):
        (tmp_path / name).write_text(text)
        assert read_triangles(tmp_path / name) == pytest.approx(corners, abs=1e-12)


def test_faces_of_four_corners_are_cut(tmp_path):
    points = [(x, y, z) for z in (0, 10) for y in (0, 10) for x in (0, 10)]
    quads = ["1 3 4 2", "5 6 8 7", "1 2 6 5", "3 7 8 4", "1 5 7 3", "2 4 8 6"]
    text = [f"v {x} {y} {z}" for x, y, z in points] + [f"f {q}" for q in quads]
    (tmp_path / "a.obj").write_text("\n".join(text))
    assert load_surface(tmp_path / "a.obj", unit="cm").volume == pytest.approx(1e-3)


def test_unit_scales(tmp_path):
    write_stl(tmp_path / "a.stl", cube(4.0))
    assert load_surface(tmp_path / "a.stl", unit="cm").volume == pytest.approx(0.04**3, rel=1e-12)
    with pytest.raises(InputError, match="unit must be a length, got 'kg'"):
        load_surface(tmp_path / "a.stl", unit="kg")


def _broken():
    good = ascii_stl(cube(10.0))
    yield "no.stl", None, "must be a readable file"
    yield "a.ply", b"ply", "must be an STL or OBJ file"
    yield "empty.stl", b"", "it is cut short or no STL"
    yield "noise.stl", bytes(range(256)) * 3, "it is cut short or no STL"
    yield "cut.stl", good[:300].encode(), "cut short|line must begin|vertex must be"
    yield "word.stl", good.replace("endloop", "endlop", 1).encode(), "line 7: line must begin with"
    yield "number.stl", good.replace("-5 -5 -5", "-5 x -5", 1).encode(), "must be three numbers"
    yield "nan.stl", good.replace("-5 -5 -5", "-5 nan -5", 1).encode(), "corner must be finite"
    yield "few.stl", ascii_stl(cube()[:2]).encode(), "must have 4 to"
    yield "text.obj", b"hello there\n", "OBJ must hold vertices"
    yield "index.obj", b"v 0 0 0\nv 1 0 0\nf 1 2 3\n", "line 3: corner must be 1 to 2"
    yield "zero.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n", "got '0'"
    yield "two.obj", b"v 0 0 0\nv 1 0 0\nf 1 2\n", "at least 3 corners"
    yield "bytes.obj", b"v 0 0 0\n\xff\xfe", "file must be text"


@pytest.mark.parametrize(("name", "data", "words"), [pytest.param(*b, id=b[0]) for b in _broken()])
def test_broken_files_are_refused_by_name(tmp_path, name, data, words):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=words) as caught:
        read_triangles(path)
    assert name in str(caught.value)


def test_a_binary_file_cut_short_says_so(tmp_path):
    path = tmp_path / "a.stl"
    write_stl(path, cube(10.0))
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(InputError, match=r"must have 84 \+ 50 n bytes, got 677 with n = 12"):
        read_triangles(path)
