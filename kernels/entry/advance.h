// Entry point: follow cells to the end of the epoch, many hops a launch.
#pragma once
#include "entry/cells.h"
#include "entry/warps.h"

CTC_NAMESPACE_BEGIN

// A cell that is taken up between the two hops of a pair makes the second alone; counts it.
CTC_FUNCTION Course finish_pair(Cell& cell, const World& world, u64& hops) {
    if ((cell.draw & 1u) == 0) return Course::HOPS;
    Flight<OneCell> flight = flight_of(cell, world);
    const PhiloxBlock<u32> words = words_of_two_hops(flight, philox_keys<u32>(world.seed));
    const bool is_incomplete =
        hop(flight, words.z, words.w, world.segments, world.classes, world.margination);
    hops += 1;
    land(flight, cell);
    if (is_incomplete && !complete_entry(cell, world)) return Course::STALLS;
    return prepare_for_hop(cell, world);
}

// Follow one cell; counts its hops. Returns true if it has to be launched again for this epoch.
CTC_FUNCTION bool advance_cell(const Cells& cells, u64 slot, const World& world, u64 max_hops,
                               u64& hops) {
    Cell cell = load_cell(cells, slot);
    if (!is_sound(cell, world)) return false;
    Course course = prepare_for_hop(cell, world);
    Flight<OneCell> flight = flight_of(cell, world);
    PhiloxBlock<u32> words = words_of_two_hops(flight, philox_keys<u32>(world.seed));
    u64 n_hops = 0;
    while (course == Course::HOPS && n_hops < max_hops) {
        const bool is_second = (flight.draw & 1u) != 0;
        const bool is_incomplete =
            hop(flight, is_second ? words.z : words.x, is_second ? words.w : words.y,
                world.segments, world.classes, world.margination);
        n_hops += 1;
        if (is_incomplete || flight.exit_time > world.epoch_end) {
            land(flight, cell);
            if (is_incomplete && !complete_entry(cell, world)) {
                course = Course::STALLS;
                break;
            }
            course = prepare_for_hop(cell, world);
            flight = flight_of(cell, world);
        }
        if ((flight.draw & 1u) == 0)
            words = words_of_two_hops(flight, philox_keys<u32>(world.seed));
    }
    if (course == Course::HOPS) land(flight, cell);
    store_cell(cells, slot, cell);
    hops += n_hops;
    return course != Course::RESTS;
}

#if CTC_DEVICE
extern "C" __launch_bounds__(BLOCK_THREADS, 8) __global__
    void ctc_advance(u64* id, u16* size_class, i64* entry_time, i64* exit_time, u64* budget,
                     u32* segment, u32* draw, u16* passes, u16* clone, u8* state, u8* cause,
                     const SegmentRecord* segments, const ClassRecord* classes,
                     const BedRecord* beds, const f32* bed_quantiles, const ClockRecord* clocks,
                     const SizeRecord* sizes, Event* events, u64* event_count, u64* tally,
                     u64* organ_tally, u64* passages, u64 seed, i64 epoch_end, u64 event_capacity,
                     u64 max_hops, u32 n_segments, u32 n_size_classes, u32 n_organs,
                     f32 margination, u64 count, u64* first_fault) {
    const Cells cells = {id,         entry_time, exit_time, budget, segment, draw,
                         size_class, passes,     clone,     state,  cause};
    CTC_SHARED(BlockMemory, memory);
    const bool has_bins = n_organs <= BlockMemory::MOST_ORGANS;
    if (has_bins) memory.clear(n_organs);
    // No room for events: the loop writes them.
    const World world = {segments,
                         classes,
                         beds,
                         bed_quantiles,
                         clocks,
                         sizes,
                         nullptr,
                         nullptr,
                         has_bins ? memory.count : organ_tally,
                         passages,
                         first_fault,
                         seed,
                         0,
                         epoch_end,
                         n_segments,
                         n_size_classes,
                         n_organs,
                         margination};
    const Desk desk = {tally + TALLY_TAKEN, count, max_hops, events, event_count, event_capacity};
    u64 hops = 0;
    u64 unfinished = 0;
    WarpLoop(cells, world, desk, memory).run(hops, unfinished);
    add_of_lanes(tally + TALLY_HOPS, hops);
    add_of_lanes(tally + TALLY_UNFINISHED, unfinished);
    if (has_bins) memory.add_to(organ_tally, n_organs);
}
#endif

CTC_NAMESPACE_END
