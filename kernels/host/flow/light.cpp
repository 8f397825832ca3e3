// Order of the light nodes: fewest conductances first, and of those the one touched last.
//
// Last in, first out is what makes bundles of trees close from their terminals: in three trees
// that share terminals every inner node has three conductances from the start, and only the ones
// beside an eliminated node may go without making more.
#include "host/flow/elimination.h"

namespace ctc_flow {

LightNodes eliminate_light(i32 n_nodes, const std::vector<u8>& is_free, Neighbours& neighbours) {
    LightNodes light;
    std::vector<i32> waiting[LIGHT + 1];
    std::vector<u8> is_gone(n_nodes, 0);
    const auto touch = [&](i32 node) {
        const i32 degree = neighbours.degree(node);
        if (degree <= LIGHT) waiting[degree].push_back(node);
    };
    for (i32 node = n_nodes - 1; node >= 0; --node)
        if (is_free[node]) touch(node);
    light.first.push_back(0);
    for (;;) {
        i32 degree = 0;
        while (degree <= LIGHT && waiting[degree].empty()) ++degree;
        if (degree > LIGHT) break;
        const i32 node = waiting[degree].back();
        waiting[degree].pop_back();
        // Entries are not taken back when a node goes or its degree changes.
        if (is_gone[node] || neighbours.degree(node) != degree) continue;
        is_gone[node] = 1;
        Edge edges[LIGHT];
        for (i32 k = 0; k < degree; ++k) edges[k] = neighbours.begin(node)[k];
        for (i32 k = 0; k < degree; ++k) {
            light.edge.push_back(edges[k]);
            neighbours.drop(edges[k].node, node);
        }
        for (i32 k = 0; k < degree; ++k)
            for (i32 m = k + 1; m < degree; ++m)
                light.target.push_back(neighbours.join(edges[k].node, edges[m].node));
        for (i32 k = 0; k < degree; ++k) touch(edges[k].node);
        light.node.push_back(node);
        light.first.push_back(static_cast<i64>(light.edge.size()));
    }
    return light;
}

}  // namespace ctc_flow
