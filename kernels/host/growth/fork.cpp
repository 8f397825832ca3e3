// Where three vessels meet: place, normal, angles.
#include "host/growth/scene.h"

namespace ctc_growth {

Point fermat_point(const Point& up, double w_up, const Point& a, double w_a, const Point& b,
                   double w_b) {
    // An end is the best place where its pull is stronger than the other two together.
    const Point ends[3] = {up, a, b};
    const double w[3] = {w_up, w_a, w_b};
    for (int i = 0; i < 3; ++i) {
        Point pull = {0.0, 0.0, 0.0};
        for (int k = 0; k < 3; ++k) {
            const double d = distance(ends[k], ends[i]);
            if (k != i && d > 0.0) pull = pull + (w[k] / d) * (ends[k] - ends[i]);
        }
        if (square(pull) <= w[i] * w[i]) return ends[i];
    }
    // Start on the way from `up` to `a`, where the third meets it at the angle of balance along it:
    // cos = (w_up - w_a) / w_b. This is all but exact where one daughter is much the smaller.
    const Point way = a - up;
    const double whole = length(way);
    const Point along = (1.0 / whole) * way;
    const double foot = dot(b - up, along);
    const double height = __builtin_sqrt(larger(square(b - up) - foot * foot, 0.0));
    const double cosine = larger(-0.95, smaller((w_up - w_a) / w_b, 0.95));
    double t = foot - height * cosine / __builtin_sqrt(1.0 - cosine * cosine);
    t = larger(0.05 * whole, smaller(t, 0.95 * whole));
    Point x = up + t * along;
    x = x + 0.05 * (b - x);
    // Newton on the convex sum of distances, each step cut to half the way to the nearest end.
    for (int round = 0; round < 4; ++round) {
        Point g = {0.0, 0.0, 0.0};
        double xx = 0.0, yy = 0.0, zz = 0.0, xy = 0.0, xz = 0.0, yz = 0.0, nearest = 1e300;
        for (int i = 0; i < 3; ++i) {
            const Point r = x - ends[i];
            const double d = length(r);
            if (!(d > 0.0)) return x;
            nearest = smaller(nearest, d);
            const Point u = (1.0 / d) * r;
            const double s = w[i] / d;
            g = g + w[i] * u;
            xx += s * (1.0 - u.x * u.x);
            yy += s * (1.0 - u.y * u.y);
            zz += s * (1.0 - u.z * u.z);
            xy -= s * u.x * u.y;
            xz -= s * u.x * u.z;
            yz -= s * u.y * u.z;
        }
        const double c0 = yy * zz - yz * yz, c1 = xz * yz - xy * zz, c2 = xy * yz - xz * yy;
        const double determinant = xx * c0 + xy * c1 + xz * c2;
        if (!(determinant > 0.0)) return x;
        const double c3 = xx * zz - xz * xz, c4 = xy * xz - xx * yz, c5 = xx * yy - xy * xy;
        Point step = (-1.0 / determinant) * Point{c0 * g.x + c1 * g.y + c2 * g.z,
                                                  c1 * g.x + c3 * g.y + c4 * g.z,
                                                  c2 * g.x + c4 * g.y + c5 * g.z};
        const double l = length(step);
        if (l > 0.5 * nearest) step = (0.5 * nearest / l) * step;
        x = x + step;
        if (l < 1e-3 * nearest) break;
    }
    return x;
}

Point normal_across(const Point& way, const Point& wanted) {
    const double whole = square(way);
    Point normal = wanted;
    if (whole > 0.0) normal = normal - (dot(normal, way) / whole) * way;
    const double size = length(normal);
    if (size > 0.1 * length(wanted)) return (1.0 / size) * normal;
    const Point other =
        __builtin_fabs(way.x) * 2.0 < length(way) ? Point{1.0, 0.0, 0.0} : Point{0.0, 1.0, 0.0};
    normal = cross(way, other);
    const double last = length(normal);
    return last > 0.0 ? (1.0 / last) * normal : Point{0.0, 0.0, 1.0};
}

Point fork_normal(const Point& at, const Point& up, const Point& a, const Point& b,
                  const Point& normal_up, const Point& normal_a, int k) {
    // Across the plane of the daughters the members' forks are two plies that do not cross. A
    // turned plane may ask for a twist of up to a right angle, which brings members together on
    // the way; a blend shares it between twist and tilt.
    Point across = cross(a - at, b - at);
    const double l = length(across);
    const double sides = length(a - at) * length(b - at);
    Point like = normal_up + normal_a;
    if (square(like) < 0.01) like = normal_up;
    if (!(l > 0.05 * sides)) across = like;
    else across = (1.0 / l) * across;
    if (dot(across, like) < 0.0) across = -1.0 * across;
    constexpr double share[N_NORMALS] = {0.25, 0.6, 0.0, 1.5, -0.5};
    Point normal = across + share[k] * like;
    return normal_across(a - up, normal);
}

}  // namespace ctc_growth
