// One hop: leave a segment, choose the daughter, enter it, spend the survival budget.
//
// One text for one cell (W = OneCell) and for packs of cells (W = PackOfCells). Two hops share one
// block of random words: the first of a pair, made while the cell's draw counter is even, takes
// words x and y, the second z and w. Cells are born and leave beds with an even counter, so that
// pairs stay together; one that is taken up between the two (at the start of a launch, or out of a
// tube whose passages are counted) makes its second hop alone. Lanes that entered something other
// than a tube or a chamber, or whose budget ends there, are reported and finished by complete_entry
// in course.h; their budget is left as it was.
#pragma once
#include "core/deviate.h"
#include "core/philox.h"
#include "core/records.h"
#include "core/streams.h"
#include "physics/bifurcation.h"
#include "physics/chain.h"
#include "physics/chamber.h"
#include "physics/margination.h"
#include "physics/streamline.h"
#include "physics/survival.h"

CTC_NAMESPACE_BEGIN

#if CTC_DEVICE
CTC_FUNCTION SegmentRecord load_segment(const SegmentRecord* segments, u32 index) {
    const uint4 words = __ldg(reinterpret_cast<const uint4*>(segments + index));
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

// What a hop needs of a cell: in registers from hop to hop.
template <class W>
struct Flight {
    typename W::u32 id_low, id_high;
    typename W::u32 draw;     // counter of random draws
    typename W::u32 segment;  // record index
    typename W::u32 next;     // of the segment's record
    typename W::f32 share;    // of the segment's record
    typename W::f32
        ball_root;  // square root of the radius [m^1/2] of the cell, or of a cluster's ball
    typename W::f32 chain_root;  // of one cell
    typename W::f32 size_root;   // square root of cell over lumen diameter, at most 1
    typename W::i64 entry_time;  // [ns]
    typename W::i64 exit_time;   // [ns]
    typename W::u64 budget;      // [2^-45]
};

// The flight of each lane as it is now, but back where it was before in the lanes that landed
// there: these lack what their segment's record says.
template <class W>
CTC_FUNCTION Flight<W> landed_before(typename W::mask mask, const Flight<W>& before,
                                     Flight<W> now) {
    now.draw = select(mask, before.draw, now.draw);
    now.segment = select(mask, before.segment, now.segment);
    now.entry_time = select(mask, before.entry_time, now.entry_time);
    now.exit_time = select(mask, before.exit_time, now.exit_time);
    now.budget = select(mask, before.budget, now.budget);
    return now;
}

// Load the record of the segment that the cell is in, as it stands before its next hop.
template <class W>
CTC_FUNCTION auto read_segment(Flight<W>& cell, const SegmentRecord* segments) {
    using U = typename W::u32;
    const auto record = load_segment(segments, cell.segment);
    const auto bore = float_of((record.bore_class & U(~CLASS_MASK)) >> 1);
    cell.next = record.next;
    cell.share = record.share;
    cell.size_root = felt_size_root(cell.ball_root, cell.chain_root, bore);
    return record;
}

// Enter the segment at the time that the last one was left; `margination` holds where the class
// says so. Returns the lanes to complete.
template <class W>
CTC_FUNCTION typename W::mask enter_segment(Flight<W>& cell, typename W::u32 low_word,
                                            const SegmentRecord* segments,
                                            const ClassRecord* classes, f32 margination) {
    using F = typename W::f32;
    using U = typename W::u32;
    const F deviate = second_deviate(low_word);
    const auto record = read_segment(cell, segments);
    const auto is_marginal = is_not_zero(record.bore_class & U(MARGINAL_CLASS));
    const auto is_chamber = (record.bore_class & U(CHAMBER_CLASS)) == U(CHAMBER_CLASS);
    const F streamline = marginated_deviate(deviate, select(is_marginal, F(margination), F(1.0f)));
    const F in_tube =
        record.transit_time / streamline_speed(streamline, cell.size_root * cell.size_root);
    const F transit = select(is_chamber, record.transit_time * mixing_time(deviate), in_tube);
    cell.entry_time = cell.exit_time;
    cell.exit_time = cell.exit_time + round_to_i64(transit);

    F hazard, toll;
    load_rates(classes, record.bore_class & U(CLASS_MASK), hazard, toll);
    const auto spent = survival_spent(transit, hazard, toll);
    const auto is_special = is_not_zero(record.bore_class & U(SPECIAL_CLASS)) & !is_chamber;
    const auto is_incomplete = is_special | (spent >= cell.budget);
    cell.budget = select(is_incomplete, cell.budget, cell.budget - spent);
    return is_incomplete;
}

// Random words of two hops of each cell, of which the first or the second is its next.
template <class W>
CTC_FUNCTION PhiloxBlock<typename W::u32> words_of_two_hops(
    const Flight<W>& cell, const PhiloxKeys<typename W::u32>& keys) {
    return philox<typename W::u32>(cell.id_low, cell.id_high, STREAM_HOP, cell.draw >> 1, keys);
}

// Leave the segment: choose the daughter by the two random words of the hop.
template <class W>
CTC_FUNCTION void leave_segment(Flight<W>& cell, typename W::u32 word, typename W::u32 low_word) {
    using U = typename W::u32;
    cell.draw = cell.draw + U(1u);
    const auto is_first =
        takes_first_daughter(cell.share, cell.size_root, fine_deviate(word, low_word));
    cell.segment = select(is_first, cell.next, cell.next + U(1u));
}

// One hop with its two random words. Returns the lanes to complete.
template <class W>
CTC_FUNCTION typename W::mask hop(Flight<W>& cell, typename W::u32 word, typename W::u32 low_word,
                                  const SegmentRecord* segments, const ClassRecord* classes,
                                  f32 margination) {
    leave_segment(cell, word, low_word);
    return enter_segment(cell, low_word, segments, classes, margination);
}

CTC_NAMESPACE_END
