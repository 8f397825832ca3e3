// Neighbours in the lattice, and the tests that a junction's place must pass.
#include "host/growth/scene.h"

namespace ctc_growth {

namespace {

constexpr i32 JUNCTION = -2, TERMINAL = -3;

bool share_node(const Tube& one, const Tube& other) {
    const i32 a = one.a.node, b = one.b.node;
    return (a >= 0 && (a == other.a.node || a == other.b.node)) ||
           (b >= 0 && (b == other.a.node || b == other.b.node));
}

}  // namespace

double spread(const Tube& tube, size_t n_members) {
    double most = 0.0;
    for (size_t m = 0; m < n_members; ++m)
        most = larger(most, tube.r[m] + larger(__builtin_fabs(tube.a.offset[m]),
                                               __builtin_fabs(tube.b.offset[m])));
    return most;
}

Bound Scene::bound_of(const Tube& tube) const {
    const double reach = spread(tube, tree.n_members);
    return {reach, reach + 0.5 * distance(tube.a.centre, tube.b.centre),
            0.5 * (tube.a.centre + tube.b.centre)};
}

void Scene::lay_out(double wanted_size) {
    const Point span = territory.high - territory.low;
    const double sides[3] = {span.x, span.y, span.z};
    // A thin territory leaves most of its box empty: no more cells than 8 a segment.
    const double most = 8.0 * static_cast<double>(tree.n_nodes()) + 4096.0;
    double size = wanted_size;
    for (;;) {
        double cells = 1.0;
        for (const double side : sides) cells *= side / size + 1.0;
        if (cells <= most) break;
        size *= 1.1;
    }
    lattice.size = size;
    for (int a = 0; a < 3; ++a) lattice.n[a] = static_cast<i32>(sides[a] / size) + 1;
    const u64 n = static_cast<u64>(tree.n_nodes());
    workers.over(n, 4096, [&](u64 begin, u64 end, unsigned) {
        for (u64 i = begin > 0 ? begin : 1; i < end; ++i)
            set_span(static_cast<i32>(i), tube(static_cast<i32>(i)));
    });
    lists.pack(lattice.n_cells(), workers, [&](auto put) {
        workers.over(n, 4096, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin > 0 ? begin : 1; i < end; ++i) {
                const i32 u = static_cast<i32>(i);
                once_in_cells_of(tube(u), [&](u64 cell) { put(cell, u); });
            }
        });
    });
}

u64 Scene::n_cells_of(const Tube& tube) const {
    u64 n = 0;
    cells_of(tube, [&](u64) {
        ++n;
        return true;
    });
    return n;
}

u64 Scene::n_new_cells_of(i32 u) const {
    u64 n = 0;
    cells_of(tube(u), [&](u64 cell) {
        n += !lists.has(cell, u);
        return true;
    });
    return n;
}

void Scene::set_span(i32 u, const Tube& tube) {
    const Bound bound = bound_of(tube);
    constexpr double UP = 1.000001;  // float32 may round down
    tree.span[static_cast<size_t>(u)] = {store(tube.a.centre), store(tube.b.centre),
                                         static_cast<float>(UP * bound.reach),
                                         static_cast<float>(UP * bound.extent)};
}

void Scene::put_segment(i32 u, bool is_again) {
    const Tube own = tube(u);
    set_span(u, own);
    once_in_cells_of(own, [&](u64 cell) {
        if (!is_again || !lists.has(cell, u)) lists.put(cell, u);
    });
}

End Scene::new_end(const Point& at, const Point& normal, const double* radii, i32 node,
                   bool is_terminal) const {
    End end;
    end.centre = at;
    end.normal = normal;
    end.node = node;
    end.is_terminal = is_terminal;
    // Members that end at one node of a terminal lie in one place, as thick as the thickest.
    const size_t n = tree.n_members;
    const size_t n_joined =
        is_terminal && rules.n_joined > 1 ? static_cast<size_t>(rules.n_joined) : 1;
    double row[MOST_MEMBERS];
    // NOLINTBEGIN(clang-analyzer-core.*): radii holds one of each member, one at least.
    row[0] = radii[0];
    for (size_t m = 1; m < n_joined; ++m) row[0] = larger(row[0], radii[m]);
    // NOLINTEND(clang-analyzer-core.*)
    size_t places = 1;
    for (size_t m = n_joined; m < n; ++m) row[places++] = radii[m];
    double gaps = 0.0;
    for (size_t k = 1; k < places; ++k) gaps += (1.0 + rules.member_gap) * (row[k - 1] + row[k]);
    const double widen = is_terminal && gaps > 0.0 ? larger(1.0, bed_gap / gaps) : 1.0;
    double at_offset = 0.5 * (row[0] - row[places - 1] - widen * gaps);
    for (size_t m = 0; m < n; ++m) {
        if (m >= n_joined) {
            const size_t k = m - n_joined + 1;
            at_offset += widen * (1.0 + rules.member_gap) * (row[k - 1] + row[k]);
        }
        end.offset[m] = at_offset;
    }
    return end;
}

