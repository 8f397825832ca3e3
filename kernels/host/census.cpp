// The cells of a population on the host: counted by place, and cut down to those that go on.
//
// Test: tests/parity/test_host_census.py.
#include <new>
#include <vector>

#include "core/platform.h"
#include "host/growth/workers.h"

using namespace ctc;
using ctc_growth::Workers;
using i16 = short;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr u64 FEW = 1 << 13;  // cells that are not worth a thread

// What is taken out is copied before a mover comes to its slot.
template <class Item>
void move(void* field, void* taken, const std::vector<u32>& holes, const std::vector<u32>& movers,
          const std::vector<u32>& leaving) {
    Item* items = static_cast<Item*>(field);
    Item* out = static_cast<Item*>(taken);
    for (u64 k = 0; k < leaving.size(); ++k) out[k] = items[leaving[k]];
    for (u64 k = 0; k < holes.size(); ++k) items[holes[k]] = items[movers[k]];
}

}  // namespace

// counts (state, organ) and here (record): sums that cells are added to. The state is in the lower
// four bits. organ_of: by record.
CTC_EXPORT void ctc_count_cells(const u8* state, const u32* record, u64 count, const i16* organ_of,
                                u32 n_organs, i64* counts, i64* here) {
    for (u64 i = 0; i < count; ++i) {
        const u32 place = record[i];
        ++counts[(state[i] & 15u) * static_cast<u64>(n_organs) + static_cast<u64>(organ_of[place])];
        ++here[place];
    }
}

// How many cells are in each of the 256 states, n_states (256).
CTC_EXPORT void ctc_count_states(const u8* state, u64 count, u64* n_states) {
    // Four tables, so that equal neighbours do not wait for one another.
    std::vector<u64> table(4 * 256, 0);
    u64 i = 0;
    for (; i + 4 <= count; i += 4)
        for (u64 lane = 0; lane < 4; ++lane) ++table[256 * lane + state[i + lane]];
    for (; i < count; ++i) ++table[state[i]];
    for (u64 s = 0; s < 256; ++s)
        n_states[s] = table[s] + table[256 + s] + table[512 + s] + table[768 + s];
}

// Drops the cells of some states and takes copies of those of others; the work is that of those
// that go. Cells from the end fill the holes, in order, so that the arrays hold the same for any
// threads.
//
// fields, widths (n_fields): arrays and bytes an item: 1, 2, 4 or 8. state: by cell, one of the
// fields. is_dropped, is_taken (256): by state; what is taken is dropped too. n_kept: how many
// stay. taken (n_fields): where copies of the taken cells go, in order, with room for all of them.
// Returns 1, or 0 with nothing changed where memory does not suffice.
CTC_EXPORT int ctc_sift_cells(void* const* fields, const u32* widths, u32 n_fields, const u8* state,
                              u64 count, const u8* is_dropped, const u8* is_taken, u64 n_kept,
                              void* const* taken, u32 n_threads) {
    std::vector<u32> holes, movers, leaving;
    try {
        for (std::vector<u32>* slots : {&holes, &movers, &leaving}) slots->reserve(count - n_kept);
    } catch (const std::bad_alloc&) {
        return 0;
    }
    for (u64 i = 0; i < count; ++i) {
        const u8 s = state[i];
        const bool is_gone = (is_dropped[s] | is_taken[s]) != 0;
        if (!is_gone && i < n_kept) continue;
        if (is_taken[s] != 0) leaving.push_back(static_cast<u32>(i));
        if (is_gone && i < n_kept) holes.push_back(static_cast<u32>(i));
        if (!is_gone) movers.push_back(static_cast<u32>(i));
    }
    const Workers workers(count - n_kept < FEW ? 1 : n_threads);
    workers.over(n_fields, 1, [&](u64 f, u64, unsigned) {
        switch (widths[f]) {
            case 1:
                move<u8>(fields[f], taken[f], holes, movers, leaving);
                break;
            case 2:
                move<u16>(fields[f], taken[f], holes, movers, leaving);
                break;
            case 4:
                move<u32>(fields[f], taken[f], holes, movers, leaving);
                break;
            default:
                move<u64>(fields[f], taken[f], holes, movers, leaving);
        }
    });
    return 1;
}
