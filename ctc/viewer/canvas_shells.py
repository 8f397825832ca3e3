"""Organs on the device: translucent shells, blended from the farthest layer to the nearest.

Every shell is two layers, its back and its front. Layers are drawn in the order of how far their
farthest (back) or nearest (front) corner is, which is right for shells beside and inside each
other, as organs are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from vispy.gloo import gl

from ctc.viewer.canvas_eye import LIGHTING, SEEING, Eye
from ctc.viewer.canvas_objects import Buffer, Program, attributes_of, draw
from ctc.viewer.drawables import FloatArray32, IntArray32, OrganShell

# While the camera moves a shell has so many corners along its longest side, or one in so many
# metres.
_COARSE_STEPS, _COARSE_PITCH = 30, 0.014
_RECORD = np.dtype(
    [
        ("position", np.float32, (3,)),
        ("normal", np.float32, (3,)),
        ("colour", np.uint8, (4,)),
    ]
)
_VERTEX = (
    SEEING
    + """
attribute vec3 a_position, a_normal;
attribute vec4 a_colour;
varying vec3 v_normal;
varying vec4 v_colour;
varying float v_cut, v_away;
void main() {
    vec3 s = seen(a_position);
    v_normal = vec3(dot(a_normal, u_right), dot(a_normal, u_up), dot(a_normal, u_away));
    v_colour = a_colour;
    v_cut = hidden(a_position);
    v_away = s.z;
    gl_Position = placed(s);
}
"""
)
# The front lets through what the shell's opacity says; edges are denser, as those of glass are.
_FRAGMENT = (
    LIGHTING
    + """
