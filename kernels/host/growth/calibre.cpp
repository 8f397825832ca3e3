// Volume of a tree from its length profile, and the root's radius that makes a wanted one.
#include "host/growth/calibre.h"

namespace ctc_growth {

namespace {

// What is still to be grown is shorter than what it is likened to: junctions have yet to find their
// places. Fitted so that the root's radius foretold at 300 to 10^5 terminals is that at the end.
constexpr double FINER = 0.45;

}  // namespace

Roots::Roots(const CalibreLaw& law, i64 n_terminals) : law_(law) {
    const i64 n = (n_terminals < MOST_TABULATED ? n_terminals : MOST_TABULATED) + 1;
    for (int g = 0; g < 3; ++g) {
        table_[g].resize(static_cast<size_t>(n), 0.0);
        for (i64 k = 1; k < n; ++k) table_[g][static_cast<size_t>(k)] = evaluate(g, k);
    }
    n_ = n;
}

double Roots::evaluate(int group, i64 count) const {
    return ctc_host::pow_f64(static_cast<double>(count), 1.0 / law_.exponent[group]);
}

double volume_over_pi(const LengthProfile& profile, const Member& member, double root,
                      i64 n_final) {
    const double n = static_cast<double>(profile.n_terminals);
    const double final = static_cast<double>(n_final);
    const CalibreLaw& law = member.law;
    const auto square_at = [&](double share) {
        const double r = law.radius_of_share(root, share);
        return r * r;
    };
    double sum = member.outside_length * root * root;
    const i64 n_tabulated = static_cast<i64>(profile.by_count.size());
    for (i64 k = 1; k < n_tabulated; ++k) {
        const double length = profile.by_count[static_cast<size_t>(k)];
        if (length > 0.0) sum += length * square_at(static_cast<double>(k) / n);
    }
    for (const auto& [k, length] : profile.rest)
        sum += length * square_at(static_cast<double>(k) / n);
    const double factor = ctc_host::pow_f64(final / n, 2.0 / 3.0);
    const double ratio = final / n;
    for (i64 k = 1; static_cast<double>(k) < ratio && k < n_tabulated; ++k) {
        // What feeds `ratio` terminals of the final tree is what feeds one now, and is counted.
        const double part = smaller(ratio - static_cast<double>(k), 1.0);
        const double length = profile.by_count[static_cast<size_t>(k)];
        sum += FINER * part * factor * length * square_at(static_cast<double>(k) / final);
    }
    return sum;
}

double root_radius(const LengthProfile& profile, const Member& member, i64 n_final) {
    const double wanted = member.volume / 3.141592653589793;
    // The volume goes nearly with the square of the root's radius, so this settles fast; classes
    // make it uneven, hence the bracket.
    double low = 0.0, high = 1e300, root = member.law.from[0];
    for (int i = 0; i < 60; ++i) {
        const double held = volume_over_pi(profile, member, root, n_final);
        (held < wanted ? low : high) = root;
        double next = root * __builtin_sqrt(wanted / held);
        if (!(next > low && next < high)) next = high < 1e299 ? 0.5 * (low + high) : 2.0 * low;
        const double change = next / root;
        root = next;
        if (change < 1.0 + 1e-9 && change > 1.0 - 1e-9) break;
    }
    return root;
}

}  // namespace ctc_growth
