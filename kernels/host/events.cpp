// Events of an epoch on the host: put in order, counted, and as rows of the run file.
//
// The order is by time, then cell, then number. No two events have all three in common, so there is
// one order, and neither the threads nor the order in which launches gave events can be seen in it.
// Sorting: records go to buckets of equal time, a few hundred in each, once; each bucket is then
// sorted where it lies, in the nearest cache. Events stand twice in memory, never three times.
// Test: tests/parity/test_host_events.py.
#include <algorithm>
#include <vector>

#include "core/records.h"
#include "host/growth/workers.h"

using namespace ctc;
using ctc_growth::Workers;
using i16 = short;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr u64 BUCKET = 512;  // events in a bucket, where times are even: 16 KiB
constexpr u64 MOST_BUCKETS = 1 << 14;
constexpr u64 MOST_IN_CACHE = 4096;
constexpr u64 FEW = 24;
constexpr u64 ALONE = 1 << 14;  // events that one thread sorts before others have started
constexpr u64 SHARES = 4;       // of the work, for each thread

bool is_before(const Event& a, const Event& b) {
    if (a.time != b.time) return a.time < b.time;
    if (a.cell != b.cell) return a.cell < b.cell;
    return a.number < b.number;
}

void sort_by_insertion(Event* first, Event* last) {
    for (Event* next = first + 1; next < last; ++next) {
        if (!is_before(*next, next[-1])) continue;
        const Event moved = *next;
        Event* hole = next;
        do {
            *hole = hole[-1];
            --hole;
        } while (hole > first && is_before(moved, hole[-1]));
        *hole = moved;
    }
}

// Sorts a bucket whose times share all bits from `shift` on: once more by time into shares of about
// one event, then by insertion. Uneven buckets take the library's sort, so none is quadratic.
void sort_bucket(Event* events, u64 count, u32 shift, std::vector<Event>& scratch) {
    if (count <= FEW) {
        sort_by_insertion(events, events + count);
        return;
    }
    if (count > MOST_IN_CACHE) {
        std::sort(events, events + count, is_before);
        return;
    }
    u32 bits = 1;
    while ((1ull << bits) < count) ++bits;
    bits = std::min(bits, shift);
    const u64 mask = (1ull << bits) - 1;
    const u32 down = shift - bits;
    u16 start[MOST_IN_CACHE + 1];
    std::fill(start, start + mask + 2, static_cast<u16>(0));
    const auto share_of = [&](const Event& e) { return (static_cast<u64>(e.time) >> down) & mask; };
    for (u64 i = 0; i < count; ++i) ++start[share_of(events[i]) + 1];
    u16 fullest = 0;
    for (u64 s = 0; s <= mask; ++s) {
        fullest = std::max(fullest, start[s + 1]);
        start[s + 1] = static_cast<u16>(start[s + 1] + start[s]);
    }
    if (fullest > FEW) {
        std::sort(events, events + count, is_before);
        return;
    }
    scratch.assign(events, events + count);
    for (const Event& event : scratch) events[start[share_of(event)]++] = event;
    sort_by_insertion(events, events + count);
}

struct Span {
    const Event* first;
    const Event* last;
};

// All blocks laid end to end and cut into shares of `size` events, each of one or more spans.
std::vector<std::vector<Span>> shares_of(const Event* const* blocks, const u64* counts,
                                         u64 n_blocks, u64 size) {
    std::vector<std::vector<Span>> shares;
    u64 room = 0;
    for (u64 b = 0; b < n_blocks; ++b) {
        for (u64 first = 0; first < counts[b];) {
            if (room == 0) {
                shares.emplace_back();
                room = size;
            }
            const u64 taken = std::min(room, counts[b] - first);
            shares.back().push_back({blocks[b] + first, blocks[b] + first + taken});
            first += taken;
            room -= taken;
        }
    }
    return shares;
}

template <class Work>
void for_each_event(const std::vector<Span>& spans, Work work) {
    for (const Span& span : spans)
        for (const Event* event = span.first; event < span.last; ++event) work(*event);
}

}  // namespace

