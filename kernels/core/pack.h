// Packs of CTC_LANES cells for the host compiler: the lane types and primitives of platform.h.
//
// Built on the vector extensions of GCC and clang. Only the 32 x 32 -> 64 bit product, the square
// root and the transposed load need an intrinsic of the instruction set: their generic lowering
// loses the whole gain. No arithmetic on masks (true is -1 here, +1 for one cell).
#pragma once
#include "core/platform.h"
#include "core/records.h"

#if defined(__AVX512F__) || defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

CTC_NAMESPACE_BEGIN

namespace raw {
typedef f32 vf32 __attribute__((vector_size(4 * CTC_LANES)));
typedef i32 vi32 __attribute__((vector_size(4 * CTC_LANES)));
typedef u32 vu32 __attribute__((vector_size(4 * CTC_LANES)));
typedef i64 vi64 __attribute__((vector_size(8 * CTC_LANES)));
typedef u64 vu64 __attribute__((vector_size(8 * CTC_LANES)));
}  // namespace raw

struct PackMask {
    raw::vi32 v;
};
struct PackMask64 {
    raw::vi64 v;
};

struct PackI32 {
    raw::vi32 v;
};

struct PackF32 {
    raw::vf32 v;
    PackF32() = default;
    CTC_FUNCTION PackF32(raw::vf32 lanes) : v(lanes) {}
    CTC_FUNCTION explicit PackF32(f32 one) : v(one - raw::vf32{}) {}
};

struct PackU32 {
    raw::vu32 v;
    PackU32() = default;
    CTC_FUNCTION PackU32(raw::vu32 lanes) : v(lanes) {}
    CTC_FUNCTION explicit PackU32(u32 one) : v(one - raw::vu32{}) {}
};

struct PackI64 {
    raw::vi64 v;
};
struct PackU64 {
    raw::vu64 v;
};

CTC_FUNCTION PackF32 operator+(PackF32 a, PackF32 b) { return {a.v + b.v}; }
CTC_FUNCTION PackF32 operator-(PackF32 a, PackF32 b) { return {a.v - b.v}; }
CTC_FUNCTION PackF32 operator*(PackF32 a, PackF32 b) { return {a.v * b.v}; }
CTC_FUNCTION PackF32 operator/(PackF32 a, PackF32 b) { return {a.v / b.v}; }
CTC_FUNCTION PackMask operator<(PackF32 a, PackF32 b) { return {a.v < b.v}; }
CTC_FUNCTION PackMask operator<=(PackF32 a, PackF32 b) { return {a.v <= b.v}; }

CTC_FUNCTION PackU32 operator+(PackU32 a, PackU32 b) { return {a.v + b.v}; }
CTC_FUNCTION PackU32 operator^(PackU32 a, PackU32 b) { return {a.v ^ b.v}; }
CTC_FUNCTION PackU32 operator&(PackU32 a, PackU32 b) { return {a.v & b.v}; }
CTC_FUNCTION PackU32 operator>>(PackU32 a, int n) { return {a.v >> n}; }

CTC_FUNCTION PackI64 operator+(PackI64 a, PackI64 b) { return {a.v + b.v}; }
CTC_FUNCTION PackI64 operator<<(PackI64 a, int n) { return {a.v << n}; }
CTC_FUNCTION PackU64 operator-(PackU64 a, PackU64 b) { return {a.v - b.v}; }
// Both sides are below 2^63 wherever a law compares them, so the signed comparison is right.
CTC_FUNCTION PackMask64 operator>=(PackU64 a, PackU64 b) {
    return {(raw::vi64)a.v >= (raw::vi64)b.v};
}
CTC_FUNCTION PackMask64 operator>(PackI64 a, PackI64 b) { return {a.v > b.v}; }

CTC_FUNCTION PackMask operator|(PackMask a, PackMask b) { return {a.v | b.v}; }
CTC_FUNCTION PackMask widen_not(PackMask a) { return {~a.v}; }
CTC_FUNCTION PackMask64 widen(PackMask a) { return {__builtin_convertvector(a.v, raw::vi64)}; }
CTC_FUNCTION PackMask narrow(PackMask64 a) { return {__builtin_convertvector(a.v, raw::vi32)}; }
CTC_FUNCTION PackMask is_not_zero(PackU32 a) { return {a.v != raw::vu32{}}; }

