// log, exp and exp - 1 in float64 from + - * and two small tables, without divisions: for laws that
// are asked for every segment in every round. The tables come from host/real.h.
//
// log: x = 2^e m, m in [sqrt(1/2), sqrt(2)); m r_j = 1 + f with r_j the reciprocal of the middle of
//      the 64th part of that range that m lies in (1 where it holds 1), |f| < 0.016;
//      log x = e ln2 - log r_j + f - f^2/2 + ... - f^8/8 (next term below 1e-17). Absolute error
//      below 4e-16 where |log x| < 1, and log 1 = 0.
// exp: x = (32 k + j) ln2 / 32 + r, |r| < 0.011, 2^(j/32) from a table, Taylor to r^6 / 6! (next
//      term below 4e-18), x cut to -700 ... 700: relative error below 6e-16.
// exp - 1: Taylor to x^15 / 15! for |x| < 0.35 (next term below 1e-19 of the sum), exp(x) - 1
//      beyond, where at most three bits cancel: relative error below 3e-15.
// Test: tests/physics/test_rheology.py.
#pragma once
#include "host/real.h"

namespace ctc_flow {

using Bits = unsigned long long;

constexpr Bits SQRT_HALF_BITS = 0x3FE6A09E667F3BCDull;

struct SeriesTables {
    double reciprocal[64], log_reciprocal[64], power[32];

    SeriesTables() {
        for (int j = 0; j < 64; ++j) {
            const Bits first = SQRT_HALF_BITS + (static_cast<Bits>(j) << 46);
            const Bits past = first + (1ull << 46), middle = first + (1ull << 45);
            const Bits one = 0x3FF0000000000000ull;
            double value;
            __builtin_memcpy(&value, &middle, 8);
            if (first <= one && one < past) value = 1.0;
            reciprocal[j] = 1.0 / value;
            log_reciprocal[j] = ctc_host::log_f64(reciprocal[j]);
        }
        for (int j = 0; j < 32; ++j) power[j] = ctc_host::exp_f64(j * LN2_32);
    }

    static constexpr double LN2_32 = 0.69314718055994530942 / 32.0;
};

inline const SeriesTables SERIES;

inline double log_series(double x) {
    Bits bits;
    __builtin_memcpy(&bits, &x, 8);
    const Bits offset = bits - SQRT_HALF_BITS;
    const long long exponent = static_cast<long long>(offset) >> 52;
    bits -= static_cast<Bits>(exponent) << 52;
    double m;
    __builtin_memcpy(&m, &bits, 8);
    const int j = static_cast<int>(offset >> 46) & 63;
    const double f = m * SERIES.reciprocal[j] - 1.0;
    const double square = f * f;
    const double low = (1.0 - 0.5 * f) + square * (1.0 / 3.0 - 0.25 * f);
    const double high = (0.2 - f * (1.0 / 6.0)) + square * (1.0 / 7.0 - 0.125 * f);
    const double e = static_cast<double>(exponent);
    return (e * ctc_host::LN2_HIGH - SERIES.log_reciprocal[j]) +
           (f * (low + square * square * high) + e * ctc_host::LN2_LOW);
}

inline double exp_series(double x) {
    if (!(x > -700.0)) x = -700.0;
    if (x > 700.0) x = 700.0;
    const double scaled = x * (0x1.71547652b82fep+0 * 32.0);
    const int k = static_cast<int>(scaled + (scaled < 0.0 ? -0.5 : 0.5));
    const double r = (x - k * (ctc_host::LN2_HIGH / 32.0)) - k * (ctc_host::LN2_LOW / 32.0);
    const double square = r * r;
    const double tail = (0.5 + r * (1.0 / 6.0)) +
                        square * ((1.0 / 24.0 + r * (1.0 / 120.0)) + square * (1.0 / 720.0));
    const double sum = 1.0 + (r + square * tail);
    const Bits bits = static_cast<Bits>((k >> 5) + 1023) << 52;
    double power;
    __builtin_memcpy(&power, &bits, 8);
    return SERIES.power[k & 31] * sum * power;
}

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

inline double expm1_series(double x) {
    if (!(x > -0.35 && x < 0.35)) return exp_series(x) - 1.0;
    double sum = INVERSE_FACTORIAL[15];
    for (int n = 14; n >= 1; --n) sum = sum * x + INVERSE_FACTORIAL[n];
    return sum * x;
}

}  // namespace ctc_flow
