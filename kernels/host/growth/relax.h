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
    // `pushes`: vessels in trouble may move to where only small branches are.
    Relaxer(Scene& scene, u64 seed, bool pushes) : scene_(scene), seed_(seed), pushes_(pushes) {}

    // Once over all junctions; needs the order and the lattice. Returns how many moved.
    u64 sweep() { return sweep_over(false); }
    // Count the segments that touch another now, all or those under suspicion; they are under
    // suspicion from then on, and none else. Needs the lattice.
    u64 find_touching(bool only_suspects);
    // Once over the junctions of touching segments, as last found.
    u64 free_touching() { return sweep_over(true); }
    // Cut off what feeds up to `most` terminals and touched something when last looked for: what
    // had to yield, or all with `least` STAYS. Its terminals are appended to `freed`. The tree is
    // out of order afterwards.
    u64 prune(i32 most, Contact least, std::vector<Pending>& freed);

  private:
    Proposal propose(i32 u) const;
    // Of the junctions, or of those at touching segments.
    u64 sweep_over(bool only_touching);
    u64 move(const std::vector<i32>& nodes);

    Scene& scene_;
    Settler settler_;
    u64 seed_;
    bool pushes_;
    u64 n_sweeps_ = 0;
    std::vector<u8> touches_;
};

}  // namespace ctc_growth
