// The tree where it lies: who is near, and whether a place for a junction is free.
//
// The vessels of a bundle run side by side: at each node they lie in a row along the node's
// normal, so far apart that they do not touch where normals turn from node to node. No vessel may
// touch another, save that those of one kind (arteries, say) meet at their nodes and, within three
// hops of a common ancestor, are forgiven a touch (a near collision).
#pragma once
#include <array>

#include "host/growth/territory.h"
#include "host/growth/tree.h"

namespace ctc_growth {

struct GrowthRules {
    double batch;            // new terminals of a stage over those present
    double round;            // the same for one round of insertions
    i32 n_candidates;        // segments that a terminal looks at
    i32 n_sweeps;            // of junctions, after each stage
    double shortest;         // least length over the sum of the radii at its ends
    double clearance;        // least distance of axes over the sum of the radii, for a new place
    double contact;          // the same under which those that are there touch
    double member_gap;       // clear width between members at a node over the sum of their radii
    double bed_gap;          // between the outermost members at a terminal, over the spacing
    double swell;            // radii while the tree grows over those foretold
    double sharpest_cosine;  // of the smallest angle between two segments at a junction
    double largest_part;     // of the territory that vessels may fill when they are kept apart
    i32 tests_collisions;    // 0: let vessels cross, for comparison
    i32 moves_terminals;     // 0: terminals stay where they are given
    i32 n_joined;            // so many first members end at one node of each terminal
};

constexpr int HOPS = 4;  // a segment and its ancestors within three hops

// An end of a bundle: where each member lies.
struct End {
    Point centre, normal;
    double offset[MOST_MEMBERS];
    i32 node;
    bool is_terminal;
    Point member(size_t m) const { return centre + offset[m] * normal; }
};

// A bundle of straight vessels that is there or proposed.
struct Tube {
    End a, b;
    double r[MOST_MEMBERS];
    i32 line[HOPS];  // segments: itself or what it replaces, and what is upstream; -1 for none
};

// Three bundles that meet: upstream, and to two daughters.
struct Fork {
    Tube tube[3];
    i32 replaces[3];  // segments that would be no more
    const Point& at() const { return tube[0].b.centre; }
};

// What a segment is to those that it touches: the one that feeds less yields.
enum class Contact : u8 { NONE = 0, STAYS = 1, YIELDS = 2 };

// What each segment is to those that it touches. Who yields to one and wins over another yields.
class Marks {
  public:
    explicit Marks(size_t n) : mark_(n) {}
    void set(i32 u, Contact contact) {
        std::atomic<u8>& mark = mark_[static_cast<size_t>(u)];
        u8 before = mark.load(std::memory_order_relaxed);
        while (before < static_cast<u8>(contact) &&
               !mark.compare_exchange_weak(before, static_cast<u8>(contact),
                                           std::memory_order_relaxed)) {
        }
    }
    u8 of(size_t u) const { return mark_[u].load(std::memory_order_relaxed); }

  private:
    std::vector<std::atomic<u8>> mark_;
};

// Of a fork: members cross each other in it, or something else is in the way.
enum class Verdict { FREE, CROSSED, TAKEN };

// Segments that have been looked at closely: the last few, as most lie in several cells.
struct Seen {
    i32 id[16];
    u32 n = 0;

    bool is_new(i32 s) {
        for (u32 i = 0; i < (n < 16 ? n : 16); ++i)
            if (id[i] == s) return false;
        id[n++ % 16] = s;
        return true;
    }
};

// How far a tube reaches: from its axis, and from the middle of it.
struct Bound {
    double reach, extent;
    Point middle;
};

// Half of the widest spread of a bundle's members, walls included.
double spread(const Tube& tube, size_t n_members);

class Scene {
  public:
    Scene(const Territory& grown_in, const GrowthRules& obeyed, const Workers& hired)
        : territory(grown_in), rules(obeyed), workers(hired) {}

    const Territory& territory;
    const GrowthRules& rules;
    const Workers& workers;
    Tree tree;
    WorthTable worth;
    Lattice lattice;
    PackedLists lists;
    double bed_gap = 0.0;  // [m]
    std::vector<Tube> obstacles;

