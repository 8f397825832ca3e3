// Candidates from the lattice, cost of each, and rounds of insertions that do not touch.
//
// Joining a terminal to the segment (p, s) that feeds k terminals costs the volume of the fork,
// weight(k + 1) |p x| + weight(k) |x s| + weight(1) |x t|, less that of the segment, and what the
// flow of one more terminal adds to all ancestors, which every node keeps as its marginal cost.
#include "host/growth/insert.h"

namespace ctc_growth {

namespace {

constexpr int MOST_CANDIDATES = 32;
constexpr u64 MOST_AT_ONCE = 1 << 16;
constexpr i32 TRIES_BEFORE_SHIFT = 1;  // then a terminal looks for a better place near by
constexpr i32 MOST_TRIES = 3;          // in one stage
constexpr int N_SHIFTS = 6;
constexpr i32 YOUNG = 10000;    // nodes
constexpr double SHIFT = 0.35;  // of the spacing, along each axis; twice with each stage in vain
constexpr i32 MOST_DOUBLINGS = 7;

struct Choice {
    double cost;
    i32 node;
    Point at;
};

struct Candidate {
    double square_distance;
    i32 node;
};

// The nearest segments, by distance and then by number: the order in the cells does not count.
struct Nearest {
    Candidate best[MOST_CANDIDATES];
    int n = 0, most;
    double worst = 0.0;  // distance of the last, once all are there

