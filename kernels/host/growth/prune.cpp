// Branches that touch others are cut off; their terminals are joined anew.
#include <algorithm>

#include "host/growth/relax.h"

namespace ctc_growth {

u64 Relaxer::prune(i32 most, Contact least, std::vector<Pending>& freed) {
    Tree& tree = scene_.tree;
    const size_t n = tree.position.size();
    constexpr u8 STAYS = 0, DISSOLVES = 1, GOES = 2;
    std::vector<u8> fate(n, STAYS);
    u64 n_cut = 0;
    for (size_t i = n; i-- > 2;) {
        if (touches_[i] >= static_cast<u8>(least) && tree.count[i] <= most) {
            fate[i] = GOES;
            ++n_cut;
        } else if (tree.first[i] >= 0) {
            // A junction with one daughter left is none; with none left it goes too.
            const u8 gone = (fate[static_cast<size_t>(tree.first[i])] == GOES) +
                            (fate[static_cast<size_t>(tree.second[i])] == GOES);
            fate[i] = gone == 2 ? GOES : (gone == 1 ? DISSOLVES : STAYS);
        }
    }
    if (n_cut == 0) return 0;
    const size_t one = static_cast<size_t>(tree.first[1]);
    if (fate[one] == GOES && fate[one + 1] == GOES) return 0;  // nothing would be left
    if (fate[one] == GOES || fate[one + 1] == GOES) fate[1] = DISSOLVES;
    // From the root down: who goes takes all below along; who stays hangs on the next that stays.
    std::vector<i32> place(n, -1);
    std::vector<i32> old;
    old.reserve(n);
    for (size_t i = 0; i < n; ++i) {
        if (i > 0 && fate[static_cast<size_t>(tree.parent[i])] == GOES) fate[i] = GOES;
        if (fate[i] == GOES) {
            if (tree.first[i] < 0) freed.push_back({tree.position[i], tree.second[i], 0, 0});
        } else if (fate[i] == STAYS) {
            place[i] = static_cast<i32>(old.size());
            old.push_back(static_cast<i32>(i));
        }
    }
    // What spans a junction that is no more lies where nothing has looked.
    std::vector<u8> suspect(old.size());
    for (size_t k = 0; k < old.size(); ++k)
        suspect[k] = tree.is_suspect[static_cast<size_t>(old[k])];
    const auto settled = [&](i32 u) {
        const bool spans = fate[static_cast<size_t>(u)] == DISSOLVES;
        while (fate[static_cast<size_t>(u)] == DISSOLVES) {
            const size_t i = static_cast<size_t>(u);
            u = fate[static_cast<size_t>(tree.first[i])] == GOES ? tree.second[i] : tree.first[i];
        }
        const i32 at = place[static_cast<size_t>(u)];
        if (spans) suspect[static_cast<size_t>(at)] = 1;
        return at;
    };
    std::vector<i32> first(old.size()), second(old.size()), parent(old.size(), -1);
    for (size_t k = 0; k < old.size(); ++k) {
        const size_t i = static_cast<size_t>(old[k]);
        const bool is_leaf = tree.first[i] < 0;
        first[k] = is_leaf ? -1 : settled(tree.first[i]);
        second[k] = is_leaf || i == 0 ? tree.second[i] : settled(tree.second[i]);
        tree.position[k] = tree.position[i];
        tree.normal[k] = tree.normal[i];
        tree.classes[k] = tree.classes[i];
    }
    std::copy(first.begin(), first.end(), tree.first.begin());
    std::copy(second.begin(), second.end(), tree.second.begin());
    std::copy(parent.begin(), parent.end(), tree.parent.begin());
    std::copy(suspect.begin(), suspect.end(), tree.is_suspect.begin());
    tree.resize(old.size());
    touches_.clear();
    return n_cut;
}

}  // namespace ctc_growth