uniform float u_is_back;
varying vec3 v_normal;
varying vec4 v_colour;
varying float v_cut, v_away;
void main() {
    if (v_cut > 0.0) discard;
    vec3 normal = normalize(v_normal);
    if (normal.z > 0.0) normal = -normal;
    float edge = pow(1.0 + normal.z, 2.6);
    float light = 0.34 + 0.74 * max(dot(normal, c_light), 0.0) + 0.25 * edge;
    float face = v_colour.a;
    float rim = min(face + 0.42, 0.9);
    float opacity = mix(0.62 * face, rim, edge);
    float gloss = 0.30 * gleam(normal, 28.0);
    opacity *= mix(1.0, 0.55, u_is_back);
    vec3 lit = v_colour.rgb * light * mix(1.0, 0.7, u_is_back) + gloss * (1.0 - u_is_back);
    gl_FragColor = vec4(faded(min(lit, 1.0), v_away), opacity);
}
"""
)
_PICK_FRAGMENT = """
uniform vec4 u_id;
varying float v_cut;
void main() {
    if (v_cut > 0.0) discard;
    gl_FragColor = u_id;
}
"""


class Shells:
    """All organs in one buffer, two ranges of triangles each: all of them, and few."""

    def __init__(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT)
        self._pick = Program(_VERTEX, _PICK_FRAGMENT)
        self._corners, self._triangles = Buffer(), Buffer(is_index=True)
        self._position: FloatArray32 = np.zeros((0, 3), dtype=np.float32)
        self._first_corner: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._range: list[tuple[int, int]] = []
        self._coarse_range: list[tuple[int, int]] = []

    @property
    def n_bytes(self) -> int:
        """On the device and beside it."""
        return self._corners.n_bytes + self._triangles.n_bytes + self._position.nbytes

    def fill(self, shells: Sequence[OrganShell]) -> None:
        """Lay out the corners with smooth normals."""
        kept = [shell for shell in shells if len(shell.triangles)]
        self._names = [index for index, shell in enumerate(shells) if len(shell.triangles)]
        counts = [len(shell.vertices) for shell in kept]
        first = np.cumsum([0, *counts])
        corners = np.zeros(int(first[-1]), dtype=_RECORD)
        triangles = [np.zeros(0, dtype=np.uint32)]
        self._range, self._coarse_range = [], []
        n_indices = 0
        for shell, start, stop in zip(kept, first[:-1], first[1:], strict=True):
            corners["position"][start:stop] = shell.vertices
            corners["normal"][start:stop] = smooth_normals(shell.vertices, shell.triangles)
            corners["colour"][start:stop] = shell.colour
            longest = float(np.ptp(shell.vertices, axis=0).max())
            n_steps = max(_COARSE_STEPS, round(longest / _COARSE_PITCH))
            few = coarse_triangles(shell.vertices, shell.triangles, n_steps=n_steps)
            for ranges, mine in ((self._range, shell.triangles), (self._coarse_range, few)):
                indices = (mine.astype(np.int64) + start).astype(np.uint32).reshape(-1)
                triangles.append(indices)
                ranges.append((n_indices, indices.size))
                n_indices += indices.size
        self._position = np.ascontiguousarray(corners["position"])
        self._first_corner = first[:-1]
        self._corners.fill(corners)
        self._triangles.fill(np.concatenate(triangles))

    def draw(self, eye: Eye, *, is_coarse: bool = False) -> None:
        """Blend all layers over a target with the depths of what is opaque."""
        ranges = self._coarse_range if is_coarse else self._range
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glDepthMask(False)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFuncSeparate(
            gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA, gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA
        )
        gl.glEnable(gl.GL_CULL_FACE)
        attributes = attributes_of(self._corners, _RECORD)
        uniforms = eye.uniforms()
        for which, is_back in self._layers(eye):
            gl.glCullFace(gl.GL_FRONT if is_back else gl.GL_BACK)
            self._program.use({**uniforms, "u_is_back": float(is_back)})
            first, count = ranges[which]
            draw(
                self._program,
                attributes,
                mode=gl.GL_TRIANGLES,
                first=first,
                count=count,
                indices=self._triangles,
            )
        gl.glDisable(gl.GL_CULL_FACE)
        gl.glDepthMask(True)

    def draw_ids(self, eye: Eye) -> None:
        """Draw the index of every shell plus one as a colour; the nearest hides the rest."""
        uniforms = eye.uniforms()
        attributes = attributes_of(self._corners, _RECORD)
        for which, (first, count) in enumerate(self._range):
            named = np.array([self._names[which] + 1], dtype=np.uint32).view(np.uint8)
            self._pick.use({**uniforms, "u_id": named / 255.0})
            draw(
                self._pick,
                attributes,
                mode=gl.GL_TRIANGLES,
                first=first,
                count=count,
                indices=self._triangles,
            )

    def _layers(self, eye: Eye) -> list[tuple[int, bool]]:
        if not self._range:
            return []
        away = self._position @ eye.view.away.astype(np.float32)
        farthest = np.maximum.reduceat(away, self._first_corner)
        nearest = np.minimum.reduceat(away, self._first_corner)
        layers = [(float(far), which, True) for which, far in enumerate(farthest)]
        layers += [(float(near), which, False) for which, near in enumerate(nearest)]
        return [(which, is_back) for _, which, is_back in sorted(layers, reverse=True)]

    def close(self) -> None:
        """Give all of it back."""
        for part in (self._program, self._pick, self._corners, self._triangles):
            part.close()


def coarse_triangles(vertices: FloatArray32, triangles: IntArray32, *, n_steps: int) -> IntArray32:
    """Return fewer triangles between corners of the same surface.

    Corners within a cell of a grid are drawn together into the one nearest to their mean.

    Parameters
    ----------
    vertices : (v, 3) float32 [m]
        v > 0.
    triangles : (t, 3) int32
        t > 0.
    n_steps : int
        Cells of the grid along the longest side.

    Returns
    -------
    (k, 3) int32
        k <= t, in the same sense of turning.
    """
    low = vertices.min(axis=0)
    pitch = max(float((vertices.max(axis=0) - low).max()) / n_steps, 1e-9)
    cell = ((vertices - low) / pitch).astype(np.int64)
    key = (cell[:, 0] * (n_steps + 1) + cell[:, 1]) * (n_steps + 1) + cell[:, 2]
    _, group, count = np.unique(key, return_inverse=True, return_counts=True)
    mean = np.stack([np.bincount(group, vertices[:, axis]) for axis in range(3)], axis=1)
    off = vertices - (mean / count[:, None])[group]
    order = np.lexsort((np.einsum("ij,ij->i", off, off), group))
    nearest = order[np.cumsum(count) - count]
    moved: IntArray32 = nearest[group][triangles].astype(np.int32)
    a, b, c = moved.T
    kept: IntArray32 = moved[(a != b) & (b != c) & (a != c)]
    return kept


def smooth_normals(vertices: FloatArray32, triangles: IntArray32) -> FloatArray32:
    """Return unit normals out of a surface, (v, 3): the mean of those around, by area."""
    corner = vertices[triangles].astype(np.float64)
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    n = len(vertices)
    total = np.stack(
        [
            np.bincount(triangles.reshape(-1), np.repeat(face[:, axis], 3), minlength=n)
            for axis in range(3)
        ],
        axis=1,
    )
    length = np.sqrt(np.einsum("ij,ij->i", total, total))
    unit: FloatArray32 = (total / np.maximum(length, 1e-30)[:, None]).astype(np.float32)
    return unit
