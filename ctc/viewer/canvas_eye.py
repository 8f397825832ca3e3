"""What every shader of the canvas shares: how a point is seen, cut and lit."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.viewer.canvas_objects import Uniform
from ctc.viewer.viewpoint import Viewpoint

# Right, up and away from the centre [m]; the depth range holds all of the scene.
SEEING = """
uniform vec3 u_centre, u_right, u_up, u_away;
uniform vec2 u_reach;
uniform float u_deep;
uniform vec4 u_plane;
vec3 seen(vec3 p) {
    vec3 q = p - u_centre;
    return vec3(dot(q, u_right), dot(q, u_up), dot(q, u_away));
}
vec4 placed(vec3 s) { return vec4(s.xy / u_reach, s.z / u_deep, 1.0); }
float hidden(vec3 p) { return dot(u_plane.xyz, p - u_centre) - u_plane.w; }
"""

# What lies behind the centre fades a little: depth that an orthographic view has not.
LIGHTING = """
const vec3 c_light = vec3(-0.4207, 0.5509, -0.7212);
uniform float u_fade;
vec3 faded(vec3 colour, float away) {
    return colour * mix(1.0, 0.55, clamp(away * u_fade, 0.0, 1.0));
}
float gleam(vec3 normal, float power) {
    vec3 half_way = normalize(c_light + vec3(0.0, 0.0, -1.0));
    return pow(max(dot(normal, half_way), 0.0), power);
}
"""


@dataclass(frozen=True)
class Eye:
    """A viewpoint as shaders want it.

    Attributes
    ----------
    view : Viewpoint
        On the pixels that are drawn.
    plane : tuple of 4 float
        Of `ctc.viewer.viewpoint.plane_of`.
    deep : float [m]
        Of the scene on either side of the centre, > 0.
    density : float
        Drawn pixels to one of the widget.
    """

    view: Viewpoint
    plane: tuple[float, float, float, float]
    deep: float
    density: float = 1.0

    def uniforms(self) -> dict[str, Uniform]:
        """Return the values of `SEEING` and `LIGHTING`."""
        view = self.view
        reach = (0.5 * view.width / view.scale, 0.5 * view.height / view.scale)
        return {
            "u_centre": view.centre,
            "u_right": view.right,
            "u_up": view.up,
            "u_away": view.away,
            "u_reach": reach,
            "u_deep": self.deep,
            "u_plane": self.plane,
            "u_fade": min(1.0 / (0.6 * view.height / view.scale), 3.0),
        }