    double depth(const Point& p) const { return -signed_distance(territory, p + territory.low); }
    // True if every member's end is inside.
    bool is_inside(const End& end) const {
        for (size_t m = 0; m < tree.n_members; ++m)
            if (!(depth(end.member(m)) > 0.0)) return false;
        return true;
    }
    bool is_way_inside(const Point& p, const Point& q) const {
        return ctc_growth::is_way_inside(territory, p + territory.low, q + territory.low);
    }
    // Cells of such a size, and every segment in them.
    void lay_out(double size);
    // `is_again`: it may be in some of its cells already.
    void put_segment(i32 u, bool is_again);
    u64 n_cells_of(const Tube& tube) const;
    u64 n_new_cells_of(i32 u) const;
    // Call visit(cell) for the cells of every member, some of them twice; ends as visit does. A
    // thin bundle is taken as a whole.
    template <class Visit>
    bool cells_of(const Tube& tube, Visit visit) const {
        const double whole = spread(tube, tree.n_members);
        if (whole < 0.5 * lattice.size)
            return cells_near_segment(lattice, tube.a.centre, tube.b.centre, whole, visit);
        for (size_t m = 0; m < tree.n_members; ++m)
            if (!cells_near_segment(lattice, tube.a.member(m), tube.b.member(m), tube.r[m], visit))
                return false;
        return true;
    }

    End end_at(i32 node) const;
    End new_end(const Point& at, const Point& normal, const double* radii, i32 node,
                bool is_terminal) const;
    Tube tube(i32 u) const;
    // True if members of two tubes touch; those of one kind may where the tubes share a node.
    bool do_touch(const Tube& one, const Tube& other) const;
    // True if a tube touches none of the segments but those left out.
    bool is_free(const Tube& tube, const i32* left_out, int n_left_out, i32 least = 0) const;
    // What feeds fewer than `least` terminals is not in the way.
    Verdict judge(const Fork& fork, i32 least = 0) const;
    // True if the fork's angles and lengths are right; ways and collisions are not looked at.
    bool is_well_formed(const Fork& fork) const;
    bool are_ways_inside(const Fork& fork) const;
    // Mark u and what it touches by what they are to each other.
    void mark_contacts_of(i32 u, Marks& marks) const;
    // Mark all segments that touch another.
    void mark_contacts(Marks& marks) const;
    std::array<i32, 3> segments_at(i32 u) const {
        const size_t i = static_cast<size_t>(u);
        return {u, tree.first[i], tree.second[i]};
    }
    // The fork around an inner node if it lay elsewhere.
    Fork fork_of(i32 u, const Point& at, const Point& normal) const;
    // The fork that joins a terminal to the segment that ends at u.
    Fork fork_into(i32 u, const Point& at, const Point& normal, const Point& terminal) const;

  private:
    // Same members of tubes that are joined may touch.
    bool do_touch(const Tube& one, const Tube& other, bool is_joined, double factor) const;
    void mark_pair(i32 u, i32 s, Marks& marks) const;
    void mark_in_cell(const std::vector<i32>& here, const std::vector<Span>& spans, size_t i,
                      Marks& marks) const;
    void set_span(i32 u, const Tube& tube);
    // Call visit(cell) for the cells of a tube; those of a thick one that come again within
    // sixteen are left out.
    template <class Visit>
    void once_in_cells_of(const Tube& tube, Visit visit) const {
        constexpr u64 MEMORY = 16;
        u64 last[MEMORY];
        u64 n = 0;
        cells_of(tube, [&](u64 cell) {
            for (u64 i = 0; i < (n < MEMORY ? n : MEMORY); ++i)
                if (last[i] == cell) return true;
            last[n++ % MEMORY] = cell;
            visit(cell);
            return true;
        });
    }
    Bound bound_of(const Tube& tube) const;
    // By balls around them: what is far touches nothing.
    bool is_far(const Bound& own, i32 s, double factor) const {
        const Span& span = tree.span[static_cast<size_t>(s)];
        const double reach = factor * (own.extent + static_cast<double>(span.extent));
        return square(own.middle - span.middle()) >= reach * reach;
    }
    // `own` is the tube's bound, `forgives_near` lets those of one kind touch within three hops;
    // what was looked at before and found clear is so again.
    bool touches_segment(const Tube& tube, const Bound& own, i32 s, double factor,
                         bool forgives_near, Seen& seen) const;
    bool is_near(const Tube& tube, i32 s) const;
    // True if members of one tube touch, save those that end at one node.
    bool touches_itself(const Tube& tube, double factor) const;
    bool is_free_within(const Fork& fork) const;
    void set_line(Tube& tube, i32 first, i32 upstream) const;
};

// Where three straight vessels of given weight meet with least volume (weighted Fermat point).
Point fermat_point(const Point& up, double w_up, const Point& a, double w_a, const Point& b,
                   double w_b);

// The unit vector across a way that is nearest to a wanted direction.
Point normal_across(const Point& way, const Point& wanted);

constexpr int N_NORMALS = 5;
constexpr int N_LATE_NORMALS = 2;  // the others help once in a hundred times
// The k-th choice of a normal for a fork: across its plane, nearest to the neighbours' normals;
// then ever more like theirs.
Point fork_normal(const Point& at, const Point& up, const Point& a, const Point& b,
                  const Point& normal_up, const Point& normal_a, int k);

}  // namespace ctc_growth
