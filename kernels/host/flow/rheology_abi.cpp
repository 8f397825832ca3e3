// C interface of the laws of blood, over arrays.
#include <vector>

#include "host/flow/ranges.h"
#include "host/flow/viscosity.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_flow;

namespace {

constexpr double SLOWER = 0.6, FASTER = 1.3;

}  // namespace

// Curves of tubes of a diameter [um]; five numbers each.
CTC_EXPORT void ctc_rheology_curves(int law, long long count, const double* diameter, double* curve,
                                    unsigned n_threads) {
    ViscosityCurve* out = reinterpret_cast<ViscosityCurve*>(curve);
    in_ranges(n_threads, count, [&](unsigned, long long first, long long past) {
        for (long long i = first; i < past; ++i) {
            // Beds of an organ are of one bore.
            if (i > first && diameter[i] == diameter[i - 1]) out[i] = out[i - 1];
            else out[i] = viscosity_curve(law, diameter[i]);
        }
    });
}

// Viscosity over that of plasma.
CTC_EXPORT void ctc_rheology_viscosity(long long count, const double* curve,
                                       const double* haematocrit, double* viscosity,
                                       unsigned n_threads) {
    const ViscosityCurve* curves = reinterpret_cast<const ViscosityCurve*>(curve);
    in_ranges(n_threads, count, [&](unsigned, long long first, long long past) {
        for (long long i = first; i < past; ++i)
            viscosity[i] = relative_viscosity(curves[i], haematocrit[i]);
    });
}

CTC_EXPORT void ctc_rheology_tube(long long count, const double* diameter,
                                  const double* haematocrit, double* tube, unsigned n_threads) {
    in_ranges(n_threads, count, [&](unsigned, long long first, long long past) {
        for (long long i = first; i < past; ++i)
            tube[i] = tube_haematocrit(diameter[i], haematocrit[i]);
    });
}

CTC_EXPORT void ctc_rheology_share(int law, long long count, const double* blood, const double* d_a,
                                   const double* d_b, const double* d_f, const double* haematocrit,
                                   double* share) {
    in_ranges(1, count, [&](unsigned, long long first, long long past) {
        for (long long i = first; i < past; ++i)
            share[i] = red_cell_share(law, blood[i], d_a[i], d_b[i], d_f[i], haematocrit[i]);
    });
}

// Moves viscosities (over that of plasma) towards what the haematocrits ask for. Each has a
// pace, the share of the way that it goes. Where that is to be found, what the last move left of
// the way says, by the secant, how far it should have gone; the pace is brought there by SLOWER to
// FASTER times a round, up to the whole way. Where weights are asked for, of distances, they are
// written. Returns the largest relative distance, each
// weighed by the share that the segment has in the flow of its less busy end: what is next to
// nothing there decides nothing.
CTC_EXPORT double ctc_rheology_relax(long long count, const int* start, const int* end,
                                     const double* curve, const double* haematocrit,
                                     const double* flow, const double* through,
                                     unsigned char is_paced, double* viscosity, double* pace,
                                     double* last_way, double* weight, unsigned n_threads) {
    const ViscosityCurve* curves = reinterpret_cast<const ViscosityCurve*>(curve);
    std::vector<double> largest(n_threads, 0.0);
    in_ranges(n_threads, count, [&](unsigned thread, long long first, long long past) {
        double most = 0.0;
        for (long long i = first; i < past; ++i) {
            const double before = viscosity[i];
            const double way = relative_viscosity(curves[i], haematocrit[i]) - before;
            const double a = through[start[i]], b = through[end[i]];
            const double least = a < b ? a : b;
            const double size = flow[i] < 0.0 ? -flow[i] : flow[i];
            const double share = size < least ? size / least : size > 0.0 ? 1.0 : 0.0;
            const double distance = (way < 0.0 ? -way : way) / before * share;
            if (distance > most) most = distance;
            double step = pace[i];
            if (is_paced && last_way[i] != 0.0) {
                const double left = way / last_way[i];
                const double factor = left < 1.0 ? 1.0 / (1.0 - left) : FASTER;
                step *= factor < SLOWER ? SLOWER : factor > FASTER ? FASTER : factor;
                if (step > 1.0) step = 1.0;
            }
            pace[i] = step;
            last_way[i] = way;
            viscosity[i] = before + step * way;
            if (weight != nullptr) weight[i] = share / before;
        }
        largest[thread] = most;
    });
    double most = 0.0;
    for (double each : largest)
        if (each > most) most = each;
    return most;
}
