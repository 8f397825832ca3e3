// The C ABI of growth, collisions and coverage; ctc/backends/host_growth.py is its other side.
#include <memory>
#include <new>

#include "host/growth/collisions.h"
#include "host/growth/engine.h"
#include "host/growth/members.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_growth;

namespace {

struct Grown {
    Territory territory;
    GrowthRules rules;
    Workers workers;
    Engine engine;

    Grown(const Territory& t, const GrowthRules& r, std::vector<Member> members, u64 seed,
          unsigned n_threads)
        : territory(t),
          rules(r),
          workers(n_threads),
          engine(territory, rules, std::move(members), workers, seed) {}
};

}  // namespace

extern "C" {

struct CtcGrowthRequest {
    const Step* steps;
    const double* numbers;
    const float* grid;      // distances of a GRID step, or NULL
    const float* weight;    // density of terminals, or NULL
    const double* given;    // terminals, or NULL
    const double* members;  // per member: 3 exponents, 2 borders, volume, has a port, port
    double low[3], high[3];
    double grid_low[3], grid_spacing;
    double weight_low[3], weight_spacing;
    double hilum[3], aside[3];
    GrowthRules rules;
    i64 n_terminals;
    u64 seed;
    i32 n_steps, n_members;
    i32 grid_n[3], weight_n[3];
    u32 n_threads;
};

struct CtcGrowthReport {
    double territory_volume, cost;
    i64 n_nodes, n_forced, n_touching;
    i32 outcome;
};
}

