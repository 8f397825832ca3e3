// Positions and radii of the trees of a bundle, in float64.
#include "host/growth/members.h"

namespace ctc_growth {

namespace {

// Exponents follow the calibre, the calibre follows from exponents and volume.
constexpr int MOST_ROUNDS = 12;
constexpr int MOST_PULLS = 40;
constexpr double PI = 3.141592653589793;

}  // namespace

void member_positions(const Scene& scene, size_t member, double* position) {
    const u64 n = static_cast<u64>(scene.tree.n_nodes());
    scene.workers.over(n, 8192, [&](u64 begin, u64 end, unsigned) {
        for (u64 i = begin; i < end; ++i) {
            End placed = scene.end_at(static_cast<i32>(i));
            // Radii have changed since the terminal was joined: its ends stay inside.
            for (int k = 0; placed.is_terminal && k < MOST_PULLS && !scene.is_inside(placed); ++k)
                for (size_t m = 0; m < scene.tree.n_members; ++m) placed.offset[m] *= 0.5;
            const Point p = placed.member(member) + scene.territory.low;
            position[3 * i] = p.x;
            position[3 * i + 1] = p.y;
            position[3 * i + 2] = p.z;
        }
    });
}

void member_segments(const Scene& scene, const Member& member, size_t index, bool keeps_classes,
                     double shortest, const double* position, double* segment_length,
                     double* radius) {
    const Tree& tree = scene.tree;
    const size_t n = tree.position.size();
    const Roots table(member.law, tree.count[0]);
    const auto at = [&](size_t i) {
        return Point{position[3 * i], position[3 * i + 1], position[3 * i + 2]};
    };
    segment_length[0] = member.has_port ? larger(distance(at(0), member.port), shortest) : 0.0;
    for (size_t i = 1; i < n; ++i)
        segment_length[i] =
            larger(distance(at(i), at(static_cast<size_t>(tree.parent[i]))), shortest);
    std::vector<u8> group(n, 0), before;
    for (size_t i = 0; i < n; ++i)
        group[i] = static_cast<u8>(tree.group(static_cast<i32>(i), index));
    double root =
        keeps_classes ? tree.radius(0, index) : root_radius(tree.lengths(), member, tree.count[0]);
    for (int round = 0; round < MOST_ROUNDS; ++round) {
        before = group;
        // In the last round classes stay as they are, so that the volume can be made right.
        const bool is_last = keeps_classes || round == MOST_ROUNDS - 1;
        radius[0] = root;
        if (!is_last) group[0] = static_cast<u8>(member.law.group(root));
        double held = root * root * segment_length[0];
        for (size_t i = 1; i < n; ++i) {
            const size_t up = static_cast<size_t>(tree.parent[i]);
            radius[i] = radius[up] *
                        (table.of(group[up], tree.count[i]) / table.of(group[up], tree.count[up]));
            if (!is_last) group[i] = static_cast<u8>(member.law.group(radius[i]));
            held += radius[i] * radius[i] * segment_length[i];
        }
        const double factor = __builtin_sqrt(member.volume / (PI * held));
        root *= factor;
        if (is_last || (round > 0 && group == before)) {
            for (size_t i = 0; i < n; ++i) radius[i] *= factor;
            return;
        }
    }
}

double held_over_pi(const Tree& tree, const Member& member, size_t index) {
    const double root = tree.radius(0, index);
    double held = member.outside_length * root * root;
    for (size_t i = 1; i < tree.position.size(); ++i) {
        const double r = tree.radius(static_cast<i32>(i), index);
        held += r * r *
                distance(load(tree.position[i]),
                         load(tree.position[static_cast<size_t>(tree.parent[i])]));
    }
    return held;
}

}  // namespace ctc_growth
