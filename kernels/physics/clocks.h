// Competing clocks of a cell at rest (arrested, in tissue, dormant).
//
// One unit-exponential budget is spent at the sum of the current rates; when it is gone, the cause
// is drawn in proportion to the rates then in force. Rates are integers per tick of 65.5 us in
// 2^-58, and time is charged in whole ticks, so that an epoch split in two of equal rates gives the
// same bits: the budget after n ticks is budget - n * total, however the n are grouped.
// A rate of 1e-8 /s is met to 2.6e-6 of itself.
// Test: tests/physics/test_clocks.py.
#pragma once
#include "core/platform.h"
#include "core/records.h"

CTC_NAMESPACE_BEGIN

constexpr u64 NEVER = ~u64(0);  // more ticks than any time has, which are below 2^48

enum class Clock { FIRST, SECOND, THIRD, FOURTH, IMMUNE_DEATH, TREATMENT_DEATH, OTHER_DEATH };

// Run the clocks from `time` to `epoch_end`. Returns true and the time of firing, or false with
// budget and time moved on by the whole ticks that fit.
//
// total >= 1 and budget >= 1: the ticks needed are at least 1, and ticks * total <= budget + total
// stays within u64 because budgets are below 2^63.3.
// Without rates time moves on all the same: another epoch may have some, and they begin with it.
CTC_FUNCTION bool clock_fires(const ClockRecord& clocks, i64 epoch_end, i64& time, u64& budget) {
    if (epoch_end <= time) return false;
    const u64 available = static_cast<u64>(epoch_end - time) >> TICK_BITS;
    const u64 needed = clocks.total == 0 ? NEVER : (budget - 1) / clocks.total + 1;
    if (needed > available) {
        budget -= available * clocks.total;
        time += static_cast<i64>(available << TICK_BITS);
        return false;
    }
    time += static_cast<i64>(needed << TICK_BITS);
    return true;
}

// Which clock it was, from 64 random bits: index = floor(bits * total / 2^64) is uniform below
// total.
CTC_FUNCTION Clock firing_clock(const ClockRecord& clocks, u64 bits) {
    const u64 index = multiply_high(bits, clocks.total);
    if (index < clocks.to_first) return Clock::FIRST;
    if (index < clocks.to_second) return Clock::SECOND;
    if (index < clocks.to_third) return Clock::THIRD;
    if (index < clocks.to_fourth) return Clock::FOURTH;
    if (index < clocks.to_immune) return Clock::IMMUNE_DEATH;
    if (index < clocks.to_treatment) return Clock::TREATMENT_DEATH;
    return Clock::OTHER_DEATH;
}

CTC_NAMESPACE_END
