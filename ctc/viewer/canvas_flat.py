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
            float w = (i == 0 ? 0.5 : 0.25) * (j == 0 ? 0.5 : 0.25);
            sum += w * texture2D(u_counts, v_place + u_step * vec2(float(i), float(j)));
        }
    }
    float n = sum.a / u_weight;
    if (n <= 0.0) { gl_FragColor = vec4(0.0); return; }
    vec3 hue = sum.rgb / sum.a;
    float tone = clamp(log(1.0 + n) / log(1.0 + u_most), 0.0, 1.0);
    vec3 light = hue * mix(0.62, 1.0, tone) + 0.30 * pow(tone, 5.0);
    gl_FragColor = vec4(min(light, 1.0), clamp(3.6 * n, 0.0, 1.0) * mix(0.80, 1.0, tone));
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
# Edges that one sample a pixel leaves jagged are blended along themselves, after the idea of fast
# approximate anti-aliasing (Lottes 2009). A larger scene is averaged instead.
LAST = """
uniform sampler2D u_scene, u_beads;
uniform vec2 u_step;
uniform float u_oversampling, u_shine;
varying vec2 v_place;
float luma(vec3 c) { return dot(c, vec3(0.30, 0.59, 0.11)); }
vec3 at(float x, float y) { return texture2D(u_scene, v_place + u_step * vec2(x, y)).rgb; }
vec3 softened() {
    vec3 middle = at(0.0, 0.0);
    float m = luma(middle);
    float nw = luma(at(-1.0, -1.0)), ne = luma(at(1.0, -1.0));
    float sw = luma(at(-1.0, 1.0)), se = luma(at(1.0, 1.0));
    float low = min(m, min(min(nw, ne), min(sw, se)));
    float high = max(m, max(max(nw, ne), max(sw, se)));
    if (high - low < max(0.03, 0.12 * high)) return middle;
    vec2 along = vec2((sw + se) - (nw + ne), (nw + sw) - (ne + se));
    along /= min(abs(along.x), abs(along.y)) + 0.03;
    along = clamp(along, -6.0, 6.0);
    vec3 near = 0.5 * (at(-along.x / 6.0, -along.y / 6.0) + at(along.x / 6.0, along.y / 6.0));
    vec3 far = 0.5 * near + 0.25 * (at(-along.x / 2.0, -along.y / 2.0)
                                    + at(along.x / 2.0, along.y / 2.0));
    float f = luma(far);
    return f < low || f > high ? near : far;
}
vec4 averaged(sampler2D image) {
    vec4 sum = vec4(0.0);
    float n = u_oversampling;
    for (float y = 0.5; y < 8.0; y += 1.0) {
        if (y > n) break;
        for (float x = 0.5; x < 8.0; x += 1.0) {
            if (x > n) break;
            vec4 c = texture2D(image, v_place + u_step * (vec2(x, y) - 0.5 * n));
            sum += vec4(c.rgb * c.a, c.a);
        }
    }
    return vec4(sum.rgb / max(sum.a, 1e-6), sum.a / (n * n));
}
float noise(vec2 p) { return fract(52.9829189 * fract(dot(p, vec2(0.06711056, 0.00583715)))); }
void main() {
    vec3 colour = u_oversampling > 1.5 ? averaged(u_scene).rgb : softened();
    if (u_shine > 0.0) {
        vec4 bead = u_oversampling > 1.5 ? averaged(u_beads) : texture2D(u_beads, v_place);
        colour = mix(colour, bead.rgb, u_shine * bead.a);
    }
    gl_FragColor = vec4(colour + (noise(gl_FragCoord.xy) - 0.5) / 255.0, 1.0);
}
"""
