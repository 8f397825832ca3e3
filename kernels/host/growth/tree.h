// The tree of a bundle: nodes, and a segment for each that ends there.
//
// Node 0 is the hilum, node 1 the end of the only segment that leaves it. Fresh nodes come at the
// end; `put_in_order` lays all out depth first with daughters side by side, so that mothers come
// before daughters and the second daughter is the node after the first.
#pragma once
#include <vector>

#include "host/growth/calibre.h"
#include "host/growth/cells.h"

namespace ctc_growth {

constexpr int MOST_MEMBERS = 3;

// What a segment that feeds k terminals is worth at the present stage.
struct Worth {
    double weight;           // volume over pi and length: sum of the members' squared radii [m^2]
    double radius;           // of its thickest member [m]
    double r[MOST_MEMBERS];  // of each member [m]
};

class WorthTable {
  public:
    WorthTable() = default;
    // `swell` is a factor on the members' radii, not on the weights.
    WorthTable(const std::vector<Member>& members, const std::vector<double>& roots,
               i64 n_terminals, double swell);
    Worth of(i64 count) const {
        return count < static_cast<i64>(table_.size()) ? table_[static_cast<size_t>(count)]
                                                       : evaluate(count);
    }
    Worth evaluate(i64 count) const;

  private:
    std::vector<Member> members_;
    std::vector<double> roots_;
    double n_terminals_ = 1.0, swell_ = 1.0;
    std::vector<Worth> table_;
};

// What is looked at first when two segments may be near: the ends of the centreline, half of the
// bundle's spread, and the radius of a ball around all of it; both rounded up.
struct alignas(32) Span {
    Stored a, b;
    float reach, extent;

    Point from() const { return load(a); }
    Point to() const { return load(b); }
    Point middle() const { return 0.5 * (load(a) + load(b)); }
};

struct Tree {
    size_t n_members = 1;
    std::vector<Stored> position;  // of the centreline
    std::vector<Stored> normal;    // along which the members lie side by side; of unit length
    std::vector<i32> parent;
    std::vector<i32> first;       // -1 at a leaf
    std::vector<i32> second;      // terminal of a leaf; -1 at the hilum
    std::vector<i32> count;       // terminals below
    std::vector<float> radii;     // of every member of the segment that ends here
    std::vector<u8> classes;      // of every member: two bits of its class by calibre
    std::vector<u8> is_suspect;   // not known to be clear of others
    std::vector<Span> span;       // as last put into the lattice
    std::vector<float> marginal;  // growth of the volume over pi if one more terminal is below

    i32 n_gone = 0;  // nodes that were removed and wait to be cleared away

    i32 n_nodes() const { return static_cast<i32>(position.size()); }
    i32 n_terminals() const { return (n_nodes() - n_gone) / 2; }
    // What is removed keeps its number until all is put in order, but lies out of reach.
    void remove(i32 u) {
        constexpr float AWAY = 1e30f;
        const Stored away = {AWAY, AWAY, AWAY};
        span[static_cast<size_t>(u)] = {away, away, 0.0f, 0.0f};
        count[static_cast<size_t>(u)] = 0;
        ++n_gone;
    }
    bool is_gone(i32 u) const { return count[static_cast<size_t>(u)] == 0; }
    bool is_leaf(i32 u) const { return first[static_cast<size_t>(u)] < 0; }
    Point at(i32 u) const { return load(position[static_cast<size_t>(u)]); }
    double radius(i32 u, size_t member) const {
        return static_cast<double>(radii[static_cast<size_t>(u) * n_members + member]);
    }
    int group(i32 u, size_t member) const {
        return (classes[static_cast<size_t>(u)] >> (2 * member)) & 3;
    }
    double thickest(i32 u) const {
        double most = 0.0;
        for (size_t m = 0; m < n_members; ++m) most = larger(most, radius(u, m));
        return most;
    }
    void set_radii(i32 u, const Worth& worth) {
        for (size_t m = 0; m < n_members; ++m)
            radii[static_cast<size_t>(u) * n_members + m] = static_cast<float>(worth.r[m]);
    }
    void resize(size_t n);
    void reserve(size_t n);

    // Free what only growth needs.
    void release_growth();

    void put_in_order();
    // Counts from the leaves up; needs the order.
    void count_terminals();
    LengthProfile lengths() const;
    // Marginal cost from the root down; needs the order.
    void take_worth(const WorthTable& worth);
    // Radii by the branching law, from those of the hilum down; needs the order. A vessel keeps the
    // class that it had until its radius is well beyond the border: a change of class changes the
    // radii of all that it feeds.
    void take_radii(const std::vector<Member>& members, const std::vector<double>& roots,
                    double swell, double border);
    double cost(const WorthTable& worth) const;
};

}  // namespace ctc_growth
