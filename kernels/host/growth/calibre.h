// Radius by share of the flow: the branching law r0^g = r1^g + r2^g with g by calibre.
//
// Terminals carry equal flow, so a vessel that feeds k of n terminals has the share x = k / n.
// While a tree grows, its radii are foretold by the share alone: the root's radius times x^(1/g),
// with g changing where the radius passes from one class to the next. The radii of the grown tree
// follow the law from mother to daughters (`assign_radii`), where the mother's radius decides.
// Source of g: Nakamura and Awa 2014, PMC3966250.
// Test: tests/unit/vessels/test_grow.py.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "host/growth/geometry.h"
#include "host/real.h"

namespace ctc_growth {

using std::size_t;

struct CalibreLaw {
    double exponent[3];  // large, small, arteriole
    double from[2];      // radius above which a vessel is large, and small [m]

    int group(double radius) const { return radius > from[0] ? 0 : (radius > from[1] ? 1 : 2); }
    double radius_of_share(double root, double share) const {
        double at = 1.0, radius = root;
        for (int c = group(root); c < 3; ++c) {
            const double r = radius * ctc_host::pow_f64(share / at, 1.0 / exponent[c]);
            if (c == 2 || r > from[c]) return r;
            // Share at which the class ends.
            at = at * ctc_host::pow_f64(from[c] / radius, exponent[c]);
            radius = from[c];
        }
        return radius;
    }
};

// One of the vessels that run side by side.
struct Member {
    CalibreLaw law;
    double volume;          // blood in the whole tree [m^3]
    double outside_length;  // of its root segment, from the port to the hilum [m]
    bool has_port = false;
    Point port = {0.0, 0.0, 0.0};
};

// How much length feeds how many terminals: all that the volume of a tree depends on.
struct LengthProfile {
    std::vector<double> by_count;              // [k]: total length of what feeds k terminals
    std::vector<std::pair<i64, double>> rest;  // (k, length) of larger k
    i64 n_terminals = 0;
};

constexpr i64 MOST_TABULATED = 4096;

// k^(1/g) for the three classes: from a mother that feeds k0 with radius r0 a daughter that feeds k
// has r0 k^(1/g) / k0^(1/g), g that of the mother's class.
class Roots {
  public:
    Roots(const CalibreLaw& law, i64 n_terminals);
    double of(int group, i64 count) const {
        return count < n_ ? table_[group][static_cast<size_t>(count)] : evaluate(group, count);
    }

  private:
    double evaluate(int group, i64 count) const;
    CalibreLaw law_;
    i64 n_ = 0;
    std::vector<double> table_[3];
};

// Volume over pi of a member whose root has this radius. Where the tree will go on from n to
// `n_final` terminals, what is lacking is taken to be like what is there: k terminals of the final
// tree have k terminals' length of the present one times (n_final / n)^(2/3).
double volume_over_pi(const LengthProfile& profile, const Member& member, double root, i64 n_final);

// The root's radius that makes the member's volume.
double root_radius(const LengthProfile& profile, const Member& member, i64 n_final);

}  // namespace ctc_growth
