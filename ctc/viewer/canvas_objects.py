"""Programs and buffers of OpenGL 2.1, on vispy's table of GL functions.

`vispy.gloo` sends every attribute as a float and always draws a whole buffer; bytes that stay
bytes and parts of a buffer need the functions below it. Nothing here knows what is drawn. All calls
want the canvas that owns the objects to be current.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from vispy.gloo import gl

from ctc.errors import MissingDeviceError

Uniform = float | int | Sequence[float] | npt.NDArray[Any]

# Of desktop OpenGL; vispy's table names only those of OpenGL ES 2.
_POINT_SIZE_BY_PROGRAM, _POINT_SPRITE = 0x8642, 0x8861
_NORMALISED = {np.dtype(np.uint8): True, np.dtype(np.float32): False}


class Program:
    """A vertex and a fragment shader in GLSL 1.20."""

    def __init__(self, vertex: str, fragment: str) -> None:
        self._handle = gl.glCreateProgram()
        for kind, text in ((gl.GL_VERTEX_SHADER, vertex), (gl.GL_FRAGMENT_SHADER, fragment)):
            shader = gl.glCreateShader(kind)
            gl.glShaderSource(shader, "#version 120\n" + text)
            gl.glCompileShader(shader)
            if not gl.glGetShaderParameter(shader, gl.GL_COMPILE_STATUS):
                raise _refused(gl.glGetShaderInfoLog(shader))
            gl.glAttachShader(self._handle, shader)
            gl.glDeleteShader(shader)
        gl.glLinkProgram(self._handle)
        if not gl.glGetProgramParameter(self._handle, gl.GL_LINK_STATUS):
            raise _refused(gl.glGetProgramInfoLog(self._handle))
        self._places: dict[str, int] = {}
        self._attributes: dict[str, int] = {}

    def use(self, uniforms: Mapping[str, Uniform]) -> None:
        """Make this the program that draws, with some values set."""
        gl.glUseProgram(self._handle)
        for name, value in uniforms.items():
            place = self._places.get(name)
            if place is None:
                place = self._places[name] = gl.glGetUniformLocation(self._handle, name)
            if isinstance(value, int):
                gl.glUniform1i(place, value)
                continue
            parts = [float(part) for part in np.atleast_1d(np.asarray(value, dtype=np.float64))]
            setter = (gl.glUniform1f, gl.glUniform2f, gl.glUniform3f, gl.glUniform4f)
            setter[len(parts) - 1](place, *parts)

    def place_of(self, attribute: str) -> int:
        """Return where an attribute is read, -1 where the shader does not use it."""
        if attribute not in self._attributes:
            self._attributes[attribute] = gl.glGetAttribLocation(self._handle, attribute)
        return self._attributes[attribute]

    def close(self) -> None:
        """Give it back."""
        gl.glDeleteProgram(self._handle)


class Buffer:
    """Bytes on the device: vertices, or indices into them.

    Parameters
    ----------
    is_index : bool
        Whether it holds indices (uint32).
    """

    def __init__(self, *, is_index: bool = False) -> None:
        self._target = gl.GL_ELEMENT_ARRAY_BUFFER if is_index else gl.GL_ARRAY_BUFFER
        self._handle = gl.glCreateBuffer()
        self.n_bytes = 0
        self.count = 0

    def fill(self, data: npt.NDArray[Any]) -> None:
        """Copy an array, whole, to the device; what was there is gone."""
        gl.glBindBuffer(self._target, self._handle)
        values = np.ascontiguousarray(data)
        if values.nbytes == self.n_bytes and self.n_bytes:
            gl.glBufferSubData(self._target, 0, values)
        else:
            gl.glBufferData(self._target, values if values.nbytes else 1, gl.GL_DYNAMIC_DRAW)
        self.n_bytes, self.count = values.nbytes, len(values)

    def bind(self) -> None:
        """Make it the buffer that the next call means."""
        gl.glBindBuffer(self._target, self._handle)

    def close(self) -> None:
        """Give it back."""
        gl.glDeleteBuffer(self._handle)


class Attribute:
    """Part of each record of a buffer that a shader reads; bytes arrive as 0 .. 1.

    Parameters
    ----------
    buffer : Buffer
        That holds it.
    dtype : dtype
        Of the whole record: float32 or uint8 with a shape, or a structure with a field of it.
    field : str
        In a structure.
    """

    def __init__(self, buffer: Buffer, dtype: npt.DTypeLike, *, field: str = "") -> None:
        whole = np.dtype(dtype)
        part, offset = (whole, 0) if whole.fields is None else whole.fields[field][:2]
        self._buffer, self._stride, self._offset = buffer, whole.itemsize, offset
        self._base = part.base
        self._size = int(np.prod(part.shape)) if part.shape else 1

    def enable(self, place: int) -> None:
        """Let a shader read it."""
        kind = gl.GL_UNSIGNED_BYTE if _NORMALISED[self._base] else gl.GL_FLOAT
        self._buffer.bind()
        gl.glEnableVertexAttribArray(place)
        is_normalised = _NORMALISED[self._base]
        gl.glVertexAttribPointer(place, self._size, kind, is_normalised, self._stride, self._offset)


def attributes_of(buffer: Buffer, dtype: np.dtype[Any]) -> dict[str, Attribute]:
    """Return an attribute ``a_<field>`` for every field of a buffer of structures."""
    return {f"a_{name}": Attribute(buffer, dtype, field=name) for name in dtype.names or ()}


def draw(
    program: Program,
    attributes: Mapping[str, Attribute],
    *,
    mode: int,
    count: int,
    first: int = 0,
    indices: Buffer | None = None,
) -> None:
    """Draw `count` vertices (or indices) from `first` with the program in use."""
    places = []
    for name, attribute in attributes.items():
        place = program.place_of(name)
        if place >= 0:
            attribute.enable(place)
            places.append(place)
    if count and indices is None:
        gl.glDrawArrays(mode, first, count)
    elif count and indices is not None:
        indices.bind()
        gl.glDrawElements(mode, count, gl.GL_UNSIGNED_INT, 4 * first)
        gl.glBindBuffer(gl.GL_ELEMENT_ARRAY_BUFFER, 0)
    for place in places:
        gl.glDisableVertexAttribArray(place)


def let_programs_size_points() -> None:
    """Switch on what OpenGL 2.1 needs for round points of any size."""
    gl.glEnable(_POINT_SIZE_BY_PROGRAM)
    gl.glEnable(_POINT_SPRITE)


def _refused(log: str) -> MissingDeviceError:
    text = " ".join(log.split())[:300]
    message = f"graphics must run GLSL 1.20, got an error of the driver: {text}. See 'ctc doctor'."
    return MissingDeviceError(message)
