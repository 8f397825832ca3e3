"""Cells on the device: as opaque discs, or counted into a density where there are too many."""

from __future__ import annotations

import numpy as np
from vispy.gloo import gl

from ctc.viewer.canvas_eye import LIGHTING, SEEING, Eye
from ctc.viewer.canvas_images import Texture
from ctc.viewer.canvas_objects import Attribute, Buffer, Program, Uniform, draw
from ctc.viewer.drawables import CellCloud, FloatArray32
from ctc.viewer.fair_subset import fair_subset

# A cell is shown as a bead of this radius [m], within limits [pixels of the widget]; only where it
# is magnified more than its own size asks for is it larger. All lengths are those for a person.
_BEAD, _CELL = 1.0e-3, 8.0e-6
_SMALLEST, _LARGEST = 2.6, 13.0
# Whether a picture is crowded is judged by so many cells, on tiles of so many pixels.
_SAMPLE, _FEWEST, _TILE, _COVERED = 20_000, 500, 12, 6.0
# Cells sit in vessels: each is drawn this much nearer to the eye than it is [m].
LIFT = 0.012

_POINTS = (
    SEEING
    + """
attribute vec3 a_position;
attribute float a_code;
uniform sampler2D u_palette;
uniform float u_size, u_lift;
"""
)
_NOWHERE = "gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 1.0;"
_DISC_VERTEX = (
    _POINTS
    + LIGHTING
    + f"""
varying vec3 v_colour;
void main() {{
    vec4 colour = texture2D(u_palette, vec2((a_code * 255.0 + 0.5) / 256.0, 0.5));
    if (colour.a == 0.0 || hidden(a_position) > 0.0) {{ {_NOWHERE} return; }}
    vec3 s = seen(a_position);
    v_colour = faded(colour.rgb, s.z);
    gl_Position = placed(vec3(s.xy, s.z - u_lift));
    gl_PointSize = u_size;
}}
"""
)
_DISC_FRAGMENT = """
uniform float u_shading;
varying vec3 v_colour;
void main() {
    vec2 q = 2.0 * gl_PointCoord - 1.0;
    float r2 = dot(q, q);
    if (r2 > 1.0) discard;
    vec3 normal = vec3(q.x, -q.y, -sqrt(1.0 - r2));
    float light = 0.66 + 0.42 * max(dot(normal, vec3(-0.4207, 0.5509, -0.7212)), 0.0);
    float gloss = pow(max(dot(normal, vec3(-0.227, 0.297, -0.928)), 0.0), 24.0);
    vec3 lit = v_colour * min(light, 1.0) + 0.35 * gloss * u_shading;
    gl_FragColor = vec4(mix(v_colour, lit, u_shading), 1.0);
}
"""
_COUNT_VERTEX = (
    _POINTS
    + f"""
varying vec3 v_colour;
void main() {{
    vec4 colour = texture2D(u_palette, vec2((a_code * 255.0 + 0.5) / 256.0, 0.5));
    if (colour.a == 0.0 || hidden(a_position) > 0.0) {{ {_NOWHERE} return; }}
    vec3 s = seen(a_position);
    v_colour = colour.rgb;
    gl_Position = placed(vec3(s.xy, s.z - u_lift));
    gl_PointSize = u_size;
}}
"""
)
_COUNT_FRAGMENT = """
uniform float u_weight;
varying vec3 v_colour;
void main() { gl_FragColor = u_weight * vec4(v_colour, 1.0); }
"""
_PICK_VERTEX = (
    _POINTS
    + f"""
attribute vec4 a_id;
varying vec4 v_id;
void main() {{
    vec4 colour = texture2D(u_palette, vec2((a_code * 255.0 + 0.5) / 256.0, 0.5));
    if (colour.a == 0.0 || hidden(a_position) > 0.0) {{ {_NOWHERE} return; }}
    vec3 s = seen(a_position);
    v_id = a_id;
    gl_Position = placed(vec3(s.xy, s.z - u_lift));
    gl_PointSize = u_size;
}}
"""
)
_PICK_FRAGMENT = """
varying vec4 v_id;
void main() {
    vec2 q = 2.0 * gl_PointCoord - 1.0;
    if (dot(q, q) > 1.0) discard;
    gl_FragColor = v_id;
}
"""


