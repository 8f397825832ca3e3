"""Programs, buffers, textures and targets of OpenGL 2.1, on vispy's table of GL functions.

`vispy.gloo` sends every attribute as a float and always draws a whole buffer; bytes that stay
bytes and parts of a buffer need the functions below it. Nothing here knows what is drawn. All calls
want the canvas that owns the objects to be current.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from vispy.gloo import gl  # noqa: TID251 - the viewer draws with vispy

from ctc.errors import MissingDeviceError

ByteArray = npt.NDArray[np.uint8]
Uniform = float | int | Sequence[float] | npt.NDArray[Any]

# Of desktop OpenGL; vispy's table names only those of OpenGL ES 2.
_RGBA32F, _RGBA8, _DEPTH24 = 0x8814, 0x8058, 0x81A6
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
        part, offset = (whole.fields or {})[field][:2] if field else (whole, 0)
        self._buffer, self._stride, self._offset = buffer, whole.itemsize, offset
        self._base = part.base
        self._size = int(np.prod(part.shape)) if part.shape else 1

    def enable(self, place: int) -> None:
        """Let a shader read it."""
        kind = gl.GL_UNSIGNED_BYTE if _NORMALISED[self._base] else gl.GL_FLOAT
        self._buffer.bind()
        gl.glEnableVertexAttribArray(place)
        is_normalised = _NORMALISED[self._base]
        gl.glVertexAttribPointer(
            place, self._size, kind, is_normalised, self._stride, self._offset
        )


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


class Texture:
    """An image on the device.

    Parameters
    ----------
    is_float : bool
        Four floats a pixel, not four bytes.
    is_smooth : bool
        Whether it is interpolated between its pixels.
    """

    def __init__(self, *, is_float: bool = False, is_smooth: bool = False) -> None:
        self.handle = gl.glCreateTexture()
        self._is_float = is_float
        self.width = self.height = 0
        self.bind(0)
        kind = gl.GL_LINEAR if is_smooth else gl.GL_NEAREST
        for name in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, kind)
        for name in (gl.GL_TEXTURE_WRAP_S, gl.GL_TEXTURE_WRAP_T):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, gl.GL_CLAMP_TO_EDGE)

    @property
    def n_bytes(self) -> int:
        """Of its pixels."""
        return self.width * self.height * (16 if self._is_float else 4)

    def bind(self, unit: int) -> None:
        """Let samplers of that number read it."""
        gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self.handle)

    def allocate(self, width: int, height: int) -> None:
        """Make room; what it shows is undefined."""
        self.bind(0)
        kind = _RGBA32F if self._is_float else _RGBA8
        number = gl.GL_FLOAT if self._is_float else gl.GL_UNSIGNED_BYTE
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, kind, gl.GL_RGBA, number, (height, width))
        self.width, self.height = width, height

    def fill(self, image: ByteArray) -> None:
        """Copy a (height, width, 4) uint8 image; its first row is at v = 0."""
        self.bind(0)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        image = np.ascontiguousarray(image)
        kind, number = _RGBA8, gl.GL_UNSIGNED_BYTE
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, kind, gl.GL_RGBA, number, image)
        self.height, self.width = image.shape[:2]

    def close(self) -> None:
        """Give it back."""
        gl.glDeleteTexture(self.handle)


class Depth:
    """Depths of 24 bits that several targets may share."""

    def __init__(self) -> None:
        self.handle = gl.glCreateRenderbuffer()
        self.n_bytes = 0

    def allocate(self, width: int, height: int) -> None:
        """Make room."""
        gl.glBindRenderbuffer(gl.GL_RENDERBUFFER, self.handle)
        gl.glRenderbufferStorage(gl.GL_RENDERBUFFER, _DEPTH24, width, height)
        self.n_bytes = 4 * width * height

    def close(self) -> None:
        """Give it back."""
        gl.glDeleteRenderbuffer(self.handle)


class Target:
    """A texture that is drawn into."""

    def __init__(self, texture: Texture, depth: Depth | None = None) -> None:
        self._handle = gl.glCreateFramebuffer()
        self.texture = texture
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._handle)
        gl.glFramebufferTexture2D(
            gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0, gl.GL_TEXTURE_2D, texture.handle, 0
        )
        if depth is not None:
            gl.glFramebufferRenderbuffer(
                gl.GL_FRAMEBUFFER, gl.GL_DEPTH_ATTACHMENT, gl.GL_RENDERBUFFER, depth.handle
            )

    @property
    def is_complete(self) -> bool:
        """Whether the driver can draw into it."""
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._handle)
        status = gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER)
        return bool(status == gl.GL_FRAMEBUFFER_COMPLETE)

    def bind(self) -> None:
        """Draw into it, over its whole size."""
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._handle)
        gl.glViewport(0, 0, self.texture.width, self.texture.height)

    def read(self) -> ByteArray:
        """Return what it shows, (height, width, 4) uint8, its lowest row first."""
        self.bind()
        width, height = self.texture.width, self.texture.height
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        data = gl.glReadPixels(0, 0, width, height, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE)
        image = np.frombuffer(data, dtype=np.uint8)
        return image.reshape(height, width, 4)

    def read_floats(self) -> npt.NDArray[np.float32]:
        """Return a target of floats, (height, width, 4), its lowest row first."""
        self.bind()
        width, height = self.texture.width, self.texture.height
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        data = gl.glReadPixels(0, 0, width, height, gl.GL_RGBA, gl.GL_FLOAT)
        image = np.frombuffer(data, dtype=np.float32)
        return image.reshape(height, width, 4)

    def close(self) -> None:
        """Give it back; not the texture."""
        gl.glDeleteFramebuffer(self._handle)


def bind_screen(handle: int, width: int, height: int) -> None:
    """Draw into what the window shows."""
    gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, handle)
    gl.glViewport(0, 0, width, height)


def let_programs_size_points() -> None:
    """Switch on what OpenGL 2.1 needs for round points of any size."""
    gl.glEnable(_POINT_SIZE_BY_PROGRAM)
    gl.glEnable(_POINT_SPRITE)


def _refused(log: str) -> MissingDeviceError:
    text = " ".join(log.split())[:300]
    message = f"graphics must run GLSL 1.20, got an error of the driver: {text}. See 'ctc doctor'."
    return MissingDeviceError(message)
