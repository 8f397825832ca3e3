// The additive sequence x_k = frac(x_0 + k a) in the box, less what falls outside.
//
// a = powers of the real root of x^4 = x + 1, the generalised golden ratio for three dimensions.
// Source: Roberts 2018, extremelearning.com.au, "The unreasonable effectiveness of quasirandom
// sequences".
#include "host/growth/terminals.h"

#include <algorithm>

namespace ctc_growth {

namespace {

constexpr u64 N_PROBES = 1 << 17;
constexpr u64 FEWEST_INSIDE = 8;   // of the probes
constexpr u64 MOST_INSIDE = 2048;  // enough for a volume: the sequence is even
constexpr double ROOT = 1.2207440846057596;

}  // namespace

TerminalSource::TerminalSource(const Territory& territory, u64 seed)
    : territory_(territory), seed_(seed) {
    const auto word = ctc::philox_of_cell(0, SEQUENCE, 0, seed);
    const u32 words[3] = {word.x, word.y, word.z};
    for (int a = 0; a < 3; ++a) start_[a] = static_cast<double>(words[a]) * 0x1p-32;
    const Point span = territory.high - territory.low;
    u64 n_inside = 0, n_probes = 0;
    double densest = 0.0;
    // The densest place is looked for everywhere.
    const u64 enough = territory.weight.values == nullptr ? MOST_INSIDE : N_PROBES;
    for (u64 i = 0; i < N_PROBES && n_inside < enough; ++i) {
        ++n_probes;
        const Point p = territory.low + sequence(i);
        if (!(signed_distance(territory, p) < 0.0)) continue;
        ++n_inside;
        densest = larger(densest, terminal_density(territory, p));
    }
    if (n_inside >= FEWEST_INSIDE)
        volume_ = span.x * span.y * span.z * static_cast<double>(n_inside) /
                  static_cast<double>(n_probes);
    densest_ = densest;
}

TerminalSource::TerminalSource(const Territory& territory, u64 seed, const double* given,
                               i64 n_given)
    : TerminalSource(territory, seed) {
    given_ = given;
    std::vector<std::pair<u64, i32>> keyed(static_cast<size_t>(n_given));
    for (size_t i = 0; i < keyed.size(); ++i) {
        const auto word = ctc::philox_of_cell(i, ORDER, 0, seed);
        keyed[i] = {(static_cast<u64>(word.x) << 32) | word.y, static_cast<i32>(i)};
    }
    std::sort(keyed.begin(), keyed.end());
    for (const auto& [key, i] : keyed) order_.push_back(i);
}

Point TerminalSource::sequence(u64 index) const {
    constexpr double step[3] = {1.0 / ROOT, 1.0 / (ROOT * ROOT), 1.0 / (ROOT * ROOT * ROOT)};
    const Point span = territory_.high - territory_.low;
    double x[3];
    for (int a = 0; a < 3; ++a) {
        const double t = start_[a] + static_cast<double>(index) * step[a];
        x[a] = t - static_cast<double>(static_cast<i64>(t));
    }
    return {x[0] * span.x, x[1] * span.y, x[2] * span.z};
}

bool TerminalSource::draw(i64 n, std::vector<Pending>& out) {
    if (given_ != nullptr) {
        for (i64 i = 0; i < n; ++i, ++n_drawn_) {
            const i32 k = order_[static_cast<size_t>(n_drawn_)];
            const double* p = given_ + 3 * static_cast<i64>(k);
            out.push_back({store(Point{p[0], p[1], p[2]} - territory_.low), k, 0, 0});
        }
        return true;
    }
    if (!(volume_ > 0.0) || !(densest_ > 0.0)) return false;
    for (i64 i = 0; i < n;) {
        const Stored at = store(sequence(index_++));
        const Point p = territory_.low + load(at);
        if (!(signed_distance(territory_, p) < 0.0)) continue;
        const double density = terminal_density(territory_, p);
        const auto word = ctc::philox_of_cell(index_, THINNING, 0, seed_);
        if (territory_.weight.values != nullptr &&
            static_cast<double>(word.x) * 0x1p-32 * densest_ >= density)
            continue;
        out.push_back({at, static_cast<i32>(n_drawn_++), 0, 0});
        ++i;
    }
    return true;
}

}  // namespace ctc_growth
