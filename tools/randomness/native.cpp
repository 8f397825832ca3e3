// Random words and logarithms by the very headers of the kernels, over arrays and ranges.
#include <cmath>
#include <thread>
#include <vector>

#include "core/log.h"
#include "core/philox.h"

#define ENTRY extern "C" __attribute__((visibility("default")))

using namespace ctc;

namespace {

// Philox4x32 with fewer rounds than it needs, for proof that tests see what is wrong with it.
PhiloxBlock<u32> shortened(u64 id, u32 stream, u32 draw, u64 seed, u32 rounds) {
    PhiloxBlock<u32> c = {static_cast<u32>(id), static_cast<u32>(id >> 32), stream, draw};
    const PhiloxKeys<u32> keys = philox_keys<u32>(seed);
    for (u32 round = 0; round < rounds; ++round) {
        u32 high0, low0, high1, low1;
        multiply_wide(c.x, 0xD2511F53u, high0, low0);
        multiply_wide(c.z, 0xCD9E8D57u, high1, low1);
        c = {high1 ^ c.y ^ keys.low[round], low1, high0 ^ c.w ^ keys.high[round], low0};
    }
    return c;
}

// What a range of floats showed.
struct Errors {
    double largest = 0.0;  // units in the last place of the exact value
    u32 at = 0;            // bits of the argument
    u64 falls = 0;         // arguments whose logarithm lies below that of the float before
    u64 count = 0;
};

// A NaN compares false with everything: it is the worst of all, and stays so.
bool is_worse(double error, double largest) { return !(error <= largest) && !std::isnan(largest); }

// The logarithm of the float `spoilt` is made a NaN, for proof that it is seen; 0 spoils none.
Errors errors_in(u32 first, u32 last, u32 spoilt) {
    Errors found;
    f32 before = first == 0x00800000u ? -INFINITY : log_f32(float_of(first - 1));
    for (u32 bits = first; bits < last; ++bits) {
        const f32 value = bits == spoilt ? NAN : log_f32(float_of(bits));
        const double exact = std::log(static_cast<double>(float_of(bits)));
        // 2^(e - 23) for |exact| in [2^e, 2^(e + 1)); the logarithm of 1 is exactly 0.
        const double size = exact == 0.0 ? 1.0 : std::fabs(exact);
        const double error = std::fabs(static_cast<double>(value) - exact) /
                             std::ldexp(1.0, std::ilogb(size) - 23);
        if (is_worse(error, found.largest)) {
            found.largest = error;
            found.at = bits;
        }
        found.falls += !(value >= before);
        before = value;
        ++found.count;
    }
    return found;
}

}  // namespace

// Four words for each counter and key, out (count, 4). Ten rounds are those of the kernels.
ENTRY void random_words(const u64* id, const u32* stream, const u32* draw, const u64* seed,
                        u64 count, u32 rounds, u32* out) {
    for (u64 i = 0; i < count; ++i) {
        const PhiloxBlock<u32> block =
            rounds == 10 ? philox_of_cell(id[i], stream[i], draw[i], seed[i])
                         : shortened(id[i], stream[i], draw[i], seed[i], rounds);
        out[4 * i] = block.x;
        out[4 * i + 1] = block.y;
        out[4 * i + 2] = block.z;
        out[4 * i + 3] = block.w;
    }
}

// Logarithms of the floats with the given bits, first to last - 1, against those of the C library
// in float64 (below 1 unit of float64, 2e-9 of one of float32).
ENTRY void logarithm_errors(u32 first, u32 last, u32 spoilt, u32 n_threads, double* largest,
                            u32* at, u64* falls, u64* count) {
    std::vector<Errors> found(n_threads);
    std::vector<std::thread> threads;
    const u64 size = last - first;
    for (u32 t = 0; t < n_threads; ++t)
        threads.emplace_back([&, t] {
            found[t] = errors_in(first + static_cast<u32>(size * t / n_threads),
                                 first + static_cast<u32>(size * (t + 1) / n_threads), spoilt);
        });
    for (std::thread& thread : threads) thread.join();
    *largest = 0.0;
    *falls = *count = 0;
    for (const Errors& each : found) {
        if (is_worse(each.largest, *largest)) {
            *largest = each.largest;
            *at = each.at;
        }
        *falls += each.falls;
        *count += each.count;
    }
}
