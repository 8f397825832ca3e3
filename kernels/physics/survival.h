// Survival in the blood: an exponential budget spent at the local hazard.
//
//   spent = hazard * transit time + toll,     the cell is lost where the budget ends.
//
// Budgets are unsigned fixed-point numbers of 2^-45 (a float32 budget loses small spends); hazard
// in that unit per nanosecond, toll in that unit. A spend is rounded to the unit and cut at 2^52 =
// 128 unit-exponentials, more than any budget drawn (38.2 at most). A whole segment is charged at
// the rate of the epoch in which it was entered: exact but for the one segment in which a rate
// changes.
// Test: tests/physics/test_survival.py.
#pragma once
#include "core/deviate.h"
#include "core/philox.h"
#include "core/records.h"
#include "core/streams.h"

CTC_NAMESPACE_BEGIN

template <class F>
CTC_FUNCTION auto survival_spent(F transit_time, F hazard, F toll) {
    return as_u64(round_to_i64(hazard * transit_time + toll));
}

// A unit exponential in fixed point with `bits` fractional bits, at least 1 unit.
//
// The deviate is below 38.2, so value * 2^24 is below 2^30: both halves fit an int32; with 58 bits
// the budget is below 2^63.3.
CTC_FUNCTION u64 exponential_budget(u64 cell_id, u32 draw, u64 seed, int bits) {
    const PhiloxBlock<u32> block = philox_of_cell(cell_id, STREAM_BUDGET, draw, seed);
    const f32 scaled = exponential_deviate(block.x, block.y) * 0x1p24f;
    const i32 high = truncate_to_i32(scaled);
    const i32 low = truncate_to_i32((scaled - to_f32(high)) * 0x1p24f);
    const u64 of_48_bits = (static_cast<u64>(high) << 24) + static_cast<u64>(low);
    const u64 budget = bits < 48 ? of_48_bits >> (48 - bits) : of_48_bits << (bits - 48);
    return budget > 0 ? budget : 1;
}

CTC_NAMESPACE_END
