// What NVRTC gives to the kernel text without an include, for a host compiler.
#pragma once
#include <cmath>
#include <cstring>

#include "fibers.h"

#define __CUDACC_RTC__ 1
#define __device__
#define __global__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define CTC_SHARED(type, name) \
    type& name = *static_cast<type*>(emulation::grid->shared_memory(sizeof(type)))

struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct EmulatedIndex {
    unsigned x;
};
#define threadIdx (EmulatedIndex{emulation::grid->lane().thread})
#define blockIdx (EmulatedIndex{emulation::grid->lane().block})
#define blockDim (EmulatedIndex{emulation::grid->n_threads()})
#define gridDim (EmulatedIndex{emulation::grid->n_blocks()})

template <class To, class From>
inline To bits_as(From from) {
    static_assert(sizeof(To) == sizeof(From), "a bit cast keeps its size");
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}
inline unsigned __float_as_uint(float x) { return bits_as<unsigned>(x); }
inline float __uint_as_float(unsigned x) { return bits_as<float>(x); }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline long long __float2ll_rn(float x) { return std::llrint(x); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>((static_cast<unsigned __int128>(a) * b) >> 64);
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }

template <class T>
inline T __ldg(const T* address) {
    emulation::grid->may_switch();
    return *address;
}

inline unsigned long long atomicAdd(unsigned long long* address, unsigned long long value) {
    emulation::grid->may_switch();
    const unsigned long long before = *address;
    *address = before + value;
    return before;
}
inline unsigned long long atomicMin(unsigned long long* address, unsigned long long value) {
    emulation::grid->may_switch();
    const unsigned long long before = *address;
    if (value < before) *address = value;
    return before;
}

__forceinline__ unsigned __ballot_sync(unsigned mask, int predicate) {
    return static_cast<unsigned>(
        emulation::grid->meet(emulation::Meeting::BALLOT, mask, predicate != 0, 0));
}
template <class T>
__forceinline__ T __shfl_sync(unsigned mask, T value, unsigned source) {
    unsigned long long bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = emulation::grid->meet(emulation::Meeting::SHUFFLE, mask, bits, source % 32);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}
template <class T>
__forceinline__ T __shfl_xor_sync(unsigned mask, T value, unsigned distance) {
    return __shfl_sync(mask, value, (threadIdx.x % 32) ^ distance);
}
__forceinline__ void __syncwarp(unsigned mask = 0xFFFFFFFFu) {
    emulation::grid->meet(emulation::Meeting::WARP_BARRIER, mask, 0, 0);
}
__forceinline__ void __syncthreads() {
    emulation::grid->meet(emulation::Meeting::BLOCK_BARRIER, 0xFFFFFFFFu, 0, 0);
}
