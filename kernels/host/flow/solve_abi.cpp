// C interface of the pressure solver: a handle holds the pattern and the numbers of one network.
#include <new>

#include "host/floating_point.h"
#include "host/flow/elimination.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_flow;

namespace {

struct Solver {
    Pattern pattern;
    Factor factor{pattern};
};

}  // namespace

// Finds the elimination order; null and a status where that fails. The joints are given again to
// every call and must be the same.
CTC_EXPORT void* ctc_flow_open(i32 n_nodes, i64 n_joints, const i32* start, const i32* end,
                               const u8* is_fixed, i32* status) {
    Solver* solver = new (std::nothrow) Solver;
    *status = solver == nullptr
                  ? NO_MEMORY
                  : find_pattern(n_nodes, {start, end, n_joints}, is_fixed, solver->pattern);
    if (*status == DONE) return solver;
    delete solver;
    return nullptr;
}

CTC_EXPORT void ctc_flow_close(void* solver) { delete static_cast<Solver*>(solver); }

// Light nodes, core nodes, conductances of the factor, and multiplications that the core takes.
CTC_EXPORT void ctc_flow_size(const void* solver, double* size) {
    const Pattern& pattern = static_cast<const Solver*>(solver)->pattern;
    size[0] = pattern.n_light;
    size[1] = pattern.n_free - pattern.n_light;
    size[2] = static_cast<double>(pattern.row.size());
    size[3] = pattern.core_products;
}

// New conductances (all > 0).
CTC_EXPORT i32 ctc_flow_refresh(void* solver, i64 n_joints, const i32* start, const i32* end,
                                const double* conductance) {
    const ctc_host::FloatingPointMode floating_point;
    try {
        static_cast<Solver*>(solver)->factor.refresh({start, end, n_joints}, conductance);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
    return DONE;
}

// Pressures for the conductances of the last refresh.
CTC_EXPORT i32 ctc_flow_pressure(void* solver, i64 n_joints, const i32* start, const i32* end,
                                 const double* conductance, const double* inflow,
                                 double* pressure) {
    const ctc_host::FloatingPointMode floating_point;
    try {
        static_cast<Solver*>(solver)->factor.solve({start, end, n_joints}, conductance, inflow,
                                                   pressure);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
    return DONE;
}

// Pressures for other conductances than those of the last refresh, from a guess; the rounds taken,
// -1 where they did not suffice, -2 where memory did not.
CTC_EXPORT i32 ctc_flow_improve(const void* solver, i64 n_joints, const i32* start, const i32* end,
                                const double* conductance, const double* inflow, double tolerance,
                                double* pressure) {
    const ctc_host::FloatingPointMode floating_point;
    try {
        return static_cast<const Solver*>(solver)->factor.improve(
            {start, end, n_joints}, conductance, inflow, tolerance, pressure);
    } catch (const std::bad_alloc&) {
        return -2;
    }
}
