"""Targets: closed surfaces as STL and OBJ."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import product
from pathlib import Path

from ctc.body.surface import load_surface
from tools.fuzz.changes import BYTES, changing
from tools.fuzz.sample import Sample
from tools.fuzz.target import Target
from tools.fuzz.text_changes import TEXT

_CORNERS = [(60.0 * i, 50.0 * j, 40.0 * k) for k, j, i in product((0, 1), repeat=3)]
_FACES = [
    (0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
    (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5),
]  # fmt: skip


def _stl() -> list[Sample]:
    binary = bytes(80) + struct.pack("<I", len(_FACES))
    text = ["solid box"]
    for face in _FACES:
        corners = [value for corner in face for value in _CORNERS[corner]]
        binary += struct.pack("<12fH", 0.0, 0.0, 0.0, *corners, 0)
        text += ["facet normal 0 0 0", "outer loop"]
        text += ["vertex {} {} {}".format(*_CORNERS[corner]) for corner in face]
        text += ["endloop", "endfacet"]
    text.append("endsolid box")
    return [{"a.stl": binary}, {"a.stl": "\n".join(text).encode()}]


def _obj() -> list[Sample]:
    lines = ["# a box", *("v {} {} {}".format(*corner) for corner in _CORNERS)]
    lines += [f"f {a + 1}/1/1 {b + 1}//1 {c - len(_CORNERS)}" for a, b, c in _FACES]
    return [{"a.obj": "\n".join(lines).encode()}]


def _feed(name: str) -> Callable[[Path], object]:
    def feed(folder: Path) -> object:
        return load_surface(folder / name, unit="mm")

    return feed


TARGETS = (
    Target(
        "stl", "a closed surface as STL, binary and text", _stl,
        changing(*TEXT, *BYTES, *BYTES), _feed("a.stl"),
    ),
    Target(
        "obj", "a closed surface as OBJ", _obj, changing(*TEXT, *TEXT, *BYTES), _feed("a.obj"),
    ),
)  # fmt: skip
