// One hop: leave a segment, choose the daughter, enter it, spend the survival budget.
//
// One text for one cell (W = OneCell) and for packs of cells (W = PackOfCells). Lanes that entered
// something other than a tube, or whose budget ends in the tube, are reported and finished by
// complete_entry in course.h; their budget is left as it was.
#pragma once
#include "core/deviate.h"
#include "core/philox.h"
#include "core/records.h"
#include "core/streams.h"
#include "physics/bifurcation.h"
#include "physics/chain.h"
#include "physics/margination.h"
#include "physics/streamline.h"
#include "physics/survival.h"

CTC_NAMESPACE_BEGIN

#if CTC_DEVICE
CTC_FUNCTION SegmentRecord load_segment(const SegmentRecord* segments, u32 index) {
    const uint4 words = *reinterpret_cast<const uint4*>(segments + index);
    return {__uint_as_float(words.x), words.y, words.z, __uint_as_float(words.w)};
}
#else
CTC_FUNCTION SegmentRecord load_segment(const SegmentRecord* segments, u32 index) {
    return segments[index];
}
#endif
CTC_FUNCTION void load_rates(const ClassRecord* classes, u32 index, f32& hazard, f32& toll) {
    hazard = classes[index].hazard;
    toll = classes[index].toll;
}
CTC_FUNCTION bool is_not_zero(u32 x) { return x != 0; }

// What a hop needs of a cell: in registers from hop to hop.
template <class W>
struct Flight {
    typename W::u32 id_low, id_high;
    typename W::u32 draw;          // counter of random draws
    typename W::u32 segment;       // record index
    typename W::u32 next;          // of the segment's record
    typename W::f32 share;         // of the segment's record
    typename W::f32 ball_radius;   // [m] of the cell, or of a cluster as a ball
    typename W::f32 chain_radius;  // [m] of one cell
    typename W::f32 size_ratio;    // cell over lumen diameter, at most 1
    typename W::i64 entry_time;    // [ns]
    typename W::i64 exit_time;     // [ns]
    typename W::u64 budget;        // [2^-45]
};

// Load the record of the segment that the cell is in, as it stands before its next hop.
template <class W>
CTC_FUNCTION auto read_segment(Flight<W>& cell, const SegmentRecord* segments) {
    using F = typename W::f32;
    using U = typename W::u32;
    const auto record = load_segment(segments, cell.segment);
    const F lumen_radius = float_of(record.radius_class & U(~CLASS_MASK));
    const F radius = felt_radius(cell.ball_radius, cell.chain_radius, lumen_radius);
    const F ratio = radius / lumen_radius;
    cell.next = record.next;
    cell.share = record.share;
    cell.size_ratio = select(ratio < F(1.0f), ratio, F(1.0f));
    return record;
}

// Enter the segment at the time that the last one was left; `margination` holds where the class
// says so. Returns the lanes to complete.
template <class W>
CTC_FUNCTION typename W::mask enter_segment(Flight<W>& cell, typename W::f32 deviate,
                                            const SegmentRecord* segments,
                                            const ClassRecord* classes, f32 margination) {
    using F = typename W::f32;
    using U = typename W::u32;
    const auto record = read_segment(cell, segments);
    const auto is_marginal = is_not_zero(record.radius_class & U(MARGINAL_CLASS));
    const F streamline = marginated_deviate(deviate, select(is_marginal, F(margination), F(1.0f)));
    const F transit = record.transit_time / streamline_speed(streamline, cell.size_ratio);
    cell.entry_time = cell.exit_time;
    cell.exit_time = cell.exit_time + round_to_i64(transit);

    F hazard, toll;
    load_rates(classes, record.radius_class & U(CLASS_MASK), hazard, toll);
    const auto spent = survival_spent(transit, hazard, toll);
    const auto is_spent = spent >= cell.budget;
    const auto is_special = is_not_zero(record.radius_class & U(SPECIAL_CLASS));
    cell.budget = select(widen(is_special | narrow(is_spent)), cell.budget, cell.budget - spent);
    return is_special | narrow(is_spent);
}

template <class W>
CTC_FUNCTION typename W::mask hop(Flight<W>& cell, const SegmentRecord* segments,
                                  const ClassRecord* classes, u64 seed, f32 margination) {
    using U = typename W::u32;
    cell.draw = cell.draw + U(1u);
    const PhiloxBlock<U> block = philox<U>(cell.id_low, cell.id_high, STREAM_HOP, cell.draw, seed);
    const auto is_first =
        takes_first_daughter(cell.share, cell.size_ratio, fine_deviate(block.y, block.z));
    cell.segment = select(is_first, cell.next, cell.next + U(1u));
    return enter_segment(cell, uniform_deviate(block.x), segments, classes, margination);
}

CTC_NAMESPACE_END
