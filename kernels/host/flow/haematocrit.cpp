// Order of the nodes along the flow, and mixing and division of red cells at each.
//
// Nodes are taken when all that flows in is known, the one made ready last first: in trees that
// lie in memory depth first, neighbours in the order are neighbours in memory. Flow driven by
// pressure makes no loops, so every node gets its turn; pumps, which could close a loop, have
// known haematocrits. Should rounding close one, its lowest node is taken with the values of the
// sweep before.
#include "host/flow/haematocrit.h"

#include "host/flow/viscosity.h"

namespace ctc_flow {
namespace {

signed char sign(double flow) { return static_cast<signed char>((flow > 0.0) - (flow < 0.0)); }

}  // namespace

RedCells::RedCells(i32 n_nodes, const Joints& joints, const u8* role, const u8* is_open,
                   const double* diameter)
    : n_nodes_(n_nodes),
      joints_(joints),
      role_(role),
      is_open_(is_open),
      diameter_(diameter),
      way_(joints.count, 2) {}

void RedCells::sort(const double* flow) {
    std::vector<i32> missing(n_nodes_, 0);
    std::vector<i64> first(static_cast<std::size_t>(n_nodes_) + 1, 0);
    const auto tail = [&](i64 j) { return way_[j] > 0 ? joints_.start[j] : joints_.end[j]; };
    const auto head = [&](i64 j) { return way_[j] > 0 ? joints_.end[j] : joints_.start[j]; };
    for (i64 j = 0; j < joints_.count; ++j) {
        way_[j] = sign(flow[j]);
        if (way_[j] == 0 || role_[j] == GIVEN) continue;
        ++missing[head(j)];
        ++first[tail(j) + 1];
    }
    for (i32 node = 0; node < n_nodes_; ++node) first[node + 1] += first[node];
    std::vector<i32> leaving(first[n_nodes_]);
    {
        std::vector<i64> filled(first.begin(), first.end() - 1);
        for (i64 j = 0; j < joints_.count; ++j)
            if (way_[j] != 0 && role_[j] != GIVEN) leaving[filled[tail(j)]++] = static_cast<i32>(j);
    }
    order_.clear();
    order_.reserve(n_nodes_);
    n_looped_ = 0;
    std::vector<u8> is_done(n_nodes_, 0);
    std::vector<i32> ready;
    const auto drain = [&] {
        while (!ready.empty()) {
            const i32 node = ready.back();
            ready.pop_back();
            is_done[node] = 1;
            order_.push_back(node);
            for (i64 k = first[node]; k < first[node + 1]; ++k) {
                const i32 next = head(leaving[k]);
                if (--missing[next] == 0 && !is_done[next]) ready.push_back(next);
            }
        }
    };
    for (i32 node = n_nodes_ - 1; node >= 0; --node)
        if (missing[node] == 0) ready.push_back(node);
    drain();
    for (i32 node = 0; node < n_nodes_; ++node) {
        if (is_done[node]) continue;
        ++n_looped_;
        ready.push_back(node);
        drain();
    }
    list_visits();
}

void RedCells::list_visits() {
    std::vector<i32> turn(n_nodes_);
    for (i32 k = 0; k < n_nodes_; ++k) turn[order_[k]] = k;
    first_.assign(static_cast<std::size_t>(n_nodes_) + 1, 0);
    for (i64 j = 0; j < joints_.count; ++j) {
        ++first_[turn[joints_.start[j]] + 1];
        ++first_[turn[joints_.end[j]] + 1];
    }
    for (i32 k = 0; k < n_nodes_; ++k) first_[k + 1] += first_[k];
    visits_.resize(2 * joints_.count);
    std::vector<i64> filled(first_.begin(), first_.end() - 1);
    for (i64 j = 0; j < joints_.count; ++j)
        for (const bool ends_here : {false, true}) {
            const i32 k = turn[ends_here ? joints_.end[j] : joints_.start[j]];
            visits_[filled[k]++] = {diameter_[j], static_cast<i32>(j), role_[j], ends_here};
        }
}

i64 RedCells::sweep(const RedCellLaw& law, const double* flow, double* haematocrit,
                    double* through) {
    bool is_turned = false;
    for (i64 j = 0; j < joints_.count && !is_turned; ++j) is_turned = way_[j] != sign(flow[j]);
    if (is_turned) sort(flow);
    for (i32 k = 0; k < n_nodes_; ++k)
        pass(order_[k], visits_.data() + first_[k], visits_.data() + first_[k + 1], law, flow,
             haematocrit, through);
    return n_looped_;
}

void RedCells::pass(i32 node, const Visit* first, const Visit* past, const RedCellLaw& law,
                    const double* flow, double* haematocrit, double* through) {
    daughter_.clear();
    blood_.clear();
    double arriving = 0.0, cells = 0.0, leaving = 0.0, taken = 0.0;
    double feeding = 0.0, width = 0.0;  // flow of the tubes that feed, and the same times diameter
    bool is_fed_by_tubes = true;
    bool has_still = false;
    for (const Visit* visit = first; visit != past; ++visit) {
        const double along = flow[visit->segment];
        const double size = along < 0.0 ? -along : along;
        if (!(size > 0.0)) {
            has_still = has_still || visit->role != GIVEN;
        } else if ((along > 0.0) == visit->ends_here) {
            arriving += size;
            cells += size * haematocrit[visit->segment];
            is_fed_by_tubes = is_fed_by_tubes && visit->role != BUNDLE;
            if (visit->role == TUBE) {
                feeding += size;
                width += size * visit->diameter;
            }
        } else {
            leaving += size;
            if (visit->role == GIVEN) {
                taken += size * haematocrit[visit->segment];
            } else {
                daughter_.push_back(*visit);
                blood_.push_back(size);
            }
        }
    }
    through[node] = arriving < leaving ? leaving : arriving;
    // Where mass is not balanced (an open node that drains, flows on the way to a solution), what
    // leaves has the mixture of what arrives.
    if (is_open_[node] && leaving > arriving) cells += (leaving - arriving) * law.supply;
    else if (arriving > 0.0) cells *= leaving / arriving;
    const double mixed = leaving > 0.0 ? cells / leaving : law.supply;
    cells = cells > taken ? cells - taken : 0.0;
    if (daughter_.size() == 1) haematocrit[daughter_[0].segment] = cells / blood_[0];
    const double feed = is_fed_by_tubes && feeding > 0.0 ? width / feeding : 0.0;
    if (daughter_.size() > 1) divide(law, feed, cells, haematocrit);
    if (!has_still || !(through[node] > 0.0)) return;
    // What stands still was filled by its node, of its two the one that blood flows through.
    for (const Visit* visit = first; visit != past; ++visit)
        if (flow[visit->segment] == 0.0 && visit->role != GIVEN)
            haematocrit[visit->segment] = mixed;
}

// d_f: diameter of the vessels that feed, averaged over flow, which has no jump when one of them
// comes to rest; 0 where no tube does. Two daughters: the law of bifurcations. More: its
// generalisation, red_cell_weight. A daughter that would get more than packed cells passes the rest
// on.
void RedCells::divide(const RedCellLaw& law, double d_f, double cells, double* haematocrit) {
    const std::size_t n = daughter_.size();
    double leaving = 0.0;
    for (double each : blood_) leaving += each;
    const double mixed = cells / leaving;
    bool is_separated =
        law.separation != PROPORTIONAL && d_f > 0.0 && cells > 0.0 && mixed < law.largest;
    double weighted = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
        is_separated = is_separated && daughter_[k].role == TUBE;
        weighted += blood_[k] * daughter_[k].diameter;
    }
    if (!is_separated) {
        for (const Visit& daughter : daughter_) haematocrit[daughter.segment] = mixed;
        return;
    }
    if (n == 2) {
        const double blood = blood_[0] / leaving;
        double share = red_cell_share(law.separation, blood, daughter_[0].diameter,
                                      daughter_[1].diameter, d_f, mixed);
        const double most = law.largest * blood_[0] / cells;
        const double least = 1.0 - law.largest * blood_[1] / cells;
        if (share > most) share = most;
        if (share < least) share = least;
        const double first = share * cells;
        haematocrit[daughter_[0].segment] = first / blood_[0];
        haematocrit[daughter_[1].segment] = (cells - first) / blood_[1];
        return;
    }
    share_.resize(n);
    double sum = 0.0, largest = 0.0;
    for (double each : blood_) largest = each > largest ? each : largest;
    for (std::size_t k = 0; k < n; ++k) {
        const double own = daughter_[k].diameter, rest = leaving - blood_[k];
        const double others = rest > 0.0 ? (weighted - blood_[k] * own) / rest : own;
        share_[k] = red_cell_weight(law.separation, blood_[k] / leaving, largest / leaving, own,
                                    others, d_f, mixed);
        sum += share_[k];
    }
    for (std::size_t k = 0; k < n; ++k)
        share_[k] = sum > 0.0 ? share_[k] / sum : blood_[k] / leaving;
    // Pour what is too much into the others, in proportion to the room that they have.
    double excess = 0.0, room = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
        const double spare = law.largest * blood_[k] / cells - share_[k];
        if (spare < 0.0) excess -= spare;
        else room += spare;
    }
    for (std::size_t k = 0; k < n; ++k) {
        const double spare = law.largest * blood_[k] / cells - share_[k];
        if (spare < 0.0) share_[k] += spare;
        else if (excess > 0.0) share_[k] += excess * (spare / room);
        haematocrit[daughter_[k].segment] = share_[k] * cells / blood_[k];
    }
}

}  // namespace ctc_flow
