// Speed of a cell in a round tube over the mean speed of the blood.
//
// Poiseuille flow. A cell of diameter L times the vessel's keeps its centre within 1-L of the axis
// and enters on a streamline drawn in proportion to the flow there. With u uniform in (0, 1),
//
//   F = 1 - (1 - (1-L)^2)^2           share of the flow that is open to the centre
//   speed = 2 sqrt(1 - F u) - (4/3) L^2      for L <= 0.8   (Faxen lag of a sphere)
//   speed = 1                                above: a cell that fills the lumen
//
// For L = 0 the mean of 1/speed is 1: point tracers take volume / flow rate on average. The lowest
// value is 2^-11 (L = 0, u = 1 - 2^-24), so that no transit is longer than 2048 means.
// Source: Sutera and Skalak 1993, doi:10.1146/annurev.fl.25.010193.000245 (profile);
// Happel and Brenner 1983, "Low Reynolds number hydrodynamics", 3-3.5 (lag).
// Test: tests/physics/test_streamline.py.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

template <class F>
CTC_FUNCTION F streamline_speed(F deviate, F size_ratio) {
    const F gap = F(1.0f) - size_ratio;
    const F edge = F(1.0f) - gap * gap;
    const F open_share = F(1.0f) - edge * edge;
    const F lag = F(4.0f / 3.0f) * (size_ratio * size_ratio);
    const F speed = F(2.0f) * square_root(F(1.0f) - open_share * deviate) - lag;
    return select(size_ratio <= F(0.8f), speed, F(1.0f));
}

CTC_NAMESPACE_END
