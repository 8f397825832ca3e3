// What the compiler is: function qualifiers, fixed-width types, bit casts, wide products.
//
// Included by every kernel header. Compilers: NVRTC (device), g++ and clang++ (host). NVRTC has no
// standard headers and the host translation units of one instruction set may not share an inline
// function with another, so nothing outside kernels/ is included here.
#pragma once

#if defined(__CUDACC_RTC__)
#define CTC_DEVICE 1
#define CTC_FUNCTION __device__ __forceinline__
#define CTC_VARIANT device
#else
#define CTC_DEVICE 0
#define CTC_FUNCTION __attribute__((always_inline)) inline
#ifndef CTC_VARIANT
#define CTC_VARIANT scalar
#endif
#endif

// Each instruction set has an inline namespace of its own, so that the linker never merges them.
#define CTC_NAMESPACE_BEGIN \
    namespace ctc {         \
    inline namespace CTC_VARIANT {
#define CTC_NAMESPACE_END \
    }                     \
    }

CTC_NAMESPACE_BEGIN

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using i32 = int;
using i64 = long long;
using f32 = float;
using f64 = double;

static_assert(sizeof(u32) == 4 && sizeof(u64) == 8, "ctc needs 32-bit int and 64-bit long long");

#if CTC_DEVICE
CTC_FUNCTION u32 bits_of(f32 x) { return __float_as_uint(x); }
CTC_FUNCTION f32 float_of(u32 x) { return __uint_as_float(x); }
CTC_FUNCTION u64 multiply_high(u64 a, u64 b) { return __umul64hi(a, b); }
CTC_FUNCTION f32 square_root(f32 x) { return __fsqrt_rn(x); }
CTC_FUNCTION i64 nearest_i64(f32 x) { return __float2ll_rn(x); }
CTC_FUNCTION void fetch(const void*) {}
#else
CTC_FUNCTION u32 bits_of(f32 x) {
    u32 bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}
CTC_FUNCTION f32 float_of(u32 x) {
    f32 value;
    __builtin_memcpy(&value, &x, sizeof value);
    return value;
}
__extension__ typedef unsigned __int128 u128;  // beyond standard C++, in both compilers
CTC_FUNCTION u64 multiply_high(u64 a, u64 b) {
    return static_cast<u64>((static_cast<u128>(a) * b) >> 64);
}
CTC_FUNCTION f32 square_root(f32 x) { return __builtin_sqrtf(x); }
// Ask for memory that is to be written soon.
CTC_FUNCTION void fetch(const void* address) { __builtin_prefetch(address, 1); }
// x in [0, 2^52]: the nearest whole number, the even one of two. From 2^23 on all are whole; below,
// a sum with 2^23 has no digits behind the point.
CTC_FUNCTION i64 nearest_i64(f32 x) {
    return static_cast<i64>(x < 0x1p23f ? (x + 0x1p23f) - 0x1p23f : x);
}
#endif

// A chance of all ones, in 2^-32, is certain.
CTC_FUNCTION bool is_below(u32 word, u32 chance) { return word < chance || chance == 0xFFFFFFFFu; }

// The primitives of a lane for one cell; pack.h has the same names for packs of cells.
CTC_FUNCTION f32 smaller(f32 a, f32 b) { return a < b ? a : b; }
CTC_FUNCTION f32 select(bool mask, f32 yes, f32 no) { return mask ? yes : no; }
CTC_FUNCTION u32 select(bool mask, u32 yes, u32 no) { return mask ? yes : no; }
CTC_FUNCTION i64 select(bool mask, i64 yes, i64 no) { return mask ? yes : no; }
CTC_FUNCTION u64 select(bool mask, u64 yes, u64 no) { return mask ? yes : no; }
CTC_FUNCTION bool is_not_zero(u32 x) { return x != 0; }
CTC_FUNCTION i32 truncate_to_i32(f32 x) { return static_cast<i32>(x); }
CTC_FUNCTION f32 to_f32(i32 x) { return static_cast<f32>(x); }
CTC_FUNCTION u64 as_u64(i64 x) { return static_cast<u64>(x); }
CTC_FUNCTION i32 as_i32(u32 x) { return static_cast<i32>(x); }
CTC_FUNCTION u32 as_u32(i32 x) { return static_cast<u32>(x); }
CTC_FUNCTION void multiply_wide(u32 a, u32 b, u32& high, u32& low) {
    const u64 product = static_cast<u64>(a) * b;
    high = static_cast<u32>(product >> 32);
    low = static_cast<u32>(product);
}

// The types of one cell, for laws that need several of them at once; see PackOfCells in pack.h.
struct OneCell {
    using f32 = ctc::f32;
    using u32 = ctc::u32;
    using i64 = ctc::i64;
    using u64 = ctc::u64;
    using mask = bool;
};

CTC_NAMESPACE_END
