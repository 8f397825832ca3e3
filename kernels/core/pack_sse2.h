// What SSE2, the baseline of x86-64, says itself of packs of 4 cells; see pack.h.
#pragma once
#include <emmintrin.h>

CTC_NAMESPACE_BEGIN

struct PackMask {
    __m128i v;
};
struct PackI64 {
    __m128i low, high;  // lanes 0 and 1, 2 and 3
    PackI64() = default;
    CTC_FUNCTION PackI64(__m128i a, __m128i b) : low(a), high(b) {}
    CTC_FUNCTION explicit PackI64(i64 one) : low(_mm_set1_epi64x(one)), high(low) {}
};
struct PackU64 {
    __m128i low, high;
};

CTC_FUNCTION PackMask operator|(PackMask a, PackMask b) { return {_mm_or_si128(a.v, b.v)}; }
CTC_FUNCTION PackMask operator&(PackMask a, PackMask b) { return {_mm_and_si128(a.v, b.v)}; }
CTC_FUNCTION PackMask operator!(PackMask a) { return {_mm_xor_si128(a.v, _mm_set1_epi32(-1))}; }
CTC_FUNCTION u32 lane_bits(PackMask m) {
    return static_cast<u32>(_mm_movemask_ps(_mm_castsi128_ps(m.v)));
}

CTC_FUNCTION PackMask operator<(PackF32 a, PackF32 b) { return {(__m128i)(a.v < b.v)}; }
CTC_FUNCTION PackMask operator<=(PackF32 a, PackF32 b) { return {(__m128i)(a.v <= b.v)}; }
CTC_FUNCTION PackMask operator==(PackU32 a, PackU32 b) { return {(__m128i)(a.v == b.v)}; }
CTC_FUNCTION PackMask is_not_zero(PackU32 a) { return {(__m128i)(a.v != raw::vu32{})}; }

// SSE2 compares no 64-bit lanes. No difference that a law asks for overflows (times and budgets are
// below 2^63 and not negative), so that its sign says which side is larger.
CTC_FUNCTION PackMask is_negative(__m128i low, __m128i high) {
    const __m128 upper = _mm_shuffle_ps(_mm_castsi128_ps(low), _mm_castsi128_ps(high), 0xDD);
    return {_mm_srai_epi32(_mm_castps_si128(upper), 31)};
}
CTC_FUNCTION PackMask operator>(PackI64 a, PackI64 b) {
    return is_negative(_mm_sub_epi64(b.low, a.low), _mm_sub_epi64(b.high, a.high));
}
CTC_FUNCTION PackMask operator>=(PackU64 a, PackU64 b) {
    return !is_negative(_mm_sub_epi64(a.low, b.low), _mm_sub_epi64(a.high, b.high));
}

CTC_FUNCTION __m128i chosen(__m128i m, __m128i yes, __m128i no) {
    return _mm_or_si128(_mm_and_si128(m, yes), _mm_andnot_si128(m, no));
}
CTC_FUNCTION PackF32 smaller(PackF32 a, PackF32 b) {
    return {(raw::vf32)_mm_min_ps((__m128)a.v, (__m128)b.v)};
}
CTC_FUNCTION PackF32 select(PackMask m, PackF32 yes, PackF32 no) {
    return {(raw::vf32)chosen(m.v, (__m128i)yes.v, (__m128i)no.v)};
}
CTC_FUNCTION PackU32 select(PackMask m, PackU32 yes, PackU32 no) {
    return {(raw::vu32)chosen(m.v, (__m128i)yes.v, (__m128i)no.v)};
}
CTC_FUNCTION PackI64 select(PackMask m, PackI64 yes, PackI64 no) {
    return {chosen(_mm_unpacklo_epi32(m.v, m.v), yes.low, no.low),
            chosen(_mm_unpackhi_epi32(m.v, m.v), yes.high, no.high)};
}
CTC_FUNCTION PackU64 select(PackMask m, PackU64 yes, PackU64 no) {
    return {chosen(_mm_unpacklo_epi32(m.v, m.v), yes.low, no.low),
            chosen(_mm_unpackhi_epi32(m.v, m.v), yes.high, no.high)};
}

