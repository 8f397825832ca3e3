// The cells of a population on the host: counted by place, and cut down to those that go on.
//
// Test: tests/parity/test_host_census.py.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/platform.h"
#include "host/growth/workers.h"

using namespace ctc;
using ctc_growth::Workers;
using i16 = short;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr u64 BLOCK = 1 << 17;  // cells of which slots are kept at once: 1 MiB of scratch
constexpr u64 FEW = 1 << 13;    // cells that are not worth a thread

// Copies items of one width from slots that rise, perhaps to lower ones of the same array.
template <class Item>
void gather(Item* to, const Item* from, const u32* slots, u64 count) {
    for (u64 i = 0; i < count; ++i) to[i] = from[slots[i]];
}

void gather(void* to, const void* from, u32 width, const u32* slots, u64 count) {
    switch (width) {
        case 1:
            gather(static_cast<u8*>(to), static_cast<const u8*>(from), slots, count);
            break;
        case 2:
            gather(static_cast<u16*>(to), static_cast<const u16*>(from), slots, count);
            break;
        case 4:
            gather(static_cast<u32*>(to), static_cast<const u32*>(from), slots, count);
            break;
        default:
            gather(static_cast<u64*>(to), static_cast<const u64*>(from), slots, count);
    }
}

u8* at(void* field, u32 width, u64 item) { return static_cast<u8*>(field) + item * width; }

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

// Drops the cells of some states and takes copies of those of others, in one pass; all keep their
// order, and what stays is moved in place.
//
// fields, widths (n_fields): arrays and bytes an item: 1, 2, 4 or 8. state: by cell, one of the
// fields. is_dropped, is_taken (256): by state; what is taken is dropped too. taken (n_fields): where
// copies of the taken cells go, with room for all of them. Returns how many cells stay.
CTC_EXPORT u64 ctc_sift_cells(void* const* fields, const u32* widths, u32 n_fields, const u8* state,
                              u64 count, const u8* is_dropped, const u8* is_taken,
                              void* const* taken, u32 n_threads) {
    std::vector<u32> kept(BLOCK), gone(BLOCK);
    u64 n_kept = 0, n_taken = 0;
    for (u64 start = 0; start < count; start += BLOCK) {
        // A block only writes to slots below its end, so the states of the next are as they were.
        const u32 size = static_cast<u32>(std::min(BLOCK, count - start));
        u64 stay = 0, leave = 0;
        for (u32 i = 0; i < size; ++i) {
            const u8 s = state[start + i];
            kept[stay] = i;
            gone[leave] = i;
            stay += is_dropped[s] == 0 && is_taken[s] == 0;
            leave += is_taken[s] != 0;
        }
        const bool is_moved = n_kept < start || stay < size;
        const Workers workers(size < FEW ? 1 : n_threads);
        workers.over(n_fields, 1, [&](u64 f, u64, unsigned) {
            const u32 width = widths[f];
            const u8* from = at(fields[f], width, start);
            gather(at(taken[f], width, n_taken), from, width, gone.data(), leave);
            if (is_moved) gather(at(fields[f], width, n_kept), from, width, kept.data(), stay);
        });
        n_kept += stay;
        n_taken += leave;
    }
    return n_kept;
}
