"""The images that a picture is put together in, the ground below it and the words above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from vispy.gloo import gl

from ctc.viewer.backdrop import backdrop
from ctc.viewer.canvas_flat import COPY, FLAT, LARGEST, LAST_AVERAGED, LAST_SOFTENED, TONE
from ctc.viewer.canvas_images import Depth, Target, Texture
from ctc.viewer.canvas_objects import Attribute, Buffer, Program, Uniform, draw
from ctc.viewer.drawables import ByteArray
from ctc.viewer.lettering import Sprite

# The ground is smooth: an image of so many pixels, interpolated, is enough.
_GROUND = (320, 180)
# Largest counts of parts of the density image, from which its brightness is set.
_PARTS = (64, 36)
# Cells shine through the shells in front of them by this much.
_SHINE = 0.42


class Frame:
    """The images that a picture passes through, all of the size drawn.

    Parameters
    ----------
    oversampling : int
        Samples a pixel along each axis, 1 to 8.
    """

    def __init__(self, oversampling: int) -> None:
        self._oversampling = oversampling
        self._depth = Depth()
        self._scene, self._beads = Texture(), Texture()
        self._counts, self._most = Texture(is_float=True), Texture(is_float=True)
        self._picture = Texture()
        self._ground = Texture(is_smooth=True)
        ground = np.rint(255.0 * backdrop(*_GROUND)[::-1]).astype(np.uint8)
        opaque = np.full((*ground.shape[:2], 1), 255, dtype=np.uint8)
        self._ground.fill(np.concatenate([ground, opaque], axis=2))
        self._targets: list[Target] = []
        self._size = (0, 0)
        self._corners = Buffer()
        self._corners.fill(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32))
        self._copy, self._tone = Program(FLAT, COPY), Program(FLAT, TONE)
        self._largest = Program(FLAT, LARGEST)
        self._last = Program(FLAT, LAST_AVERAGED if oversampling > 1 else LAST_SOFTENED)
        self._sprites: dict[int, tuple[Sprite, Texture]] = {}
        self.count_weight = 1.0

    @property
    def n_bytes(self) -> int:
        """On the device."""
        images = (*self._images(), self._ground, *(image for _, image in self._sprites.values()))
        return sum(image.n_bytes for image in images) + self._depth.n_bytes

    def _images(self) -> tuple[Texture, ...]:
        return self._scene, self._beads, self._counts, self._most, self._picture

    def resize(self, width: int, height: int) -> None:
        """Make room for a picture of some pixels."""
        if (width, height) == self._size:
            return
        self._size = (width, height)
        drawn = (width * self._oversampling, height * self._oversampling)
        for target in self._targets:
            target.close()
        self._depth.allocate(*drawn)
        for texture in (self._scene, self._beads, self._counts):
            texture.allocate(*drawn)
        self._most.allocate(*_PARTS)
        self._picture.allocate(width, height)
        self.scene = Target(self._scene, self._depth)
        self.beads = Target(self._beads, self._depth)
        self.counts = Target(self._counts, self._depth)
        self._parts = Target(self._most)
        self.picture = Target(self._picture)
        if not self.counts.is_complete:
            # No floats: bytes, an eighth of the range for each cell, keep the first 31 apart.
            self._counts.close()
            self._counts = Texture()
            self._counts.allocate(*drawn)
            self.counts = Target(self._counts, self._depth)
            self.count_weight = 8.0 / 255.0
        self._targets = [self.scene, self.beads, self.counts, self._parts, self.picture]

    def begin(self) -> None:
        """Bind the scene, with the backdrop in it and nothing near."""
        self.scene.bind()
        gl.glDepthMask(True)
        gl.glClearDepth(1.0)
        gl.glClear(gl.GL_DEPTH_BUFFER_BIT)
        self._ground.bind(0)
        self._flat(self._copy, {"u_image": 0})

    def begin_beads(self, *, are_counts: bool) -> None:
        """Bind the image of the cells, empty, with the depths of the scene."""
        (self.counts if are_counts else self.beads).bind()
        gl.glClearColor(0.0, 0.0, 0.0, 0.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)

    def tone_counts(self) -> None:
        """Turn counted cells into light."""
        step = (1.0 / self._counts.width, 1.0 / self._counts.height)
        most = 31.0
        self._counts.bind(0)
        if self.count_weight == 1.0:
            self._parts.bind()
            stride = (self._counts.width / _PARTS[0], self._counts.height / _PARTS[1])
            self._flat(self._largest, {"u_counts": 0, "u_step": step, "u_stride": stride})
            most = float(self._parts.read_floats()[..., 3].max())
        self.beads.bind()
        self._counts.bind(0)
        values: dict[str, Uniform] = {"u_counts": 0, "u_step": step, "u_weight": self.count_weight}
        self._flat(self._tone, {**values, "u_most": max(most, 1.0)})

    def lay_beads(self) -> None:
        """Put the cells into the scene."""
        self.scene.bind()
        self._beads.bind(0)
        self._flat(self._copy, {"u_image": 0}, is_blended=True)

    def finish(self, *, has_beads: bool) -> None:
        """Draw the scene into whatever is bound, smooth."""
        self._scene.bind(0)
        self._beads.bind(1)
        values: dict[str, Uniform] = {
            "u_scene": 0,
            "u_beads": 1,
            "u_step": (1.0 / self._scene.width, 1.0 / self._scene.height),
            "u_oversampling": float(self._oversampling),
            "u_shine": _SHINE if has_beads else 0.0,
        }
        self._flat(self._last, values)

    def draw_sprites(self, sprites: Sequence[Sprite]) -> None:
        """Draw small images over whatever is bound; an image that was there before is not sent."""
        width, height = self._size
        kept = {id(sprite): self._texture_of(sprite) for sprite in sprites}
        for key, (_, texture) in self._sprites.items():
            if key not in kept:
                texture.close()
        self._sprites = kept
        for sprite, texture in kept.values():
            left, top = 2.0 * sprite.left / width - 1.0, 1.0 - 2.0 * sprite.top / height
            right = left + 2.0 * texture.width / width
            bottom = top - 2.0 * texture.height / height
            texture.bind(0)
            box = (left, top, right, bottom)
            self._flat(self._copy, {"u_image": 0}, box=box, is_blended=True, is_multiplied=True)

    def _texture_of(self, sprite: Sprite) -> tuple[Sprite, Texture]:
        if id(sprite) in self._sprites:
            return self._sprites[id(sprite)]
        texture = Texture()
        texture.fill(sprite.image)
        return sprite, texture

    def _flat(
        self,
        program: Program,
        values: Mapping[str, Uniform],
        *,
        box: tuple[float, float, float, float] = (-1.0, -1.0, 1.0, 1.0),
        is_blended: bool = False,
        is_multiplied: bool = False,
    ) -> None:
        gl.glDisable(gl.GL_DEPTH_TEST)
        if is_blended:
            gl.glEnable(gl.GL_BLEND)
            source = gl.GL_ONE if is_multiplied else gl.GL_SRC_ALPHA
            rest = gl.GL_ONE_MINUS_SRC_ALPHA
            gl.glBlendFuncSeparate(source, rest, gl.GL_ONE, rest)
        else:
            gl.glDisable(gl.GL_BLEND)
        program.use({**values, "u_box": box})
        corners = {"a_corner": Attribute(self._corners, (np.float32, (2,)))}
        draw(program, corners, mode=gl.GL_TRIANGLE_STRIP, count=4)

    def read(self) -> ByteArray:
        """Return the picture, (height, width, 3), its top row first."""
        return np.ascontiguousarray(self.picture.read()[::-1, :, :3])

    def close(self) -> None:
        """Give all of it back."""
        for target in self._targets:
            target.close()
        for image in (*self._images(), self._ground):
            image.close()
        self._depth.close()
        for _, texture in self._sprites.values():
            texture.close()
        for program in (self._copy, self._tone, self._largest, self._last):
            program.close()
        self._corners.close()
