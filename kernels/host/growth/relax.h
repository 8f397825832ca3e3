// Moving junctions: to the place of least volume, or out of the way of what they touch.
#pragma once
#include "host/growth/insert.h"

namespace ctc_growth {

class Relaxer {
  public:
    Relaxer(Scene& scene, u64 seed) : scene_(scene), seed_(seed) {}

    // Once over all junctions; needs the order and the lattice. Returns how many moved.
    u64 sweep();
    // Segments that touch another now; needs the lattice.
    u64 find_touching();
    // Cut off what feeds up to `most` terminals and had to yield when last looked for; its
    // terminals are appended to `freed`. The tree is out of order afterwards.
    u64 prune(i32 most, std::vector<Pending>& freed);
    // Once over the junctions of touching segments, as last found.
    u64 free_touching();

  private:
    Proposal propose(i32 u) const;
    u64 move(const std::vector<i32>& nodes);

    Scene& scene_;
    Settler settler_;
    u64 seed_;
    u64 n_sweeps_ = 0;
    std::vector<u8> touches_;
};

}  // namespace ctc_growth
