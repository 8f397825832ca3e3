// Many proposals for new places of junctions at once: those that would get in each other's way
// are told apart by rank, so that what is done depends neither on threads nor on their order.
#pragma once
#include <vector>

#include "core/philox.h"
#include "host/growth/scene.h"

namespace ctc_growth {

// Streams of random words, each for one use; counted apart from those of the cells.
enum Stream : u32 { RANKS = 1, TRIALS = 2, SHIFTS = 3, SEQUENCE = 4, THINNING = 5, ORDER = 6 };

constexpr i32 NOTHING = -1;

// Put a junction at a place: into the segment that ends at `node`, for a terminal (insertion), or
// the junction `node` itself (move).
struct Proposal {
    Stored at, terminal, normal;
    i32 node = NOTHING;
    i32 item = 0;  // what is proposed for: tells equals apart
};

class Settler {
  public:
    void clear(const Scene& scene) { claims_.clear(scene.lattice.n_cells(), scene.workers); }

    // Set `node` to NOTHING in all proposals that a proposal of better rank is in the way of.
    // fork_of(proposal) gives the fork; `seed` draws the ranks anew for each call.
    template <class ForkOf>
    void settle(const Scene& scene, std::vector<Proposal>& proposals, u64 seed, ForkOf fork_of) {
        const u64 n = proposals.size();
        std::vector<std::vector<Claim>> found(scene.workers.n_threads());
        reach_.resize(n);
        scene.workers.over(n, 512, [&](u64 begin, u64 end, unsigned thread) {
            for (u64 i = begin; i < end; ++i) {
                if (proposals[i].node == NOTHING) continue;
                // A ball around the junction that holds the whole fork.
                double most = 0.0;
                for (const Tube& tube : fork_of(proposals[i]).tube) {
                    most = larger(most, distance(tube.a.centre, tube.b.centre) +
                                            spread(tube, scene.tree.n_members));
                    scene.cells_of(tube, [&](u64 cell) {
                        found[thread].push_back({static_cast<u32>(cell), static_cast<i32>(i)});
                        return true;
                    });
                }
                reach_[i] = scene.rules.clearance * most;
            }
        });
        u64 n_claims = 0;
        for (const auto& claims : found) n_claims += claims.size();
        claims_.forget_entries();
        claims_.make_room(n_claims);
        over_claims(scene, found, [&](const Claim& c) { claims_.put(c.cell, c.item); });
        std::vector<u8> yields(n, 0);
        scene.workers.over(n, 256, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin; i < end; ++i)
                if (proposals[i].node != NOTHING)
                    yields[i] = must_yield(scene, proposals, static_cast<i32>(i), seed, fork_of);
        });
        over_claims(scene, found, [&](const Claim& c) { claims_.forget(c.cell); });
        for (u64 i = 0; i < n; ++i)
            if (yields[i]) proposals[i].node = NOTHING;
    }

  private:
    struct Claim {
        u32 cell;
        i32 item;
    };

    template <class Visit>
    static void over_claims(const Scene& scene, const std::vector<std::vector<Claim>>& found,
                            Visit visit) {
        for (const std::vector<Claim>& claims : found)
            scene.workers.over(claims.size(), 4096, [&](u64 begin, u64 end, unsigned) {
                for (u64 i = begin; i < end; ++i) visit(claims[i]);
            });
    }

    static u64 rank(const Proposal& proposal, u64 seed) {
        const auto word = ctc::philox_of_cell(static_cast<u64>(proposal.item), RANKS, 0, seed);
        return (static_cast<u64>(word.x) << 32) | static_cast<u32>(proposal.item);
    }

    template <class ForkOf>
    bool must_yield(const Scene& scene, const std::vector<Proposal>& proposals, i32 self, u64 seed,
                    ForkOf fork_of) const {
        const Proposal& own = proposals[static_cast<size_t>(self)];
        const u64 own_rank = rank(own, seed);
        const Fork fork = fork_of(own);
        i32 last = self;
        for (const Tube& tube : fork.tube) {
            const bool is_clear = scene.cells_of(tube, [&](u64 cell) {
                for (i32 slot = claims_.first(cell); slot >= 0; slot = claims_.entry(slot).next) {
                    const i32 k = claims_.entry(slot).item;
                    if (k == self || k == last) continue;
                    last = k;
                    const Proposal& other = proposals[static_cast<size_t>(k)];
                    if (rank(other, seed) > own_rank) continue;
                    if (other.node == own.node) return false;
                    const double reach =
                        reach_[static_cast<size_t>(self)] + reach_[static_cast<size_t>(k)];
                    if (square(load(other.at) - load(own.at)) >= reach * reach) continue;
                    if (!scene.rules.tests_collisions) continue;
                    const Fork against = fork_of(other);
                    for (const Tube& mine : fork.tube)
                        for (const Tube& theirs : against.tube)
                            if (scene.do_touch(mine, theirs)) return false;
                }
                return true;
            });
            if (!is_clear) return true;
        }
        return false;
    }

    CellLists claims_;
    std::vector<double> reach_;
};

}  // namespace ctc_growth
