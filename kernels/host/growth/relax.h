// Moving junctions: to the place of least volume, or out of the way of what they touch.
#pragma once
#include "host/growth/insert.h"

namespace ctc_growth {

constexpr i32 MOST_CUT = 64;  // terminals of a branch that is cut off

class Relaxer {
  public:
    // `pushes`: vessels in trouble may move to where only small branches are.
    Relaxer(Scene& scene, u64 seed, bool pushes) : scene_(scene), seed_(seed), pushes_(pushes) {}

    // Once over all junctions; needs the order and the lattice. Returns how many moved.
    u64 sweep();
    // Segments that touch another now; needs the lattice.
    u64 find_touching();
    // Cut off what feeds up to `most` terminals and touched something when last looked for: what
    // had to yield, or all with `least` STAYS. Its terminals are appended to `freed`. The tree is
    // out of order afterwards.
    u64 prune(i32 most, Contact least, std::vector<Pending>& freed);

  private:
    Proposal propose(i32 u) const;
    u64 move(const std::vector<i32>& nodes);

    Scene& scene_;
    Settler settler_;
    u64 seed_;
    bool pushes_;
    u64 n_sweeps_ = 0;
    std::vector<u8> touches_;
};

}  // namespace ctc_growth
