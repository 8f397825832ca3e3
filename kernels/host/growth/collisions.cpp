// Each overlapping pair is counted once, at its segment of smaller number.
#include "host/growth/collisions.h"

#include <algorithm>

#include "host/growth/cells.h"
#include "host/real.h"

namespace ctc_growth {

namespace {

constexpr int HOPS = 4;  // a segment and what is upstream of it within three

struct Box {
    Point low, high;
};

Point node(const double* position, i32 i) {
    const double* p = position + 3 * static_cast<i64>(i);
    return {p[0], p[1], p[2]};
}

Box box_of(const double* position, i64 n) {
    Box box = {{1e300, 1e300, 1e300}, {-1e300, -1e300, -1e300}};
    for (i64 i = 0; i < n; ++i) {
        const Point p = node(position, static_cast<i32>(i));
        box.low = {smaller(box.low.x, p.x), smaller(box.low.y, p.y), smaller(box.low.z, p.z)};
        box.high = {larger(box.high.x, p.x), larger(box.high.y, p.y), larger(box.high.z, p.z)};
    }
    return box;
}

Lattice lattice_of(const Box& box, double size, double most_cells) {
    const Point span = box.high - box.low;
    const double sides[3] = {span.x, span.y, span.z};
    Lattice lattice;
    for (size_t round = 0;; ++round, size *= 1.1) {
        double cells = 1.0;
        for (const double side : sides) cells *= side / size + 1.0;
        if (cells <= most_cells) break;
    }
    lattice.size = size;
    for (int a = 0; a < 3; ++a) lattice.n[a] = static_cast<i32>(sides[a] / size) + 1;
    return lattice;
}

bool are_near(const Tubes& tubes, i32 one, i32 other) {
    i32 above[HOPS];
    i32 s = one;
    for (int h = 0; h < HOPS; ++h) {
        above[h] = s;
        s = s >= 0 ? tubes.line[s] : -1;
    }
    s = other;
    for (int h = 0; h < HOPS && s >= 0; ++h) {
        for (int k = 0; k < HOPS; ++k)
            if (above[k] == s) return true;
        s = tubes.line[s];
    }
    return false;
}

}  // namespace

Collisions count_collisions(const Tubes& tubes, const Workers& workers) {
    i64 n_nodes = 0;
    for (i64 i = 0; i < tubes.n; ++i)
        n_nodes = std::max(
            {n_nodes, static_cast<i64>(tubes.start[i]) + 1, static_cast<i64>(tubes.end[i]) + 1});
    if (n_nodes == 0) return {0, 0, 0};
    const Box box = box_of(tubes.position, n_nodes);
    // Cells about as long as most segments are.
    std::vector<float> lengths(static_cast<size_t>(tubes.n));
    const auto start = [&](i64 i) { return node(tubes.position, tubes.start[i]) - box.low; };
    const auto end = [&](i64 i) { return node(tubes.position, tubes.end[i]) - box.low; };
    for (i64 i = 0; i < tubes.n; ++i)
        lengths[static_cast<size_t>(i)] = static_cast<float>(distance(start(i), end(i)));
    std::nth_element(lengths.begin(), lengths.begin() + tubes.n / 2, lengths.end());
    const double median = static_cast<double>(lengths[static_cast<size_t>(tubes.n / 2)]);
    const Point span = box.high - box.low;
    const double least = 1e-6 * larger(span.x, larger(span.y, span.z)) + 1e-12;
    const Lattice lattice =
        lattice_of(box, larger(median, least), 4.0 * static_cast<double>(tubes.n) + 64.0);
    CellLists lists;
    lists.clear(lattice.n_cells(), workers);
    std::atomic<u64> total{0};
    const u64 n = static_cast<u64>(tubes.n);
    const auto over_cells = [&](auto visit) {
        workers.over(n, 2048, [&](u64 begin, u64 stop, unsigned) {
            for (u64 i = begin; i < stop; ++i)
                cells_near_segment(
                    lattice, start(static_cast<i64>(i)), end(static_cast<i64>(i)), tubes.radius[i],
                    [&](u64 cell) { return visit(cell, static_cast<i32>(i)), true; });
        });
    };
    over_cells([&](u64, i32) { total.fetch_add(1, std::memory_order_relaxed); });
    lists.make_room(total.load());
    over_cells([&](u64 cell, i32 i) { lists.put(cell, i); });
    std::atomic<i64> far{0}, near{0};
    std::vector<std::atomic<u8>> takes_part(n);
    workers.over(n, 1024, [&](u64 begin, u64 stop, unsigned) {
        i64 n_far = 0, n_near = 0;
        std::vector<i32> met;
        for (u64 k = begin; k < stop; ++k) {
            const i32 i = static_cast<i32>(k);
            const Point a = start(i), b = end(i);
            met.clear();
            cells_near_segment(lattice, a, b, tubes.radius[i], [&](u64 cell) {
                for (i32 slot = lists.first(cell); slot >= 0; slot = lists.entry(slot).next) {
                    const i32 s = lists.entry(slot).item;
                    if (s <= i) continue;
                    const double reach = tubes.radius[i] + tubes.radius[s];
                    if (square_between(a, b, start(s), end(s)) < reach * reach) met.push_back(s);
                }
                return true;
            });
            std::sort(met.begin(), met.end());
            met.erase(std::unique(met.begin(), met.end()), met.end());
            for (const i32 s : met) {
                if (tubes.start[i] == tubes.start[s] || tubes.start[i] == tubes.end[s] ||
                    tubes.end[i] == tubes.start[s] || tubes.end[i] == tubes.end[s])
                    continue;
                if (are_near(tubes, i, s)) {
                    ++n_near;
                } else {
                    ++n_far;
                    takes_part[k].store(1, std::memory_order_relaxed);
                    takes_part[static_cast<size_t>(s)].store(1, std::memory_order_relaxed);
                }
            }
        }
        far.fetch_add(n_far);
        near.fetch_add(n_near);
    });
    i64 segments = 0;
    for (const auto& part : takes_part) segments += part.load(std::memory_order_relaxed);
    return {far.load(), near.load(), segments};
}

void nearest_distance(const double* points, i64 n_points, const double* targets, i64 n_targets,
                      const Workers& workers, double* found) {
    const Box box = box_of(targets, n_targets);
    const Point span = box.high - box.low;
    const double volume = larger(span.x, 1e-9) * larger(span.y, 1e-9) * larger(span.z, 1e-9);
    const double size =
        ctc_host::pow_f64(volume / static_cast<double>(n_targets > 0 ? n_targets : 1), 1.0 / 3.0);
    const Lattice lattice = lattice_of(box, size, 4.0 * static_cast<double>(n_targets) + 64.0);
    CellLists lists;
    lists.clear(lattice.n_cells(), workers);
    lists.make_room(static_cast<u64>(n_targets));
    const auto cell_of = [&](const Point& p, i32* at) {
        at[0] = lattice.along(p.x, 0);
        at[1] = lattice.along(p.y, 1);
        at[2] = lattice.along(p.z, 2);
        return lattice.cell(at[0], at[1], at[2]);
    };
    workers.over(static_cast<u64>(n_targets), 4096, [&](u64 begin, u64 stop, unsigned) {
        i32 at[3];
        for (u64 i = begin; i < stop; ++i)
            lists.put(cell_of(node(targets, static_cast<i32>(i)) - box.low, at),
                      static_cast<i32>(i));
    });
    workers.over(static_cast<u64>(n_points), 256, [&](u64 begin, u64 stop, unsigned) {
        for (u64 k = begin; k < stop; ++k) {
            const Point p = node(points, static_cast<i32>(k)) - box.low;
            i32 at[3];
            cell_of(p, at);
            double least = 1e300;
            // Shells of cells around the point's own; what lies beyond shell r is at least r cells
            // away, less the way from the point into the lattice.
            const i32 widest = std::max({lattice.n[0], lattice.n[1], lattice.n[2]});
            for (i32 r = 0; r <= widest; ++r) {
                const double safe = lattice.size * (r - 1);
                if (r > 0 && safe > 0.0 && least <= safe * safe) break;
                for (i32 i = at[0] - r; i <= at[0] + r; ++i)
                    for (i32 j = at[1] - r; j <= at[1] + r; ++j) {
                        const bool is_side =
                            i == at[0] - r || i == at[0] + r || j == at[1] - r || j == at[1] + r;
                        const i32 step = is_side || r == 0 ? 1 : 2 * r;
                        for (i32 l = at[2] - r; l <= at[2] + r; l += step) {
                            if (i < 0 || j < 0 || l < 0 || i >= lattice.n[0] || j >= lattice.n[1] ||
                                l >= lattice.n[2])
                                continue;
                            for (i32 slot = lists.first(lattice.cell(i, j, l)); slot >= 0;
                                 slot = lists.entry(slot).next)
                                least = smaller(
                                    least,
                                    square(node(targets, lists.entry(slot).item) - box.low - p));
                        }
                    }
            }
            found[k] = __builtin_sqrt(least);
        }
    });
}

}  // namespace ctc_growth
