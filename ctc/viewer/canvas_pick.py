"""What lies under the pointer: identities drawn as colours into a few pixels around it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from vispy.gloo import gl

from ctc.viewer.canvas_images import Depth, Target, Texture

# Pixels on a side; odd, so that one is in the middle.
_SIDE = 9


class PickPatch:
    """A small image whose middle pixel is the one pointed at."""

    def __init__(self) -> None:
        self._texture, self._depth = Texture(), Depth()
        self._texture.allocate(_SIDE, _SIDE)
        self._depth.allocate(_SIDE, _SIDE)
        self._target = Target(self._texture, self._depth)
        row, column = np.mgrid[0:_SIDE, 0:_SIDE] - _SIDE // 2
        self._distance = np.hypot(row, column)

    def nearest(
        self, pixel: tuple[int, int], size: tuple[int, int], *, draw_ids: Callable[[], None]
    ) -> int:
        """Draw, and return the number that is nearest to the middle; 0 if there is none.

        Parameters
        ----------
        pixel : tuple of int
            Right and up from the lower left corner of the picture.
        size : tuple of int
            Width and height of the picture [pixels].
        draw_ids : callable
            Draws numbers as four bytes, the lowest first, over a picture of that size.
        """
        self._target.bind()
        half = _SIDE // 2
        gl.glViewport(half - pixel[0], half - pixel[1], *size)
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(True)
        gl.glClearColor(0.0, 0.0, 0.0, 0.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT | gl.GL_DEPTH_BUFFER_BIT)
        draw_ids()
        numbers = np.ascontiguousarray(self._target.read()).view(np.uint32)[..., 0]
        distance = np.where(numbers > 0, self._distance, np.inf)
        place = np.unravel_index(int(np.argmin(distance)), distance.shape)
        return int(numbers[place])

    def close(self) -> None:
        """Give all of it back."""
        for part in (self._target, self._texture, self._depth):
            part.close()
