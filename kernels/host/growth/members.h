// What becomes of a grown bundle: nodes, lengths and radii of each of its trees.
#pragma once
#include "host/growth/scene.h"

namespace ctc_growth {

// Where the nodes of one member lie [m], xyz after xyz.
void member_positions(const Scene& scene, size_t member, double* position);

// Lengths, and radii that obey the branching law from mother to daughters and hold the member's
// volume. The exponent follows the mother's radius; where that lies so near to a class border that
// the volume moves it over and back, the last class stays. Node 0 stands for the segment from the
// port, of length 0 without one; no other is shorter than `shortest`.
// With `keeps_classes` exponents are those by which collisions were tested.
void member_segments(const Scene& scene, const Member& member, size_t index, bool keeps_classes,
                     double shortest, const double* position, double* segment_length,
                     double* radius);

// Radius of the root that the volume asks for, by the branching law; from a first guess.
double exact_root(const Scene& scene, const Member& member, size_t index, double guess);

}  // namespace ctc_growth
