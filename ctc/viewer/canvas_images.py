"""Textures on the device, and what draws into them; nothing here knows what is drawn."""

from __future__ import annotations

import numpy as np
from vispy.gloo import gl

from ctc.viewer.drawables import ByteArray, FloatArray32

# Of desktop OpenGL; vispy's table names only those of OpenGL ES 2.
_RGBA32F, _RGBA8, _DEPTH24 = 0x8814, 0x8058, 0x81A6


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
        return np.frombuffer(self._pixels(gl.GL_UNSIGNED_BYTE), dtype=np.uint8).reshape(self._shape)

    def read_floats(self) -> FloatArray32:
        """Return a target of floats, (height, width, 4), its lowest row first."""
        return np.frombuffer(self._pixels(gl.GL_FLOAT), dtype=np.float32).reshape(self._shape)

    @property
    def _shape(self) -> tuple[int, int, int]:
        return self.texture.height, self.texture.width, 4

    def _pixels(self, kind: int) -> bytes:
        self.bind()
        height, width, _ = self._shape
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        pixels: bytes = gl.glReadPixels(0, 0, width, height, gl.GL_RGBA, kind)
        return pixels

    def close(self) -> None:
        """Give it back; not the texture."""
        gl.glDeleteFramebuffer(self._handle)


def bind_screen(handle: int, width: int, height: int) -> None:
    """Draw into what the window shows."""
    gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, handle)
    gl.glViewport(0, 0, width, height)
    # After a picture vispy clears the opacity of the window to that of this colour.
    gl.glClearColor(0.0, 0.0, 0.0, 1.0)
