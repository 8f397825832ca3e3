"""Shaders that cover a whole image: copies, light from counts, the last pass; GLSL only."""

FLAT = """
attribute vec2 a_corner;
uniform vec4 u_box;
varying vec2 v_place;
void main() {
    v_place = a_corner;
    gl_Position = vec4(mix(u_box.xy, u_box.zw, a_corner), 0.0, 1.0);
}
"""
COPY = """
uniform sampler2D u_image;
varying vec2 v_place;
void main() { gl_FragColor = texture2D(u_image, v_place); }
"""
# A small sample around each pixel, weighted so that one cell is a soft spot. The hue is the mean of
# all cells there, the light the logarithm of how many.
TONE = """
uniform sampler2D u_counts;
uniform vec2 u_step;
uniform float u_weight, u_most;
varying vec2 v_place;
void main() {
    vec4 sum = vec4(0.0);
    for (int i = -1; i <= 1; i++) {
        for (int j = -1; j <= 1; j++) {
            float w = (i == 0 ? 0.64 : 0.18) * (j == 0 ? 0.64 : 0.18);
            sum += w * texture2D(u_counts, v_place + u_step * vec2(float(i), float(j)));
        }
    }
    float n = sum.a / u_weight;
    if (n <= 0.0) { gl_FragColor = vec4(0.0); return; }
    vec3 hue = sum.rgb / sum.a;
    float tone = clamp(log(1.0 + n) / log(1.0 + u_most), 0.0, 1.0);
    vec3 light = hue * mix(0.66, 1.0, tone) + 0.28 * pow(tone, 5.0);
    gl_FragColor = vec4(min(light, 1.0), clamp(2.3 * n, 0.0, 1.0) * mix(0.86, 1.0, tone));
}
"""
LARGEST = """
uniform sampler2D u_counts;
uniform vec2 u_step, u_stride;
varying vec2 v_place;
void main() {
    vec2 corner = v_place - 0.5 * u_stride * u_step;
    float most = 0.0;
    for (float y = 0.5; y < 256.0; y += 1.0) {
        if (y > u_stride.y) break;
        for (float x = 0.5; x < 256.0; x += 1.0) {
            if (x > u_stride.x) break;
            most = max(most, texture2D(u_counts, corner + u_step * vec2(x, y)).a);
        }
    }
    gl_FragColor = vec4(most);
}
"""
# Edges that one sample a pixel leaves jagged are mixed with what is around them, the more the
# further a pixel is from the mean of its neighbours.
_SOFTENED = """
uniform vec2 u_step;
vec3 at(vec2 step) { return texture2D(u_scene, v_place + u_step * step).rgb; }
vec3 scene() {
    vec3 middle = texture2D(u_scene, v_place).rgb;
    vec3 n = at(vec2(0.0, 1.0)), s = at(vec2(0.0, -1.0));
    vec3 e = at(vec2(1.0, 0.0)), w = at(vec2(-1.0, 0.0));
    vec3 around = 0.25 * (n + s + e + w);
    vec3 low = min(middle, min(min(n, s), min(e, w)));
    vec3 high = max(middle, max(max(n, s), max(e, w)));
    vec3 weight = vec3(0.30, 0.59, 0.11);
    float range = max(dot(high - low, weight), 0.02);
    float share = clamp(dot(abs(around - middle), weight) / range, 0.0, 1.0);
    return mix(middle, around, 0.75 * share * share * (3.0 - 2.0 * share));
}
vec4 beads() { return texture2D(u_beads, v_place); }
"""
# A scene that is drawn larger than the picture is averaged.
_AVERAGED = """
uniform vec2 u_step;
uniform float u_oversampling;
vec4 averaged(sampler2D image) {
    vec4 sum = vec4(0.0);
    for (float y = 0.5; y < 8.0; y += 1.0) {
        if (y > u_oversampling) break;
        for (float x = 0.5; x < 8.0; x += 1.0) {
            if (x > u_oversampling) break;
            vec4 c = texture2D(image, v_place + u_step * (vec2(x, y) - 0.5 * u_oversampling));
            sum += vec4(c.rgb * c.a, c.a);
        }
    }
    return vec4(sum.rgb / max(sum.a, 1e-6), sum.a / (u_oversampling * u_oversampling));
}
vec3 scene() { return averaged(u_scene).rgb; }
vec4 beads() { return averaged(u_beads); }
"""
# A little noise keeps the dark ground from showing steps.
_LAST = """
float noise(vec2 p) { return fract(52.9829189 * fract(dot(p, vec2(0.06711056, 0.00583715)))); }
void main() {
    vec3 colour = scene();
    if (u_shine > 0.0) {
        vec4 bead = beads();
        colour = mix(colour, bead.rgb, u_shine * bead.a);
    }
    gl_FragColor = vec4(colour + (noise(gl_FragCoord.xy) - 0.5) / 255.0, 1.0);
}
"""
_INPUT = """
uniform sampler2D u_scene, u_beads;
uniform float u_shine;
varying vec2 v_place;
"""
LAST_SOFTENED = _INPUT + _SOFTENED + _LAST
LAST_AVERAGED = _INPUT + _AVERAGED + _LAST
