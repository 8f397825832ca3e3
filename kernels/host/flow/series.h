// exp and exp - 1 in float64 by Horner's rule without divisions, for laws that are asked for every
// segment many times; log is that of host/real.h.
//
// exp: x = k ln2 + r, |r| <= ln2 / 2, Taylor to r^13 / 13! (next term below 5e-18 of the sum), x cut
//      to -700 ... 700: error below 2 units in the last place.
// exp - 1: Taylor to x^15 / 15! for |x| < 0.35 (next term below 1e-19 of the sum), exp(x) - 1
//      beyond, where at most three bits cancel: relative error below 2e-15.
// Test: tests/physics/test_rheology.py.
#pragma once
#include "host/real.h"

namespace ctc_flow {

constexpr double INVERSE_FACTORIAL[] = {1.0,
                                        1.0,
                                        1.0 / 2.0,
                                        1.0 / 6.0,
                                        1.0 / 24.0,
                                        1.0 / 120.0,
                                        1.0 / 720.0,
                                        1.0 / 5040.0,
                                        1.0 / 40320.0,
                                        1.0 / 362880.0,
                                        1.0 / 3628800.0,
                                        1.0 / 39916800.0,
                                        1.0 / 479001600.0,
                                        1.0 / 6227020800.0,
                                        1.0 / 87178291200.0,
                                        1.0 / 1307674368000.0};

inline double exp_series(double x) {
    if (!(x > -700.0)) x = -700.0;
    if (x > 700.0) x = 700.0;
    const double scaled = x * 0x1.71547652b82fep+0;
    const int k = static_cast<int>(scaled + (scaled < 0.0 ? -0.5 : 0.5));
    const double r = (x - k * ctc_host::LN2_HIGH) - k * ctc_host::LN2_LOW;
    double sum = INVERSE_FACTORIAL[13];
    for (int n = 12; n >= 0; --n) sum = sum * r + INVERSE_FACTORIAL[n];
    const unsigned long long bits = static_cast<unsigned long long>(k + 1023) << 52;
    double power;
    __builtin_memcpy(&power, &bits, 8);
    return sum * power;
}

inline double expm1_series(double x) {
    if (!(x > -0.35 && x < 0.35)) return exp_series(x) - 1.0;
    double sum = INVERSE_FACTORIAL[15];
    for (int n = 14; n >= 1; --n) sum = sum * x + INVERSE_FACTORIAL[n];
    return sum * x;
}

}  // namespace ctc_flow
