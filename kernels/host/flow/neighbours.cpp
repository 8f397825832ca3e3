// Adjacency lists that grow while nodes are eliminated.
#include "host/flow/elimination.h"

namespace ctc_flow {

Neighbours::Neighbours(i32 n_nodes, const Joints& joints, const std::vector<u8>& is_free,
                       std::vector<i32>& edge_of_joint)
    : first_(static_cast<std::size_t>(n_nodes) + 1, 0), size_(n_nodes, 0), room_(n_nodes, 0) {
    edge_of_joint.assign(joints.count, -1);
    const auto is_inner = [&](i64 j) {
        return is_free[joints.start[j]] && is_free[joints.end[j]] &&
               joints.start[j] != joints.end[j];
    };
    for (i64 j = 0; j < joints.count; ++j)
        if (is_inner(j)) {
            ++room_[joints.start[j]];
            ++room_[joints.end[j]];
        }
    for (i32 node = 0; node < n_nodes; ++node) {
        // A light node's last neighbours get one conductance more than they lose.
        if (room_[node] > 0) ++room_[node];
        first_[node + 1] = first_[node] + room_[node];
    }
    pool_.resize(first_[n_nodes]);
    for (i64 j = 0; j < joints.count; ++j) {
        if (!is_inner(j)) continue;
        const i32 a = joints.start[j], b = joints.end[j];
        pool_[first_[a] + size_[a]++] = {b, static_cast<i32>(j)};
        pool_[first_[b] + size_[b]++] = {a, static_cast<i32>(j)};
    }
    // Numbered in the order of nodes; parallel joints, seen again under the same stamp, merge.
    std::vector<i32> seen_by(n_nodes, -1), seen_edge(n_nodes, -1);
    for (i32 node = 0; node < n_nodes; ++node) {
        Edge* list = pool_.data() + first_[node];
        i32 kept = 0;
        for (i32 k = 0; k < size_[node]; ++k) {
            const i32 other = list[k].node, joint = list[k].id;
            if (seen_by[other] == node) {
                edge_of_joint[joint] = seen_edge[other];
                continue;
            }
            i32& edge = edge_of_joint[joint];
            if (edge < 0) edge = n_edges_++;
            seen_by[other] = node;
            seen_edge[other] = edge;
            list[kept++] = {other, edge};
        }
        size_[node] = kept;
    }
}

void Neighbours::push(i32 node, Edge edge) {
    if (size_[node] == room_[node]) {
        const i64 from = first_[node];
        first_[node] = static_cast<i64>(pool_.size());
        room_[node] = 2 * room_[node] + 2;
        pool_.resize(pool_.size() + room_[node]);
        for (i32 k = 0; k < size_[node]; ++k) pool_[first_[node] + k] = pool_[from + k];
    }
    pool_[first_[node] + size_[node]++] = edge;
}

i32 Neighbours::join(i32 a, i32 b) {
    if (size_[b] < size_[a]) {
        const i32 swapped = a;
        a = b;
        b = swapped;
    }
    for (const Edge* edge = begin(a); edge != end(a); ++edge)
        if (edge->node == b) return edge->id;
    push(a, {b, n_edges_});
    push(b, {a, n_edges_});
    return n_edges_++;
}

void Neighbours::drop(i32 node, i32 neighbour) {
    Edge* list = pool_.data() + first_[node];
    for (i32 k = 0; k < size_[node]; ++k)
        if (list[k].node == neighbour) {
            list[k] = list[--size_[node]];
            return;
        }
}

}  // namespace ctc_flow
