// Faults: our own mistakes met while running, never the end of a cell.
//
// One u64 holds the lowest cell id that met a fault, shifted by 8, and the code below it; all ones
// when there was none. The texts stand in kernels.toml beside the codes.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

constexpr u32 FAULT_SEGMENT = 1;     // segment index outside the network
constexpr u32 FAULT_STATE = 2;       // unknown cell state
constexpr u32 FAULT_SIZE_CLASS = 3;  // size class outside its table
constexpr u32 FAULT_TIME = 4;        // a segment is left before it was entered
constexpr u32 FAULT_BEHAVIOUR = 5;   // unknown behaviour of a segment class

#if CTC_DEVICE
CTC_FUNCTION u64 atomic_add(u64* address, u64 value) { return atomicAdd(address, value); }
CTC_FUNCTION void atomic_min(u64* address, u64 value) { atomicMin(address, value); }
#else
CTC_FUNCTION u64 atomic_add(u64* address, u64 value) {
    return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
CTC_FUNCTION void atomic_min(u64* address, u64 value) {
    u64 seen = __atomic_load_n(address, __ATOMIC_RELAXED);
    while (value < seen && !__atomic_compare_exchange_n(address, &seen, value, true,
                                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}
#endif

CTC_FUNCTION void report_fault(u64* first_fault, u64 cell_id, u32 code) {
    atomic_min(first_fault, (cell_id << 8) | code);
}

CTC_NAMESPACE_END
