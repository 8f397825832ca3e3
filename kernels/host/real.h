// float64 exp, log and power for tables that the host makes: + - * / and bit operations only, so
// that every processor and every version of every library gives the same bits.
//
// log: x = 2^e m, m in [sqrt(1/2), sqrt(2)), s = (m-1)/(m+1), log m = 2 (s + s^3/3 +
//      ... + s^23/23);
//      the first term left out is below 2e-19. Error below 2 units in the last place.
// exp: x = k ln2 + r, |r| <= ln2 / 2, Taylor to r^13 / 13! (next term below 5e-18 of the sum);
//      below -745 it is 0, above 709 it is cut to the largest finite power.
// pow: exp(y log x), x > 0; relative error about |y log x| 2^-53.
// Test: tests/physics/test_host_tables.py.
#pragma once
#include "host/variant.h"

namespace ctc_host {

constexpr double LN2_HIGH = 0x1.62e42fee00000p-1;  // upper 32 bits: k * LN2_HIGH is exact
constexpr double LN2_LOW = 0x1.a39ef35793c76p-33;

inline double log_f64(double x) {
    u64 bits;
    __builtin_memcpy(&bits, &x, 8);
    const i64 exponent = static_cast<i64>(bits - 0x3FE6A09E667F3BCDull) >> 52;
    bits -= static_cast<u64>(exponent) << 52;
    double m;
    __builtin_memcpy(&m, &bits, 8);
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double square = s * s;
    double sum = 0.0;
    for (int n = 23; n >= 3; n -= 2) sum = sum * square + 1.0 / n;
    const double e = static_cast<double>(exponent);
    return e * LN2_HIGH + (2.0 * s + (2.0 * s * square * sum + e * LN2_LOW));
}

inline double exp_f64(double x) {
    if (!(x > -745.0)) return 0.0;
    if (x > 709.0) x = 709.0;
    const double scaled = x * 0x1.71547652b82fep+0;
    const i64 k = static_cast<i64>(scaled + (scaled < 0 ? -0.5 : 0.5));
    const double r = (x - static_cast<double>(k) * LN2_HIGH) - static_cast<double>(k) * LN2_LOW;
    double sum = 1.0;
    for (int n = 13; n >= 1; --n) sum = 1.0 + r * sum / n;
    // Two factors, because 2^k itself may be below the normal range.
    const i64 half = k / 2;
    const u64 first_bits = static_cast<u64>(half + 1023) << 52;
    const u64 second_bits = static_cast<u64>(k - half + 1023) << 52;
    double first, second;
    __builtin_memcpy(&first, &first_bits, 8);
    __builtin_memcpy(&second, &second_bits, 8);
    return sum * first * second;
}

inline double pow_f64(double x, double y) { return exp_f64(y * log_f64(x)); }

// log(1 + x), x > -1, and 1 - exp(-x), x >= 0, to a few units in the last place however small x is:
// the error that x takes when it meets 1 is divided out again.
// Source: W. Kahan, in Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 1.14.1.
inline double log_one_plus_f64(double x) {
    const double u = 1.0 + x;
    return u == 1.0 ? x : log_f64(u) * x / (u - 1.0);
}

inline double loss_f64(double x) {
    const double rest = exp_f64(-x);
    if (rest == 1.0) return x;
    return rest == 0.0 ? 1.0 : (1.0 - rest) * x / -log_f64(rest);
}

}  // namespace ctc_host
