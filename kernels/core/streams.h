// One number for each use of random words. A retired number is not used again.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

constexpr u32 STREAM_HOP = 1;     // streamline and daughter of two hops
constexpr u32 STREAM_BED = 2;     // arrest in, and transit of, a capillary bed; 3 is retired
constexpr u32 STREAM_CAUSE = 4;   // cause of a death or an attachment in the blood
constexpr u32 STREAM_CLOCK = 5;   // which clock of a stationary cell fired
constexpr u32 STREAM_BUDGET = 6;  // unit-exponential budgets
constexpr u32 STREAM_BIRTH = 7;   // birth time, entry site, size class
constexpr u32 STREAM_PLACE = 8;   // where in the lumen a cell is drawn (pictures only)
// Numbers from 2^31 on are those of the host; see host/draws.cpp.

CTC_NAMESPACE_END
