// Mass made exact: what a solve leaves over at a node is pushed along a spanning forest.
#include <cstring>
#include <new>
#include <vector>

#include "host/floating_point.h"
#include "host/flow/elimination.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_flow;

namespace {

// Connected parts, each named by its lowest node.
class Parts {
  public:
    explicit Parts(i32 count) : above_(count) {
        for (i32 i = 0; i < count; ++i) above_[i] = i;
    }
    i32 of(i32 node) {
        while (above_[node] != node) node = above_[node] = above_[above_[node]];
        return node;
    }
    bool join(i32 a, i32 b) {
        a = of(a);
        b = of(b);
        if (a == b) return false;
        if (a < b) above_[b] = a;
        else above_[a] = b;
        return true;
    }

  private:
    std::vector<i32> above_;
};

// Joints by falling conductance, told apart to 1 part in 64; ties by rising index.
std::vector<i32> by_conductance(const double* conductance, i64 count) {
    constexpr int SHIFT = 46;  // keeps the exponent and six bits of the fraction
    constexpr i32 N_KEYS = 1 << (63 - SHIFT);
    const auto key = [&](i64 j) {
        i64 bits;
        std::memcpy(&bits, &conductance[j], 8);
        return N_KEYS - 1 - static_cast<i32>(bits >> SHIFT);
    };
    std::vector<i64> first(N_KEYS + 1, 0);
    for (i64 j = 0; j < count; ++j) ++first[key(j) + 1];
    for (i32 k = 0; k < N_KEYS; ++k) first[k + 1] += first[k];
    std::vector<i32> order(count);
    for (i64 j = 0; j < count; ++j) order[first[key(j)]++] = static_cast<i32>(j);
    return order;
}

void balance(i32 n_nodes, const Joints& joints, const double* conductance, const double* inflow,
             const u8* is_open, double* flow) {
    std::vector<u8> in_forest(joints.count, 0);
    std::vector<i32> first(static_cast<std::size_t>(n_nodes) + 1, 0);
    {
        Parts parts(n_nodes + 1);  // the last node is the outside, which open nodes belong to
        for (i32 node = 0; node < n_nodes; ++node)
            if (is_open[node]) parts.join(node, n_nodes);
        for (i32 j : by_conductance(conductance, joints.count))
            if (parts.join(joints.start[j], joints.end[j])) {
                in_forest[j] = 1;
                ++first[joints.start[j]];
                ++first[joints.end[j]];
            }
    }
    std::vector<double> total(inflow, inflow + n_nodes);
    for (i64 j = 0; j < joints.count; ++j)
        if (!in_forest[j]) {
            total[joints.end[j]] += flow[j];
            total[joints.start[j]] -= flow[j];
        }
    i32 sum = 0;
    for (i32 node = 0; node <= n_nodes; ++node) {
        const i32 degree = first[node];
        first[node] = sum;
        sum += degree;
    }
    std::vector<i32> branch(sum), filled(first.begin(), first.end() - 1);
    for (i64 j = 0; j < joints.count; ++j)
        if (in_forest[j]) {
            branch[filled[joints.start[j]]++] = static_cast<i32>(j);
            branch[filled[joints.end[j]]++] = static_cast<i32>(j);
        }
    // From the roots outwards, parents first: open nodes, then the lowest node of other parts.
    std::vector<i32> order, way(n_nodes, -2), stack;
    order.reserve(n_nodes);
    const auto walk = [&](i32 root) {
        way[root] = -1;
        stack.push_back(root);
        while (!stack.empty()) {
            const i32 node = stack.back();
            stack.pop_back();
            order.push_back(node);
            for (i32 k = first[node]; k < first[node + 1]; ++k) {
                const i32 j = branch[k];
                const i32 other = joints.start[j] == node ? joints.end[j] : joints.start[j];
                if (way[other] != -2) continue;
                way[other] = j;
                stack.push_back(other);
            }
        }
    };
    for (i32 node = 0; node < n_nodes; ++node)
        if (is_open[node] && way[node] == -2) walk(node);
    for (i32 node = 0; node < n_nodes; ++node)
        if (way[node] == -2) walk(node);
    for (i64 k = static_cast<i64>(order.size()) - 1; k >= 0; --k) {
        const i32 node = order[k], j = way[node];
        if (j < 0) continue;
        const bool leaves = joints.start[j] == node;
        flow[j] = leaves ? total[node] : -total[node];
        total[leaves ? joints.end[j] : joints.start[j]] += total[node];
    }
}

}  // namespace

// Flows on the forest of largest conductances are replaced by the sums of what the others and
// the inflow leave over beyond them; open nodes take up any flow.
CTC_EXPORT i32 ctc_flow_balance(i32 n_nodes, i64 n_joints, const i32* start, const i32* end,
                                const double* conductance, const double* inflow, const u8* is_open,
                                double* flow) {
    const ctc_host::FloatingPointMode floating_point;
    try {
        balance(n_nodes, {start, end, n_joints}, conductance, inflow, is_open, flow);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
    return DONE;
}

// The lowest node of the connected part that each node belongs to.
CTC_EXPORT i32 ctc_flow_parts(i32 n_nodes, i64 n_joints, const i32* start, const i32* end,
                              i32* part) {
    try {
        Parts parts(n_nodes);
        for (i64 j = 0; j < n_joints; ++j) parts.join(start[j], end[j]);
        for (i32 node = 0; node < n_nodes; ++node) part[node] = parts.of(node);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
    return DONE;
}
