// Packs of CTC_LANES cells for the host compiler: the lane types and primitives of platform.h.
//
// Built on the vector extensions of GCC and clang. What an instruction set must say itself stands
// in a header of its own: masks, whole numbers of 64 bits, wide products, square roots and loads of
// records; their generic lowering loses the whole gain. A mask is that of 32-bit lanes everywhere;
// no arithmetic on masks.
#pragma once
#include "core/platform.h"
#include "core/records.h"

CTC_NAMESPACE_BEGIN

namespace raw {
typedef f32 vf32 __attribute__((vector_size(4 * CTC_LANES)));
typedef i32 vi32 __attribute__((vector_size(4 * CTC_LANES)));
typedef u32 vu32 __attribute__((vector_size(4 * CTC_LANES)));
}  // namespace raw

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

struct PackSegment {
    PackF32 transit_time;
    PackU32 bore_class;
    PackU32 next;
    PackF32 share;
};

CTC_FUNCTION PackF32 operator+(PackF32 a, PackF32 b) { return {a.v + b.v}; }
CTC_FUNCTION PackF32 operator-(PackF32 a, PackF32 b) { return {a.v - b.v}; }
CTC_FUNCTION PackF32 operator-(PackF32 a) { return {-a.v}; }
CTC_FUNCTION PackF32 operator*(PackF32 a, PackF32 b) { return {a.v * b.v}; }
CTC_FUNCTION PackF32 operator/(PackF32 a, PackF32 b) { return {a.v / b.v}; }

CTC_FUNCTION PackU32 operator+(PackU32 a, PackU32 b) { return {a.v + b.v}; }
CTC_FUNCTION PackU32 operator-(PackU32 a, PackU32 b) { return {a.v - b.v}; }
CTC_FUNCTION PackU32 operator^(PackU32 a, PackU32 b) { return {a.v ^ b.v}; }
CTC_FUNCTION PackU32 operator|(PackU32 a, PackU32 b) { return {a.v | b.v}; }
CTC_FUNCTION PackU32 operator&(PackU32 a, PackU32 b) { return {a.v & b.v}; }
CTC_FUNCTION PackU32 operator>>(PackU32 a, int n) { return {a.v >> n}; }
CTC_FUNCTION PackU32 operator<<(PackU32 a, int n) { return {a.v << n}; }
CTC_FUNCTION PackI32 operator>>(PackI32 a, int n) { return {a.v >> n}; }

CTC_FUNCTION PackI32 as_i32(PackU32 a) { return {(raw::vi32)a.v}; }
CTC_FUNCTION PackU32 as_u32(PackI32 a) { return {(raw::vu32)a.v}; }
CTC_FUNCTION PackF32 to_f32(PackI32 a) { return {__builtin_convertvector(a.v, raw::vf32)}; }
CTC_FUNCTION PackI32 truncate_to_i32(PackF32 a) {
    return {__builtin_convertvector(a.v, raw::vi32)};
}
CTC_FUNCTION PackF32 float_of(PackU32 a) { return {(raw::vf32)a.v}; }
CTC_FUNCTION PackU32 bits_of(PackF32 a) { return {(raw::vu32)a.v}; }

CTC_NAMESPACE_END

#if CTC_LANES == 16 && defined(__AVX512F__)
#include "core/pack_avx512.h"
#elif CTC_LANES == 8 && defined(__AVX2__)
#include "core/pack_avx2.h"
#elif CTC_LANES == 4 && defined(__SSE2__)
#include "core/pack_sse2.h"
#elif CTC_LANES == 4 && defined(__ARM_NEON) && defined(__aarch64__)
#include "core/pack_neon.h"
#else
#include "core/pack_generic.h"
#endif

CTC_NAMESPACE_BEGIN

struct PackOfCells {
    using f32 = PackF32;
    using u32 = PackU32;
    using i64 = PackI64;
    using u64 = PackU64;
    using mask = PackMask;
};

// Lanes of an array of CTC_LANES numbers, aligned as the pack is.
template <class Pack, class Number>
CTC_FUNCTION Pack lanes_of(const Number* from) {
    Pack pack;
    __builtin_memcpy(&pack, __builtin_assume_aligned(from, alignof(Pack)), sizeof pack);
    return pack;
}
template <class Pack, class Number>
CTC_FUNCTION void keep_lanes(const Pack& pack, Number* to) {
    __builtin_memcpy(__builtin_assume_aligned(to, alignof(Pack)), &pack, sizeof pack);
}

CTC_NAMESPACE_END
