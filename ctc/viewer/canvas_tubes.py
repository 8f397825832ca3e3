"""Vessels on the device: each a quad that faces the eye, shaded as the round tube it stands for.

Seen without perspective a round tube is a stroke with round ends. A quad around the stroke, with
the depth and the normal worked out for each pixel, is exact at any zoom, and takes 4 corners where
a mesh of 8 sides takes 32. What is thinner than a pixel is drawn as a faint line instead, from the
same corners.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from vispy.gloo import gl

from ctc.viewer.canvas_eye import LIGHTING, SEEING, Eye
from ctc.viewer.canvas_objects import Buffer, Program, Uniform, attributes_of, draw
from ctc.viewer.drawables import FloatArray32, VesselTubes

# A tube with less than this radius [pixels] is a line, as faint as it is thin.
_THIN, _FAINTEST = 0.55, 0.16
# Below this opacity (of 255) a tube hides nothing behind it.
_OPAQUE = 250
_NONE: FloatArray32 = np.zeros(0, dtype=np.float32)
_CORNERS = np.array([[0, 0], [0, 255], [255, 0], [255, 255]], dtype=np.uint8)
_QUAD = np.array([0, 1, 2, 2, 1, 3], dtype=np.uint32)
_RECORD = np.dtype(
    [
        ("start", np.float32, (3,)),
        ("end", np.float32, (3,)),
        ("radius", np.float32),
        ("colour", np.uint8, (4,)),
        ("id", np.uint8, (4,)),
        ("corner", np.uint8, (2,)),
        ("room", np.uint8, (2,)),
    ]
)

_TUBE_VERTEX = (
    SEEING
    + """
attribute vec3 a_start, a_end;
attribute float a_radius;
attribute vec4 a_colour, a_id;
attribute vec2 a_corner;
uniform float u_thinnest, u_pixel;
varying vec2 v_place, v_along;
varying vec3 v_axis;
varying vec2 v_cut;
varying float v_radius;
varying vec4 v_colour, v_id;
void main() {
    vec3 s = seen(a_start), e = seen(a_end);
    float radius = max(a_radius, u_thinnest);
    vec2 step = e.xy - s.xy;
    float len = length(step);
    vec2 along = len > 1e-9 ? step / len : vec2(1.0, 0.0);
    vec2 side = vec2(-along.y, along.x);
    float reach = radius + u_pixel;
    v_place = vec2(mix(-reach, len + reach, a_corner.x), reach * (2.0 * a_corner.y - 1.0));
    v_along = along;
    v_axis = vec3(s.z, e.z - s.z, len);
    v_cut = vec2(hidden(a_start), hidden(a_end));
    v_radius = radius;
    v_colour = a_colour;
    v_id = a_id;
    gl_Position = placed(vec3(s.xy + along * v_place.x + side * v_place.y, s.z));
}
"""
)
_TUBE_SURFACE = """
uniform float u_deep;
varying vec2 v_place, v_along;
varying vec3 v_axis;
varying vec2 v_cut;
varying float v_radius;
varying vec4 v_colour, v_id;
// Returns the normal (right, up, away) and the distance away.
vec4 surface() {
    float t = clamp(v_place.x, 0.0, v_axis.z);
    vec2 off = vec2(v_place.x - t, v_place.y) / v_radius;
    float r2 = dot(off, off);
    float share = v_axis.z > 1e-9 ? t / v_axis.z : 0.0;
    if (r2 > 1.0 || mix(v_cut.x, v_cut.y, share) > 0.0) discard;
    float facing = sqrt(1.0 - r2);
    float away = v_axis.x + share * v_axis.y - facing * v_radius;
    gl_FragDepth = 0.5 + 0.5 * away / u_deep;
    vec2 side = vec2(-v_along.y, v_along.x);
    return vec4(v_along * off.x + side * off.y, -facing, away);
}
"""
_TUBE_FRAGMENT = (
    LIGHTING
    + _TUBE_SURFACE
    + """
uniform float u_glow;
void main() {
    vec4 hit = surface();
    float light = 0.34 + 0.42 * -hit.z + 0.34 * max(dot(hit.xyz, c_light), 0.0);
    vec3 lit = v_colour.rgb * mix(light, 1.0, u_glow) + 0.16 * gleam(hit.xyz, 30.0);
    gl_FragColor = vec4(faded(lit, hit.w), v_colour.a);
}
"""
)
_TUBE_PICK = _TUBE_SURFACE + "void main() { surface(); gl_FragColor = v_id; }"
_LINE_VERTEX = (
    SEEING
    + LIGHTING
    + """
