// Random words -> deviates, and float32 -> fixed point; every conversion with its range.
#pragma once
#include "core/log.h"
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

// Uniform deviate ((x >> 9) + 0.5) 2^-23, in [2^-24, 1 - 2^-24]: never 0, never 1.
template <class U>
CTC_FUNCTION auto uniform_deviate(U word) {
    using F = decltype(to_f32(as_i32(word)));
    return (to_f32(as_i32(word >> 9)) + F(0.5f)) * F(0x1p-23f);
}

// Uniform deviate of 54 random bits, in (0, 1], for comparison with small chances.
//
// 31 bits of the first word, 23 of the second. Near 0 its steps are 2^-54, so that a chance of
// 1e-9 is met to 1e-7 of itself; near 1 it rounds and can be 1 itself. The larger of two chances
// must therefore be the one that is *not* compared (see bifurcation.h).
template <class U>
CTC_FUNCTION auto fine_deviate(U word, U low_word) {
    using F = decltype(to_f32(as_i32(word)));
    const F low = (to_f32(as_i32(low_word >> 9)) + F(0.5f)) * F(0x1p-54f);
    return to_f32(as_i32(word >> 1)) * F(0x1p-31f) + low;
}

// Uniform deviate beside fine_deviate(word, low_word), from the same low word: its 9 bits that the
// fine one does not use, and below them the 14 highest of the others. Those weigh at most 2^-32 in
// the fine deviate, so that the two are independent but for what lies behind 9 bits of this one,
// where the fine one is decided by its last 23 bits.
template <class U>
CTC_FUNCTION auto second_deviate(U low_word) {
    return uniform_deviate((low_word << 23) | (low_word >> 9));
}

// Unit-exponential deviate of 54 random bits, in (0, 38.2): at most 55 ln 2.
//
// -log(1 - v) with v the fine deviate below 1/4, and -log(u) with u = 1 - v, from the complemented
// bits, above: each argument is small where the value needs its digits, so that a chance of 1e-9 to
// be below 1e-9, or above 20.7, is met to 1e-6 of itself.
CTC_FUNCTION f32 exponential_deviate(u32 word, u32 low_word) {
    if (word < 0x40000000u) return minus_log_of_rest(fine_deviate(word, low_word));
    return -log_f32(fine_deviate(~word, ~low_word));
}

// Round a float32 >= 0 to the nearest int64, halves to the even one; what is above 2^52 is cut to
// it.
template <class F>
CTC_FUNCTION auto round_to_i64(F x) {
    return nearest_i64(smaller(x, F(0x1p52f)));
}

CTC_NAMESPACE_END
