// Neighbours in the lattice, and the tests that a junction's place must pass.
#include "host/growth/scene.h"

namespace ctc_growth {

void Scene::lay_out(double spacing) {
    const Point span = territory.high - territory.low;
    const double sides[3] = {span.x, span.y, span.z};
    // A thin territory leaves most of its box empty: no more cells than 8 a segment.
    const double most = 8.0 * static_cast<double>(tree.n_nodes()) + 4096.0;
    double size = spacing;
    for (;;) {
        double cells = 1.0;
        for (const double side : sides) cells *= side / size + 1.0;
        if (cells <= most) break;
        size *= 1.1;
    }
    lattice.size = size;
    for (int a = 0; a < 3; ++a) lattice.n[a] = static_cast<i32>(sides[a] / size) + 1;
    lists.clear(lattice.n_cells(), workers);
    const u64 n = static_cast<u64>(tree.n_nodes());
    std::atomic<u64> total{0};
    workers.over(n, 4096, [&](u64 begin, u64 end, unsigned) {
        u64 sum = 0;
        for (u64 i = begin > 0 ? begin : 1; i < end; ++i) {
            const i32 u = static_cast<i32>(i);
            sum += n_cells_of(tree.at(tree.parent[i]), tree.at(u),
                              static_cast<double>(tree.bundle[i]));
        }
        total.fetch_add(sum);
    });
    lists.make_room(total.load());
    workers.over(n, 4096, [&](u64 begin, u64 end, unsigned) {
        for (u64 i = begin > 0 ? begin : 1; i < end; ++i) put_segment(static_cast<i32>(i));
    });
}

u64 Scene::n_cells_of(const Point& a, const Point& b, double reach) const {
    u64 n = 0;
    cells_near_segment(lattice, a, b, reach, [&](u64) { return ++n, true; });
    return n;
}

void Scene::put_segment(i32 u) {
    const size_t i = static_cast<size_t>(u);
    cells_near_segment(lattice, tree.at(tree.parent[i]), tree.at(u),
                       static_cast<double>(tree.bundle[i]),
                       [&](u64 cell) { return lists.put(cell, u), true; });
}

void Scene::set_line(Tube& tube, i32 first, i32 upstream) const {
    tube.line[0] = first;
    for (int h = 1; h < HOPS; ++h) {
        tube.line[h] = upstream > 0 ? upstream : -1;
        upstream = upstream > 0 ? tree.parent[static_cast<size_t>(upstream)] : -1;
    }
}

Tube Scene::tube(i32 u) const {
    const size_t i = static_cast<size_t>(u);
    const i32 up = tree.parent[i];
    Tube tube;
    tube.a = tree.at(up);
    tube.b = tree.at(u);
    tube.bundle = static_cast<double>(tree.bundle[i]);
    tube.radius = static_cast<double>(tree.radius[i]);
    tube.node_a = up;
    tube.node_b = u;
    set_line(tube, u, up);
    return tube;
}

bool Scene::is_free(const Tube& tube, const i32* left_out, int n_left_out) const {
    return cells_near_segment(lattice, tube.a, tube.b, tube.bundle, [&](u64 cell) {
        for (i32 slot = lists.first(cell); slot >= 0; slot = lists.entry(slot).next) {
            const i32 s = lists.entry(slot).item;
            const size_t i = static_cast<size_t>(s);
            const i32 up = tree.parent[i];
            if (s == tube.node_a || s == tube.node_b || up == tube.node_a || up == tube.node_b)
                continue;
            bool skip = false;
            for (int k = 0; k < n_left_out; ++k) skip = skip || s == left_out[k];
            if (skip) continue;
            const double reach = tube.bundle + static_cast<double>(tree.bundle[i]);
            const double gap = square_between(tube.a, tube.b, tree.at(up), tree.at(s));
            if (gap >= reach * reach) continue;
            bool is_near = false;
            i32 line = s;
            for (int h = 0; h < HOPS && line > 0; ++h) {
                for (int k = 0; k < HOPS; ++k) is_near = is_near || line == tube.line[k];
                line = tree.parent[static_cast<size_t>(line)];
            }
            if (!is_near) return false;
            const double least =
                rules.near_gap * (tube.radius + static_cast<double>(tree.radius[i]));
            if (gap < least * least) return false;
        }
        return true;
    });
}

bool Scene::is_well_formed(const Fork& fork) const {
    Point direction[3];
    for (int i = 0; i < 3; ++i) {
        const Tube& tube = fork.tube[i];
        const Point way = tube.b - tube.a;
        const double l = length(way);
        // Radii at the two ends: of the mother above the upper, of what follows the lower.
        const double upper = i == 0 ? static_cast<double>(
                                          tree.radius[static_cast<size_t>(tube.node_a)])
                                    : fork.tube[0].radius;
        if (!(l > rules.shortest * (upper + tube.radius))) return false;
        direction[i] = ((i == 0 ? -1.0 : 1.0) / l) * way;
    }
    const double most = rules.sharpest_cosine;
    return dot(direction[0], direction[1]) < most && dot(direction[0], direction[2]) < most &&
           dot(direction[1], direction[2]) < most;
}

Fork Scene::fork_of(i32 u, const Point& at) const {
    const size_t i = static_cast<size_t>(u);
    Fork fork;
    fork.at = at;
    const i32 ends[3] = {u, tree.first[i], tree.second[i]};
    for (int k = 0; k < 3; ++k) {
        fork.tube[k] = tube(ends[k]);
        (k == 0 ? fork.tube[k].b : fork.tube[k].a) = at;
        fork.replaces[k] = ends[k];
    }
    return fork;
}

Fork Scene::fork_into(i32 u, const Point& at, const Point& terminal, const Worth& upstream,
                      const Worth& leaf) const {
    Fork fork;
    fork.at = at;
    const Tube old = tube(u);
    constexpr i32 JUNCTION = -2, TERMINAL = -3;
    for (Tube& tube : fork.tube) tube = old;
    fork.tube[0].b = at;
    fork.tube[0].node_b = JUNCTION;
    fork.tube[0].bundle = upstream.bundle;
    fork.tube[0].radius = upstream.radius;
    fork.tube[1].a = at;
    fork.tube[1].node_a = JUNCTION;
    fork.tube[2].a = at;
    fork.tube[2].b = terminal;
    fork.tube[2].node_a = JUNCTION;
    fork.tube[2].node_b = TERMINAL;
    fork.tube[2].bundle = leaf.bundle;
    fork.tube[2].radius = leaf.radius;
    for (i32& s : fork.replaces) s = u;
    return fork;
}

bool do_touch(const Tube& one, const Tube& other) {
    if (one.node_a >= 0 && (one.node_a == other.node_a || one.node_a == other.node_b)) return false;
    if (one.node_b >= 0 && (one.node_b == other.node_a || one.node_b == other.node_b)) return false;
    const double reach = one.bundle + other.bundle;
    return square_between(one.a, one.b, other.a, other.b) < reach * reach;
}

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

}  // namespace ctc_growth
