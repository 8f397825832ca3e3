// The tree where it lies: who is near, and whether a place for a junction is free.
//
// While a tree grows, the vessels that run side by side are one round bundle. Two bundles may not
// touch, save at a common node. Segments that share an ancestor within three hops may come as near
// as their thickest members allow.
#pragma once
#include "host/growth/territory.h"
#include "host/growth/tree.h"

namespace ctc_growth {

struct GrowthRules {
    double batch;            // new terminals of a stage over those present
    double round;            // the same for one round of insertions
    i32 n_candidates;        // segments that a terminal looks at
    double shortest;         // least length over the sum of the radii at its ends
    double near_gap;         // least distance of near segments over the sum of their radii
    double member_gap;       // clear width between two members of a bundle over their radii
    double swell;            // radii while the tree grows over those foretold
    double sharpest_cosine;  // of the smallest angle between two segments at a junction
    double largest_part;     // of the territory that vessels may fill when they are kept apart
    i32 n_sweeps;            // of junctions, after each stage
    i32 tests_collisions;    // 0: let vessels cross, for comparison
    i32 moves_terminals;     // 0: terminals stay where they are given
};

constexpr int HOPS = 4;  // a segment and its ancestors within three hops

// A straight vessel that is there or proposed.
struct Tube {
    Point a, b;
    double bundle, radius;
    i32 node_a, node_b;
    i32 line[HOPS];  // segments: itself or what it replaces, and what is upstream; -1 for none
};

// Three tubes that meet: upstream, and to two daughters.
struct Fork {
    Point at;
    Tube tube[3];
    i32 replaces[3];  // segments that would be no more
};

class Scene {
  public:
    Scene(const Territory& territory, const GrowthRules& rules, const Workers& workers)
        : territory(territory), rules(rules), workers(workers) {}

    const Territory& territory;
    const GrowthRules& rules;
    const Workers& workers;
    Tree tree;
    WorthTable worth;
    Lattice lattice;
    CellLists lists;

    Point corner_to_world(const Point& p) const { return p + territory.low; }
    double depth(const Point& p) const {
        return -signed_distance(territory, corner_to_world(p));
    }
    bool is_way_inside(const Point& p, const Point& q) const {
        return ctc_growth::is_way_inside(territory, corner_to_world(p), corner_to_world(q));
    }
    // Cells of about the spacing of so many terminals, and every segment in them.
    void lay_out(double spacing);
    void put_segment(i32 u);
    u64 n_cells_of(const Point& a, const Point& b, double reach) const;

    Tube tube(i32 u) const;
    void set_line(Tube& tube, i32 first, i32 upstream) const;
    // True if a tube touches none of the segments but those left out.
    bool is_free(const Tube& tube, const i32* left_out, int n_left_out) const;
    // True if the fork's angles and lengths are right; ways and collisions are not looked at.
    bool is_well_formed(const Fork& fork) const;
    bool is_free(const Fork& fork) const {
        return !rules.tests_collisions ||
               (is_free(fork.tube[0], fork.replaces, 3) && is_free(fork.tube[1], fork.replaces, 3) &&
                is_free(fork.tube[2], fork.replaces, 3));
    }
    bool are_ways_inside(const Fork& fork) const {
        return is_way_inside(fork.tube[0].a, fork.at) && is_way_inside(fork.at, fork.tube[1].b) &&
               is_way_inside(fork.at, fork.tube[2].b);
    }
    // The fork around an inner node if it lay elsewhere.
    Fork fork_of(i32 u, const Point& at) const;
    // The fork that joins a terminal to the segment that ends at u.
    Fork fork_into(i32 u, const Point& at, const Point& terminal, const Worth& upstream,
                   const Worth& leaf) const;
};

// Where three straight vessels of given weight meet with least volume (weighted Fermat point).
Point fermat_point(const Point& up, double w_up, const Point& a, double w_a, const Point& b,
                   double w_b);

// True if two tubes come nearer than their bundles and share no node.
bool do_touch(const Tube& one, const Tube& other);

}  // namespace ctc_growth
