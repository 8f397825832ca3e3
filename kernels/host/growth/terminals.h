// Where terminals lie: points spread evenly through a territory, in an order of which every
// beginning is even too.
#pragma once
#include "host/growth/insert.h"

namespace ctc_growth {

class TerminalSource {
  public:
    // Points of the territory's own, relative to its box, drawn by `seed`.
    TerminalSource(const Territory& territory, u64 seed);
    // Given points, in an order that `seed` shuffles.
    TerminalSource(const Territory& territory, u64 seed, const double* given, i64 n_given);

    // Append the next n; false if so little of the box is inside that they cannot be found.
    bool draw(i64 n, std::vector<Pending>& out);
    // Volume of the inside, by 2^17 points of the sequence [m^3].
    double volume() const { return volume_; }

  private:
    Point sequence(u64 index) const;

    const Territory& territory_;
    u64 seed_;
    const double* given_ = nullptr;
    std::vector<i32> order_;
    double start_[3];
    u64 index_ = 0;
    i64 n_drawn_ = 0;
    double volume_ = 0.0, densest_ = 1.0;
};

}  // namespace ctc_growth
