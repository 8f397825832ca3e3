// What AVX2 says itself of packs of 8 cells; see pack.h.
#pragma once
#include <immintrin.h>

CTC_NAMESPACE_BEGIN

struct PackMask {
    __m256i v;
};
struct PackI64 {
    __m256i low, high;  // lanes 0 to 3, 4 to 7
    PackI64() = default;
    CTC_FUNCTION PackI64(__m256i a, __m256i b) : low(a), high(b) {}
    CTC_FUNCTION explicit PackI64(i64 one) : low(_mm256_set1_epi64x(one)), high(low) {}
};
struct PackU64 {
    __m256i low, high;
};

// Masks of 64-bit lanes as one of 32-bit lanes.
CTC_FUNCTION PackMask narrow(__m256i low, __m256i high) {
    const __m256 mixed =
        _mm256_shuffle_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high), 0x88);
    return {_mm256_permute4x64_epi64(_mm256_castps_si256(mixed), 0xD8)};
}

CTC_FUNCTION PackMask operator|(PackMask a, PackMask b) { return {_mm256_or_si256(a.v, b.v)}; }
CTC_FUNCTION PackMask operator&(PackMask a, PackMask b) { return {_mm256_and_si256(a.v, b.v)}; }
CTC_FUNCTION PackMask operator!(PackMask a) {
    return {_mm256_xor_si256(a.v, _mm256_set1_epi32(-1))};
}
CTC_FUNCTION u32 lane_bits(PackMask m) {
    return static_cast<u32>(_mm256_movemask_ps(_mm256_castsi256_ps(m.v)));
}

CTC_FUNCTION PackMask operator<(PackF32 a, PackF32 b) { return {(__m256i)(a.v < b.v)}; }
CTC_FUNCTION PackMask operator<=(PackF32 a, PackF32 b) { return {(__m256i)(a.v <= b.v)}; }
CTC_FUNCTION PackMask operator==(PackU32 a, PackU32 b) { return {(__m256i)(a.v == b.v)}; }
CTC_FUNCTION PackMask is_not_zero(PackU32 a) { return {(__m256i)(a.v != raw::vu32{})}; }
CTC_FUNCTION PackMask operator>(PackI64 a, PackI64 b) {
    return narrow(_mm256_cmpgt_epi64(a.low, b.low), _mm256_cmpgt_epi64(a.high, b.high));
}
// Both sides are below 2^63 wherever a law compares them, so the signed comparison is right.
CTC_FUNCTION PackMask operator>=(PackU64 a, PackU64 b) {
    return !narrow(_mm256_cmpgt_epi64(b.low, a.low), _mm256_cmpgt_epi64(b.high, a.high));
}

CTC_FUNCTION PackF32 smaller(PackF32 a, PackF32 b) {
    return {(raw::vf32)_mm256_min_ps((__m256)a.v, (__m256)b.v)};
}
CTC_FUNCTION PackF32 select(PackMask m, PackF32 yes, PackF32 no) {
    return {(raw::vf32)_mm256_blendv_ps((__m256)no.v, (__m256)yes.v, _mm256_castsi256_ps(m.v))};
}
CTC_FUNCTION PackU32 select(PackMask m, PackU32 yes, PackU32 no) {
    return {(raw::vu32)_mm256_blendv_epi8((__m256i)no.v, (__m256i)yes.v, m.v)};
}
CTC_FUNCTION PackI64 select(PackMask m, PackI64 yes, PackI64 no) {
    const __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(m.v));
    const __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(m.v, 1));
    return {_mm256_blendv_epi8(no.low, yes.low, low), _mm256_blendv_epi8(no.high, yes.high, high)};
}
CTC_FUNCTION PackU64 select(PackMask m, PackU64 yes, PackU64 no) {
    const PackI64 chosen = select(m, PackI64{yes.low, yes.high}, PackI64{no.low, no.high});
    return {chosen.low, chosen.high};
}

CTC_FUNCTION PackI64 operator+(PackI64 a, PackI64 b) {
    return {_mm256_add_epi64(a.low, b.low), _mm256_add_epi64(a.high, b.high)};
}
CTC_FUNCTION PackU64 operator-(PackU64 a, PackU64 b) {
    return {_mm256_sub_epi64(a.low, b.low), _mm256_sub_epi64(a.high, b.high)};
}
CTC_FUNCTION PackU64 as_u64(PackI64 a) { return {a.low, a.high}; }

