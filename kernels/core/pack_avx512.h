// What AVX-512 (F, DQ, BW, VL) says itself of packs of 16 cells; see pack.h.
#pragma once
#include <immintrin.h>

CTC_NAMESPACE_BEGIN

struct PackMask {
    __mmask16 k;
};
struct PackI64 {
    __m512i low, high;  // lanes 0 to 7, 8 to 15
    PackI64() = default;
    CTC_FUNCTION PackI64(__m512i a, __m512i b) : low(a), high(b) {}
    CTC_FUNCTION explicit PackI64(i64 one) : low(_mm512_set1_epi64(one)), high(low) {}
};
struct PackU64 {
    __m512i low, high;
};

CTC_FUNCTION PackMask operator|(PackMask a, PackMask b) { return {_kor_mask16(a.k, b.k)}; }
CTC_FUNCTION PackMask operator&(PackMask a, PackMask b) { return {_kand_mask16(a.k, b.k)}; }
CTC_FUNCTION PackMask operator!(PackMask a) { return {_knot_mask16(a.k)}; }
CTC_FUNCTION u32 lane_bits(PackMask m) { return m.k; }

CTC_FUNCTION PackMask operator<(PackF32 a, PackF32 b) {
    return {_mm512_cmp_ps_mask((__m512)a.v, (__m512)b.v, _CMP_LT_OQ)};
}
CTC_FUNCTION PackMask operator<=(PackF32 a, PackF32 b) {
    return {_mm512_cmp_ps_mask((__m512)a.v, (__m512)b.v, _CMP_LE_OQ)};
}
CTC_FUNCTION PackMask operator==(PackU32 a, PackU32 b) {
    return {_mm512_cmpeq_epi32_mask((__m512i)a.v, (__m512i)b.v)};
}
CTC_FUNCTION PackMask is_not_zero(PackU32 a) {
    return {_mm512_test_epi32_mask((__m512i)a.v, (__m512i)a.v)};
}
CTC_FUNCTION PackMask operator>(PackI64 a, PackI64 b) {
    return {_mm512_kunpackb(_mm512_cmpgt_epi64_mask(a.high, b.high),
                            _mm512_cmpgt_epi64_mask(a.low, b.low))};
}
CTC_FUNCTION PackMask operator>=(PackU64 a, PackU64 b) {
    return {_mm512_kunpackb(_mm512_cmpge_epu64_mask(a.high, b.high),
                            _mm512_cmpge_epu64_mask(a.low, b.low))};
}

CTC_FUNCTION PackF32 smaller(PackF32 a, PackF32 b) {
    return {(raw::vf32)_mm512_min_ps((__m512)a.v, (__m512)b.v)};
}
CTC_FUNCTION PackF32 select(PackMask m, PackF32 yes, PackF32 no) {
    return {(raw::vf32)_mm512_mask_blend_ps(m.k, (__m512)no.v, (__m512)yes.v)};
}
CTC_FUNCTION PackU32 select(PackMask m, PackU32 yes, PackU32 no) {
    return {(raw::vu32)_mm512_mask_blend_epi32(m.k, (__m512i)no.v, (__m512i)yes.v)};
}
CTC_FUNCTION PackI64 select(PackMask m, PackI64 yes, PackI64 no) {
    const __mmask8 high = static_cast<__mmask8>(_kshiftri_mask16(m.k, 8));
    return {_mm512_mask_blend_epi64(static_cast<__mmask8>(m.k), no.low, yes.low),
            _mm512_mask_blend_epi64(high, no.high, yes.high)};
}
CTC_FUNCTION PackU64 select(PackMask m, PackU64 yes, PackU64 no) {
    const PackI64 chosen = select(m, PackI64{yes.low, yes.high}, PackI64{no.low, no.high});
    return {chosen.low, chosen.high};
}

CTC_FUNCTION PackI64 operator+(PackI64 a, PackI64 b) {
    return {_mm512_add_epi64(a.low, b.low), _mm512_add_epi64(a.high, b.high)};
}
CTC_FUNCTION PackU64 operator-(PackU64 a, PackU64 b) {
    return {_mm512_sub_epi64(a.low, b.low), _mm512_sub_epi64(a.high, b.high)};
}
CTC_FUNCTION PackU64 as_u64(PackI64 a) { return {a.low, a.high}; }
CTC_FUNCTION PackI64 nearest_i64(PackF32 a) {
    return {_mm512_cvtps_epi64(_mm512_castps512_ps256((__m512)a.v)),
            _mm512_cvtps_epi64(_mm512_extractf32x8_ps((__m512)a.v, 1))};
}

