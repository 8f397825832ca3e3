// Tables that the host makes for the kernels: float64, our own functions, no library maths.
#include "host/floating_point.h"
#include "host/real.h"

using namespace ctc_host;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr double BODY_KT = 4.28e-21;  // [J] at 310 K: 1.380649e-23 J/K * 310 K

// Inverse of the standard normal distribution, relative error below 1.2e-9.
// Source: rational approximation of P. J. Acklam (2003), coefficients as published.
double normal_quantile(double p) {
    const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                        1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
    const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                        6.680131188771972e+01, -1.328068155288572e+01};
    const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                        -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
    const double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                        3.754408661907416e+00};
    if (p < 0.02425 || p > 1.0 - 0.02425) {
        const double tail = p < 0.5 ? p : 1.0 - p;
        const double q = __builtin_sqrt(-2.0 * log_f64(tail));
        const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                         ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0);
        return p < 0.5 ? x : -x;
    }
    const double q = p - 0.5;
    const double r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0);
}

// Chance, in 2^-64; 1 and above is all ones.
u64 chance_bits(double p) {
    if (!(p > 0.0)) return 0;
    if (p >= 1.0 - 0x1p-53) return ~0ull;
    return static_cast<u64>(p * 0x1p64);
}

double real_function(unsigned op, double x, double y) {
    return op == 0 ? exp_f64(x) : op == 1 ? log_f64(x) : op == 2 ? pow_f64(x, y) : loss_f64(x);
}

}  // namespace

// op 0 exp(x), 1 log(x), 2 x^y, 3 1 - exp(-x), element by element; y is read for op 2 only.
CTC_EXPORT void ctc_real_function(unsigned op, const double* x, const double* y, double* out,
                                  u64 count) {
    const FloatingPointMode floating_point;
    for (u64 i = 0; i < count; ++i) out[i] = real_function(op, x[i], op == 2 ? y[i] : 0.0);
}

// The same of one number.
CTC_EXPORT double ctc_real_value(unsigned op, double x, double y) {
    const FloatingPointMode floating_point;
    return real_function(op, x, y);
}

// Cell radii of n equally likely size classes of a log-normal law, at the middle of each class.
CTC_EXPORT void ctc_size_classes(double median_radius, double sigma, double* radius, unsigned n) {
    const FloatingPointMode floating_point;
    for (unsigned i = 0; i < n; ++i)
        radius[i] = median_radius * exp_f64(sigma * normal_quantile((i + 0.5) / n));
}

// Mean time [s] until all of n bonds are open that share a force, without rebinding.
//
// One of i closed bonds opens at the rate i k0 exp(force x / (i kT)), Bell 1978 Science 200:618 and
// Erdmann and Schwarz 2004 Phys Rev Lett 92:108102; the mean time is the sum of the inverse rates.
CTC_EXPORT double ctc_bond_lifetime(unsigned n, double off_rate, double bond_length, double force) {
    const FloatingPointMode floating_point;
    const double load = force * bond_length / BODY_KT;
    double time = 0.0;
    for (unsigned i = 1; i <= n; ++i) time += exp_f64(-load / i) / (i * off_rate);
    return time;
}

// Chance of cells to stop by adhesion in one bed, by Bell's kinetics.
//
// In a capillary of bore D and length of contact L a cell of diameter d is pulled with
//
//   force = wall shear stress * pi D L,   L = (2/3) d^3 / D^2 (its volume as a cylinder), d >= D,
//
// or pi d^2 where it is narrower than the bore. While it is there it forms bonds of a pair, a
// Poisson number of mean  on_rate * receptors * ligand * time of contact;  n of them hold with
// chance  exp(-hold_time / T(n)),  T the mean lifetime of n bonds. Pairs and capillaries are
// independent. A pair is three numbers: off rate, bond length, on rate times ligand.
CTC_EXPORT void ctc_bell_adhesion(double stress, double bore, double capillary_time,
                                  double n_in_series, double hold_time, const double* pairs,
                                  unsigned n_pairs, const double* radius, const float* slowness,
                                  const double* receptors, unsigned n_size_classes,
                                  double* adhesion) {
    const FloatingPointMode floating_point;
    const double pi = 3.14159265358979323846;
    constexpr unsigned most_bonds = 256;
    for (unsigned i = 0; i < n_size_classes; ++i) {
        const double diameter = 2.0 * radius[i];
        adhesion[i] = 0.0;
        if (!(diameter > 0.0)) continue;
        const double ratio = diameter / bore;
        const double area = diameter < bore ? pi * diameter * diameter
                                            : pi * (2.0 / 3.0) * diameter * diameter * ratio;
        const double force = stress * area;
        double slip = 1.0;
        for (unsigned p = 0; p < n_pairs; ++p) {
            const double off_rate = pairs[3 * p], bond_length = pairs[3 * p + 1];
            double mean =
                pairs[3 * p + 2] * receptors[i] * capillary_time * static_cast<double>(slowness[i]);
            if (!(mean > 0.0)) continue;
            // Beyond, the Poisson law is far inside the table and more bonds change nothing.
            if (mean > 0.5 * most_bonds) mean = 0.5 * most_bonds;
            const double load = force * bond_length / BODY_KT;
            double chance_of_n = exp_f64(-mean), lifetime = 0.0, held = 0.0;
            for (unsigned n = 1; n <= most_bonds; ++n) {
                chance_of_n *= mean / n;
                lifetime += exp_f64(-load / n) / (n * off_rate);
                if (lifetime > 0.0) held += chance_of_n * exp_f64(-hold_time / lifetime);
            }
            slip *= held < 1.0 ? 1.0 - held : 0.0;
        }
        adhesion[i] = 1.0 - (slip > 0.0 ? pow_f64(slip, n_in_series) : 0.0);
    }
}