class CellPoints:
    """The cells of one frame: 13 bytes each on the device, 4 more once one is picked."""

    def __init__(self, n_while_moving: int) -> None:
        self._disc = Program(_DISC_VERTEX, _DISC_FRAGMENT)
        self._count = Program(_COUNT_VERTEX, _COUNT_FRAGMENT)
        self._pick = Program(_PICK_VERTEX, _PICK_FRAGMENT)
        self._position, self._code, self._id = Buffer(), Buffer(), Buffer()
        self._subset_position, self._subset_code = Buffer(), Buffer()
        self._palette = Texture()
        self._palette.fill(np.zeros((1, 256, 4), dtype=np.uint8))
        self._n_while_moving = n_while_moving
        self._sample: FloatArray32 = np.zeros((0, 3), dtype=np.float32)
        self._body_size = 1.0
        self.cloud: CellCloud | None = None
        self.n_visible = self.n_visible_in_subset = 0

    @property
    def count(self) -> int:
        """How many cells there are."""
        return self._position.count

    @property
    def n_subset(self) -> int:
        """How many are drawn while the camera moves."""
        return self._subset_code.count or self.count

    @property
    def n_bytes(self) -> int:
        """On the device and beside it."""
        return sum(buffer.n_bytes for buffer in self._buffers()) + self._sample.nbytes

    def _buffers(self) -> tuple[Buffer, ...]:
        subset = (self._subset_position, self._subset_code)
        return self._position, self._code, self._id, *subset

    def fill(self, cloud: CellCloud | None) -> None:
        """Copy a frame to the device; the cloud itself is kept for its identities only."""
        self.cloud = cloud
        if cloud is None:
            self._position.fill(np.zeros((0, 3), dtype=np.float32))
            for buffer in (self._code, self._subset_position, self._subset_code):
                buffer.fill(np.zeros(0, dtype=np.uint8))
            self.n_visible = self.n_visible_in_subset = 0
            return
        self._body_size = cloud.body_size
        self._position.fill(np.asarray(cloud.position, dtype=np.float32).reshape(-1, 3))
        self._code.fill(np.asarray(cloud.code, dtype=np.uint8))
        palette = np.zeros((1, 256, 4), dtype=np.uint8)
        palette[0, : len(cloud.palette)] = cloud.palette
        self._palette.fill(palette)
        per_code = np.bincount(cloud.code, minlength=256)
        is_drawn = palette[0, :, 3] > 0
        self.n_visible = int(per_code[is_drawn].sum())
        chosen = fair_subset(cloud.identity, self._n_while_moving)
        has_subset = chosen.size < len(cloud.position)
        part = chosen if has_subset else chosen[:0]
        # A copy: vertices picked one by one out of all of them are slow to fetch.
        self._subset_position.fill(np.asarray(cloud.position[part], dtype=np.float32))
        self._subset_code.fill(np.asarray(cloud.code[part], dtype=np.uint8))
        self.n_visible_in_subset = int(np.count_nonzero(is_drawn[cloud.code[chosen]]))
        shown = chosen[:: max(1, chosen.size // _SAMPLE)]
        shown = shown[is_drawn[cloud.code[shown]]]
        self._sample = np.asarray(cloud.position[shown], dtype=np.float32)

    def is_crowded(self, eye: Eye, density_from: int) -> bool:
        """Return whether discs would hide each other, judged by a fair sample.

        So it is where more cells than `density_from` lie within the picture, or where around
        most of them the discs would cover the picture several times.
        """
        if not len(self._sample):
            return False
        turned = self._sample - eye.view.centre.astype(np.float32)
        axes = np.stack([eye.view.right, eye.view.up], axis=1).astype(np.float32)
        half = np.array([0.5 * eye.view.width, 0.5 * eye.view.height], dtype=np.float32)
        pixel = turned @ axes * np.float32(eye.view.scale) + half
        pixel = pixel[((pixel >= 0) & (pixel < 2 * half)).all(axis=1)]
        each = self.n_visible / len(self._sample)
        if len(pixel) * each > density_from:
            return True
        if len(pixel) < _FEWEST:
            return False
        tile = (pixel / np.float32(_TILE * eye.density)).astype(np.int64)
        _, count = np.unique(tile[:, 0] * 100_000 + tile[:, 1], return_counts=True)
        around = float((count * (count - 1)).sum()) / count.sum() * each
        cover = around * (self._bead_size(eye) / (_TILE * eye.density)) ** 2
        return bool(cover > _COVERED)

    def draw_discs(self, eye: Eye, *, is_subset: bool) -> None:
        """Draw opaque round beads; the target has depths."""
        size = self._bead_size(eye)
        gl.glDisable(gl.GL_BLEND)
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(True)
        shading = float(np.clip((size / eye.density - 2.0) / 3.0, 0.0, 1.0))
        self._disc.use({**self._uniforms(eye, size), "u_shading": shading})
        self._draw(self._disc, is_subset=is_subset)

    def draw_counts(self, eye: Eye, *, is_subset: bool, weight: float) -> None:
        """Add every cell to the target: its colour, and one, times the weight."""
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_ONE, gl.GL_ONE)
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(False)
        if is_subset:
            weight *= self.count / max(self.n_subset, 1)
        self._count.use({**self._uniforms(eye, max(eye.density, 1.0)), "u_weight": weight})
        self._draw(self._count, is_subset=is_subset)
        gl.glDepthMask(True)

    def draw_ids(self, eye: Eye) -> None:
        """Draw the index of every cell plus one as a colour; the target has depths."""
        if self._id.count != self.count:
            names = np.arange(1, self.count + 1, dtype=np.uint32)
            self._id.fill(names.view(np.uint8).reshape(-1, 4))
        size = max(self._bead_size(eye), 5.0 * eye.density)
        self._pick.use(self._uniforms(eye, size))
        self._draw(self._pick, is_subset=False, has_id=True)

    def _uniforms(self, eye: Eye, size: float) -> dict[str, Uniform]:
        self._palette.bind(0)
        lift = LIFT * self._body_size
        return {**eye.uniforms(), "u_palette": 0, "u_size": float(size), "u_lift": lift}

    def _bead_size(self, eye: Eye) -> float:
        """Return how wide a cell is drawn [pixels drawn]."""
        scale = eye.view.scale / eye.density
        size = min(max(2.0 * _BEAD * self._body_size * scale, _SMALLEST), _LARGEST)
        return max(size, 2.0 * _CELL * scale) * eye.density

    def _draw(self, program: Program, *, is_subset: bool, has_id: bool = False) -> None:
        position, code = self._position, self._code
        if is_subset and self._subset_code.count:
            position, code = self._subset_position, self._subset_code
        attributes = {
            "a_position": Attribute(position, (np.float32, (3,))),
            "a_code": Attribute(code, np.uint8),
        }
        if has_id:
            attributes["a_id"] = Attribute(self._id, (np.uint8, (4,)))
        draw(program, attributes, mode=gl.GL_POINTS, count=position.count)

    def close(self) -> None:
        """Give all of it back."""
        for part in (self._disc, self._count, self._pick, self._palette):
            part.close()
        for buffer in self._buffers():
            buffer.close()
