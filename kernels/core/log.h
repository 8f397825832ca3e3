// Natural logarithm of a float32 from + - * / and bit operations only.
//
// x = 2^e m with m in [sqrt(1/2), sqrt(2)), f = m - 1 exact;
//   log(m) = f - f^2/2 + f^3 P(f),  P of degree 8 fitted to 9e-10 relative of log(m).
// Valid for normal x > 0 (smallest 2^-126). Proven by trying each of the 1,056,964,609 up to 1
// (python -m tools.randomness log): error at most 0.8031 units in the last place, met at
// 0.70336521, and never a fall from one float to the next. -log(1 - 2^-24) keeps its full relative
// accuracy.
// Test: tests/physics/test_log.py (every deviate), tests/physics/test_randomness.py.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

// log(1 + f) - f + shift, f in [sqrt(1/2) - 1, sqrt(2) - 1].
template <class F>
CTC_FUNCTION F log_tail(F f, F shift) {
    F p = F(0.06675271691f);
    p = p * f - F(0.1164643466f);
    p = p * f + F(0.1190471202f);
    p = p * f - F(0.1241126880f);
    p = p * f + F(0.1421789080f);
    p = p * f - F(0.1666764319f);
    p = p * f + F(0.2000220418f);
    p = p * f - F(0.2500001490f);
    p = p * f + F(0.3333331049f);
    const F square = f * f;
    return square * f * p + shift - F(0.5f) * square;
}

template <class F>
CTC_FUNCTION F log_f32(F x) {
    using U = decltype(bits_of(x));
    const U bits = bits_of(x);
    const auto exponent = as_i32(bits - U(0x3F3504F3u)) >> 23;
    const F f = float_of(bits - (as_u32(exponent) << 23)) - F(1.0f);
    const F e = to_f32(exponent);
    // ln 2 = 355/512 - 2.12194440e-4: the first product is exact, |e| <= 149.
    return (f + log_tail(f, e * F(-2.12194440e-4f))) + e * F(0.693359375f);
}

// -log(1 - v) for v in [0, 1/4], with full relative accuracy down to the smallest v. For v below
// 2^-42 the cube is subnormal or 0; it is added to v^2/2, at least 2^42 times as large, so that it
// changes no bit whether it is flushed or not.
CTC_FUNCTION f32 minus_log_of_rest(f32 v) { return v - log_tail(-v, 0.0f); }

CTC_NAMESPACE_END