CTC_FUNCTION PackF32 square_root(PackF32 a) { return {(raw::vf32)_mm512_sqrt_ps((__m512)a.v)}; }

CTC_FUNCTION void multiply_wide(PackU32 a, PackU32 b, PackU32& high, PackU32& low) {
    const __m512i x = (__m512i)a.v, y = (__m512i)b.v;
    const __m512i even = _mm512_mul_epu32(x, y);
    const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(y, 32));
    high.v = (raw::vu32)_mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
    low.v = (raw::vu32)_mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CCAA);
}

// One 16-byte load a lane, then a 4 x 4 transposition in registers.
CTC_FUNCTION PackSegment load_segment(const SegmentRecord* segments, PackU32 index) {
    const u64* first = reinterpret_cast<const u64*>(segments);
    alignas(64) u32 at[16];
    _mm512_store_si512(at, (__m512i)(index.v << 1));
    __asm__("" : "+m"(at));  // through memory: sixteen loads cost less than taking lanes apart
    const auto row = [&](int lane) {
        return _mm_load_si128(reinterpret_cast<const __m128i*>(first + at[lane]));
    };
    const auto quad = [&](int lane) {
        __m512i rows = _mm512_castsi128_si512(row(lane));
        rows = _mm512_inserti32x4(rows, row(lane + 4), 1);
        rows = _mm512_inserti32x4(rows, row(lane + 8), 2);
        return _mm512_inserti32x4(rows, row(lane + 12), 3);
    };
    const __m512i a = quad(0), b = quad(1), c = quad(2), d = quad(3);
    const __m512i ab_low = _mm512_unpacklo_epi32(a, b), ab_high = _mm512_unpackhi_epi32(a, b);
    const __m512i cd_low = _mm512_unpacklo_epi32(c, d), cd_high = _mm512_unpackhi_epi32(c, d);
    return {{(raw::vf32)_mm512_unpacklo_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm512_unpackhi_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm512_unpacklo_epi64(ab_high, cd_high)},
            {(raw::vf32)_mm512_unpackhi_epi64(ab_high, cd_high)}};
}

// Hazard and toll of each lane's class, which stand side by side in its record of 32 bytes.
CTC_FUNCTION void load_rates(const ClassRecord* classes, PackU32 index, PackF32& hazard,
                             PackF32& toll) {
    const __m512i at = (__m512i)(index.v << 2);
    const __m512i a = _mm512_i32gather_epi64(_mm512_castsi512_si256(at), classes, 8);
    const __m512i b = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(at, 1), classes, 8);
    const __m512i even =
        _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odd = _mm512_set_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    hazard.v = (raw::vf32)_mm512_permutex2var_epi32(a, even, b);
    toll.v = (raw::vf32)_mm512_permutex2var_epi32(a, odd, b);
}

// Put one lane of an array in memory, whole vectors read and written: a vector that is read soon
// after a part of it was written would wait for that part to reach the cache.
CTC_FUNCTION void put_lane(u32* lanes, u32 lane, u32 value) {
    const __mmask16 here = static_cast<__mmask16>(1u << lane);
    const __m512i old = _mm512_load_si512(lanes);
    _mm512_store_si512(lanes, _mm512_mask_set1_epi32(old, here, static_cast<int>(value)));
}
CTC_FUNCTION void put_lane(f32* lanes, u32 lane, f32 value) {
    const __mmask16 here = static_cast<__mmask16>(1u << lane);
    _mm512_store_ps(lanes,
                    _mm512_mask_blend_ps(here, _mm512_load_ps(lanes), _mm512_set1_ps(value)));
}
CTC_FUNCTION void put_lane(i64* lanes, u32 lane, i64 value) {
    const __mmask8 here = static_cast<__mmask8>(1u << (lane & 7u));
    i64* half = lanes + (lane & 8u);
    _mm512_store_si512(half, _mm512_mask_set1_epi64(_mm512_load_si512(half), here, value));
}

CTC_NAMESPACE_END
