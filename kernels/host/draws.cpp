// Numbers of cells that the host draws: one 64-bit word each, float64, our own functions.
//
// Inversion, outwards from the mode: pmf(mode) by Loader's saddle point form, the neighbours by
// recursion; the deviate is compared with the sum in the order mode, mode+1, mode-1, ...: about
// 8 standard deviations in steps.
// Source: C. Loader 2000, Fast and accurate computation of binomial probabilities (Bell Labs).
// Test: tests/physics/test_host_draws.py.
#include "core/philox.h"
#include "host/floating_point.h"
#include "host/real.h"

using namespace ctc_host;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr double TWO_PI = 6.283185307179586;
// In the place of the streams of kernels, with the number of the purpose below it.
constexpr ctc::u32 HOST_STREAM = 0x80000000u;

// log(k!) - (k log k - k + log(2 pi k) / 2): Stirling's error, from its series for k >= 16 and from
// the exact sum of logarithms below.
double stirling_error(double k) {
    const double half_log_2pi = 0.91893853320467274178;
    if (k < 16.0) {
        double log_factorial = 0.0;
        for (double n = 2.0; n <= k; n += 1.0) log_factorial += log_f64(n);
        return log_factorial - ((k + 0.5) * log_f64(k) - k + half_log_2pi);
    }
    const double inverse = 1.0 / (k * k);
    return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - inverse / 1680.0) * inverse) * inverse) / k;
}

// k log(mean / k) - (mean - k) <= 0, k >= 1: what a pmf loses where k is not the mean.
double distance_to_mean(double k, double mean) {
    const double x = (mean - k) / k;
    if (x < 0.03 && x > -0.03) {
        double term = x * x, sum = 0.0;
        for (int n = 2; n < 14; ++n, term *= -x) sum += term / n;
        return -k * sum;
    }
    return k * log_f64(1.0 + x) - (mean - k);
}

double deviate_of(u64 bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

// The number whose turn it is when a sum over the pmf, outwards from its mode, has reached the
// deviate. up_ratio(k) = pmf(k) / pmf(k - 1), down_ratio(k) its inverse; most is the largest number
// that there can be.
template <class UpRatio, class DownRatio>
u64 invert(double deviate, double mode, double at_mode, double most, UpRatio up_ratio,
           DownRatio down_ratio) {
    double up = at_mode, down = at_mode, high = mode, low = mode, sum = at_mode;
    while (deviate > sum) {
        if (high < most) {
            high += 1.0;
            up *= up_ratio(high);
            sum += up;
            if (deviate <= sum) return static_cast<u64>(high);
        } else {
            up = 0.0;
        }
        if (low > 0.0) {
            down *= down_ratio(low);
            low -= 1.0;
            sum += down;
            if (deviate <= sum) return static_cast<u64>(low);
        }
        // Rounding may leave the sum just below the deviate with nothing more to add.
        const double least = 0x1p-60 * at_mode;
        if (up < least && (low == 0.0 || down < least)) return static_cast<u64>(high);
    }
    return static_cast<u64>(mode);
}

double binomial_at_mode(double n, double mode, double chance, double rest) {
    if (mode == 0.0) return exp_f64(n * (chance < 0.5 ? log_one_plus_f64(-chance) : log_f64(rest)));
    if (mode == n) return exp_f64(n * (rest < 0.5 ? log_one_plus_f64(-rest) : log_f64(chance)));
    const double others = n - mode;
    const double log_pmf = stirling_error(n) - stirling_error(mode) - stirling_error(others) +
                           distance_to_mean(mode, n * chance) + distance_to_mean(others, n * rest);
    return exp_f64(log_pmf) * __builtin_sqrt(n / (TWO_PI * mode * others));
}

u64 binomial(u64 count, double chance, double rest, u64 bits) {
    if (count == 0 || !(chance > 0.0)) return 0;
    if (!(rest > 0.0)) return count;
    const double n = static_cast<double>(count);
    double mode = static_cast<double>(static_cast<u64>((n + 1.0) * chance));
    if (mode > n) mode = n;
    const double deviate = deviate_of(bits);
    // (1 - p)^n >= 1 - n p: of most rows of rare events none, without a logarithm.
    if (mode == 0.0 && deviate < 1.0 - n * chance - 1e-15) return 0;
    const double odds = chance / rest;
    return invert(
        deviate, mode, binomial_at_mode(n, mode, chance, rest), n,
        [&](double k) { return (n + 1.0 - k) / k * odds; },
        [&](double k) { return k / ((n + 1.0 - k) * odds); });
}

}  // namespace

// Word of 64 random bits for each key: Philox with the seed as its key and (key, purpose, round) as
// its counter, so that a word depends on nothing but what it is drawn for.
CTC_EXPORT void ctc_keyed_words(u64 seed, u32 purpose, u32 round, const u64* key, u64* out,
                                u64 count) {
    for (u64 i = 0; i < count; ++i) {
        const auto block = ctc::philox_of_cell(key[i], HOST_STREAM | purpose, round, seed);
        out[i] = (static_cast<u64>(block.x) << 32) | block.y;
    }
}

// Poisson number of a mean >= 0 from 64 random bits. Means up to 1e15.
CTC_EXPORT u64 ctc_poisson(double mean, u64 bits) {
    const FloatingPointMode floating_point;
    if (!(mean > 0.0)) return 0;
    const double mode = static_cast<double>(static_cast<u64>(mean));
    const double at_mode = mode == 0.0
                               ? exp_f64(-mean)
                               : exp_f64(distance_to_mean(mode, mean) - stirling_error(mode)) /
                                     __builtin_sqrt(TWO_PI * mode);
    return invert(
        deviate_of(bits), mode, at_mode, 0x1p62, [&](double k) { return mean / k; },
        [&](double k) { return k / mean; });
}

// How many of n meet a chance, rest = 1 - chance, from 64 random bits each. n up to 2^53.
CTC_EXPORT void ctc_binomial(const u64* n, const double* chance, const double* rest,
                             const u64* bits, u64* out, u64 count) {
    const FloatingPointMode floating_point;
    for (u64 i = 0; i < count; ++i) out[i] = binomial(n[i], chance[i], rest[i], bits[i]);
}
