// The space that a tree fills, as a signed distance: negative inside.
//
// A territory is a program for a stack of numbers, read from left to right; Python writes it from
// its shapes (ctc/vessels/territory_program.py), so both know the same surface. A shape that has no
// formula comes as a grid of sampled distances.
// Test: tests/unit/vessels/test_territory_program.py.
#pragma once
#include "host/growth/geometry.h"

namespace ctc_growth {

// A step takes its numbers from `numbers` at `first`; points are in metres.
enum Operation : i32 {
    ELLIPSOID = 0,   // push: centre, half axes
    CAPSULE = 1,     // push: start, end, start radius, end radius
    BOX = 2,         // push: centre, half sizes without the rounding, rounding
    HALF_SPACE = 3,  // push: point, unit normal
    LAYER = 4,       // top: max(d + from, -(d + to))
    ADD = 5,         // two from the top: min
    SUBTRACT = 6,    // max(d, -s)
    WITHIN = 7,      // max(d, s)
    GRID = 8,        // push: trilinear in the grid
};

struct Step {
    i32 operation;
    i32 first;
};

// Distances at nodes low + (i, j, k) spacing, z fastest.
struct SampledGrid {
    Point low;
    double spacing;
    i32 n[3];
    const float* values;
};

constexpr int MOST_PENDING = 16;  // deepest stack; Python refuses a program that needs more

struct Territory {
    const Step* steps;
    i32 n_steps;
    const double* numbers;
    SampledGrid grid;
    SampledGrid weight;  // wanted density of terminals, values == nullptr for an even one
    Point low, high;     // of the box
};

double signed_distance(const Territory& territory, const Point& p);

// Relative density of terminals wanted at a point, >= 0; 1 without a grid.
double terminal_density(const Territory& territory, const Point& p);

// True if the straight way from p to q stays inside as far as up to three points between tell;
// the distance is taken as a lower bound of that to the surface.
bool is_way_inside(const Territory& territory, const Point& p, const Point& q);

}  // namespace ctc_growth