// sorted: room for the events of all blocks, which it does not share.
CTC_EXPORT void ctc_sort_events(const Event* const* blocks, const u64* counts, u64 n_blocks,
                                Event* sorted, u32 n_threads) {
    u64 total = 0;
    for (u64 b = 0; b < n_blocks; ++b) total += counts[b];
    if (total == 0) return;
    const Workers workers(total < ALONE ? 1 : n_threads);
    const u64 size = total / (SHARES * workers.n_threads()) + 1;
    const std::vector<std::vector<Span>> shares = shares_of(blocks, counts, n_blocks, size);
    std::vector<i64> lowest(shares.size()), highest(shares.size());
    workers.over(shares.size(), 1, [&](u64 s, u64, unsigned) {
        i64 low = shares[s].front().first->time, high = low;
        for_each_event(shares[s], [&](const Event& event) {
            low = std::min(low, event.time);
            high = std::max(high, event.time);
        });
        lowest[s] = low;
        highest[s] = high;
    });
    // A bucket holds the times that share all bits from `shift` on. Differences are taken modulo
    // 2^64, where they are right for any two times.
    const i64 low = *std::min_element(lowest.begin(), lowest.end());
    const i64 high = *std::max_element(highest.begin(), highest.end());
    const u64 wanted = std::min(total / BUCKET + 1, MOST_BUCKETS);
    u32 shift = 0;
    const auto bucket_of = [&](i64 time) {
        return static_cast<u64>(time >> shift) - static_cast<u64>(low >> shift);
    };
    while (bucket_of(high) >= wanted && shift < 63) ++shift;
    const u64 n_buckets = bucket_of(high) + 1;

    // Where each share puts its events of each bucket.
    std::vector<u64> place(shares.size() * n_buckets, 0);
    workers.over(shares.size(), 1, [&](u64 s, u64, unsigned) {
        u64* own = &place[s * n_buckets];
        for_each_event(shares[s], [&](const Event& event) { ++own[bucket_of(event.time)]; });
    });
    std::vector<u64> begin(n_buckets + 1, total);
    u64 next = 0;
    for (u64 b = 0; b < n_buckets; ++b) {
        begin[b] = next;
        for (u64 s = 0; s < shares.size(); ++s) {
            const u64 own = place[s * n_buckets + b];
            place[s * n_buckets + b] = next;
            next += own;
        }
    }
    workers.over(shares.size(), 1, [&](u64 s, u64, unsigned) {
        u64* own = &place[s * n_buckets];
        for_each_event(shares[s],
                       [&](const Event& event) { sorted[own[bucket_of(event.time)]++] = event; });
    });
    std::vector<std::vector<Event>> scratch(workers.n_threads());
    workers.over(n_buckets, 16, [&](u64 first, u64 last, unsigned thread) {
        for (u64 b = first; b < last; ++b)
            sort_bucket(sorted + begin[b], begin[b + 1] - begin[b], shift, scratch[thread]);
    });
}

// organ_of: by segment record. organ: of each event. by_kind (kind, organ), by_cause, ended
// (record): sums that events are added to; ended counts those that end a cell which has an
// identity.
CTC_EXPORT void ctc_count_events(const Event* events, u64 count, const i16* organ_of, u32 n_organs,
                                 u32 ending_kinds, u64 counted_cell, i16* organ, i64* by_kind,
                                 i64* by_cause, i64* ended) {
    for (u64 i = 0; i < count; ++i) {
        const Event& event = events[i];
        organ[i] = organ_of[event.segment];
        ++by_kind[event.kind * static_cast<u64>(n_organs) + static_cast<u64>(organ[i])];
        if (event.kind == DIED_EVENT) ++by_cause[event.cause];
        if (((ending_kinds >> event.kind) & 1u) != 0 && event.cell != counted_cell)
            ++ended[event.segment];
    }
}

// A row of /events, in the order of ctc/record/layout.py.
struct __attribute__((packed)) EventRow {
    i64 time;
    u64 cell;
    u8 kind, cause;
    i16 organ;
    u32 segment, number;
    u16 passes, clone, size_class;
};

// Writes the rows of the events of given kinds and returns how many there are. segment_of: of the
// network by record, negative for none. The last organ row means between organs.
CTC_EXPORT u64 ctc_event_rows(const Event* events, u64 count, const i16* organ, i16 between_organs,
                              const i32* segment_of, u32 kinds, EventRow* rows) {
    u64 n_rows = 0;
    for (u64 i = 0; i < count; ++i) {
        const Event& e = events[i];
        const i32 segment = segment_of[e.segment];
        // Written always and counted only where wanted: no branch that cannot be foreseen.
        rows[n_rows] = {e.time,
                        e.cell,
                        e.kind,
                        e.cause,
                        organ[i] == between_organs ? static_cast<i16>(-1) : organ[i],
                        segment < 0 ? 0xFFFFFFFFu : static_cast<u32>(segment),
                        e.number,
                        e.passes,
                        e.clone,
                        e.size_class};
        n_rows += (kinds >> e.kind) & 1u;
    }
    return n_rows;
}
