// What the lanes of a warp do together; every warp intrinsic of the kernels stands here.
//
// All 32 lanes call each function at the same place: a loop over warps keeps every lane to its end,
// whether it has work or not. The test double of a warp (tests/emulation) stands in for the
// intrinsics used here, and reports lanes that do not meet.
#pragma once
#include "core/fault.h"
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

#if CTC_DEVICE

// Memory that the threads of a block share, of unknown content at first.
#ifndef CTC_SHARED
#define CTC_SHARED(type, name) __shared__ type name
#endif

constexpr u32 WARP_LANES = 32;
constexpr u32 ALL_LANES = 0xFFFFFFFFu;

CTC_FUNCTION u32 lane_index() { return threadIdx.x % WARP_LANES; }
CTC_FUNCTION u32 lanes_where(bool condition) { return __ballot_sync(ALL_LANES, condition); }
CTC_FUNCTION u32 count_lanes(u32 lanes) { return static_cast<u32>(__popc(lanes)); }
CTC_FUNCTION u32 first_lane(u32 lanes) {
    return static_cast<u32>(__ffs(static_cast<i32>(lanes))) - 1;
}
CTC_FUNCTION u32 lanes_before(u32 lanes) {
    return count_lanes(lanes & ((1u << lane_index()) - 1u));
}
CTC_FUNCTION u64 from_lane(u64 value, u32 lane) { return __shfl_sync(ALL_LANES, value, lane); }
CTC_FUNCTION void join_block() { __syncthreads(); }

CTC_FUNCTION u64 sum_of_lanes(u64 value) {
    for (u32 distance = WARP_LANES / 2; distance > 0; distance /= 2)
        value += __shfl_xor_sync(ALL_LANES, value, distance);
    return value;
}

// Consecutive numbers of a counter for these lanes, by one atomic; what other lanes get is no
// one's.
CTC_FUNCTION u64 take_numbers(u64* counter, u32 lanes) {
    const u32 first = first_lane(lanes);
    u64 number = 0;
    if (lane_index() == first) number = atomic_add(counter, count_lanes(lanes));
    return from_lane(number, first) + lanes_before(lanes);
}

// Add what all lanes have, by one atomic.
CTC_FUNCTION void add_of_lanes(u64* address, u64 value) {
    const u64 sum = sum_of_lanes(value);
    if (lane_index() == 0 && sum != 0) atomic_add(address, sum);
}

#endif

CTC_NAMESPACE_END
