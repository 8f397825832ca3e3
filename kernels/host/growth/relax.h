// Moving junctions: to the place of least volume, or out of the way of what they touch.
#pragma once
#include "host/growth/insert.h"

namespace ctc_growth {

// Terminals of a branch that is cut off, of n in all.
inline i32 most_cut(i32 n) {
    const i32 most = n / 1000 > 64 ? n / 1000 : 64;
    return most < n / 8 ? most : n / 8;
}

class Relaxer {
  public:
    Relaxer(Scene& scene, u64 seed) : scene_(scene), seed_(seed) {}

    // Once over all junctions; needs the order and the lattice. Returns how many moved.
    u64 sweep() { return sweep_over(false); }
    // Count the segments that touch another now, all or those under suspicion; they are under
    // suspicion from then on, and none else. Needs the lattice.
    u64 find_touching(bool only_suspects);
    // Once over the junctions of touching segments, as last found. With `pushes`, over those of
    // segments that yield, which may move to where only small branches are.
    u64 free_touching(bool pushes) {
        pushes_ = pushes;
        return sweep_over(true);
    }
    // Cut off what feeds up to `most` terminals and had to yield when last looked for; its
    // terminals are appended to `freed`. Needs the order, which is lost. Returns how many branches.
    u64 prune(i32 most, std::vector<Pending>& freed);

  private:
    Proposal propose(i32 u) const;
    i32 cut_off(i32 u, std::vector<Pending>& freed);
    // Of the junctions, or of those at touching segments.
    u64 sweep_over(bool only_touching);
    u64 move(const std::vector<i32>& nodes);

    Scene& scene_;
    Settler settler_;
    u64 seed_;
    bool pushes_ = false;
    u64 n_sweeps_ = 0;
    std::vector<u8> touches_;
};

}  // namespace ctc_growth
