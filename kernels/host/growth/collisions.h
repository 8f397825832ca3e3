// Vessels that overlap, in any network, and how far points are from the nearest of others.
//
// A far collision: two round tubes with round ends overlap, and the vessels share no ancestor
// within three hops, themselves counted. A near one: they overlap and do; what meets at a node is
// neither. `line` gives for each segment the one upstream of it in its tree (-1 for none), so
// arteries and veins have no ancestor in common.
// Test: tests/unit/vessels/test_collisions.py.
#pragma once
#include "host/growth/workers.h"

namespace ctc_growth {

struct Tubes {
    const double* position;  // of nodes, xyz after xyz
    const i32* start;
    const i32* end;
    const double* radius;
    const i32* line;
    i64 n;
};

struct Collisions {
    i64 far, near;
    i64 segments;  // that take part in a far one
};

Collisions count_collisions(const Tubes& tubes, const Workers& workers);

void nearest_distance(const double* points, i64 n_points, const double* targets, i64 n_targets,
                      const Workers& workers, double* found);

}  // namespace ctc_growth
