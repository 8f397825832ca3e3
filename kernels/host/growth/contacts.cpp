// Who touches whom: all pairs of a tree, or those of one segment.
#include "host/growth/scene.h"

namespace ctc_growth {

void Scene::mark_pair(i32 u, i32 s, Marks& marks) const {
    const i32 mine = tree.count[static_cast<size_t>(u)], other = tree.count[static_cast<size_t>(s)];
    const bool yields = other > mine || (other == mine && s < u);
    marks.set(u, yields ? Contact::YIELDS : Contact::STAYS);
    marks.set(s, yields ? Contact::STAYS : Contact::YIELDS);
}

void Scene::mark_contacts_of(i32 u, Marks& marks) const {
    Tube own = tube(u);
    set_line(own, u, tree.parent[static_cast<size_t>(u)]);
    if (touches_itself(own, rules.contact)) marks.set(u, Contact::YIELDS);
    const Bound bound = bound_of(own);
    Seen seen;
    cells_of(own, [&](u64 cell) {
        return lists.each(cell, [&](i32 s) {
            if (s != u && !is_far(bound, s, rules.contact) &&
                touches_segment(own, bound, s, rules.contact, true, seen))
                mark_pair(u, s, marks);
            return true;
        });
    });
}

void Scene::mark_contacts(Marks& marks) const {
    const u64 n = static_cast<u64>(tree.n_nodes());
    // Those that meet at a junction are told from the tree, all others from the cells.
    workers.over(n, 1024, [&](u64 begin, u64 end, unsigned) {
        for (u64 i = begin > 0 ? begin : 1; i < end; ++i) {
            const i32 u = static_cast<i32>(i);
            const Tube own = tube(u);
            if (touches_itself(own, rules.contact)) marks.set(u, Contact::YIELDS);
            if (tree.is_leaf(u) || tree.n_members == 1) continue;
            const i32 first = tree.first[i], second = tree.second[i];
            const Tube one = tube(first), other = tube(second);
            if (do_touch(own, one, true, rules.contact)) mark_pair(u, first, marks);
            if (do_touch(own, other, true, rules.contact)) mark_pair(u, second, marks);
            if (do_touch(one, other, true, rules.contact)) mark_pair(first, second, marks);
        }
    });
    workers.over(lattice.n_cells(), 4096, [&](u64 begin, u64 end, unsigned) {
        std::vector<i32> here;
        std::vector<Span> spans;
        for (u64 cell = begin; cell < end; ++cell) {
            here.clear();
            spans.clear();
            lists.each(cell, [&](i32 s) {
                here.push_back(s);
                spans.push_back(tree.span[static_cast<size_t>(s)]);
                return true;
            });
            for (size_t i = 1; i < here.size(); ++i) mark_in_cell(here, spans, i, marks);
        }
    });
}

// Of the i-th segment in a cell and those before it.
void Scene::mark_in_cell(const std::vector<i32>& here, const std::vector<Span>& spans, size_t i,
                         Marks& marks) const {
    const i32 u = here[i];
    const Point middle = spans[i].middle();
    const double extent = static_cast<double>(spans[i].extent);
    const i32 up = tree.parent[static_cast<size_t>(u)];
    for (size_t k = 0; k < i; ++k) {
        const double reach = rules.contact * (extent + static_cast<double>(spans[k].extent));
        if (square(middle - spans[k].middle()) >= reach * reach) continue;
        const i32 s = here[k];
        const i32 its = tree.parent[static_cast<size_t>(s)];
        if (s == u || its == u || up == s || its == up) continue;
        const bool is_first = s < u;
        const Span& one = spans[is_first ? i : k];
        const Span& other = spans[is_first ? k : i];
        const double bound =
            rules.contact * (static_cast<double>(one.reach) + static_cast<double>(other.reach));
        if (square_between(one.from(), one.to(), other.from(), other.to()) >= bound * bound)
            continue;
        const i32 a = is_first ? u : s, b = is_first ? s : u;
        Tube own = tube(a);
        set_line(own, a, tree.parent[static_cast<size_t>(a)]);
        Seen seen;
        if (touches_segment(own, bound_of(own), b, rules.contact, true, seen))
            mark_pair(a, b, marks);
    }
}

}  // namespace ctc_growth
