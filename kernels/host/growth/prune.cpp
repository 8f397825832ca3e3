// Branches that touch others are cut off; their terminals are joined anew.
#include "host/growth/relax.h"

namespace ctc_growth {

u64 Relaxer::prune(i32 most, std::vector<Pending>& freed) {
    Tree& tree = scene_.tree;
    const size_t n = tree.position.size();
    u64 n_cut = 0;
    // Mothers come first: what goes with its mother is not looked at again.
    for (size_t i = 2; i < n; ++i) {
        const i32 u = static_cast<i32>(i);
        const bool must_go =
            touches_[i] == static_cast<u8>(Contact::YIELDS) && tree.count[i] <= most;
        if (!must_go || tree.is_gone(u) || tree.parent[i] <= 0) continue;
        const i32 sister = cut_off(u, freed);
        // What spans the junction that is no more lies where nothing has looked.
        tree.is_suspect[static_cast<size_t>(sister)] = 1;
        scene_.lists.make_room(scene_.n_new_cells_of(sister));
        scene_.put_segment(sister, true);
        ++n_cut;
    }
    touches_.clear();
    return n_cut;
}

// Take off what hangs on u with the junction above it; the sister takes the junction's place.
i32 Relaxer::cut_off(i32 u, std::vector<Pending>& freed) {
    Tree& tree = scene_.tree;
    const auto index = [](i32 v) { return static_cast<size_t>(v); };
    const i32 junction = tree.parent[index(u)];
    const i32 sister = tree.first[index(junction)] == u ? tree.second[index(junction)]
                                                        : tree.first[index(junction)];
    const i32 up = tree.parent[index(junction)];
    (tree.first[index(up)] == junction ? tree.first : tree.second)[index(up)] = sister;
    tree.parent[index(sister)] = up;
    for (i32 v = up; v >= 0; v = tree.parent[index(v)])
        tree.count[index(v)] -= tree.count[index(u)];
    std::vector<i32> below = {u};
    while (!below.empty()) {
        const i32 v = below.back();
        below.pop_back();
        if (tree.is_leaf(v)) {
            freed.push_back({tree.position[index(v)], tree.second[index(v)], 0, 0});
        } else {
            below.push_back(tree.second[index(v)]);
            below.push_back(tree.first[index(v)]);
        }
        tree.remove(v);
    }
    tree.remove(junction);
    return sister;
}

}  // namespace ctc_growth