attribute vec3 a_start, a_end;
attribute float a_radius;
attribute vec4 a_colour;
attribute vec2 a_corner;
uniform float u_scale, u_thin, u_faintest;
varying vec4 v_colour;
varying float v_cut;
void main() {
    vec3 p = a_corner.x < 0.5 ? a_start : a_end;
    vec3 s = seen(p);
    float faint = clamp(a_radius * u_scale / u_thin, u_faintest, 1.0);
    v_colour = vec4(faded(a_colour.rgb, s.z), a_colour.a * faint);
    v_cut = hidden(p);
    gl_Position = placed(s);
}
"""
)
_LINE_FRAGMENT = """
varying vec4 v_colour;
varying float v_cut;
void main() {
    if (v_cut > 0.0) discard;
    gl_FragColor = v_colour;
}
"""


class Tubes:
    """Straight pieces, thickest first: at any zoom a first part is tubes and the rest is lines."""

    def __init__(self) -> None:
        self._tube = Program(_TUBE_VERTEX, _TUBE_FRAGMENT)
        self._pick = Program(_TUBE_VERTEX, _TUBE_PICK)
        self._line = Program(_LINE_VERTEX, _LINE_FRAGMENT)
        self._corners = Buffer()
        self._quads, self._lines = Buffer(is_index=True), Buffer(is_index=True)
        # Radii with a minus, ascending: of what is opaque, and then of what is not.
        self._thinness: tuple[FloatArray32, FloatArray32] = (_NONE, _NONE)

    @property
    def n_bytes(self) -> int:
        """On the device and beside it."""
        buffers = (self._corners, self._quads, self._lines)
        beside = sum(part.nbytes for part in self._thinness)
        return sum(buffer.n_bytes for buffer in buffers) + beside

    def fill(self, tubes: VesselTubes | None) -> None:
        """Lay out the corners."""
        n = 0 if tubes is None else len(tubes.start)
        corners = np.zeros((n, 4), dtype=_RECORD)
        if tubes is not None and n:
            is_clear = tubes.colour[:, 3] < _OPAQUE
            order = np.lexsort((-tubes.radius, is_clear))
            for name in ("start", "end", "radius", "colour"):
                corners[name] = getattr(tubes, name)[order][:, None]
            named = (tubes.segment[order].astype(np.uint32) + 1).view(np.uint8).reshape(-1, 4)
            corners["id"] = named[:, None]
            corners["corner"] = _CORNERS
            thinness = -tubes.radius[order].astype(np.float32)
            n_opaque = n - int(np.count_nonzero(is_clear))
            self._thinness = (thinness[:n_opaque], thinness[n_opaque:])
        else:
            self._thinness = (_NONE, _NONE)
        self._corners.fill(corners.reshape(-1))
        first = 4 * np.arange(n, dtype=np.uint32)[:, None]
        self._quads.fill((first + _QUAD).reshape(-1))
        self._lines.fill((first + np.array([0, 2], dtype=np.uint32)).reshape(-1))

    def draw(
        self, eye: Eye, *, thinnest: float = 0.0, glow: float = 0.0, is_marked: bool = False
    ) -> None:
        """Draw into a target with depths.

        Parameters
        ----------
        eye : Eye
            Where from.
        thinnest : float [pixels]
            Tubes are drawn with at least this radius.
        glow : float
            0 shades them, 1 leaves the bare colour.
        is_marked : bool
            Whether thin ones are tubes too, and nothing hides any.
        """
        thin = _THIN * eye.density
        limit = 0.0 if is_marked else -thin / eye.view.scale
        attributes = attributes_of(self._corners, _RECORD)
        (gl.glDisable if is_marked else gl.glEnable)(gl.GL_DEPTH_TEST)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFuncSeparate(
            gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA, gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA
        )
        first, parts = 0, []
        for thinness in self._thinness:
            n_tubes = int(np.searchsorted(thinness, limit, side="right"))
            parts.append((first, n_tubes, thinness.size - n_tubes))
            first += thinness.size
        self._tube.use({**self._uniforms(eye, thinnest), "u_glow": glow})
        for (first, n_tubes, _), is_opaque in zip(parts, (True, False), strict=True):
            # What is clear hides nothing.
            gl.glDepthMask(is_opaque)
            draw(
                self._tube,
                attributes,
                mode=gl.GL_TRIANGLES,
                first=6 * first,
                count=6 * n_tubes,
                indices=self._quads,
            )
        lines = {"u_scale": float(eye.view.scale), "u_thin": thin, "u_faintest": _FAINTEST}
        self._line.use({**eye.uniforms(), **lines})
        for first, n_tubes, n_lines in parts:
            draw(
                self._line,
                attributes,
                mode=gl.GL_LINES,
                first=2 * (first + n_tubes),
                count=2 * n_lines,
                indices=self._lines,
            )
        gl.glDepthMask(True)

    def draw_ids(self, eye: Eye) -> None:
        """Draw the index of every segment plus one as a colour, none thinner than 3 pixels."""
        self._pick.use(self._uniforms(eye, 1.5 * eye.density))
        attributes = attributes_of(self._corners, _RECORD)
        count = self._quads.count
        draw(self._pick, attributes, mode=gl.GL_TRIANGLES, count=count, indices=self._quads)

    def _uniforms(self, eye: Eye, thinnest: float) -> dict[str, Uniform]:
        pixel = 1.0 / eye.view.scale
        return {
            **eye.uniforms(),
            "u_thinnest": max(thinnest, _THIN) * eye.density * pixel,
            "u_pixel": pixel,
        }

    def close(self) -> None:
        """Give all of it back."""
        for program in (self._tube, self._pick, self._line):
            program.close()
        for buffer in (self._corners, self._quads, self._lines):
            buffer.close()


def tubes_along(points: FloatArray32, colour: tuple[int, int, int]) -> VesselTubes:
    """Return a polyline as tubes without width, fainter towards its beginning."""
    n = max(len(points) - 1, 0)
    colours: npt.NDArray[np.uint8] = np.empty((n, 4), dtype=np.uint8)
    colours[:, :3] = colour
    colours[:, 3] = np.linspace(255, 110, n)[::-1] if n else 0
    return VesselTubes(
        start=points[:-1],
        end=points[1:],
        radius=np.zeros(n, dtype=np.float32),
        colour=colours,
        segment=np.arange(n, dtype=np.int32),
    )
