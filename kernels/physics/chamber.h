// Time that a cell spends in a heart chamber over its mean, volume / flow rate.
//
// A chamber mixes: whoever is in it may leave at any moment, so that the time is exponential.
// Test: tests/physics/test_streamline.py (test_a_chamber_mixes).
#pragma once
#include "core/log.h"

CTC_NAMESPACE_BEGIN

// deviate uniform in [2^-24, 1 - 2^-24]; the result is in [6e-8, 16.7].
template <class F>
CTC_FUNCTION F mixing_time(F deviate) {
    return -log_f32(deviate);
}

CTC_NAMESPACE_END
