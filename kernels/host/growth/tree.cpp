// The tree's order, its counts, and what its segments are worth.
#include "host/growth/tree.h"

#include <algorithm>

namespace ctc_growth {

namespace {

constexpr u8 UNKNOWN_CLASSES = 0x3F;

}  // namespace

WorthTable::WorthTable(const std::vector<Member>& members, const std::vector<double>& roots,
                       i64 n_terminals, double swell)
    : members_(members),
      roots_(roots),
      n_terminals_(static_cast<double>(n_terminals)),
      swell_(swell) {
    const i64 n = n_terminals < MOST_TABULATED ? n_terminals : MOST_TABULATED;
    table_.resize(static_cast<size_t>(n) + 1, Worth{});
    for (i64 k = 1; k <= n; ++k) table_[static_cast<size_t>(k)] = evaluate(k);
}

Worth WorthTable::evaluate(i64 count) const {
    const double share = static_cast<double>(count) / n_terminals_;
    Worth worth = {};
    for (size_t i = 0; i < members_.size(); ++i) {
        const double r = members_[i].law.radius_of_share(roots_[i], share < 1.0 ? share : 1.0);
        worth.weight += r * r;
        worth.r[i] = swell_ * r;
        worth.radius = larger(worth.radius, worth.r[i]);
    }
    return worth;
}

void Tree::resize(size_t n) {
    position.resize(n);
    parent.resize(n, -1);
    first.resize(n, -1);
    second.resize(n, -1);
    count.resize(n, 0);
    normal.resize(n, Stored{1.0f, 0.0f, 0.0f});
    radii.resize(n * n_members, 0.0f);
    classes.resize(n, UNKNOWN_CLASSES);
    is_suspect.resize(n, 0);
    span.resize(n, Span{});
    marginal.resize(n, 0.0f);
}

void Tree::reserve(size_t n) {
    position.reserve(n);
    normal.reserve(n);
    parent.reserve(n);
    first.reserve(n);
    second.reserve(n);
    count.reserve(n);
    radii.reserve(n * n_members);
    classes.reserve(n);
    is_suspect.reserve(n);
    span.reserve(n);
    marginal.reserve(n);
}

void Tree::release_growth() {
    std::vector<Span>().swap(span);
    std::vector<float>().swap(marginal);
    std::vector<u8>().swap(is_suspect);
}

void Tree::put_in_order() {
    const size_t n = position.size() - static_cast<size_t>(n_gone);
    std::vector<i32> old(n), new_first(n, -1), stack;
    old[0] = 0;
    old[1] = first[0];
    new_first[0] = 1;
    i32 next = 2;
    stack.push_back(1);
    while (!stack.empty()) {
        const i32 u = stack.back();
        stack.pop_back();
        const size_t from = static_cast<size_t>(old[static_cast<size_t>(u)]);
        if (first[from] < 0) continue;
        new_first[static_cast<size_t>(u)] = next;
        old[static_cast<size_t>(next)] = first[from];
        old[static_cast<size_t>(next) + 1] = second[from];
        stack.push_back(next + 1);
        stack.push_back(next);
        next += 2;
    }
    {
        std::vector<Stored> moved(n);
        for (size_t i = 0; i < n; ++i) moved[i] = position[static_cast<size_t>(old[i])];
        std::copy(moved.begin(), moved.end(), position.begin());
        for (size_t i = 0; i < n; ++i) moved[i] = normal[static_cast<size_t>(old[i])];
        std::copy(moved.begin(), moved.end(), normal.begin());
    }
    {
        std::vector<u8> moved(n);
        for (size_t i = 0; i < n; ++i) moved[i] = is_suspect[static_cast<size_t>(old[i])];
        std::copy(moved.begin(), moved.end(), is_suspect.begin());
        for (size_t i = 0; i < n; ++i) moved[i] = classes[static_cast<size_t>(old[i])];
        std::copy(moved.begin(), moved.end(), classes.begin());
    }
    // A leaf keeps its terminal, which stands in `second`.
    std::vector<i32> moved(n, -1);
    for (size_t i = 0; i < n; ++i)
        if (new_first[i] < 0) moved[i] = second[static_cast<size_t>(old[i])];
    for (size_t i = 1; i < n; ++i)
        if (new_first[i] >= 0) moved[i] = new_first[i] + 1;
    std::copy(moved.begin(), moved.end(), second.begin());
    std::copy(new_first.begin(), new_first.end(), first.begin());
    resize(n);
    n_gone = 0;
    parent[0] = -1;
    parent[1] = 0;
    for (size_t i = 1; i < n; ++i)
        if (first[i] >= 0) {
            parent[static_cast<size_t>(first[i])] = static_cast<i32>(i);
            parent[static_cast<size_t>(first[i]) + 1] = static_cast<i32>(i);
        }
}

void Tree::count_terminals() {
    for (size_t i = position.size(); i-- > 1;) {
        if (first[i] < 0) count[i] = 1;
        else
            count[i] = count[static_cast<size_t>(first[i])] + count[static_cast<size_t>(second[i])];
    }
    count[0] = count[1];
}

LengthProfile Tree::lengths() const {
    LengthProfile profile;
    profile.n_terminals = count[0];
    const i64 n = count[0] < MOST_TABULATED ? count[0] : MOST_TABULATED;
    profile.by_count.resize(static_cast<size_t>(n) + 1, 0.0);
    for (size_t i = 1; i < position.size(); ++i) {
        const double l =
            distance(load(position[i]), load(position[static_cast<size_t>(parent[i])]));
        if (count[i] <= n) profile.by_count[static_cast<size_t>(count[i])] += l;
        else profile.rest.emplace_back(count[i], l);
    }
    return profile;
}

void Tree::take_worth(const WorthTable& worth) {
    marginal[0] = 0.0f;
    for (size_t i = 1; i < position.size(); ++i) {
        const Worth here = worth.of(count[i]);
        const size_t up = static_cast<size_t>(parent[i]);
        const double l = distance(load(position[i]), load(position[up]));
        const double more = worth.of(count[i] + 1).weight - here.weight;
        marginal[i] = static_cast<float>(static_cast<double>(marginal[up]) + more * l);
    }
}

void Tree::take_radii(const std::vector<Member>& members, const std::vector<double>& roots,
                      double swell, double border) {
    for (size_t m = 0; m < n_members; ++m) {
        const CalibreLaw& law = members[m].law;
        const Roots table(law, count[0]);
        const auto take = [&](size_t i, double r) {
            radii[i * n_members + m] = static_cast<float>(r);
            const int last = group(static_cast<i32>(i), m);
            int now = law.group(r / swell);
            // Still that of before if a small change of the radius would make it so.
            if (last < 3 &&
                (law.group(r / swell * border) == last || law.group(r / swell / border) == last))
                now = last;
            classes[i] = static_cast<u8>((classes[i] & ~(3 << (2 * m))) | (now << (2 * m)));
        };
        take(0, swell * roots[m]);
        for (size_t i = 1; i < position.size(); ++i) {
            const i32 up = parent[i];
            const int g = group(up, m);
            take(i, radius(up, m) *
                        (table.of(g, count[i]) / table.of(g, count[static_cast<size_t>(up)])));
        }
    }
}

double Tree::cost(const WorthTable& worth) const {
    double sum = 0.0;
    for (size_t i = 1; i < position.size(); ++i)
        sum += worth.of(count[i]).weight *
               distance(load(position[i]), load(position[static_cast<size_t>(parent[i])]));
    return sum;
}

}  // namespace ctc_growth