// Split at 2^22: both parts are exact, and small enough for a conversion to 32 bits; the first is
// even.
CTC_FUNCTION PackI64 nearest_i64(PackF32 a) {
    const __m256 x = (__m256)a.v;
    const __m256i top = _mm256_cvttps_epi32(_mm256_mul_ps(x, _mm256_set1_ps(0x1p-22f)));
    const __m256 whole = _mm256_mul_ps(_mm256_cvtepi32_ps(top), _mm256_set1_ps(0x1p22f));
    const __m256i rest = _mm256_cvtps_epi32(_mm256_sub_ps(x, whole));
    const auto joined = [](__m128i t, __m128i r) {
        return _mm256_add_epi64(_mm256_slli_epi64(_mm256_cvtepu32_epi64(t), 22),
                                _mm256_cvtepu32_epi64(r));
    };
    return {joined(_mm256_castsi256_si128(top), _mm256_castsi256_si128(rest)),
            joined(_mm256_extracti128_si256(top, 1), _mm256_extracti128_si256(rest, 1))};
}

CTC_FUNCTION PackF32 square_root(PackF32 a) { return {(raw::vf32)_mm256_sqrt_ps((__m256)a.v)}; }

CTC_FUNCTION void multiply_wide(PackU32 a, PackU32 b, PackU32& high, PackU32& low) {
    const __m256i x = (__m256i)a.v, y = (__m256i)b.v;
    const __m256i even = _mm256_mul_epu32(x, y);
    const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32));
    high.v = (raw::vu32)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    low.v = (raw::vu32)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}

// One 16-byte load a lane, then a 4 x 4 transposition in registers.
CTC_FUNCTION PackSegment load_segment(const SegmentRecord* segments, PackU32 index) {
    const u64* first = reinterpret_cast<const u64*>(segments);
    alignas(32) u32 at[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(at), (__m256i)(index.v << 1));
    __asm__("" : "+m"(at));  // through memory: eight loads cost less than taking lanes apart
    const auto row = [&](int lane) {
        return _mm_load_si128(reinterpret_cast<const __m128i*>(first + at[lane]));
    };
    const auto pair = [&](int lane) {
        return _mm256_inserti128_si256(_mm256_castsi128_si256(row(lane)), row(lane + 4), 1);
    };
    const __m256i a = pair(0), b = pair(1), c = pair(2), d = pair(3);
    const __m256i ab_low = _mm256_unpacklo_epi32(a, b), ab_high = _mm256_unpackhi_epi32(a, b);
    const __m256i cd_low = _mm256_unpacklo_epi32(c, d), cd_high = _mm256_unpackhi_epi32(c, d);
    return {{(raw::vf32)_mm256_unpacklo_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm256_unpackhi_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm256_unpacklo_epi64(ab_high, cd_high)},
            {(raw::vf32)_mm256_unpackhi_epi64(ab_high, cd_high)}};
}

// Hazard and toll of each lane's class, which stand side by side in its record of 32 bytes.
CTC_FUNCTION void load_rates(const ClassRecord* classes, PackU32 index, PackF32& hazard,
                             PackF32& toll) {
    const __m256i at = (__m256i)(index.v << 2);
    const long long* first = reinterpret_cast<const long long*>(classes);
    const __m256i a = _mm256_i32gather_epi64(first, _mm256_castsi256_si128(at), 8);
    const __m256i b = _mm256_i32gather_epi64(first, _mm256_extracti128_si256(at, 1), 8);
    const auto picked = [](__m256 mixed) {
        return _mm256_castsi256_ps(_mm256_permute4x64_epi64(_mm256_castps_si256(mixed), 0xD8));
    };
    const __m256 low = _mm256_castsi256_ps(a), high = _mm256_castsi256_ps(b);
    hazard.v = (raw::vf32)picked(_mm256_shuffle_ps(low, high, 0x88));
    toll.v = (raw::vf32)picked(_mm256_shuffle_ps(low, high, 0xDD));
}

// Put one lane of an array in memory, whole vectors read and written: a vector that is read soon
// after a part of it was written would wait for that part to reach the cache.
CTC_FUNCTION void put_lane(u32* lanes, u32 lane, u32 value) {
    const __m256i all = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i here = _mm256_cmpeq_epi32(all, _mm256_set1_epi32(static_cast<int>(lane)));
    __m256i* at = reinterpret_cast<__m256i*>(lanes);
    const __m256i given = _mm256_set1_epi32(static_cast<int>(value));
    _mm256_store_si256(at, _mm256_blendv_epi8(_mm256_load_si256(at), given, here));
}
CTC_FUNCTION void put_lane(f32* lanes, u32 lane, f32 value) {
    put_lane(reinterpret_cast<u32*>(lanes), lane, bits_of(value));
}
CTC_FUNCTION void put_lane(i64* lanes, u32 lane, i64 value) {
    const __m256i all = _mm256_setr_epi64x(0, 1, 2, 3);
    const __m256i here = _mm256_cmpeq_epi64(all, _mm256_set1_epi64x(lane & 3u));
    __m256i* at = reinterpret_cast<__m256i*>(lanes + (lane & 4u));
    const __m256i given = _mm256_set1_epi64x(value);
    _mm256_store_si256(at, _mm256_blendv_epi8(_mm256_load_si256(at), given, here));
}

CTC_NAMESPACE_END
