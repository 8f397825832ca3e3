"""STL and OBJ files -> corners of triangles, read strictly; checks nothing of their shape."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.input_files import read_bytes

MOST_TRIANGLES = 2_000_000
# A triangle takes up to about 300 bytes of text.
LARGEST_FILE = 300 * MOST_TRIANGLES
_HEADER, _COUNT, _RECORD = 80, 4, 50
_STL = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_FACET = ("facet normal", "outer loop", "vertex", "vertex", "vertex", "endloop", "endfacet")


def read_triangles(path: Path) -> FloatArray:
    """Read the triangles of a surface file.

    Parameters
    ----------
    path : Path
        Binary or ASCII STL (``.stl``) or Wavefront OBJ (``.obj``, faces of more than three corners
        are cut into fans). Normals, materials and texture of the file are not used.

    Returns
    -------
    (n_triangles, 3, 3) float64
        Corners, in the unit of the file.

    Raises
    ------
    InputError
        If there is no such file, it is no mesh, is cut short, holds no triangle or too many, or
        a coordinate is not finite.
    """
    data = read_bytes(path, most=LARGEST_FILE, what="surface")
    readers = {".stl": _read_stl, ".obj": _read_obj}
    suffix = path.suffix.lower()
    if suffix not in readers:
        message = f"surface must be an STL or OBJ file, got '{path.suffix}'. Convert it."
        raise InputError(message, file=str(path))
    try:
        corners = readers[suffix](data)
    except InputError as error:
        raise error.at(file=str(path)) from None
    if not 4 <= len(corners) <= MOST_TRIANGLES:
        message = (
            f"surface must have 4 to {MOST_TRIANGLES:,} triangles, got {len(corners):,}. "
            "A closed surface needs four; reduce a finer one before it is read."
        )
        raise InputError(message, file=str(path))
    bad = ~np.isfinite(corners).all(axis=(1, 2))
    if bad.any():
        index = int(np.flatnonzero(bad)[0])
        message = (
            f"corner must be finite, got {corners[index].tolist()} at triangle {index} "
            f"({int(bad.sum())} of {bad.size} triangles). Mend the file."
        )
        raise InputError(message, file=str(path))
    return corners


def _read_stl(data: bytes) -> FloatArray:
    start = _HEADER + _COUNT
    declared = struct.unpack_from("<I", data, _HEADER)[0] if len(data) >= start else 0
    # Some binary files begin with "solid" too, so the size decides.
    if len(data) == start + _RECORD * declared and declared:
        corners: FloatArray = np.frombuffer(data, _STL, offset=start)["corners"].astype(np.float64)
        return corners
    if data.lstrip()[:5].lower() == b"solid" and b"\0" not in data[:_HEADER]:
        return _read_ascii_stl(data)
    message = (
        f"binary STL must have {start} + {_RECORD} n bytes, got {len(data)} with n = {declared} in "
        "its header: it is cut short or no STL. Export it again."
    )
    raise InputError(message)


def _read_ascii_stl(data: bytes) -> FloatArray:
    lines = _text_lines(data)
    corners: list[list[float]] = []
    step, is_open = 0, False
    for number, words in lines:
        line = " ".join(words).lower()
        if step == 0 and not is_open and words[0].lower() == "solid":
            is_open = True
        elif step == 0 and is_open and line.startswith(("endsolid", "end solid")):
            is_open = False
        elif is_open and line.startswith(_FACET[step]):
            if _FACET[step] == "vertex":
                corners.append(_numbers(words[1:], number))
            step = (step + 1) % len(_FACET)
        else:
            wanted = _FACET[step] if is_open else "solid"
            message = f"line must begin with '{wanted}', got '{' '.join(words)[:40]}'."
            raise InputError(message + " Export the file again.", key=f"line {number}")
    if step or is_open:
        message = "ASCII STL must end with 'endsolid', got the end of the file: it is cut short."
        raise InputError(message + " Export it again.")
    return np.array(corners, dtype=np.float64).reshape(-1, 3, 3)


def _read_obj(data: bytes) -> FloatArray:
    vertices: list[list[float]] = []
    triangles: list[tuple[int, int, int]] = []
    for number, words in _text_lines(data):
        if words[0] == "v":
            # A fourth number is a weight, six are position and colour.
            vertices.append(_numbers(words[1:4], number))
        elif words[0] == "f":
            corners = [_obj_index(word, len(vertices), number) for word in words[1:]]
            if len(corners) < 3:
                message = f"face must have at least 3 corners, got {len(corners)}."
                raise InputError(message + " Mend the file.", key=f"line {number}")
            triangles += [
                (corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1)
            ]
    if not vertices or not triangles:
        message = (
            f"OBJ must hold vertices ('v x y z') and faces ('f i j k'), got {len(vertices)} and "
            f"{len(triangles)}. Check that the file is a mesh."
        )
        raise InputError(message)
    corners_of_faces: FloatArray = np.array(vertices, dtype=np.float64)[np.array(triangles)]
    return corners_of_faces


def _obj_index(word: str, n_vertices: int, line: int) -> int:
    """Return a corner ``i``, ``i/t``, ``i//n`` or ``i/t/n``; below 0 counts from the last."""
    try:
        index = int(word.split("/", maxsplit=1)[0])
    except ValueError:
        index = 0
    place = index - 1 if index > 0 else n_vertices + index
    if index == 0 or not 0 <= place < n_vertices:
        message = (
            f"corner must be 1 to {n_vertices} (vertices so far), or below 0 to count back, got "
            f"'{word}'. Mend the file."
        )
        raise InputError(message, key=f"line {line}")
    return place


def _text_lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give the words of every line that has any, with its number; comments are left out."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"file must be text, got byte {data[error.start]:#x} at {error.start}: no mesh."
        raise InputError(message + " Export it again.") from None
    # One line at a time: lists of all words would take twenty times the room of the file.
    for number, line in enumerate(io.StringIO(text), start=1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


def _numbers(words: list[str], line: int) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    if len(values) != 3:
        message = f"vertex must be three numbers, got '{' '.join(words)[:60]}'. Mend the file."
        raise InputError(message, key=f"line {line}")
    return values


def write_stl(path: Path, corners: npt.NDArray[np.floating]) -> None:
    """Write triangles as binary STL, in the unit that they are given in (for export and tests).

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    corners : (n_triangles, 3, 3) float
        Rounded to float32, as the format has it.
    """
    records = np.zeros(len(corners), dtype=_STL)
    records["corners"] = corners
    path.write_bytes(bytes(_HEADER) + struct.pack("<I", len(corners)) + records.tobytes())
