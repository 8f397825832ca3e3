// Joining terminals to a tree: each to the segment where it adds least volume and touches nothing.
#pragma once
#include "host/growth/settle.h"

namespace ctc_growth {

struct Pending {
    Stored at;
    i32 terminal;
    i32 n_tries;   // in this stage
    i32 n_stages;  // in which no place was found
};

class Inserter {
  public:
    Inserter(Scene& scene, u64 seed) : scene_(scene), seed_(seed) {}

    // Begin a stage whose terminals lie so far apart.
    void start_stage(double spacing);
    // Join as many of `wanted` as can be, in rounds; what found no place stays in the list.
    // `is_last_call` takes the best place even where it touches something.
    void join(std::vector<Pending>& wanted, bool is_last_call);

  private:
    bool find_place(const Point& t, bool is_wide, bool is_last_call, Proposal& found) const;
    Proposal propose(const Pending& pending, bool is_last_call) const;
    u64 apply(const std::vector<Proposal>& proposals);

    Scene& scene_;
    Settler settler_;
    u64 seed_;
    double spacing_ = 0.0;
    u64 n_rounds_ = 0;
};

}  // namespace ctc_growth