End Scene::end_at(i32 node) const {
    double radii[MOST_MEMBERS];
    for (size_t m = 0; m < tree.n_members; ++m) radii[m] = tree.radius(node, m);
    return new_end(tree.at(node), load(tree.normal[static_cast<size_t>(node)]), radii, node,
                   node > 0 && tree.is_leaf(node));
}

void Scene::set_line(Tube& tube, i32 first, i32 upstream) const {
    tube.line[0] = first;
    for (int h = 1; h < HOPS; ++h) {
        tube.line[h] = upstream > 0 ? upstream : -1;
        upstream = upstream > 0 ? tree.parent[static_cast<size_t>(upstream)] : -1;
    }
}

Tube Scene::tube(i32 u) const {
    const i32 up = tree.parent[static_cast<size_t>(u)];
    Tube tube;
    tube.a = end_at(up);
    tube.b = end_at(u);
    for (size_t m = 0; m < tree.n_members; ++m) tube.r[m] = tree.radius(u, m);
    return tube;
}

bool Scene::do_touch(const Tube& one, const Tube& other) const {
    const double reach =
        rules.clearance * (spread(one, tree.n_members) + spread(other, tree.n_members));
    if (square_between(one.a.centre, one.b.centre, other.a.centre, other.b.centre) >= reach * reach)
        return false;
    return do_touch(one, other, share_node(one, other), rules.clearance);
}

bool Scene::do_touch(const Tube& one, const Tube& other, bool is_joined, double factor) const {
    const size_t n = tree.n_members;
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < n; ++k) {
            if (is_joined && i == k) continue;
            const double least = factor * (one.r[i] + other.r[k]);
            if (square_between(one.a.member(i), one.b.member(i), other.a.member(k),
                               other.b.member(k)) < least * least)
                return true;
        }
    return false;
}

bool Scene::touches_segment(const Tube& tube, const Bound& own, i32 s, double factor,
                            bool forgives_near, Seen& seen) const {
    const size_t n = tree.n_members;
    const Span& span = tree.span[static_cast<size_t>(s)];
    const double bound = factor * (own.reach + static_cast<double>(span.reach));
    if (square_between(tube.a.centre, tube.b.centre, span.from(), span.to()) >= bound * bound)
        return false;
    if (!seen.is_new(s)) return false;
    const Tube other = this->tube(s);
    const bool is_joined = share_node(tube, other);
    const auto meet = [&](size_t i, size_t k) {
        const double least = factor * (tube.r[i] + other.r[k]);
        return square_between(tube.a.member(i), tube.b.member(i), other.a.member(k),
                              other.b.member(k)) < least * least;
    };
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < n; ++k)
            if (i != k && meet(i, k)) return true;
    if (is_joined) return false;
    for (size_t i = 0; i < n; ++i)
        if (meet(i, i) && !(forgives_near && is_near(tube, s))) return true;
    return false;
}

bool Scene::is_near(const Tube& tube, i32 s) const {
    for (int h = 0; h < HOPS && s > 0; ++h) {
        for (int k = 0; k < HOPS; ++k)
            if (s == tube.line[k]) return true;
        s = tree.parent[static_cast<size_t>(s)];
    }
    return false;
}

bool Scene::is_free(const Tube& tube, const i32* left_out, int n_left_out, i32 least) const {
    i32 last = -1;
    const Bound bound = bound_of(tube);
    Seen seen;
    return cells_of(tube, [&](u64 cell) {
        return lists.each(cell, [&](i32 s) {
            bool skip = s == last || (least > 0 && tree.count[static_cast<size_t>(s)] < least);
            for (int k = 0; k < n_left_out; ++k) skip = skip || s == left_out[k];
            if (skip) return true;
            last = s;
            return is_far(bound, s, rules.clearance) ||
                   !touches_segment(tube, bound, s, rules.clearance, false, seen);
        });
    });
}

