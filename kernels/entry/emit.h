// Entry point: newborn cells of one source, spread over the epoch, at the source's entry sites.
#pragma once
#include "entry/cells.h"

CTC_NAMESPACE_BEGIN

struct Source {
    const u32* site_segment;    // where cells may enter
    const u64* site_threshold;  // cumulative chance of the sites in 2^-64; the last one is 2^64 - 1
    const u64* size_threshold;  // cumulative chance of the size classes, likewise
    u32 n_sites;
    i64 start;     // [ns] of the epoch's share of the source
    u64 duration;  // [ns], 0 for a bolus
    u16 clone;
};

// First item whose threshold is not below the word: a binary search over count >= 1.
CTC_FUNCTION u32 draw_item(const u64* threshold, u32 count, u64 word) {
    u32 low = 0;
    u32 high = count - 1;
    while (low < high) {
        const u32 middle = (low + high) / 2;
        if (threshold[middle] < word) low = middle + 1;
        else high = middle;
    }
    return low;
}

// Cell `id` is born into slot `slot`: time, site and size from its own stream.
CTC_FUNCTION void emit_cell(const Cells& cells, u64 slot, u64 id, const Source& source,
                            const World& world) {
    const PhiloxBlock<u32> block = philox_of_cell(id, STREAM_BIRTH, 0, world.seed);
    const PhiloxBlock<u32> place = philox_of_cell(id, STREAM_BIRTH, 1, world.seed);
    const u64 time_word = (static_cast<u64>(block.x) << 32) | block.y;
    const u64 site_word = (static_cast<u64>(place.x) << 32) | place.y;
    Cell cell = {};
    cell.id = id;
    const u64 size_word = (static_cast<u64>(block.z) << 32) | place.z;
    cell.size_class =
        static_cast<u16>(draw_item(source.size_threshold, world.n_size_classes, size_word));
    cell.clone = source.clone;
    cell.state = CIRCULATING;
    cell.segment = source.site_segment[draw_item(source.site_threshold, source.n_sites, site_word)];
    cell.exit_time = source.start + static_cast<i64>(multiply_high(time_word, source.duration));
    cell.entry_time = cell.exit_time;
    cell.budget = exponential_budget(id, 0, world.seed, SURVIVAL_BITS);
    if (!is_sound(cell, world)) return;

    Flight<OneCell> flight = flight_of(cell, world);
    const bool is_incomplete =
        enter_segment(flight, block.w, world.segments, world.classes, world.margination);
    land(flight, cell);
    // A site may be a bed: where its event finds no room it is left pending in the state.
    if (is_incomplete) complete_entry(cell, world);
    cells.id[slot] = id;
    cells.size_class[slot] = cell.size_class;
    cells.clone[slot] = cell.clone;
    store_cell(cells, slot, cell);
}

#if CTC_DEVICE
extern "C" __global__ void ctc_emit(
    u64* id, u16* size_class, i64* entry_time, i64* exit_time, u64* budget, u32* segment, u32* draw,
    u16* passes, u16* clone, u8* state, u8* cause, const u32* site_segment,
    const u64* site_threshold, const u64* size_threshold, const SegmentRecord* segments,
    const ClassRecord* classes, const BedRecord* beds, const f32* bed_quantiles,
    const ClockRecord* clocks, const SizeRecord* sizes, Event* events, u64* event_count,
    u64* organ_tally, u64* passages, u64 seed, u64 first_id, i64 start, u64 duration,
    u64 event_capacity, u32 n_sites, u32 clone_label, u32 n_segments, u32 n_size_classes,
    u32 n_organs, f32 margination, u64 count, u64* first_fault) {
    const Cells cells = {id,         entry_time, exit_time, budget, segment, draw,
                         size_class, passes,     clone,     state,  cause};
    const World world = {segments,       classes,  beds,           bed_quantiles, clocks,
                         sizes,          events,   event_count,    organ_tally,   passages,
                         first_fault,    seed,     event_capacity, start,         n_segments,
                         n_size_classes, n_organs, margination};
    const Source source = {site_segment,
                           site_threshold,
                           size_threshold,
                           n_sites,
                           start,
                           duration,
                           static_cast<u16>(clone_label)};
    const u64 stride = static_cast<u64>(gridDim.x) * blockDim.x;
    for (u64 slot = static_cast<u64>(blockIdx.x) * blockDim.x + threadIdx.x; slot < count;
         slot += stride) {
        emit_cell(cells, slot, first_id + slot, source, world);
    }
}
#endif

CTC_NAMESPACE_END
