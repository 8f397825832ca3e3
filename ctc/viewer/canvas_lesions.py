"""Lesions on the device: lit spheres, each a quad with the depth of the ball it stands for.

Some have a ring around them, in the plane of the picture.
"""

from __future__ import annotations

import numpy as np
from vispy.gloo import gl

from ctc.viewer.canvas_eye import LIGHTING, SEEING, Eye
from ctc.viewer.canvas_objects import Buffer, Program, attributes_of, draw
from ctc.viewer.drawables import LesionBodies
from ctc.viewer.palette import FOUND_COLOUR, rgb

# None is drawn smaller than this [pixels of the widget].
_SMALLEST = 3.5
# Between a sphere and the outer edge of its ring, and the width of the ring [the same].
_RING, _LINE = 5.5, 1.6
_CORNERS = np.array([[0, 0], [255, 0], [0, 255], [255, 255]], dtype=np.uint8)
_QUAD = np.array([0, 1, 2, 2, 1, 3], dtype=np.uint32)
_RECORD = np.dtype(
    [
        ("centre", np.float32, (3,)),
        ("radius", np.float32),
        ("colour", np.uint8, (4,)),
        ("id", np.uint8, (4,)),
        ("corner", np.uint8, (2,)),
        ("ring", np.uint8),
        ("room", np.uint8),
    ]
)
_VERTEX = (
    SEEING
    + """
attribute vec3 a_centre;
attribute float a_radius;
attribute vec4 a_colour, a_id;
attribute vec2 a_corner;
attribute float a_ring;
uniform float u_smallest, u_ring;
varying vec2 v_place;
varying vec3 v_seen, v_centre;
varying float v_radius, v_reach;
varying vec4 v_colour, v_id;
void main() {
    v_seen = seen(a_centre);
    v_centre = a_centre - u_centre;
    v_radius = a_colour.a > 0.0 ? max(a_radius, u_smallest) : 0.0;
    v_reach = a_ring > 0.0 && v_radius > 0.0 ? 1.0 + u_ring / v_radius : 1.0;
    v_place = v_reach * (2.0 * a_corner - 1.0);
    v_colour = a_colour;
    v_id = a_id;
    gl_Position = placed(vec3(v_seen.xy + v_radius * v_place, v_seen.z));
}
"""
)
_SURFACE = """
uniform float u_deep, u_line;
uniform vec3 u_right, u_up, u_away;
uniform vec4 u_plane;
varying vec2 v_place;
varying vec3 v_seen, v_centre;
varying float v_radius, v_reach;
varying vec4 v_colour, v_id;
// The normal of the sphere, or zero on the ring.
vec3 surface() {
    float r2 = dot(v_place, v_place);
    if (r2 > 1.0) {
        float r = sqrt(r2);
        if (r > v_reach || r < v_reach - u_line / v_radius) discard;
        if (dot(u_plane.xyz, v_centre) > u_plane.w) discard;
        gl_FragDepth = 0.5 + 0.5 * (v_seen.z - 0.012) / u_deep;
        return vec3(0.0);
    }
    vec3 normal = vec3(v_place, -sqrt(1.0 - r2));
    vec3 out_of = normal.x * u_right + normal.y * u_up + normal.z * u_away;
    if (dot(u_plane.xyz, v_centre + v_radius * out_of) > u_plane.w) discard;
    gl_FragDepth = 0.5 + 0.5 * (v_seen.z + normal.z * v_radius - 0.012) / u_deep;
    return normal;
}
"""
_FRAGMENT = (
    LIGHTING
    + _SURFACE
    + f"const vec3 c_ring = vec3({', '.join(f'{part:.3f}' for part in rgb(FOUND_COLOUR))});"
    + """
void main() {
    vec3 normal = surface();
    if (normal == vec3(0.0)) {
        gl_FragColor = vec4(faded(c_ring, v_seen.z), 1.0);
        return;
    }
    float rim = pow(1.0 + normal.z, 2.0);
    float light = 0.40 + 0.62 * max(dot(normal, c_light), 0.0);
    vec3 lit = v_colour.rgb * light + 0.30 * gleam(normal, 36.0) + 0.18 * rim * v_colour.rgb;
    gl_FragColor = vec4(faded(lit, v_seen.z), v_colour.a);
}
"""
)
_PICK = _SURFACE + "void main() { surface(); gl_FragColor = v_id; }"


class Lesions:
    """Spheres at their true size."""

    def __init__(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT)
        self._pick = Program(_VERTEX, _PICK)
        self._corners, self._quads = Buffer(), Buffer(is_index=True)
        self.bodies: LesionBodies | None = None

    @property
    def n_bytes(self) -> int:
        """On the device."""
        return self._corners.n_bytes + self._quads.n_bytes

    def fill(self, bodies: LesionBodies | None) -> None:
        """Lay out the corners; the bodies are kept for their identities."""
        self.bodies = bodies
        n = 0 if bodies is None else len(bodies.position)
        corners = np.zeros((n, 4), dtype=_RECORD)
        if bodies is not None and n:
            corners["centre"] = bodies.position[:, None]
            corners["radius"] = bodies.radius[:, None]
            corners["colour"] = bodies.colour[:, None]
            named = np.arange(1, n + 1, dtype=np.uint32).view(np.uint8).reshape(-1, 4)
            corners["id"] = named[:, None]
            corners["corner"] = _CORNERS
            if bodies.is_ringed is not None:
                corners["ring"] = bodies.is_ringed[:, None]
        self._corners.fill(corners.reshape(-1))
        first = 4 * np.arange(n, dtype=np.uint32)[:, None]
        self._quads.fill((first + _QUAD).reshape(-1))

    def draw(self, eye: Eye) -> None:
        """Draw into a target with depths."""
        gl.glEnable(gl.GL_DEPTH_TEST)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFuncSeparate(
            gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA, gl.GL_ONE, gl.GL_ONE_MINUS_SRC_ALPHA
        )
        gl.glDepthMask(True)
        self._draw(self._program, eye)

    def draw_ids(self, eye: Eye) -> None:
        """Draw the index of every lesion plus one as a colour."""
        self._draw(self._pick, eye)

    def _draw(self, program: Program, eye: Eye) -> None:
        pixel = eye.density / eye.view.scale
        sizes = {"u_smallest": _SMALLEST, "u_ring": _RING, "u_line": _LINE}
        program.use({**eye.uniforms(), **{name: n * pixel for name, n in sizes.items()}})
        attributes = attributes_of(self._corners, _RECORD)
        count = self._quads.count
        draw(program, attributes, mode=gl.GL_TRIANGLES, count=count, indices=self._quads)

    def close(self) -> None:
        """Give all of it back."""
        for part in (self._program, self._pick, self._corners, self._quads):
            part.close()
