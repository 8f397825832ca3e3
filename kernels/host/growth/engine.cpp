// Stages: order, foretold radii, a batch of terminals, moves of the junctions.
#include "host/growth/engine.h"

#include <algorithm>

#include "host/growth/members.h"

namespace ctc_growth {

namespace {

constexpr i64 N_FIRST = 256;     // terminals among which the first is looked for
constexpr double BORDER = 1.02;  // width of a border between classes of calibre
// Near the end, when radii change by less than 1 %, they keep their class.
constexpr double LATE = 0.9, LATE_BORDER = 1.1;
constexpr double PI = 3.141592653589793;
constexpr int N_ROOT_ROUNDS = 3;
constexpr int MOST_LAST_STAGES = 40;
constexpr int MOST_LATE_SWEEPS = 1;
constexpr i32 YOUNG = 5000;  // terminals
constexpr i32 YOUNG_SWEEPS = 5;
constexpr double YOUNG_BATCH = 0.4;
constexpr int N_LATE_JOINS = 7;
constexpr int MOST_IDLE = 1;
constexpr double MANY_WAITING = 0.05;  // of the terminals that are there
constexpr double FEWEST_WAITING = 8.0;
constexpr i32 STAGES_IN_VAIN = 3;
constexpr int MOST_STAGES = 80;
// Vessels that will be widened until they overlap are not worth much freeing.
constexpr int MOST_LAST_STAGES_CAPPED = 3;
constexpr int MOST_STAGES_CAPPED = 16;

double cube_root(double x) { return ctc_host::pow_f64(x, 1.0 / 3.0); }

u64 spread_bits(u64 x) {
    x &= 0x1FFFFF;
    x = (x | (x << 32)) & 0x1F00000000FFFFull;
    x = (x | (x << 16)) & 0x1F0000FF0000FFull;
    x = (x | (x << 8)) & 0x100F00F00F00F00Full;
    x = (x | (x << 4)) & 0x10C30C30C30C30C3ull;
    return (x | (x << 2)) & 0x1249249249249249ull;
}

// Neighbours one after the other (Morton order), then dealt out to rounds that each cover all.
void deal_out(std::vector<Pending>& pending, double spacing, u64 n_rounds) {
    std::vector<std::pair<u64, size_t>> keyed(pending.size());
    for (size_t i = 0; i < pending.size(); ++i) {
        const Stored& p = pending[i].at;
        const auto along = [&](float x) {
            return spread_bits(static_cast<u64>(larger(static_cast<double>(x) / spacing, 0.0)));
        };
        keyed[i] = {along(p.x) << 2 | along(p.y) << 1 | along(p.z), i};
    }
    std::sort(keyed.begin(), keyed.end());
    std::vector<Pending> dealt;
    dealt.reserve(pending.size());
    for (size_t r = 0; r < n_rounds; ++r)
        for (size_t i = r; i < keyed.size(); i += n_rounds)
            dealt.push_back(pending[keyed[i].second]);
    pending.swap(dealt);
}

}  // namespace

void Engine::plant(const Point& hilum, const Point& aside, i64 n_enough,
                   std::vector<Pending>& pending) {
    Tree& tree = scene_.tree;
    const Point root = load(store(hilum - scene_.territory.low));
    const bool is_inside = scene_.depth(root) > 0.0;
    // The first terminal is one that the hilum sees; else the nearest.
    size_t best = 0;
    double least = 1e300;
    for (size_t i = 0; i < pending.size(); ++i) {
        const Point t = load(pending[i].at);
        const double d = distance(t, root);
        if (is_inside && scene_.is_way_inside(root, t)) {
            best = i;
            break;
        }
        if (d < least) {
            least = d;
            best = i;
        }
    }
    tree.n_members = members_.size();
    tree.reserve(2 * static_cast<size_t>(n_enough));
    tree.resize(2);
    tree.position[0] = store(root);
    tree.position[1] = pending[best].at;
    tree.parent[1] = 0;
    tree.first[0] = 1;
    tree.second[1] = pending[best].terminal;
    // Members lie side by side across the first way, towards `aside` as far as that goes.
    const Point way = tree.at(1) - tree.at(0);
    tree.normal[0] = tree.normal[1] = store(normal_across(way, aside));
    pending.erase(pending.begin() + static_cast<i64>(best));
}

void Engine::settle(i64 n_final) {
    Tree& tree = scene_.tree;
    scene_.lists.release();  // room for the order
    tree.put_in_order();
    tree.count_terminals();
    const LengthProfile profile = tree.lengths();
    // Where the trees are to hold more than can be kept apart, collisions are tested as if they
    // held less: growth must not fail or crawl for that.
    double wanted = 0.0;
    for (const Member& member : members_) wanted += member.volume;
    const double most = scene_.rules.largest_part * report_.territory_volume;
    const double part = wanted > most ? most / wanted : 1.0;
    report_.is_capped = wanted > most;
    const bool is_whole = tree.count[0] == n_final;
    // Once at their final width they stay there, whatever is cut off: between the members of a wide
    // bundle there is room that narrows with them.
    was_whole_ = was_whole_ || is_whole;
    const double swell = was_whole_ ? 1.0 : scene_.rules.swell;
    std::vector<Member> held = members_;
    roots_.clear();
    for (Member& member : held) {
        member.volume *= part;
        roots_.push_back(root_radius(profile, member, n_final));
    }
    const bool is_late = tree.count[0] > YOUNG &&
                         static_cast<double>(tree.count[0]) > LATE * static_cast<double>(n_final);
    const double border = is_late ? LATE_BORDER : BORDER;
    tree.take_radii(held, roots_, swell, border);
    // The law from mother to daughters holds a little more or less than shares foretell.
    for (int round = 0; round < (is_whole ? N_ROOT_ROUNDS : 1); ++round) {
        for (size_t m = 0; m < held.size(); ++m) {
            const double exact = held_over_pi(scene_.tree, held[m], m) / (swell * swell);
            const double lawful = is_whole
                                      ? held[m].volume / PI
                                      : volume_over_pi(profile, held[m], roots_[m], tree.count[0]);
            roots_[m] *= __builtin_sqrt(lawful / exact);
        }
        tree.take_radii(held, roots_, swell, border);
    }
    scene_.worth = WorthTable(members_, roots_, tree.count[0], swell);
    tree.take_worth(scene_.worth);
}

// Move junctions, all or those in trouble; cut off what still touches something. True if something
// was cut off.
bool Engine::relax(bool is_whole, int n_last, std::vector<Pending>& freed) {
    Relaxer relaxer(scene_, seed_ + (++n_relaxed_ << 8));
    // A young tree decides the shape of all that follows and costs little.
    const bool is_young = scene_.tree.count[0] < YOUNG && !report_.is_capped;
    const i32 n_sweeps = scene_.rules.n_sweeps * (is_young ? YOUNG_SWEEPS : 1);
    // The last look over all moves nothing that is clear: the blood volume would change again.
    const bool sweeps = n_last <= MOST_LATE_SWEEPS;
    for (i32 i = 0; sweeps && i < n_sweeps; ++i) relaxer.sweep();
    if (!scene_.rules.tests_collisions) return false;
    u64 n_touching = relaxer.find_touching(!is_whole);
    // First each by itself; then those that cannot push small branches aside, which are cut off.
    for (const bool pushes : {false, true}) {
        if (n_touching == 0) break;
        relaxer.free_touching(pushes);
        n_touching = relaxer.find_touching(true);
    }
    report_.n_touching = static_cast<i64>(n_touching);
    // In narrow places the same branches may be cut again and again: that ends.
    if (n_touching == 0 || ++n_stages_ > most_stages()) return false;
    return relaxer.prune(most_cut(scene_.tree.count[0]), freed) > 0;
}

void Engine::prepare(i64 n_final, i64 n_next) {
    settle(n_final);
    cell_size_ = 0.9 * cube_root(report_.territory_volume / static_cast<double>(n_next));
    lay_out();
}

double Engine::badness() const {
    const double volume = scene_.tree.cost(scene_.worth) / (roots_[0] * roots_[0]);
    return volume * (1.0 + 0.05 * static_cast<double>(report_.n_touching + report_.n_forced));
}

int Engine::most_stages() const { return report_.is_capped ? MOST_STAGES_CAPPED : MOST_STAGES; }

int Engine::most_last_stages() const {
    return report_.is_capped ? MOST_LAST_STAGES_CAPPED : MOST_LAST_STAGES;
}

// Where many wait in vain the territory has a part that the tree does not reach from within: one of
// them is joined across the border, for the others to follow.
bool Engine::enter_new_part(Inserter& inserter, std::vector<Pending>& batch) {
    const double n_waiting = static_cast<double>(batch.size());
    if (n_waiting < FEWEST_WAITING || n_waiting < MANY_WAITING * scene_.tree.n_terminals())
        return true;
    const auto waits_longest = std::max_element(
        batch.begin(), batch.end(),
        [](const Pending& a, const Pending& b) { return a.n_stages < b.n_stages; });
    if (waits_longest == batch.end() || waits_longest->n_stages < STAGES_IN_VAIN) return true;
    std::vector<Pending> first = {*waits_longest};
    batch.erase(waits_longest);
    ++report_.n_forced;
    inserter.join(first, true);
    return first.empty();
}

Outcome Engine::grow(TerminalSource& source, const Point& hilum, const Point& aside,
                     i64 n_terminals, i64 n_enough) {
    report_.territory_volume = source.volume();
    scene_.bed_gap = scene_.rules.bed_gap *
                     cube_root(report_.territory_volume / static_cast<double>(n_terminals));
    std::vector<Pending> pending;
    const i64 n_first = n_terminals < N_FIRST ? n_terminals : N_FIRST;
    if (!(report_.territory_volume > 0.0) || !source.draw(n_first, pending))
        return Outcome::TERRITORY_EMPTY;
    plant(hilum, aside, n_enough, pending);
    const Tree& tree = scene_.tree;
    Inserter inserter(scene_, seed_);
    i64 n_drawn = n_first;
    std::vector<Pending> batch, reserve;
    reserve.swap(pending);
    int idle = 0;
    bool is_unsure = false;
    i64 n_relaxed = 0;
    for (int n_last = 0;;) {
        const i64 n = tree.n_terminals();
        const double more =
            (n < YOUNG ? YOUNG_BATCH : 1.0) * scene_.rules.batch * static_cast<double>(n);
        i64 next = n + (more < 1.0 ? 1 : static_cast<i64>(more));
        if (next > n_terminals) next = n_terminals;
        prepare(n_terminals, next);
        // Late rounds that join a few terminals look at what has changed only, until all are there.
        const bool is_whole =
            is_unsure || static_cast<double>(n) > 1.02 * static_cast<double>(n_relaxed);
        const bool has_cut = relax(is_whole, n_last, batch);
        if (is_whole) n_relaxed = n;
        if (n >= n_enough && n < n_terminals) {
            if (has_cut) prepare(n_terminals, next);
            return Outcome::GROWN;
        }
        if (n == n_terminals && !has_cut) {
            if (report_.n_touching == 0 && is_whole) break;
            if (++n_last > most_last_stages() && is_whole) break;
        }
        is_unsure = n == n_terminals && (report_.n_touching == 0 || n_last > most_last_stages());
        i64 fresh = next - tree.n_terminals() - static_cast<i64>(batch.size());
        for (; fresh > 0 && !reserve.empty(); --fresh) {
            batch.push_back(reserve.front());
            reserve.erase(reserve.begin());
        }
        if (fresh > n_terminals - n_drawn) fresh = n_terminals - n_drawn;
        if (fresh > 0) {
            source.draw(fresh, batch);
            n_drawn += fresh;
        }
        const double spacing = cube_root(report_.territory_volume / static_cast<double>(next));
        inserter.start_stage(spacing);
        deal_out(batch, spacing, 1 + static_cast<u64>(scene_.rules.batch / scene_.rules.round));
        inserter.join(batch, false);
        // The last few look further and further.
        for (int i = 0; next == n_terminals && i < N_LATE_JOINS && !batch.empty(); ++i)
            inserter.join(batch, false);
        if (n < n_terminals && !enter_new_part(inserter, batch)) return Outcome::NO_PLACE;
        // Where nothing finds a free place, a few are joined as they come.
        idle = tree.n_terminals() > n ? 0 : idle + 1;
        if (idle > MOST_IDLE && n < n_terminals) {
            const i64 few = n_stages_ > most_stages() ? static_cast<i64>(batch.size()) : 1;
            std::vector<Pending> first(batch.begin(), batch.begin() + (batch.empty() ? 0 : few));
            batch.erase(batch.begin(), batch.begin() + static_cast<i64>(first.size()));
            report_.n_forced += static_cast<i64>(first.size());
            inserter.join(first, true);
            if (!first.empty()) return Outcome::NO_PLACE;
        }
        if (next == n_terminals && ++n_last > most_last_stages()) {
            prepare(n_terminals, n_terminals);
            break;
        }
    }
    batch.insert(batch.end(), reserve.begin(), reserve.end());
    if (n_drawn < n_terminals) source.draw(n_terminals - n_drawn, batch);
    if (!batch.empty()) {
        prepare(n_terminals, n_terminals);
        inserter.start_stage(1.0);
        report_.n_forced += static_cast<i64>(batch.size());
        inserter.join(batch, true);
        if (!batch.empty()) return Outcome::NO_PLACE;
        prepare(n_terminals, n_terminals);
    }
    // The tree is as it was last looked at: foretelling radii anew could move vessels over a class
    // border, and with them all that they feed.
    report_.cost = tree.cost(scene_.worth);
    return Outcome::GROWN;
}

}  // namespace ctc_growth
