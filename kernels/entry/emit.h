// Entry point: newborn cells of many litters, each spread over its time, at its entry sites.
#pragma once
#include "entry/cells.h"

CTC_NAMESPACE_BEGIN

// Cells that one source or lesion sheds in one epoch. The newborn cells of an epoch are numbered
// from 0, litter after litter; their ids follow one another within a litter.
struct alignas(16) LitterRecord {
    u64 first_number;
    u64 first_id;
    i64 start;       // [ns] earliest birth
    u64 duration;    // [ns] births are uniform over it; 0 for a bolus
    u32 first_site;  // in the arrays of sites
    u32 n_sites;
    u32 clone;
    u32 padding;
};
static_assert(sizeof(LitterRecord) == 48, "record layout");

struct Litters {
    const LitterRecord* litters;
    const u32* site_segment;    // where cells may enter
    const u64* site_threshold;  // cumulative chance of a litter's sites in 2^-64, up to 2^64 - 1
    const u64* size_threshold;  // cumulative chance of the size classes, likewise
    u32 n_litters;
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

// The litter of a newborn cell: the last whose first number is not above the cell's.
CTC_FUNCTION u32 litter_of(const LitterRecord* litters, u32 n_litters, u64 number) {
    u32 low = 0;
    u32 high = n_litters;
    while (high - low > 1) {
        const u32 middle = low + (high - low) / 2;
        if (litters[middle].first_number <= number) low = middle;
        else high = middle;
    }
    return low;
}

// Newborn cell `number`, of a litter, is put into slot `slot`: time, site and size from the stream
// of its id.
CTC_FUNCTION void emit_cell(const Cells& cells, u64 slot, u64 number, const LitterRecord& litter,
                            const Litters& born, const World& world) {
    const u64 id = litter.first_id + (number - litter.first_number);
    const PhiloxBlock<u32> block = philox_of_cell(id, STREAM_BIRTH, 0, world.seed);
    const PhiloxBlock<u32> place = philox_of_cell(id, STREAM_BIRTH, 1, world.seed);
    const u64 time_word = (static_cast<u64>(block.x) << 32) | block.y;
    const u64 site_word = (static_cast<u64>(place.x) << 32) | place.y;
    Cell cell = {};
    cell.id = id;
    const u64 size_word = (static_cast<u64>(block.z) << 32) | place.z;
    cell.size_class =
        static_cast<u16>(draw_item(born.size_threshold, world.n_size_classes, size_word));
    cell.clone = static_cast<u16>(litter.clone);
    cell.state = CIRCULATING;
    const u64* site_threshold = born.site_threshold + litter.first_site;
    cell.segment =
        born.site_segment[litter.first_site + draw_item(site_threshold, litter.n_sites, site_word)];
    cell.exit_time = litter.start + static_cast<i64>(multiply_high(time_word, litter.duration));
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
    u16* passes, u16* clone, u8* state, u8* cause, const LitterRecord* litters,
    const u32* site_segment, const u64* site_threshold, const u64* size_threshold,
    const SegmentRecord* segments, const ClassRecord* classes, const BedRecord* beds,
    const f32* bed_quantiles, const ClockRecord* clocks, const SizeRecord* sizes, Event* events,
    u64* event_count, u64* organ_tally, u64* passages, u64 seed, u64 first_number,
    u64 event_capacity, u32 n_litters, u32 n_sites, u32 n_segments, u32 n_size_classes,
    u32 n_organs, f32 margination, u64 count, u64* first_fault) {
    const Cells cells = {id,         entry_time, exit_time, budget, segment, draw,
                         size_class, passes,     clone,     state,  cause};
    const World world = {
        segments,       classes,     beds,        bed_quantiles,  clocks,      sizes,
        events,         event_count, organ_tally, passages,       first_fault, seed,
        event_capacity, 0,           n_segments,  n_size_classes, n_organs,    margination};
    const Litters born = {litters, site_segment, site_threshold, size_threshold, n_litters};
    const u64 stride = static_cast<u64>(gridDim.x) * blockDim.x;
    for (u64 slot = static_cast<u64>(blockIdx.x) * blockDim.x + threadIdx.x; slot < count;
         slot += stride) {
        const u64 number = first_number + slot;
        const LitterRecord& litter = litters[litter_of(litters, n_litters, number)];
        emit_cell(cells, slot, number, litter, born, world);
    }
}
#endif

CTC_NAMESPACE_END
