// Junctions move in groups of which no two share a segment: those at even depth, then at odd.
#include "host/growth/relax.h"

namespace ctc_growth {

namespace {

constexpr u64 MOST_AT_ONCE = 1 << 16;
constexpr int N_TRIALS = 24;
constexpr double LEAST_GAIN = 5e-3;  // of a fork's volume, for a move to be worth it

// Ends of a fork and the weights of its segments.
struct Star {
    Point end[3];
    double weight[3];

    double cost(const Point& at) const {
        return weight[0] * distance(end[0], at) + weight[1] * distance(end[1], at) +
               weight[2] * distance(end[2], at);
    }
};

}  // namespace

u64 Relaxer::find_touching(bool only_suspects) {
    Tree& tree = scene_.tree;
    const u64 n = static_cast<u64>(tree.n_nodes());
    Marks marks(n);
    if (only_suspects)
        scene_.workers.over(n, 1024, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin > 0 ? begin : 1; i < end; ++i)
                if (tree.is_suspect[i]) scene_.mark_contacts_of(static_cast<i32>(i), marks);
        });
    else scene_.mark_contacts(marks);
    touches_.resize(n);
    u64 found = 0;
    for (u64 i = 1; i < n; ++i) {
        touches_[i] = marks.of(i);
        tree.is_suspect[i] = touches_[i] != 0;
        found += tree.is_suspect[i];
    }
    return found;
}

Proposal Relaxer::propose(i32 u) const {
    const Tree& tree = scene_.tree;
    const size_t i = static_cast<size_t>(u);
    const i32 first = tree.first[i], second = tree.second[i];
    const Point here = tree.at(u), normal = load(tree.normal[i]), up = tree.at(tree.parent[i]);
    const Point a = tree.at(first), b = tree.at(second);
    Proposal proposal;
    proposal.item = u;
    const auto weight = [&](i32 s) {
        return scene_.worth.of(tree.count[static_cast<size_t>(s)]).weight;
    };
    const bool first_is_larger =
        tree.count[static_cast<size_t>(first)] >= tree.count[static_cast<size_t>(second)];
    const Star star = {{up, a, b}, {weight(u), weight(first), weight(second)}};
    const Point best = first_is_larger
                           ? fermat_point(up, star.weight[0], a, star.weight[1], b, star.weight[2])
                           : fermat_point(up, star.weight[0], b, star.weight[2], a, star.weight[1]);
    const double now = star.cost(here);
    const bool is_touching =
        !touches_.empty() && (touches_[i] || touches_[static_cast<size_t>(first)] ||
                              touches_[static_cast<size_t>(second)]);
    const Point normal_up = load(tree.normal[static_cast<size_t>(tree.parent[i])]);
    const i32 like = first_is_larger ? first : second, unlike = first_is_larger ? second : first;
    // Take a place if it is good with one of the normals.
    const auto takes = [&](const Point& at, i32 least) {
        if (!(scene_.depth(at) > 0.0)) return false;
        for (int turn = -1; turn < N_NORMALS; ++turn) {
            const Point turned =
                turn < 0
                    ? normal
                    : load(store(fork_normal(at, up, tree.at(like), tree.at(unlike), normal_up,
                                             load(tree.normal[static_cast<size_t>(like)]), turn)));
            const Fork fork = scene_.fork_of(u, at, turned);
            if (turn < 0 && !(scene_.is_well_formed(fork) && scene_.are_ways_inside(fork)))
                return false;
            if (scene_.is_inside(fork.tube[0].b) && scene_.judge(fork, least) == Verdict::FREE) {
                proposal.at = store(at);
                proposal.normal = store(turned);
                proposal.node = u;
                return true;
            }
            if (tree.n_members == 1 || !is_touching) return false;
        }
        return false;
    };
    for (double part = 1.0; part > 0.3; part *= 0.5) {
        const Point at = load(store(here + part * (best - here)));
        if (!is_touching && star.cost(at) > (1.0 - LEAST_GAIN) * now) break;
        if (takes(at, 0)) return proposal;
    }
    if (!is_touching) return proposal;
    const double reach = smaller(distance(here, up), smaller(distance(here, a), distance(here, b)));
    const double span = larger(reach, 4.0 * tree.thickest(u));
    // Small branches give way to a large vessel: they are cut off afterwards.
    const i32 most = most_cut(tree.count[0]);
    const i32 small = tree.count[i] / 4 < most ? tree.count[i] / 4 : most;
    for (const i32 ignored : {0, small}) {
        if (ignored > 0 && !pushes_) break;
        double least = 1e300;
        for (int k = 0; k < N_TRIALS; ++k) {
            const auto word = ctc::philox_of_cell(static_cast<u64>(u), TRIALS, static_cast<u32>(k),
                                                  seed_ + n_sweeps_);
            const auto part = [](u32 w) { return static_cast<double>(w) * 0x1p-31 - 1.0; };
            const double size = span * (0.2 + 1.3 * k / N_TRIALS);
            const Point at =
                load(store(here + size * Point{part(word.x), part(word.y), part(word.z)}));
            const double cost = star.cost(at);
            if (cost < least && takes(at, ignored)) least = cost;
        }
        if (proposal.node != NOTHING) break;
    }
    return proposal;
}

