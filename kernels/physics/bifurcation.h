// Which daughter a cell takes at the end of a segment.
//
// The stream surface that parts the daughters is taken as a plane. A centre cannot come closer to
// the wall than the cell's radius, so a daughter with a share of the flow below
//
//   X0(L) = (8 / 3 pi) integral from 1-L to 1 of (1 - x^2)^(3/2) dx
//
// is out of reach (L = cell over vessel diameter of the feeding segment), and in between the chance
// is (share - X0) / (1 - 2 X0). For L -> 0 it is the share of the flow. Not the phase separation of
// red cells, whose constants are for red cells only.
// X0 = L^2.5 P(L), P of degree 5 fitted to 1.2e-7 of X0; L in [0, 1], X0(1) = 1/2.
// Source: the integral of the Poiseuille profile over the segment of a disc; circulation tables
// 0.0029, 0.0154, 0.1266, 0.3336 at L = 0.1, 0.2, 0.5, 0.8.
// Test: tests/physics/test_bifurcation.py.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

// size_root: the square root of L, which the caller has.
template <class F>
CTC_FUNCTION F excluded_share(F size_root) {
    const F size_ratio = size_root * size_root;
    F p = F(2.99469102e-4f) * size_ratio + F(2.90687988e-4f);
    p = p * size_ratio + F(3.55396653e-3f);
    p = p * size_ratio + F(4.99817207e-2f);
    p = p * size_ratio - F(5.14463246e-1f);
    p = p * size_ratio + F(9.60337341e-1f);
    return size_ratio * size_ratio * size_root * p;
}

// True where the first daughter is taken; share is that of the first, at most 1/2, or 2 for an only
// one. deviate in (0, 1] from fine_deviate: 1 itself takes the second, larger daughter.
template <class F>
CTC_FUNCTION auto takes_first_daughter(F share, F size_root, F deviate) {
    const F excluded = excluded_share(size_root);
    return excluded + deviate * (F(1.0f) - F(2.0f) * excluded) < share;
}

CTC_NAMESPACE_END
