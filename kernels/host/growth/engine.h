// Growth of one bundle of trees in a territory, in stages.
#pragma once
#include "host/growth/relax.h"
#include "host/growth/terminals.h"

namespace ctc_growth {

enum class Outcome : i32 {
    GROWN = 0,
    TERRITORY_EMPTY = 1,  // no inside found, or no density of terminals anywhere in it
    NO_PLACE = 2,         // a terminal cannot be joined at all
    CROWDED = 3,          // the root bundle is wider than the territory
};

struct Report {
    double territory_volume = 0.0;
    i64 n_forced = 0;        // terminals joined where they touch something
    i64 n_touching = 0;      // bundles that touch another, at the end
    bool is_capped = false;  // vessels were kept apart as if they held less
    double cost = 0.0;       // volume of the trees over pi, by shares [m^3]
};

class Engine {
  public:
    Engine(const Territory& territory, const GrowthRules& rules, std::vector<Member> members,
           const Workers& workers, u64 seed)
        : scene_(territory, rules, workers), members_(std::move(members)), seed_(seed) {}

    // The members enter at the hilum in a row along `aside`. Stops when `n_enough` are joined.
    Outcome grow(TerminalSource& source, const Point& hilum, const Point& aside, i64 n_terminals,
                 i64 n_enough);
    // Vessel volume at a root of unit radius, and what still touches: less is better.
    double badness() const;

    Scene& scene() { return scene_; }
    const std::vector<Member>& members() const { return members_; }
    const std::vector<double>& roots() const { return roots_; }
    const Report& report() const { return report_; }

  private:
    void plant(const Point& hilum, const Point& aside, i64 n_enough, std::vector<Pending>& pending);
    // Lay out the tree and foretell its radii.
    int most_stages() const;
    int most_last_stages() const;
    void settle(i64 n_final);
    bool relax(bool is_whole, int n_last, std::vector<Pending>& freed);
    void prepare(i64 n_final, i64 n_next);
    bool enter_new_part(Inserter& inserter, std::vector<Pending>& batch);
    void lay_out() { scene_.lay_out(cell_size_); }

    Scene scene_;
    std::vector<Member> members_;
    std::vector<double> roots_;
    u64 seed_;
    u64 n_relaxed_ = 0;
    int n_stages_ = 0;
    bool was_whole_ = false;
    double cell_size_ = 1.0;
    Report report_;
};

// A young tree decides the shape of all that follows: of a few seeds, that of the best beginning.
constexpr i64 YOUNG_ENOUGH = 400;  // terminals
constexpr u64 MOST_BEGINNINGS = 8;
// A beginning costs some hundred terminals: small trees are begun once.
constexpr u64 n_beginnings(i64 n_terminals) {
    const u64 n = static_cast<u64>(n_terminals) / (10 * static_cast<u64>(YOUNG_ENOUGH));
    return n < MOST_BEGINNINGS ? n : MOST_BEGINNINGS;
}

}  // namespace ctc_growth
