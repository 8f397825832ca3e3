// C interface of the red-cell sweep: a handle holds the order of the nodes of one network.
#include <new>

#include "host/floating_point.h"
#include "host/flow/haematocrit.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_flow;

// The arrays must live as long as the handle; null where memory does not suffice.
CTC_EXPORT void* ctc_blood_open(i32 n_nodes, i64 n_joints, const i32* start, const i32* end,
                                const u8* role, const u8* is_open, const double* diameter) {
    try {
        return new RedCells(n_nodes, {start, end, n_joints}, role, is_open, diameter);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

CTC_EXPORT void ctc_blood_close(void* blood) { delete static_cast<RedCells*>(blood); }

// Number of nodes on loops of flow, or -1 where memory does not suffice.
CTC_EXPORT i64 ctc_blood_sweep(void* blood, i32 separation, double supply, double largest,
                               const double* flow, double* haematocrit, double* through) {
    const ctc_host::FloatingPointMode floating_point;
    try {
        return static_cast<RedCells*>(blood)->sweep({separation, supply, largest}, flow,
                                                    haematocrit, through);
    } catch (const std::bad_alloc&) {
        return -1;
    }
}
