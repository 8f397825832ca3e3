// A capillary bed: does a cell stop in it, and how long does it take if it passes?
//
// Chances and slowness by bed and size class are tables made by host/tables.cpp from the bore
// distribution, the number of capillaries in series and the cell's size (the law stands there).
// A passing cell takes  mean * slowness * q(u),  q the quantile function of the organ's own
// transit-time law with mean 1, linear between N_QUANTILES + 1 equally spaced nodes.
// Test: tests/physics/test_bed.py.
#pragma once
#include "core/deviate.h"
#include "core/platform.h"
#include "core/records.h"

CTC_NAMESPACE_BEGIN

constexpr u32 N_QUANTILES = 1024;

// 64 random bits against a chance in 2^-64.
CTC_FUNCTION bool stops_in_bed(const BedRecord& bed, u32 word, u32 low_word) {
    return ((static_cast<u64>(word) << 32) | low_word) < bed.arrest;
}

// Unit-mean transit time by one of the laws, each a row of N_QUANTILES + 1 values. The index is
// below N_QUANTILES because a deviate is below 1.
CTC_FUNCTION f32 unit_transit(const f32* laws, u32 law, u32 word) {
    const f32* quantiles = laws + static_cast<u64>(law) * (N_QUANTILES + 1);
    const f32 position = uniform_deviate(word) * static_cast<f32>(N_QUANTILES);
    const i32 node = truncate_to_i32(position);
    const f32 fraction = position - to_f32(node);
    return quantiles[node] + fraction * (quantiles[node + 1] - quantiles[node]);
}

CTC_NAMESPACE_END