bool Scene::touches_itself(const Tube& tube, double factor) const {
    const size_t n = tree.n_members;
    const size_t n_joined = tube.b.is_terminal ? static_cast<size_t>(rules.n_joined) : 0;
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < i; ++k) {
            if (i < n_joined) continue;
            const double least = factor * (tube.r[i] + tube.r[k]);
            if (square_between(tube.a.member(i), tube.b.member(i), tube.a.member(k),
                               tube.b.member(k)) < least * least)
                return true;
        }
    return false;
}

bool Scene::is_free_within(const Fork& fork) const {
    const size_t n = tree.n_members;
    for (const Tube& tube : fork.tube)
        if (touches_itself(tube, rules.clearance)) return false;
    // They share the junction, so only different members are compared.
    return n == 1 || (!do_touch(fork.tube[0], fork.tube[1], true, rules.clearance) &&
                      !do_touch(fork.tube[0], fork.tube[2], true, rules.clearance) &&
                      !do_touch(fork.tube[1], fork.tube[2], true, rules.clearance));
}

Verdict Scene::judge(const Fork& fork, i32 least) const {
    if (!rules.tests_collisions) return Verdict::FREE;
    if (!is_free_within(fork)) return Verdict::CROSSED;
    for (int i = 2; i >= 0; --i)
        if (!is_free(fork.tube[i], fork.replaces, 3, least)) return Verdict::TAKEN;
    return Verdict::FREE;
}

bool Scene::is_well_formed(const Fork& fork) const {
    Point direction[3];
    const auto thickest = [&](const Tube& tube) {
        double most = 0.0;
        for (size_t m = 0; m < tree.n_members; ++m) most = larger(most, tube.r[m]);
        return most;
    };
    const double mother = thickest(fork.tube[0]);
    for (int i = 0; i < 3; ++i) {
        const Tube& tube = fork.tube[i];
        const Point way = tube.b.centre - tube.a.centre;
        const double l = length(way);
        // Radii at the two ends: of the mother above the upper, of what follows the lower.
        const double upper = i == 0 ? tree.thickest(tube.a.node) : mother;
        if (!(l > rules.shortest * (upper + thickest(tube)))) return false;
        direction[i] = ((i == 0 ? -1.0 : 1.0) / l) * way;
    }
    const double most = rules.sharpest_cosine;
    return dot(direction[0], direction[1]) < most && dot(direction[0], direction[2]) < most &&
           dot(direction[1], direction[2]) < most;
}

bool Scene::are_ways_inside(const Fork& fork) const {
    for (const Tube& tube : fork.tube)
        // The hilum itself may lie outside.
        if (tube.a.node != 0 && !is_way_inside(tube.a.centre, tube.b.centre)) return false;
    return true;
}

Fork Scene::fork_of(i32 u, const Point& at, const Point& normal) const {
    const size_t i = static_cast<size_t>(u);
    Fork fork;
    const i32 ends[3] = {u, tree.first[i], tree.second[i]};
    double radii[MOST_MEMBERS];
    for (size_t m = 0; m < tree.n_members; ++m) radii[m] = tree.radius(u, m);
    const End moved = new_end(at, normal, radii, u, false);
    for (int k = 0; k < 3; ++k) {
        fork.tube[k] = tube(ends[k]);
        (k == 0 ? fork.tube[k].b : fork.tube[k].a) = moved;
        set_line(fork.tube[k], ends[k], k == 0 ? tree.parent[i] : u);
        fork.replaces[k] = ends[k];
    }
    return fork;
}

Fork Scene::fork_into(i32 u, const Point& at, const Point& normal, const Point& terminal) const {
    Fork fork;
    const Worth upstream = worth.of(tree.count[static_cast<size_t>(u)] + 1);
    const Worth leaf = worth.of(1);
    const Tube old = tube(u);
    for (int k = 0; k < 3; ++k) {
        fork.tube[k] = old;
        set_line(fork.tube[k], u, tree.parent[static_cast<size_t>(u)]);
        fork.replaces[k] = u;
    }
    const End junction = new_end(at, normal, upstream.r, JUNCTION, false);
    fork.tube[0].b = fork.tube[1].a = fork.tube[2].a = junction;
    fork.tube[2].b = new_end(terminal, normal, leaf.r, TERMINAL, true);
    for (size_t m = 0; m < tree.n_members; ++m) {
        fork.tube[0].r[m] = upstream.r[m];
        fork.tube[2].r[m] = leaf.r[m];
    }
    return fork;
}

}  // namespace ctc_growth