CTC_FUNCTION PackF32 select(PackMask m, PackF32 yes, PackF32 no) {
    return {(raw::vf32)((m.v & (raw::vi32)yes.v) | (~m.v & (raw::vi32)no.v))};
}
CTC_FUNCTION PackU32 select(PackMask m, PackU32 yes, PackU32 no) {
    return {(raw::vu32)((m.v & (raw::vi32)yes.v) | (~m.v & (raw::vi32)no.v))};
}
CTC_FUNCTION PackU64 select(PackMask64 m, PackU64 yes, PackU64 no) {
    return {(raw::vu64)((m.v & (raw::vi64)yes.v) | (~m.v & (raw::vi64)no.v))};
}

CTC_FUNCTION PackI32 as_i32(PackU32 a) { return {(raw::vi32)a.v}; }
CTC_FUNCTION PackU64 as_u64(PackI64 a) { return {(raw::vu64)a.v}; }
CTC_FUNCTION PackF32 to_f32(PackI32 a) { return {__builtin_convertvector(a.v, raw::vf32)}; }
CTC_FUNCTION PackI64 to_i64(PackI32 a) { return {__builtin_convertvector(a.v, raw::vi64)}; }
CTC_FUNCTION PackI32 truncate_to_i32(PackF32 a) {
    return {__builtin_convertvector(a.v, raw::vi32)};
}
CTC_FUNCTION PackF32 float_of(PackU32 a) { return {(raw::vf32)a.v}; }

CTC_FUNCTION PackF32 square_root(PackF32 a) {
#if CTC_LANES == 16 && defined(__AVX512F__)
    return {(raw::vf32)_mm512_sqrt_ps((__m512)a.v)};
#elif CTC_LANES == 8 && defined(__AVX2__)
    return {(raw::vf32)_mm256_sqrt_ps((__m256)a.v)};
#elif CTC_LANES == 4 && defined(__SSE2__)
    return {(raw::vf32)_mm_sqrt_ps((__m128)a.v)};
#else
    PackF32 root;
    for (int lane = 0; lane < CTC_LANES; ++lane) root.v[lane] = __builtin_sqrtf(a.v[lane]);
    return root;
#endif
}

CTC_FUNCTION void multiply_wide(PackU32 a, PackU32 b, PackU32& high, PackU32& low) {
#if CTC_LANES == 16 && defined(__AVX512F__)
    const __m512i x = (__m512i)a.v, y = (__m512i)b.v;
    const __m512i even = _mm512_mul_epu32(x, y);
    const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(y, 32));
    high.v = (raw::vu32)_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
    low.v = (raw::vu32)_mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
#elif CTC_LANES == 8 && defined(__AVX2__)
    const __m256i x = (__m256i)a.v, y = (__m256i)b.v;
    const __m256i even = _mm256_mul_epu32(x, y);
    const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32));
    high.v = (raw::vu32)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    low.v = (raw::vu32)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
#else
    const raw::vu64 product =
        __builtin_convertvector(a.v, raw::vu64) * __builtin_convertvector(b.v, raw::vu64);
    high.v = __builtin_convertvector(product >> 32, raw::vu32);
    low.v = __builtin_convertvector(product, raw::vu32);
#endif
}

struct PackSegment {
    PackF32 transit_time;
    PackU32 radius_class;
    PackU32 next;
    PackF32 share;
};

