// Pressures for conductances that changed a little, by conjugate gradients with an older factor.
//
// A is the conductance matrix, M what was factored: from a guess p the error is brought down along
// directions that are conjugate in A, drawn from M^-1 r of the residual r. Sums run over the nodes
// in the order of elimination, one after the other.
#include "host/flow/elimination.h"

namespace ctc_flow {
namespace {

constexpr i32 MOST = 25;

double product(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
    return sum;
}

}  // namespace

i32 Factor::improve(const Joints& joints, const double* conductance, const double* inflow,
                    double tolerance, double* pressure) const {
    const Pattern& p = pattern_;
    std::vector<double> residual(p.n_free), step(p.n_free), way(p.n_free), pull(p.n_free);
    // What flows out of every place for pressures of all nodes, taken from `out`; and the power.
    const auto drain = [&](const double* at, std::vector<double>& out) {
        double power = 0.0;
        for (i64 j = 0; j < joints.count; ++j) {
            const double drop = at[joints.start[j]] - at[joints.end[j]];
            const double flow = conductance[j] * drop;
            power += flow * drop;
            const i32 a = p.place[joints.start[j]], b = p.place[joints.end[j]];
            if (a >= 0) out[a] -= flow;
            if (b >= 0) out[b] += flow;
        }
        return power;
    };
    for (i32 k = 0; k < p.n_free; ++k) residual[k] = inflow[p.node_at[k]];
    const double power = drain(pressure, residual);
    std::vector<double> direction(p.n_nodes, 0.0);
    double before = 0.0;
    for (i32 n = 0; n <= MOST; ++n) {
        step = residual;
        substitute(step.data());
        const double error = product(residual, step);
        if (!(error > tolerance * tolerance * power)) return n;
        const double keep = n > 0 ? error / before : 0.0;
        before = error;
        for (i32 k = 0; k < p.n_free; ++k) {
            way[k] = step[k] + keep * way[k];
            direction[p.node_at[k]] = way[k];
        }
        pull.assign(p.n_free, 0.0);
        drain(direction.data(), pull);
        const double stiffness = -product(way, pull);
        if (!(stiffness > 0.0)) return -1;
        const double length = error / stiffness;
        for (i32 k = 0; k < p.n_free; ++k) {
            pressure[p.node_at[k]] += length * way[k];
            residual[k] += length * pull[k];
        }
    }
    return -1;
}

}  // namespace ctc_flow
