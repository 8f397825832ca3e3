// How many cells entered every vessel, from counts at a few: what flows into a node flows out.
//
// Vessels are edges between nodes. A cell enters an edge at its start, or is born in it; it leaves
// at its end, or stops in it (it is there now, or met its fate there). At every node as many cells
// leave edges as enter others. Where the edges that nobody counted form a forest, its leaves know
// all of their edges but one, and so on inwards: one pass over the nodes, farthest from the roots
// first. Whole numbers, so exact.
using i32 = int;
using i64 = long long;
using u8 = unsigned char;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

// entered: given where is_counted, found elsewhere. balance: of each node, all zero at first; in
// the end cells that arrived less cells that went on, zero but where cells leave the network.
CTC_EXPORT void ctc_settle_passages(const i32* start, const i32* end, const u8* is_counted,
                                    i64 n_edges, const i32* node, const i32* edge, i64 n_nodes,
                                    const i64* born, const i64* stopped, i64* entered,
                                    i64* balance) {
    for (i64 i = 0; i < n_edges; ++i) {
        if (is_counted[i] == 0) continue;
        balance[start[i]] -= entered[i] - born[i];
        balance[end[i]] += entered[i] - stopped[i];
    }
    for (i64 k = 0; k < n_nodes; ++k) {
        const i32 here = node[k];
        const i32 unknown = edge[k];
        const bool leaves = start[unknown] == here;
        const i64 through = leaves ? balance[here] : -balance[here];
        entered[unknown] = through + (leaves ? born[unknown] : stopped[unknown]);
        balance[here] = 0;
        if (leaves) balance[end[unknown]] += entered[unknown] - stopped[unknown];
        else balance[start[unknown]] -= entered[unknown] - born[unknown];
    }
}
