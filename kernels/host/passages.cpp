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
using u64 = unsigned long long;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

// The first n_segments edges are segments of the network, each with a record of its own; no cell is
// born in the others or stops there. counted, born, here, ended: by record: entries that kernels
// counted, births, cells there now, cells that met their fate there. is_counted: by edge; the
// others form a forest, of which node and edge (n_known) name the nodes but the roots, each after
// all that lie farther out, with the edge that joins each to the next node inwards. entered: by
// edge. balance: by node, all zero at first; in the end cells that arrived less cells that went on.
// Returns whether all is in balance but at the last node, where cells leave the network.
CTC_EXPORT int ctc_settle_passages(const i32* start, const i32* end, const u8* is_counted,
                                   i64 n_edges, const i32* record, i64 n_segments, const i32* node,
                                   const i32* edge, i64 n_known, const u64* counted,
                                   const i64* born, const i64* here, const i64* ended, i64* entered,
                                   i64* balance, i64 n_nodes) {
    const auto born_in = [&](i64 i) { return i < n_segments ? born[record[i]] : 0; };
    const auto stopped_in = [&](i64 i) {
        return i < n_segments ? here[record[i]] + ended[record[i]] : 0;
    };
    for (i64 i = 0; i < n_edges; ++i) {
        if (is_counted[i] == 0) continue;
        entered[i] = i < n_segments ? static_cast<i64>(counted[record[i]]) : 0;
        balance[start[i]] -= entered[i] - born_in(i);
        balance[end[i]] += entered[i] - stopped_in(i);
    }
    for (i64 k = 0; k < n_known; ++k) {
        const i32 at = node[k];
        const i32 unknown = edge[k];
        const bool leaves = start[unknown] == at;
        const i64 through = leaves ? balance[at] : -balance[at];
        const i64 first = born_in(unknown), last = stopped_in(unknown);
        entered[unknown] = through + (leaves ? first : last);
        balance[at] = 0;
        if (leaves) balance[end[unknown]] += entered[unknown] - last;
        else balance[start[unknown]] -= entered[unknown] - first;
    }
    i64 wrong = 0;
    for (i64 i = 0; i < n_edges; ++i) wrong |= entered[i] < 0 ? 1 : 0;
    for (i64 n = 0; n + 1 < n_nodes; ++n) wrong |= balance[n];
    return wrong == 0 ? 1 : 0;
}