u64 Relaxer::move(const std::vector<i32>& nodes) {
    u64 n_moved = 0;
    std::vector<Proposal> proposals;
    for (u64 from = 0; from < nodes.size(); from += MOST_AT_ONCE) {
        const u64 n = nodes.size() - from < MOST_AT_ONCE ? nodes.size() - from : MOST_AT_ONCE;
        proposals.assign(n, Proposal{});
        scene_.workers.over(n, 128, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin; i < end; ++i) proposals[i] = propose(nodes[from + i]);
        });
        settler_.settle(scene_, proposals, seed_ + n_sweeps_, [&](const Proposal& p) {
            return scene_.fork_of(p.node, load(p.at), load(p.normal));
        });
        Tree& tree = scene_.tree;
        std::atomic<u64> total{0}, moved{0};
        scene_.workers.over(n, 1024, [&](u64 begin, u64 end, unsigned) {
            u64 cells = 0, sum = 0;
            for (u64 i = begin; i < end; ++i) {
                if (proposals[i].node == NOTHING) continue;
                tree.position[static_cast<size_t>(proposals[i].node)] = proposals[i].at;
                tree.normal[static_cast<size_t>(proposals[i].node)] = proposals[i].normal;
                ++sum;
                for (const i32 s : scene_.segments_at(proposals[i].node))
                    cells += scene_.n_new_cells_of(s);
            }
            total.fetch_add(cells);
            moved.fetch_add(sum);
        });
        scene_.lists.make_room(total.load());
        scene_.workers.over(n, 1024, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin; i < end; ++i)
                if (proposals[i].node != NOTHING)
                    for (const i32 s : scene_.segments_at(proposals[i].node))
                        scene_.put_segment(s, true);
        });
        n_moved += moved.load();
    }
    return n_moved;
}

u64 Relaxer::sweep_over(bool only_touching) {
    settler_.clear(scene_);
    const Tree& tree = scene_.tree;
    const i32 n = tree.n_nodes();
    std::vector<u8> is_odd(static_cast<size_t>(n), 0);
    for (size_t i = 1; i < is_odd.size(); ++i)
        is_odd[i] = !is_odd[static_cast<size_t>(tree.parent[i])];
    u64 n_moved = 0;
    for (u8 parity = 0; parity < 2; ++parity) {
        ++n_sweeps_;
        std::vector<i32> nodes;
        for (i32 u = 1; u < n; ++u) {
            const size_t i = static_cast<size_t>(u);
            if (tree.is_leaf(u) || is_odd[i] != parity) continue;
            const u8 least = static_cast<u8>(pushes_ ? Contact::YIELDS : Contact::STAYS);
            if (!only_touching || touches_[i] >= least ||
                touches_[static_cast<size_t>(tree.first[i])] >= least ||
                touches_[static_cast<size_t>(tree.second[i])] >= least)
                nodes.push_back(u);
        }
        n_moved += move(nodes);
    }
    return n_moved;
}

}  // namespace ctc_growth