// One 16-byte load a lane, then a 4 x 4 transposition in registers.
CTC_FUNCTION PackSegment load_segment(const SegmentRecord* segments, PackU32 index) {
#if CTC_LANES == 16 && defined(__AVX512F__)
#define CTC_ROW(i) _mm_load_si128(reinterpret_cast<const __m128i*>(segments + index.v[i]))
#define CTC_QUAD(i)                                                                              \
    _mm512_inserti32x4(_mm512_inserti32x4(_mm512_inserti32x4(_mm512_castsi128_si512(CTC_ROW(i)), \
                                                             CTC_ROW(i + 4), 1),                 \
                                          CTC_ROW(i + 8), 2),                                    \
                       CTC_ROW(i + 12), 3)
    const __m512i a = CTC_QUAD(0), b = CTC_QUAD(1), c = CTC_QUAD(2), d = CTC_QUAD(3);
    const __m512i ab_low = _mm512_unpacklo_epi32(a, b), ab_high = _mm512_unpackhi_epi32(a, b);
    const __m512i cd_low = _mm512_unpacklo_epi32(c, d), cd_high = _mm512_unpackhi_epi32(c, d);
    return {{(raw::vf32)_mm512_unpacklo_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm512_unpackhi_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm512_unpacklo_epi64(ab_high, cd_high)},
            {(raw::vf32)_mm512_unpackhi_epi64(ab_high, cd_high)}};
#undef CTC_ROW
#undef CTC_QUAD
#elif CTC_LANES == 8 && defined(__AVX2__)
#define CTC_ROW(i) _mm_load_si128(reinterpret_cast<const __m128i*>(segments + index.v[i]))
#define CTC_PAIR(i) _mm256_inserti128_si256(_mm256_castsi128_si256(CTC_ROW(i)), CTC_ROW(i + 4), 1)
    const __m256i a = CTC_PAIR(0), b = CTC_PAIR(1), c = CTC_PAIR(2), d = CTC_PAIR(3);
    const __m256i ab_low = _mm256_unpacklo_epi32(a, b), ab_high = _mm256_unpackhi_epi32(a, b);
    const __m256i cd_low = _mm256_unpacklo_epi32(c, d), cd_high = _mm256_unpackhi_epi32(c, d);
    return {{(raw::vf32)_mm256_unpacklo_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm256_unpackhi_epi64(ab_low, cd_low)},
            {(raw::vu32)_mm256_unpacklo_epi64(ab_high, cd_high)},
            {(raw::vf32)_mm256_unpackhi_epi64(ab_high, cd_high)}};
#undef CTC_ROW
#undef CTC_PAIR
#else
    PackSegment pack;
    for (int lane = 0; lane < CTC_LANES; ++lane) {
        const SegmentRecord& record = segments[index.v[lane]];
        pack.transit_time.v[lane] = record.transit_time;
        pack.radius_class.v[lane] = record.radius_class;
        pack.next.v[lane] = record.next;
        pack.share.v[lane] = record.share;
    }
    return pack;
#endif
}

// Hazard and toll of each lane's class.
CTC_FUNCTION void load_rates(const ClassRecord* classes, PackU32 index, PackF32& hazard,
                             PackF32& toll) {
#if CTC_LANES == 16 && defined(__AVX512F__)
    hazard.v = (raw::vf32)_mm512_i32gather_ps((__m512i)(index.v * 8u), classes, 4);
    toll.v = (raw::vf32)_mm512_i32gather_ps((__m512i)(index.v * 8u + 1u), classes, 4);
#elif CTC_LANES == 8 && defined(__AVX2__)
    const f32* first = reinterpret_cast<const f32*>(classes);
    hazard.v = (raw::vf32)_mm256_i32gather_ps(first, (__m256i)(index.v * 8u), 4);
    toll.v = (raw::vf32)_mm256_i32gather_ps(first, (__m256i)(index.v * 8u + 1u), 4);
#else
    for (int lane = 0; lane < CTC_LANES; ++lane) {
        hazard.v[lane] = classes[index.v[lane]].hazard;
        toll.v[lane] = classes[index.v[lane]].toll;
    }
#endif
}

// One bit a lane.
CTC_FUNCTION u32 lane_bits(PackMask m) {
#if CTC_LANES == 16 && defined(__AVX512F__)
    return _mm512_movepi32_mask((__m512i)m.v);
#elif CTC_LANES == 8 && defined(__AVX2__)
    return static_cast<u32>(_mm256_movemask_ps((__m256)m.v));
#else
    u32 bits = 0;
    for (int lane = 0; lane < CTC_LANES; ++lane) bits |= (m.v[lane] ? 1u : 0u) << lane;
    return bits;
#endif
}

struct PackOfCells {
    using f32 = PackF32;
    using u32 = PackU32;
    using i64 = PackI64;
    using u64 = PackU64;
    using mask = PackMask;
};

CTC_NAMESPACE_END
