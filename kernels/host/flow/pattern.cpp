// The pattern of a factor: light nodes brought into an order that memory likes, then the core.
#include <algorithm>
#include <limits>
#include <new>

#include "host/flow/elimination.h"

namespace ctc_flow {
namespace {

// Depth first over the elimination tree, daughters before their parent: a node then stands close
// to those that it changes. The parent is the neighbour that goes first of those left; the fill
// is the same in every order of this kind.
std::vector<i32> depth_first(const LightNodes& light, const std::vector<i32>& turn) {
    const i32 count = static_cast<i32>(light.node.size());
    std::vector<i32> parent(count, -1), first(count, -1), next(count, -1);
    for (i32 k = count - 1; k >= 0; --k) {
        i32 earliest = count;
        for (i64 s = light.first[k]; s < light.first[k + 1]; ++s) {
            const i32 other = turn[light.edge[s].node];
            if (other >= 0 && other < earliest) earliest = other;
        }
        if (earliest == count) continue;
        parent[k] = earliest;
        next[k] = first[earliest];
        first[earliest] = k;
    }
    std::vector<i32> order;
    order.reserve(count);
    for (i32 root = 0; root < count; ++root) {
        if (parent[root] >= 0) continue;
        i32 node = root;
        while (first[node] >= 0) node = first[node];
        for (;;) {
            order.push_back(node);
            if (node == root) break;
            if (next[node] >= 0) {
                node = next[node];
                while (first[node] >= 0) node = first[node];
            } else {
                node = parent[node];
            }
        }
    }
    return order;
}

// The core: order, columns and their sorted rows.
Status add_core(const Neighbours& neighbours, const std::vector<u8>& is_free, Pattern& pattern,
                std::vector<i32>& slot_of_edge) {
    std::vector<i32> core, index(pattern.n_nodes, -1);
    for (i32 node = 0; node < pattern.n_nodes; ++node)
        if (is_free[node] && pattern.place[node] < 0) {
            index[node] = static_cast<i32>(core.size());
            core.push_back(node);
        }
    std::vector<std::vector<i32>> graph(core.size());
    for (std::size_t i = 0; i < core.size(); ++i)
        for (const Edge* e = neighbours.begin(core[i]); e != neighbours.end(core[i]); ++e)
            graph[i].push_back(index[e->node]);
    for (i32 i : minimum_degree_order(graph)) {
        pattern.place[core[i]] = static_cast<i32>(pattern.node_at.size());
        pattern.node_at.push_back(core[i]);
    }
    // A column's rows are its own later neighbours and those of the columns that it is the first
    // row of.
    const i32 n_light = pattern.n_light;
    const i32 n_core = static_cast<i32>(core.size());
    std::vector<i32> first_child(n_core, -1), next_child(n_core, -1), seen_by(n_core, -1);
    for (i32 k = 0; k < n_core; ++k) {
        const i32 place = n_light + k;
        const i32 node = pattern.node_at[place];
        const std::size_t begin = pattern.row.size();
        seen_by[k] = k;
        const auto take = [&](i32 row) {
            if (row > place && seen_by[row - n_light] != k) {
                seen_by[row - n_light] = k;
                pattern.row.push_back(row);
            }
        };
        for (const Edge* e = neighbours.begin(node); e != neighbours.end(node); ++e)
            take(pattern.place[e->node]);
        for (i32 child = first_child[k]; child >= 0; child = next_child[child])
            for (i32 s = pattern.first[n_light + child]; s < pattern.first[n_light + child + 1];
                 ++s)
                take(pattern.row[s]);
        if (pattern.row.size() > static_cast<std::size_t>(std::numeric_limits<i32>::max()))
            return TOO_LARGE;
        std::sort(pattern.row.begin() + static_cast<i64>(begin), pattern.row.end());
        const double size = static_cast<double>(pattern.row.size() - begin);
        pattern.core_products += 0.5 * size * (size + 1.0);
        pattern.first.push_back(static_cast<i32>(pattern.row.size()));
        if (pattern.row.size() > begin) {
            const i32 parent = pattern.row[begin] - n_light;
            next_child[k] = first_child[parent];
            first_child[parent] = k;
        }
        for (const Edge* e = neighbours.begin(node); e != neighbours.end(node); ++e) {
            const i32 row = pattern.place[e->node];
            if (row < place) continue;
            const auto found = std::lower_bound(pattern.row.begin() + static_cast<i64>(begin),
                                                pattern.row.end(), row);
            slot_of_edge[e->id] = static_cast<i32>(found - pattern.row.begin());
        }
    }
    // Blocks: a column that leads to the next one first, and else where that one leads to.
    const auto size = [&](i32 place) { return pattern.first[place + 1] - pattern.first[place]; };
    for (i32 place = n_light; place < n_light + n_core; ++place) {
        const bool goes_on = place > n_light && size(place - 1) == size(place) + 1 &&
                             pattern.row[pattern.first[place - 1]] == place;
        if (!goes_on) pattern.block.push_back(place);
    }
    pattern.block.push_back(n_light + n_core);
    return DONE;
}

Status find(const Joints& joints, const std::vector<u8>& is_free, Pattern& pattern) {
    if (joints.count > std::numeric_limits<i32>::max() / 4) return TOO_LARGE;
    Neighbours neighbours(pattern.n_nodes, joints, is_free, pattern.slot);
    LightNodes light = eliminate_light(pattern.n_nodes, is_free, neighbours);
    if (light.edge.size() > static_cast<std::size_t>(std::numeric_limits<i32>::max()) / 2)
        return TOO_LARGE;
    pattern.n_light = static_cast<i32>(light.node.size());
    std::vector<i32> turn(pattern.n_nodes, -1);
    for (i32 k = 0; k < pattern.n_light; ++k) turn[light.node[k]] = k;
    const std::vector<i32> order = depth_first(light, turn);
    pattern.place.assign(pattern.n_nodes, -1);
    for (i32 k : order) {
        pattern.place[light.node[k]] = static_cast<i32>(pattern.node_at.size());
        pattern.node_at.push_back(light.node[k]);
    }
    std::vector<i32>().swap(turn);
    std::vector<i64> target_at(order.size() + 1, 0);
    for (i32 k = 0; k < pattern.n_light; ++k) {
        const i64 size = light.first[k + 1] - light.first[k];
        target_at[k + 1] = target_at[k] + size * (size - 1) / 2;
    }
    std::vector<i32> slot_of_edge(neighbours.n_edges(), -1);
    pattern.first.push_back(0);
    pattern.row.reserve(light.edge.size());
    pattern.target.reserve(light.target.size());
    std::vector<i32> edge_at;
    edge_at.reserve(light.edge.size());
    for (i32 k : order) {
        for (i64 s = light.first[k]; s < light.first[k + 1]; ++s) {
            slot_of_edge[light.edge[s].id] = static_cast<i32>(edge_at.size());
            edge_at.push_back(light.edge[s].node);
        }
        pattern.first.push_back(static_cast<i32>(edge_at.size()));
        for (i64 t = target_at[k]; t < target_at[k + 1]; ++t)
            pattern.target.push_back(light.target[t]);
    }
    pattern.row.assign(edge_at.size(), -1);
    const Status status = add_core(neighbours, is_free, pattern, slot_of_edge);
    if (status != DONE) return status;
    for (std::size_t s = 0; s < edge_at.size(); ++s) pattern.row[s] = pattern.place[edge_at[s]];
    for (i32& edge : pattern.target) edge = slot_of_edge[edge];
    for (i32& edge : pattern.slot)
        if (edge >= 0) edge = slot_of_edge[edge];
    pattern.n_free = static_cast<i32>(pattern.node_at.size());
    return DONE;
}

}  // namespace

Status find_pattern(i32 n_nodes, const Joints& joints, const u8* is_fixed, Pattern& pattern) {
    try {
        pattern.n_nodes = n_nodes;
        std::vector<u8> is_free(n_nodes, 0);
        for (i64 j = 0; j < joints.count; ++j) {
            is_free[joints.start[j]] = !is_fixed[joints.start[j]];
            is_free[joints.end[j]] = !is_fixed[joints.end[j]];
        }
        return find(joints, is_free, pattern);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
}

}  // namespace ctc_flow
