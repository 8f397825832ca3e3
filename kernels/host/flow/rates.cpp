// Flow rates from pressures, and their sums over groups of segments.
#include "host/floating_point.h"
#include "host/flow/elimination.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_flow;

// G (p_start - p_end) of every joint; 0 where the drop is not above the least one.
CTC_EXPORT void ctc_flow_rates(i64 n_joints, const i32* start, const i32* end,
                               const double* conductance, const double* pressure, double least_drop,
                               double* flow) {
    const ctc_host::FloatingPointMode floating_point;
    for (i64 j = 0; j < n_joints; ++j) {
        const double drop = pressure[start[j]] - pressure[end[j]];
        flow[j] = drop > least_drop || drop < -least_drop ? conductance[j] * drop : 0.0;
    }
}

// Sums over the joints of each group of the flow Q and of the loss Q (p_start - p_end).
CTC_EXPORT void ctc_flow_sums(i64 n_joints, const i32* start, const i32* end, const i32* group,
                              const double* flow, const double* pressure, double* flow_sum,
                              double* loss_sum) {
    const ctc_host::FloatingPointMode floating_point;
    for (i64 j = 0; j < n_joints; ++j) {
        flow_sum[group[j]] += flow[j];
        loss_sum[group[j]] += flow[j] * (pressure[start[j]] - pressure[end[j]]);
    }
}
