// The C ABI of the host library: choice of the instruction set, threads, and the entry points.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

#include "host/floating_point.h"
#include "host/variant.h"

using namespace ctc_host;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

extern "C" {
const Variant* ctc_variant_scalar();
const Variant* ctc_variant_pack4();
#if defined(__x86_64__)
const Variant* ctc_variant_avx2();
const Variant* ctc_variant_avx512();
#endif
}

namespace {

bool runs_here([[maybe_unused]] const char* name) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (std::strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (std::strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2");
#endif
    return true;
}

// From the widest to the narrowest.
std::vector<const Variant*> all_variants() {
    return {
#if defined(__x86_64__)
        ctc_variant_avx512(), ctc_variant_avx2(),
#endif
        ctc_variant_pack4(), ctc_variant_scalar()};
}

std::atomic<const Variant*> chosen{nullptr};

const Variant& variant() {
    const Variant* present = chosen.load();
    if (present != nullptr) return *present;
    for (const Variant* each : all_variants())
        if (runs_here(each->name)) {
            chosen.store(each);
            return *each;
        }
    return *ctc_variant_scalar();
}

template <class Work>
void in_threads(unsigned n_threads, Work work) {
    const auto guarded = [&](unsigned thread) {
        const FloatingPointMode mode;
        work(thread);
    };
    std::vector<std::thread> threads;
    unsigned n_started = 1;
    try {
        for (; n_started < n_threads; ++n_started) threads.emplace_back(guarded, n_started);
    } catch (const std::system_error&) {
        // The system gives no more threads: this one does their part. No result depends on it.
    }
    guarded(0);
    for (unsigned thread = n_started; thread < n_threads; ++thread) guarded(thread);
    for (std::thread& thread : threads) thread.join();
}

// Split [0, count) into equal ranges.
template <class Work>
void in_ranges(unsigned n_threads, u64 count, Work work) {
    in_threads(n_threads, [&](unsigned thread) {
        // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a backend has at least one thread.
        work(count * thread / n_threads, count * (thread + 1) / n_threads);
    });
}

constexpr u32 N_TALLIES = 3;
constexpr u32 N_ORGAN_TALLIES = 4;

}  // namespace

CTC_EXPORT const char* ctc_source_hash() { return CTC_SOURCE_HASH; }

CTC_EXPORT const char* ctc_chosen_variant() { return variant().name; }

// Names of the variants that run on this machine, separated by spaces.
CTC_EXPORT const char* ctc_variants() {
    static const std::vector<char> text = [] {
        std::vector<char> joined;
        for (const Variant* each : all_variants()) {
            if (!runs_here(each->name)) continue;
            if (!joined.empty()) joined.push_back(' ');
            joined.insert(joined.end(), each->name, each->name + std::strlen(each->name));
        }
        joined.push_back('\0');
        return joined;
    }();
    return text.data();
}

// 0 if the variant exists and runs here, 1 otherwise.
CTC_EXPORT int ctc_choose_variant(const char* name) {
    for (const Variant* each : all_variants())
        if (std::strcmp(each->name, name) == 0 && runs_here(name)) {
            chosen.store(each);
            return 0;
        }
    return 1;
}

CTC_EXPORT void ctc_advance(u64* id, u16* size_class, i64* entry_time, i64* exit_time, u64* budget,
                            u32* segment, u32* draw, u16* passes, u16* clone, u8* state, u8* cause,
                            const void* segments, const void* classes, const void* beds,
                            const float* bed_quantiles, const void* clocks, const void* sizes,
                            void* events, u64* event_count, u64* tally, u64* organ_tally,
                            u64* passages, u64 seed, i64 epoch_end, u64 event_capacity,
                            u64 max_hops, u32 n_segments, u32 n_size_classes, u32 n_organs,
                            float margination, u64 count, u64* first_fault, unsigned n_threads) {
    const CellArrays cells = {id,         entry_time, exit_time, budget, segment, draw,
                              size_class, passes,     clone,     state,  cause};
    const Variant& with = variant();
    u64 next = 0;
    const u64 fair = count / (static_cast<u64>(n_threads) * 16) + 1;
    const CellQueue queue = {&next, count, fair < 4096 ? fair : 4096, max_hops};
    const size_t n_sums = N_TALLIES + static_cast<size_t>(n_organs) * N_ORGAN_TALLIES;
    std::vector<std::vector<u64>> sums(n_threads, std::vector<u64>(n_sums + 16, 0));
    in_threads(n_threads, [&](unsigned thread) {
        u64* mine = sums[thread].data();
        const WorldTables world = {segments,         classes,     beds,          bed_quantiles,
                                   clocks,           sizes,       events,        event_count,
                                   mine + N_TALLIES, passages,    first_fault,   seed,
                                   event_capacity,   epoch_end,   n_segments,    n_size_classes,
                                   n_organs,         margination, n_threads == 1};
        with.advance(cells, world, queue, mine);
    });
    for (const std::vector<u64>& mine : sums) {
        for (u32 i = 0; i < N_TALLIES; ++i) tally[i] += mine[i];
        for (u32 i = 0; i < n_organs * N_ORGAN_TALLIES; ++i) organ_tally[i] += mine[N_TALLIES + i];
    }
}

CTC_EXPORT void ctc_emit(u64* id, u16* size_class, i64* entry_time, i64* exit_time, u64* budget,
                         u32* segment, u32* draw, u16* passes, u16* clone, u8* state, u8* cause,
                         const void* litters, const u32* site_segment, const u64* site_threshold,
                         const u64* size_threshold, const void* segments, const void* classes,
                         const void* beds, const float* bed_quantiles, const void* clocks,
                         const void* sizes, void* events, u64* event_count, u64* organ_tally,
                         u64* passages, u64 seed, u64 first_number, u64 event_capacity,
                         u32 n_litters, u32 /*n_sites*/, u32 n_segments, u32 n_size_classes,
                         u32 n_organs, float margination, u64 count, u64* first_fault,
                         unsigned n_threads) {
    const CellArrays cells = {id,         entry_time, exit_time, budget, segment, draw,
                              size_class, passes,     clone,     state,  cause};
    const WorldTables world = {
        segments,    classes,        beds,     bed_quantiles, clocks,        sizes,          events,
        event_count, organ_tally,    passages, first_fault,   seed,          event_capacity, 0,
        n_segments,  n_size_classes, n_organs, margination,   n_threads == 1};
    const LitterTables born = {litters,        site_segment, site_threshold,
                               size_threshold, n_litters,    first_number};
    in_ranges(n_threads, count,
              [&](u64 begin, u64 end) { variant().emit(cells, world, born, begin, end); });
}

CTC_EXPORT void ctc_locate(const u64* id, const i64* entry_time, const i64* exit_time,
                           const u32* segment, const void* places, const u32* slots,
                           float* position, i64 time, u64 seed, u32 n_segments, u64 count,
                           u64* first_fault, unsigned n_threads) {
    CellArrays cells = {};
    cells.id = const_cast<u64*>(id);
    cells.entry_time = const_cast<i64*>(entry_time);
    cells.exit_time = const_cast<i64*>(exit_time);
    cells.segment = const_cast<u32*>(segment);
    WorldTables world = {};
    world.first_fault = first_fault;
    world.seed = seed;
    world.n_segments = n_segments;
    in_ranges(n_threads, count, [&](u64 begin, u64 end) {
        variant().locate(cells, places, slots, position, time, world, begin, end);
    });
}

CTC_EXPORT void ctc_probe_laws(const u32* word, const u32* low_word, const float* size_ratio,
                               const float* value, u32* random, float* uniform, float* fine,
                               float* second, float* speed, float* marginated, float* excluded,
                               i64* rounded, float* logarithm, u64* budget, u64 seed, u64 count,
                               unsigned) {
    const FloatingPointMode mode;
    variant().probe_laws({word, low_word, size_ratio, value, random, uniform, fine, second, speed,
                          marginated, excluded, rounded, logarithm, budget, seed, count});
}
