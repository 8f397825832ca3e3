// The numbers of a factor and the pressures that it gives.
#include "host/flow/elimination.h"

namespace ctc_flow {

void Factor::refresh(const Joints& joints, const double* conductance) {
    const Pattern& p = pattern_;
    value_.assign(p.row.size(), 0.0);
    ground_.assign(p.n_free, 0.0);
    inverse_.resize(p.n_free);
    for (i64 j = 0; j < joints.count; ++j) {
        if (p.slot[j] >= 0) {
            value_[p.slot[j]] += conductance[j];
            continue;
        }
        const i32 a = p.place[joints.start[j]], b = p.place[joints.end[j]];
        if (a >= 0 && b < 0) ground_[a] += conductance[j];
        if (b >= 0 && a < 0) ground_[b] += conductance[j];
    }
    const i32* target = p.target.data();
    double* value = value_.data();
    for (i32 k = 0; k < p.n_light; ++k) {
        const i32 begin = p.first[k], end = p.first[k + 1];
        const double ground = ground_[k];
        double sum = ground;
        for (i32 s = begin; s < end; ++s) sum += value[s];
        // A node that nothing drives and no pressure holds keeps 0.
        const double inverse = sum > 0.0 ? 1.0 / sum : 0.0;
        inverse_[k] = inverse;
        for (i32 s = begin; s < end; ++s) {
            const double share = value[s] * inverse;
            ground_[p.row[s]] += share * ground;
            for (i32 t = s + 1; t < end; ++t) value[*target++] += share * value[t];
        }
    }
    if (p.n_light < p.n_free) refresh_core();
}

// From the inflow of each place to its pressure.
void Factor::substitute(double* drive) const {
    const Pattern& p = pattern_;
    for (i32 k = 0; k < p.n_free; ++k) {
        const double passed = drive[k] * inverse_[k];
        for (i32 s = p.first[k]; s < p.first[k + 1]; ++s) drive[p.row[s]] += value_[s] * passed;
    }
    for (i32 k = p.n_free - 1; k >= 0; --k) {
        double sum = drive[k];
        for (i32 s = p.first[k]; s < p.first[k + 1]; ++s) sum += value_[s] * drive[p.row[s]];
        drive[k] = sum * inverse_[k];
    }
}

void Factor::solve(const Joints& joints, const double* conductance, const double* inflow,
                   double* pressure) {
    const Pattern& p = pattern_;
    drive_.resize(p.n_free);
    for (i32 k = 0; k < p.n_free; ++k) drive_[k] = inflow[p.node_at[k]];
    for (i64 j = 0; j < joints.count; ++j) {
        if (p.slot[j] >= 0) continue;
        const i32 a = p.place[joints.start[j]], b = p.place[joints.end[j]];
        if (a >= 0 && b < 0) drive_[a] += conductance[j] * pressure[joints.end[j]];
        if (b >= 0 && a < 0) drive_[b] += conductance[j] * pressure[joints.start[j]];
    }
    substitute(drive_.data());
    for (i32 k = 0; k < p.n_free; ++k) pressure[p.node_at[k]] = drive_[k];
}

}  // namespace ctc_flow
