"""``ctc vessels grow --mesh`` with surfaces that will not do: one message, and no file."""

import json

import numpy as np
import pytest

from ctc.body.surface_files import write_stl
from ctc.cli.main import main
from tests.unit.body.surfaces import ball, cube

BAD = {
    "open": (cube(100.0)[1:], [], "surface must be closed"),
    "crossing": (
        np.concatenate([ball(50.0), ball(50.0, centre=(60.0, 3, 1))]),
        [],
        "must not cross",
    ),
    "two pieces": (np.concatenate([ball(50.0), ball(9.0, centre=(99.0, 0, 0))]), [], "one piece"),
    "not a number": (np.full((4, 3, 3), np.nan), [], "corner must be finite"),
    "elsewhere": (ball(50.0), [], "Give the hilum"),
    "root outside": (ball(50.0), ["--hilum", "90,0,0"], "which is 40 mm outside"),
    "two numbers": (ball(50.0), ["--hilum", "1,2"], "hilum must be three finite numbers"),
    "too small": (ball(9.0), ["--hilum", "0,0,0"], "must be wider than its root vessel"),
    "wrong unit": (ball(50.0), ["--unit", "km"], "surface must be 0.001 to 3 m long"),
    "unknown unit": (ball(50.0), ["--unit", "furlog"], "unit must be a length"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_surface_gives_one_message_and_no_file(tmp_path, capsys, name):
    corners, options, words = BAD[name]
    mesh, output = tmp_path / "organ.stl", tmp_path / "grown.h5"
    write_stl(mesh, corners)
    line = ["vessels", "grow", "--organ", "liver", "--mesh", str(mesh), "--terminals", "64"]
    assert main([*line, *options, "-o", str(output)]) == 2
    out, err = capsys.readouterr()
    assert words in err
    assert err.count("\n") == 1
    assert out == ""
    assert sorted(tmp_path.iterdir()) == [mesh]


def test_surface_needs_an_organ_and_a_hilum_a_surface(tmp_path, capsys):
    write_stl(tmp_path / "a.stl", ball(50.0))
    output = ["-o", str(tmp_path / "grown.h5")]
    assert main(["vessels", "grow", "--mesh", str(tmp_path / "a.stl"), *output]) == 2
    assert "organ must be named for a surface" in capsys.readouterr().err
    assert main(["vessels", "grow", "--organ", "liver", "--hilum", "0,0,0", *output]) == 2
    assert "hilum must come with a surface" in capsys.readouterr().err


def test_organ_grown_in_a_surface_lies_where_the_surface_does(tmp_path, capsys):
    mesh, output = tmp_path / "organ.stl", tmp_path / "grown.h5"
    # Inwards, and far from any body.
    write_stl(mesh, ball(75.0, centre=(5000.0, 0.0, 0.0))[:, ::-1])
    line = ["vessels", "grow", "--organ", "liver", "--mesh", str(mesh), "--hilum", "5000,-70,0"]
    assert main([*line, "--terminals", "64", "-o", str(output)]) == 0
    capsys.readouterr()
    assert main(["vessels", "info", str(output), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n_terminals"] == 64
    assert [repair["rule"] for repair in figures["repairs"]] == ["inverted_normal"]
    assert "organ.stl (SHA-256 " in figures["origin"]