// Grow; returns a handle for the calls below, to be freed, or NULL without memory.
CTC_EXPORT void* ctc_growth_start(const CtcGrowthRequest* request, CtcGrowthReport* report) {
    const ctc_host::FloatingPointMode mode;
    try {
        const auto point = [](const double* x) { return Point{x[0], x[1], x[2]}; };
        Territory territory = {};
        territory.steps = request->steps;
        territory.n_steps = request->n_steps;
        territory.numbers = request->numbers;
        territory.low = point(request->low);
        territory.high = point(request->high);
        territory.grid = {point(request->grid_low),
                          request->grid_spacing,
                          {request->grid_n[0], request->grid_n[1], request->grid_n[2]},
                          request->grid};
        territory.weight = {point(request->weight_low),
                            request->weight_spacing,
                            {request->weight_n[0], request->weight_n[1], request->weight_n[2]},
                            request->weight};
        std::vector<Member> members;
        for (i32 m = 0; m < request->n_members; ++m) {
            const double* n = request->members + 10 * m;
            Member member = {
                {{n[0], n[1], n[2]}, {n[3], n[4]}}, n[5], 0.0, n[6] > 0.0, point(n + 7)};
            if (member.has_port)
                member.outside_length = distance(member.port, point(request->hilum));
            members.push_back(member);
        }
        const auto begin = [&](u64 seed) {
            return std::make_unique<Grown>(territory, request->rules, members, seed,
                                           request->n_threads);
        };
        const auto grow = [&](Grown& grown, u64 seed, i64 n_enough) {
            TerminalSource source =
                request->given == nullptr
                    ? TerminalSource(grown.territory, seed)
                    : TerminalSource(grown.territory, seed, request->given, request->n_terminals);
            return grown.engine.grow(source, point(request->hilum), point(request->aside),
                                     request->n_terminals, n_enough);
        };
        u64 seed = request->seed;
        double least = 1e300;
        for (u64 k = 0; k < n_beginnings(request->n_terminals); ++k) {
            const u64 tried = request->seed + k * 0x9E3779B97F4A7C15ull;
            std::unique_ptr<Grown> grown = begin(tried);
            if (grow(*grown, tried, YOUNG_ENOUGH) != Outcome::GROWN) break;
            const double badness = grown->engine.badness();
            if (badness < least) {
                least = badness;
                seed = tried;
            }
        }
        std::unique_ptr<Grown> grown = begin(seed);
        const Outcome outcome = grow(*grown, seed, request->n_terminals);
        const Report& found = grown->engine.report();
        *report = {found.territory_volume, found.cost,       grown->engine.scene().tree.n_nodes(),
                   found.n_forced,         found.n_touching, static_cast<i32>(outcome)};
        return grown.release();
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

// Topology: mother, first daughter (-1 at a leaf; the second is the next node), terminals below,
// terminal of a leaf, place of the node's segment where a bed follows each leaf's, and that bed's.
CTC_EXPORT void ctc_growth_topology(void* handle, i32* parent, i32* first, i32* count,
                                    i32* terminal, i32* place, i32* bed) {
    const Tree& tree = static_cast<Grown*>(handle)->engine.scene().tree;
    const size_t n = tree.position.size();
    // Of each node: leaves and forks laid out before what lies below it.
    std::vector<i32> leaves(n, 0), forks(n, 0);
    for (size_t i = 0; i < n; ++i) {
        parent[i] = tree.parent[i];
        first[i] = tree.first[i];
        count[i] = tree.count[i];
        const bool is_leaf = tree.first[i] < 0;
        terminal[i] = is_leaf ? tree.second[i] : -1;
        place[i] = static_cast<i32>(i) + (i > 0 ? leaves[static_cast<size_t>(tree.parent[i])] : 0);
        bed[i] = is_leaf ? 2 + 2 * forks[i] + leaves[i] : -1;
        if (is_leaf || i == 0) continue;
        const size_t a = static_cast<size_t>(tree.first[i]), b = a + 1;
        leaves[a] = leaves[i];
        forks[a] = forks[i] + 1;
        leaves[b] = leaves[i] + tree.count[a];
        forks[b] = forks[i] + tree.count[a];
    }
}

// Nodes of a member's tree [m], lengths and radii of its segments [m].
CTC_EXPORT void ctc_growth_member(void* handle, i32 member, double shortest, double* position,
                                  double* segment_length, double* radius) {
    const ctc_host::FloatingPointMode mode;
    Grown* grown = static_cast<Grown*>(handle);
    const Scene& scene = grown->engine.scene();
    member_positions(scene, static_cast<size_t>(member), position);
    const size_t m = static_cast<size_t>(member);
    member_segments(scene, grown->engine.members()[m], m, !grown->engine.report().is_capped,
                    shortest, position, segment_length, radius);
}

// Middle of each bundle's node [m].
CTC_EXPORT void ctc_growth_centres(void* handle, double* position) {
    const Scene& scene = static_cast<Grown*>(handle)->engine.scene();
    for (i32 u = 0; u < scene.tree.n_nodes(); ++u) {
        const Point p = scene.tree.at(u) + scene.territory.low;
        position[3 * static_cast<size_t>(u)] = p.x;
        position[3 * static_cast<size_t>(u) + 1] = p.y;
        position[3 * static_cast<size_t>(u) + 2] = p.z;
    }
}

// Free what the calls above do not need.
CTC_EXPORT void ctc_growth_settle(void* handle) {
    Scene& scene = static_cast<Grown*>(handle)->engine.scene();
    scene.lists.release();
    scene.tree.release_growth();
}

CTC_EXPORT void ctc_growth_free(void* handle) { delete static_cast<Grown*>(handle); }

// Distances of points from a territory, for tests of the program.
CTC_EXPORT void ctc_signed_distance(const CtcGrowthRequest* request, const double* points,
                                    double* distance, i64 n) {
    const ctc_host::FloatingPointMode mode;
    Territory territory = {};
    territory.steps = request->steps;
    territory.n_steps = request->n_steps;
    territory.numbers = request->numbers;
    territory.grid = {{request->grid_low[0], request->grid_low[1], request->grid_low[2]},
                      request->grid_spacing,
                      {request->grid_n[0], request->grid_n[1], request->grid_n[2]},
                      request->grid};
    for (i64 i = 0; i < n; ++i)
        distance[i] =
            signed_distance(territory, Point{points[3 * i], points[3 * i + 1], points[3 * i + 2]});
}

CTC_EXPORT void ctc_count_collisions(const double* position, const i32* start, const i32* end,
                                     const double* radius, const i32* line, i64 n_segments,
                                     u32 n_threads, i64* counts) {
    const ctc_host::FloatingPointMode mode;
    const Workers workers(n_threads);
    const Collisions found =
        count_collisions({position, start, end, radius, line, n_segments}, workers);
    counts[0] = found.far;
    counts[1] = found.near;
    counts[2] = found.segments;
}

CTC_EXPORT void ctc_nearest_distance(const double* points, i64 n_points, const double* targets,
                                     i64 n_targets, u32 n_threads, double* found) {
    const ctc_host::FloatingPointMode mode;
    const Workers workers(n_threads);
    nearest_distance(points, n_points, targets, n_targets, workers, found);
}