CTC_FUNCTION PackI64 operator+(PackI64 a, PackI64 b) {
    return {_mm_add_epi64(a.low, b.low), _mm_add_epi64(a.high, b.high)};
}
CTC_FUNCTION PackU64 operator-(PackU64 a, PackU64 b) {
    return {_mm_sub_epi64(a.low, b.low), _mm_sub_epi64(a.high, b.high)};
}
CTC_FUNCTION PackU64 as_u64(PackI64 a) { return {a.low, a.high}; }

// Split at 2^22: both parts are exact, and small enough for a conversion to 32 bits; the first is
// even.
CTC_FUNCTION PackI64 nearest_i64(PackF32 a) {
    const __m128 x = (__m128)a.v;
    const __m128i none = _mm_setzero_si128();
    const __m128i top = _mm_cvttps_epi32(_mm_mul_ps(x, _mm_set1_ps(0x1p-22f)));
    const __m128 whole = _mm_mul_ps(_mm_cvtepi32_ps(top), _mm_set1_ps(0x1p22f));
    const __m128i rest = _mm_cvtps_epi32(_mm_sub_ps(x, whole));
    return {_mm_add_epi64(_mm_slli_epi64(_mm_unpacklo_epi32(top, none), 22),
                          _mm_unpacklo_epi32(rest, none)),
            _mm_add_epi64(_mm_slli_epi64(_mm_unpackhi_epi32(top, none), 22),
                          _mm_unpackhi_epi32(rest, none))};
}

CTC_FUNCTION PackF32 square_root(PackF32 a) { return {(raw::vf32)_mm_sqrt_ps((__m128)a.v)}; }

CTC_FUNCTION void multiply_wide(PackU32 a, PackU32 b, PackU32& high, PackU32& low) {
    const __m128i x = (__m128i)a.v, y = (__m128i)b.v;
    const __m128 even = _mm_castsi128_ps(_mm_mul_epu32(x, y));
    const __m128 odd =
        _mm_castsi128_ps(_mm_mul_epu32(_mm_srli_epi64(x, 32), _mm_srli_epi64(y, 32)));
    // Lanes 0 2 1 3 of the products, then in order.
    const __m128i lows = _mm_castps_si128(_mm_shuffle_ps(even, odd, 0x88));
    const __m128i highs = _mm_castps_si128(_mm_shuffle_ps(even, odd, 0xDD));
    low.v = (raw::vu32)_mm_shuffle_epi32(lows, 0xD8);
    high.v = (raw::vu32)_mm_shuffle_epi32(highs, 0xD8);
}

// One 16-byte load a lane, then a 4 x 4 transposition in registers.
CTC_FUNCTION PackSegment load_segment(const SegmentRecord* segments, PackU32 index) {
    alignas(16) u32 at[4];
    _mm_store_si128(reinterpret_cast<__m128i*>(at), (__m128i)index.v);
    __asm__("" : "+m"(at));  // through memory: four loads cost less than taking lanes apart
    const auto row = [&](int lane) {
        return _mm_load_si128(reinterpret_cast<const __m128i*>(segments + at[lane]));
    };
    const __m128i a = row(0), b = row(1), c = row(2), d = row(3);
    const __m128i ab_low = _mm_unpacklo_epi32(a, b), ab_high = _mm_unpackhi_epi32(a, b);
    const __m128i cd_low = _mm_unpacklo_epi32(c, d), cd_high = _mm_unpackhi_epi32(c, d);
    return {{(raw::vf32)_mm_unpacklo_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm_unpackhi_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm_unpacklo_epi64(ab_high, cd_high)},
            {(raw::vf32)_mm_unpackhi_epi64(ab_high, cd_high)}};
}

// Hazard and toll of each lane's class, which stand side by side in its record of 32 bytes.
CTC_FUNCTION void load_rates(const ClassRecord* classes, PackU32 index, PackF32& hazard,
                             PackF32& toll) {
    const auto rates = [&](int lane) {
        return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(classes + index.v[lane]));
    };
    const __m128i a = _mm_unpacklo_epi32(rates(0), rates(1));
    const __m128i b = _mm_unpacklo_epi32(rates(2), rates(3));
    hazard.v = (raw::vf32)_mm_unpacklo_epi64(a, b);
    toll.v = (raw::vf32)_mm_unpackhi_epi64(a, b);
}

// Put one lane of an array in memory.
template <class Number>
CTC_FUNCTION void put_lane(Number* lanes, u32 lane, Number value) {
    lanes[lane] = value;
}

CTC_NAMESPACE_END