    void offer(double square_distance, i32 node) {
        if (n == most && !(square_distance < best[n - 1].square_distance) &&
            !(square_distance == best[n - 1].square_distance && node < best[n - 1].node))
            return;
        for (int i = 0; i < n; ++i)
            if (best[i].node == node) return;
        int i = n < most ? n++ : n - 1;
        while (i > 0 &&
               (square_distance < best[i - 1].square_distance ||
                (square_distance == best[i - 1].square_distance && node < best[i - 1].node))) {
            best[i] = best[i - 1];
            --i;
        }
        best[i] = {square_distance, node};  // NOLINT(clang-analyzer-security.ArrayBound): most > 0
        if (n == most) worst = __builtin_sqrt(best[n - 1].square_distance);
    }
};

Nearest nearest_segments(const Scene& scene, const Point& t, int reach, int most) {
    Nearest nearest;
    nearest.most = most;
    const Lattice& lattice = scene.lattice;
    const i32 c[3] = {lattice.along(t.x, 0), lattice.along(t.y, 1), lattice.along(t.z, 2)};
    i32 low[3], high[3];
    for (int a = 0; a < 3; ++a) {
        low[a] = c[a] - reach < 0 ? 0 : c[a] - reach;
        high[a] = c[a] + reach > lattice.n[a] - 1 ? lattice.n[a] - 1 : c[a] + reach;
    }
    const Tree& tree = scene.tree;
    const double x[3] = {t.x, t.y, t.z};
    // What is nearest to t within a cell lies in it: cells beyond the worst kept are passed over.
    const auto away = [&](i32 k, int axis) {
        const double below = lattice.size * k - x[axis], above = x[axis] - lattice.size * (k + 1);
        const bool is_border = k == 0 || k == lattice.n[axis] - 1;
        return is_border ? 0.0 : larger(larger(below, above), 0.0);
    };
    const auto look_in = [&](i32 i, i32 j, i32 k) {
        const u64 cell = lattice.cell(i, j, k);
        scene.lists.each(cell, [&](i32 s) {
            const Span& span = tree.span[static_cast<size_t>(s)];
            if (nearest.n == most) {
                // No nearer than the ball around it.
                const double most_away = nearest.worst + static_cast<double>(span.extent);
                if (square(t - span.middle()) > most_away * most_away) return true;
            }
            if (!tree.is_gone(s)) nearest.offer(square_to_segment(t, span.from(), span.to()), s);
            return true;
        });
    };
    // First the cell itself, then those that share a face, an edge, a corner with it.
    for (int rank = 0; rank <= 3; ++rank)
        for (i32 i = low[0]; i <= high[0]; ++i) {
            const double dx = away(i, 0);
            for (i32 j = low[1]; j <= high[1]; ++j) {
                const double dy = away(j, 1);
                for (i32 k = low[2]; k <= high[2]; ++k) {
                    if ((i != c[0]) + (j != c[1]) + (k != c[2]) != rank) continue;
                    const double dz = away(k, 2);
                    // NOLINTBEGIN(clang-analyzer-security.ArrayBound): most > 0
                    if (nearest.n == most &&
                        dx * dx + dy * dy + dz * dz > nearest.best[most - 1].square_distance)
                        continue;
                    // NOLINTEND(clang-analyzer-security.ArrayBound)
                    look_in(i, j, k);
                }
            }
        }
    return nearest;
}

// True if a terminal would lie in a vessel.
bool is_in_lumen(const Scene& scene, const Point& t, const Nearest& nearest, double radius) {
    for (int c = 0; c < nearest.n; ++c) {
        const i32 s = nearest.best[c].node;
        const double reach =
            static_cast<double>(scene.tree.span[static_cast<size_t>(s)].reach) + radius;
        if (nearest.best[c].square_distance >= reach * reach) continue;
        const Tube tube = scene.tube(s);
        for (size_t m = 0; m < scene.tree.n_members; ++m) {
            const double least = scene.rules.clearance * (tube.r[m] + radius);
            if (square_to_segment(t, tube.a.member(m), tube.b.member(m)) < least * least)
                return true;
        }
    }
    return false;
}

// Move x off an end that it lies too near to, towards the other two.
Point kept_off(const Point& x, const Point& end, double least, const Point& towards) {
    const double d = distance(x, end);
    if (d >= least) return x;
    const Point way = d > 0.01 * least ? x - end : towards - end;
    const double l = length(way);
    return l > 0.0 ? end + (1.001 * least / l) * way : x;
}

}  // namespace

void Inserter::start_stage(double spacing) {
    spacing_ = spacing;
    settler_.clear(scene_);
}

// The place of least cost for a terminal among the nearest segments.
bool Inserter::find_place(const Point& t, bool is_wide, bool is_last_call, Proposal& found) const {
    const Tree& tree = scene_.tree;
    const GrowthRules& rules = scene_.rules;
    const Worth leaf = scene_.worth.of(1);
    // A young tree decides the shape of all that follows: it is searched with care.
    const bool is_young = tree.n_nodes() < YOUNG;
    int most = is_wide || is_young ? 2 * rules.n_candidates : rules.n_candidates;
    if (most > MOST_CANDIDATES) most = MOST_CANDIDATES;
    Nearest nearest = nearest_segments(scene_, t, 1, most);
    for (int reach = 2; nearest.n < 2 && nearest.n < 2 * tree.n_terminals() - 1; reach *= 2)
        nearest = nearest_segments(scene_, t, reach, most);
    if (!is_last_call && rules.tests_collisions && is_in_lumen(scene_, t, nearest, leaf.radius))
        return false;
    Choice choice[MOST_CANDIDATES];
    for (int c = 0; c < nearest.n; ++c) {
        const i32 s = nearest.best[c].node;
        const size_t i = static_cast<size_t>(s);
        const size_t up = static_cast<size_t>(tree.parent[i]);
        const Point a = tree.at(tree.parent[i]), b = tree.at(s);
        const Worth upstream = scene_.worth.of(tree.count[i] + 1);
        const Worth here = scene_.worth.of(tree.count[i]);
        Point x = fermat_point(a, upstream.weight, b, here.weight, t, leaf.weight);
        if (is_last_call) {
            x = 0.98 * x + (0.02 / 3.0) * (a + b + t);
        } else {
            const double above = tree.thickest(tree.parent[i]);
            x = kept_off(x, t, rules.shortest * (upstream.radius + leaf.radius), 0.5 * (a + b));
            x = kept_off(x, b, rules.shortest * (upstream.radius + here.radius), 0.5 * (a + t));
            x = kept_off(x, a, rules.shortest * (above + upstream.radius), 0.5 * (b + t));
        }
        x = load(store(x));
        // Where the place of least volume is outside, one nearer to the terminal may do.
        for (const double part : {0.5, 0.8, 0.95, 0.99}) {
            if (scene_.depth(x) > 0.0) break;
            x = load(store(x + part * ((is_last_call ? t : 0.5 * (b + t)) - x)));
        }
        if (is_last_call && !(scene_.depth(x) > 0.0)) {
            // In a thin layer only what is near the terminal is sure to be inside: depths change
            // by no more than the way.
            const Point way = x - t;
            x = load(store(t + (0.5 * scene_.depth(t) / length(way)) * way));
        }
        const double cost = upstream.weight * distance(a, x) + here.weight * distance(x, b) +
                            leaf.weight * distance(x, t) - here.weight * distance(a, b) +
                            static_cast<double>(tree.marginal[up]);
        int k = c;
        while (k > 0 && (cost < choice[k - 1].cost ||
                         (cost == choice[k - 1].cost && s < choice[k - 1].node))) {
            choice[k] = choice[k - 1];
            --k;
        }
        choice[k] = {cost, s, x};
    }
    for (int k = 0; k < nearest.n; ++k) {
        const i32 s = choice[k].node;
        if (!(scene_.depth(choice[k].at) > 0.0)) continue;
        const size_t up = static_cast<size_t>(tree.parent[static_cast<size_t>(s)]);
        for (int turn = 0; turn < (is_young ? N_NORMALS : N_LATE_NORMALS); ++turn) {
            Point normal = fork_normal(choice[k].at, tree.at(tree.parent[static_cast<size_t>(s)]),
                                       tree.at(s), t, load(tree.normal[up]),
                                       load(tree.normal[static_cast<size_t>(s)]), turn);
            normal = load(store(normal));
            const Fork fork = scene_.fork_into(s, choice[k].at, normal, t);
            if (!is_last_call) {
                if (turn == 0 && !(scene_.is_well_formed(fork) && scene_.are_ways_inside(fork)))
                    break;
                if (!scene_.is_inside(fork.tube[0].b) || !scene_.is_inside(fork.tube[2].b))
                    continue;
                const Verdict verdict = scene_.judge(fork);
                if (verdict == Verdict::TAKEN && !is_young) break;
                if (verdict != Verdict::FREE) continue;
            }
            found.at = store(choice[k].at);
            found.normal = store(normal);
            found.terminal = store(t);
            found.node = s;
            return true;
        }
    }
    return false;
}

Proposal Inserter::propose(const Pending& pending, bool is_last_call) const {
    Proposal proposal;
    proposal.item = pending.terminal;
    const Point home = load(pending.at);
    if (find_place(home, pending.n_tries > 0, is_last_call, proposal) || is_last_call ||
        !scene_.rules.moves_terminals || pending.n_tries < TRIES_BEFORE_SHIFT)
        return proposal;
    const double span = SHIFT * spacing_ * (1 << pending.n_stages);
    for (int shift = 1; shift <= N_SHIFTS; ++shift) {
        const auto word = ctc::philox_of_cell(static_cast<u64>(pending.terminal), SHIFTS,
                                              static_cast<u32>(pending.n_tries * 8 + shift), seed_);
        const auto part = [](u32 w) { return static_cast<double>(w) * 0x1p-31 - 1.0; };
        const Point t = load(
            store(home + Point{span * part(word.x), span * part(word.y), span * part(word.z)}));
        if (scene_.depth(t) > 0.0 && find_place(t, true, false, proposal)) break;
    }
    return proposal;
}

u64 Inserter::apply(const std::vector<Proposal>& proposals) {
    Tree& tree = scene_.tree;
    std::vector<i32> place(proposals.size(), NOTHING);
    i32 next = tree.n_nodes();
    for (size_t i = 0; i < proposals.size(); ++i)
        if (proposals[i].node != NOTHING) {
            place[i] = next;
            next += 2;
        }
    const u64 n_applied = static_cast<u64>(next - tree.n_nodes()) / 2;
    tree.resize(static_cast<size_t>(next));
    const Worth leaf = scene_.worth.of(1);
    std::atomic<u64> total{0};
    scene_.workers.over(proposals.size(), 1024, [&](u64 begin, u64 end, unsigned) {
        u64 cells = 0;
        for (u64 i = begin; i < end; ++i) {
            if (place[i] == NOTHING) continue;
            const i32 s = proposals[i].node, j = place[i], t = j + 1;
            const size_t si = static_cast<size_t>(s), ji = static_cast<size_t>(j),
                         ti = static_cast<size_t>(t);
            const i32 up = tree.parent[si];
            const size_t ui = static_cast<size_t>(up);
            // Proposals that were not made to yield have segments of their own, so no two write
            // the same place.
            (tree.first[ui] == s ? tree.first[ui] : tree.second[ui]) = j;
            tree.parent[ji] = up;
            tree.first[ji] = s;
            tree.second[ji] = t;
            tree.parent[si] = j;
            tree.parent[ti] = j;
            tree.second[ti] = proposals[i].item;
            tree.position[ji] = proposals[i].at;
            tree.position[ti] = proposals[i].terminal;
            tree.count[ji] = tree.count[si] + 1;
            tree.count[ti] = 1;
            const Worth worth = scene_.worth.of(tree.count[ji]);
            tree.normal[ji] = tree.normal[ti] = proposals[i].normal;
            tree.classes[ji] = tree.classes[si];
            tree.set_radii(j, worth);
            tree.set_radii(t, leaf);
            const double more = scene_.worth.of(tree.count[ji] + 1).weight - worth.weight;
            tree.marginal[ji] = static_cast<float>(static_cast<double>(tree.marginal[ui]) +
                                                   more * distance(tree.at(up), tree.at(j)));
            for (const i32 u : {j, s, t}) cells += scene_.n_cells_of(scene_.tube(u));
        }
        total.fetch_add(cells);
    });
    scene_.lists.make_room(total.load());
    scene_.workers.over(proposals.size(), 1024, [&](u64 begin, u64 end, unsigned) {
        for (u64 i = begin; i < end; ++i)
            if (place[i] != NOTHING) {
                scene_.put_segment(place[i], false);
                scene_.put_segment(place[i] + 1, false);
                scene_.put_segment(proposals[i].node, true);
            }
    });
    return n_applied;
}

void Inserter::join(std::vector<Pending>& wanted, bool is_last_call) {
    std::vector<Pending> waiting;
    while (!wanted.empty()) {
        const double share = scene_.rules.round * scene_.tree.n_nodes() * 0.5;
        u64 most = is_last_call ? 1 : static_cast<u64>(share) + 1;
        if (most > MOST_AT_ONCE) most = MOST_AT_ONCE;
        const u64 n = wanted.size() < most ? wanted.size() : most;
        std::vector<Proposal> proposals(n);
        scene_.workers.over(n, 64, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin; i < end; ++i) proposals[i] = propose(wanted[i], is_last_call);
        });
        std::vector<u8> found(n);
        for (u64 i = 0; i < n; ++i) found[i] = proposals[i].node != NOTHING;
        if (!is_last_call) {
            const auto fork_of = [&](const Proposal& p) {
                return scene_.fork_into(p.node, load(p.at), load(p.normal), load(p.terminal));
            };
            settler_.settle(scene_, proposals, seed_ + ++n_rounds_, fork_of);
        }
        apply(proposals);
        // Who had to yield goes on in the next round, who found no place waits to try otherwise.
        std::vector<Pending> left(wanted.begin() + static_cast<i64>(n), wanted.end());
        for (u64 i = 0; i < n; ++i) {
            if (proposals[i].node != NOTHING) continue;
            if (found[i]) {
                left.push_back(wanted[i]);
            } else {
                Pending again = wanted[i];
                ++again.n_tries;
                if (again.n_tries <= MOST_TRIES && !is_last_call) left.push_back(again);
                else waiting.push_back(again);
            }
        }
        wanted.swap(left);
    }
    for (Pending& pending : waiting) {
        pending.n_tries = 0;
        if (pending.n_stages < MOST_DOUBLINGS) ++pending.n_stages;
    }
    wanted.swap(waiting);
}

}  // namespace ctc_growth