// Arrest chance [2^-64] and slowness of every size class in one capillary bed.
//
// One capillary of bore D stops a cell of effective diameter d = stiffness_ratio * diameter with
// chance 1 / (1 + exp(-(d / D - midpoint) / width)). Bores are normal, cut at three standard
// deviations and at a fifth of the mean, and weighted by flow (D^4). A path has n_in_series of
// them, and adhesion stops a share of those that pass. A cluster passes in single file: its cells
// count as n^chain_exponent in the chance of each capillary, and each of them may adhere. Slowness
// is 1 + (passing_slowness - 1) times the share of the flow in bores narrower than the cell. A cell
// without size is blood: chance 0, slowness 1.
CTC_EXPORT void ctc_bed_table(double bore_mean, double bore_deviation, double n_in_series,
                              double stiffness_ratio, double midpoint, double width,
                              double passing_slowness, double chain_exponent, const double* radius,
                              const double* n_cells, const double* adhesion,
                              unsigned n_size_classes, u64* arrest, float* slowness) {
    const FloatingPointMode floating_point;
    constexpr int n_bores = 96;
    for (unsigned i = 0; i < n_size_classes; ++i) {
        if (!(radius[i] > 0.0)) {
            arrest[i] = 0;
            slowness[i] = 1.0f;
            continue;
        }
        const double diameter = 2.0 * radius[i];
        double weight_sum = 0.0, arrest_sum = 0.0, narrow_sum = 0.0;
        for (int j = 0; j < n_bores; ++j) {
            const double z = 6.0 * (j + 0.5) / n_bores - 3.0;
            double bore = bore_mean + z * bore_deviation;
            if (bore < 0.2 * bore_mean) bore = 0.2 * bore_mean;
            const double square = bore * bore / (bore_mean * bore_mean);
            const double weight = exp_f64(-0.5 * z * z) * square * square;
            const double x = (stiffness_ratio * diameter / bore - midpoint) / width;
            weight_sum += weight;
            arrest_sum += weight / (1.0 + exp_f64(-x));
            if (bore < diameter) narrow_sum += weight;
        }
        const double pass_one = 1.0 - arrest_sum / weight_sum;
        const double n = n_cells[i];
        const double n_passing = n > 1.0 ? n_in_series * pow_f64(n, chain_exponent) : n_in_series;
        const double pass_size = pass_one > 0.0 ? pow_f64(pass_one, n_passing) : 0.0;
        const double slip = 1.0 - adhesion[i];
        const double pass = pass_size * (n > 1.0 && slip > 0.0 ? pow_f64(slip, n) : slip);
        arrest[i] = chance_bits(1.0 - pass);
        slowness[i] =
            static_cast<float>(1.0 + (passing_slowness - 1.0) * (narrow_sum / weight_sum));
    }
}

// Quantile function of a Weibull law of mean 1 at n + 1 equally spaced nodes, linear in between.
//
// The last node stands at 1 - 1/(4n); all are then divided by the mean of the piecewise linear
// function, so that the mean drawn is 1 to rounding.
CTC_EXPORT void ctc_weibull_quantiles(double shape, unsigned n, float* quantile) {
    const FloatingPointMode floating_point;
    double sum = 0.0;
    for (int pass = 0; pass < 2; ++pass) {
        const double mean = sum / n;
        for (unsigned i = 0; i <= n; ++i) {
            const double p = i < n ? static_cast<double>(i) / n : 1.0 - 0.25 / n;
            const double value = i == 0 ? 0.0 : pow_f64(-log_f64(1.0 - p), 1.0 / shape);
            if (pass == 0) sum += i == 0 || i == n ? 0.5 * value : value;
            else quantile[i] = static_cast<float>(value / mean);
        }
    }
}
