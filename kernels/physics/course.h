// The course of one cell between plain hops: beds, death, rest, colonies.
//
// The rare branches of a cell's life, scalar on every device. A loop around them (entry/advance.h,
// host/packs.h) calls prepare_for_hop until the cell needs a hop, hops, and calls complete_entry
// for a cell whose hop was not a plain one.
#pragma once
#include "core/counts.h"
#include "core/records.h"
#include "core/streams.h"
#include "physics/bed.h"
#include "physics/clocks.h"
#include "physics/hop.h"
#include "physics/survival.h"

CTC_NAMESPACE_BEGIN

// One cell, whole, outside the arrays.
struct Cell {
    u64 id;
    i64 entry_time;  // [ns] of the segment, or since when the clocks of a cell at rest have run
    i64 exit_time;   // [ns]
    u64 budget;      // [2^-45] in the blood (0: the cell is lost at exit_time), [2^-58] at rest
    u32 segment;
    u32 draw;
    u16 size_class;
    u16 passes;
    u16 clone;
    u8 state;    // a CellState
    u8 cause;    // a Cause
    u8 pending;  // an EventKind that still has to be written, or 0
};

// Everything that the laws read, and where events and sums go.
struct World {
    const SegmentRecord* segments;
    const ClassRecord* classes;
    const BedRecord* beds;
    const f32* bed_quantiles;
    const ClockRecord* clocks;
    const SizeRecord* sizes;
    Event* events;
    u64* event_count;
    u64* organ_tally;
    u64* passages;  // by segment record, of those that are counted
    u64* first_fault;
    u64 seed;
    u64 event_capacity;
    i64 epoch_end;
    u32 n_segments;
    u32 n_size_classes;
    u32 n_organs;
    f32 margination;  // 1 / (1 - chance to marginate), where cells do
    bool is_alone;    // no other thread counts at the same time
    CountLog* log;    // of passages, of this thread; none on a GPU
};

CTC_FUNCTION const ClassRecord& class_of_segment(const World& world, u32 segment) {
    return world.classes[world.segments[segment].bore_class & CLASS_MASK];
}

CTC_FUNCTION Event event_of(const Cell& cell, u32 kind) {
    return {cell.entry_time,
            cell.id,
            cell.segment,
            cell.draw,
            cell.size_class,
            cell.passes,
            cell.clone,
            static_cast<u8>(kind),
            kind == DIED_EVENT ? cell.cause : static_cast<u8>(NO_CAUSE)};
}

// Write the event of the cell's present state. False, with the event left pending, if there is no
// room: the cell stops here and goes on in the next launch, to the same bits. A loop that writes
// the events of many cells at once gives no room at all.
CTC_FUNCTION bool write_event(Cell& cell, u32 kind, const World& world) {
    const bool has_room = world.event_capacity != 0;
    const u64 slot = has_room ? atomic_add(world.event_count, 1) : 0;
    if (slot >= world.event_capacity) {
        cell.pending = static_cast<u8>(kind);
        return false;
    }
    cell.pending = 0;
    world.events[slot] = event_of(cell, kind);
    return true;
}

CTC_FUNCTION bool is_at_rest(const Cell& cell) {
    return cell.state == ARRESTED || cell.state == EXTRAVASATED || cell.state == DORMANT;
}

CTC_FUNCTION void come_to_rest(Cell& cell, u32 state, i64 time, const World& world) {
    cell.state = static_cast<u8>(state);
    cell.entry_time = time;
    cell.exit_time = time;
    cell.budget = exponential_budget(cell.id, cell.draw, world.seed, CLOCK_BITS);
}

// The cell is lost at exit_time: it dies of its cause, or an attachment leaves it arrested for
// good.
CTC_FUNCTION bool end_in_blood(Cell& cell, const World& world) {
    cell.draw += 1;
    if (cell.cause == BY_ATTACHMENT) {
        come_to_rest(cell, ARRESTED, cell.exit_time, world);
        return write_event(cell, ATTACHED_EVENT, world);
    }
    cell.state = DIED;
    cell.entry_time = cell.exit_time;
    return write_event(cell, DIED_EVENT, world);
}

// Spend the budget on a transit [ns]; where it ends, fix the time and the cause of the loss.
CTC_FUNCTION void spend_on_transit(Cell& cell, f32 transit, const ClassRecord& place,
                                   const World& world) {
    const u64 spent = survival_spent(transit, place.hazard, place.toll);
    if (spent < cell.budget) {
        cell.budget -= spent;
        return;
    }
    const f32 spent_in_all = place.hazard * transit + place.toll;
    const f32 fraction = static_cast<f32>(static_cast<i64>(cell.budget)) / spent_in_all;
    cell.exit_time = cell.entry_time + round_to_i64(fraction < 1.0f ? transit * fraction : transit);
    cell.budget = 0;

    const PhiloxBlock<u32> block = philox_of_cell(cell.id, STREAM_CAUSE, cell.draw, world.seed);
    const bool is_attached = uniform_deviate(block.x) * spent_in_all < place.toll;
    if (is_attached) cell.cause = BY_ATTACHMENT;
    else if (is_below(block.y, place.to_shear)) cell.cause = BY_SHEAR;
    else if (is_below(block.y, place.to_immune)) cell.cause = BY_IMMUNE;
    else if (is_below(block.y, place.to_anoikis)) cell.cause = BY_ANOIKIS;
    else cell.cause = BY_TREATMENT;
}

// Out of a bed a cell goes on with a new pair of hops; see hop.h.
CTC_FUNCTION void begin_flight(Cell& cell) { cell.draw += cell.draw & 1u; }

CTC_FUNCTION bool enter_bed(Cell& cell, f32 mean_transit, const ClassRecord& place,
                            const World& world) {
    const BedRecord& bed = world.beds[place.bed * world.n_size_classes + cell.size_class];
    const PhiloxBlock<u32> block = philox_of_cell(cell.id, STREAM_BED, cell.draw, world.seed);
    const bool is_stopped = stops_in_bed(bed, block.x, block.y);
    const bool is_first = cell.passes == 0;
    u64* tally = world.organ_tally + place.organ * N_ORGAN_TALLIES;
    count_one(tally + (is_first ? FIRST_ARRIVALS : LATER_ARRIVALS), world.is_alone);
    if (is_stopped) {
        count_one(tally + (is_first ? FIRST_ARRESTS : LATER_ARRESTS), world.is_alone);
        come_to_rest(cell, ARRESTED, cell.entry_time, world);
        return write_event(cell, ARRESTED_EVENT, world);
    }
    if (cell.passes < 0xFFFF) cell.passes += 1;
    const f32 transit =
        mean_transit * (bed.slowness * unit_transit(world.bed_quantiles, bed.law, block.z));
    cell.exit_time = cell.entry_time + round_to_i64(transit);
    spend_on_transit(cell, transit, place, world);
    begin_flight(cell);
    return true;
}

CTC_FUNCTION void count_passage(const Cell& cell, const World& world) {
    if (world.log != nullptr) world.log->add(cell.segment);
    else count_one(world.passages + cell.segment, world.is_alone);
}

// Finish an entry that enter_segment reported. False if the cell must stop for want of room.
CTC_FUNCTION bool complete_entry(Cell& cell, const World& world) {
    const SegmentRecord record = load_segment(world.segments, cell.segment);
    const ClassRecord& place = world.classes[record.bore_class & CLASS_MASK];
    switch (place.behaviour) {
        case TUBE:
            if ((record.bore_class & SPECIAL_CLASS) != 0) count_passage(cell, world);
            [[fallthrough]];
        case CHAMBER:
            spend_on_transit(cell, static_cast<f32>(cell.exit_time - cell.entry_time), place,
                             world);
            return true;
        case BED:
        case NODE:
            count_passage(cell, world);
            return enter_bed(cell, record.transit_time, place, world);
        case EXIT:
            cell.state = EXITED;
            cell.exit_time = cell.entry_time;
            return write_event(cell, EXITED_EVENT, world);
        default:
            report_fault(world.first_fault, cell.id, FAULT_BEHAVIOUR);
            return false;
    }
}

// Let the clocks of a cell at rest run to the epoch's end or to the next change of state.
// Returns true if the state changed and there was room for the event.
CTC_FUNCTION bool run_clocks(Cell& cell, const World& world) {
    if (cell.cause == BY_ATTACHMENT) return false;
    const ClassRecord& place = class_of_segment(world, cell.segment);
    const u32 row = cell.state - static_cast<u32>(ARRESTED);
    const u32 column = place.behaviour == NODE ? world.n_organs : place.organ;
    const ClockRecord& clocks =
        world.clocks[world.sizes[cell.size_class].clocks + row * (world.n_organs + 1) + column];
    if (!clock_fires(clocks, world.epoch_end, cell.entry_time, cell.budget)) {
        cell.exit_time = cell.entry_time;
        return false;
    }
    cell.draw += 1;
    const PhiloxBlock<u32> block = philox_of_cell(cell.id, STREAM_CLOCK, cell.draw, world.seed);
    const Clock fired = firing_clock(clocks, (static_cast<u64>(block.x) << 32) | block.y);
    const i64 time = cell.entry_time;
    const u32 before = cell.state;
    if (fired >= Clock::IMMUNE_DEATH) {
        const u32 other = before == ARRESTED ? BY_ARREST : BY_TISSUE;
        const u32 treated = fired == Clock::TREATMENT_DEATH ? u32(BY_TREATMENT) : other;
        cell.cause = static_cast<u8>(fired == Clock::IMMUNE_DEATH ? u32(BY_IMMUNE) : treated);
        cell.state = DIED;
        cell.exit_time = time;
        return write_event(cell, DIED_EVENT, world);
    }
    if (before == ARRESTED && (fired == Clock::FIRST || fired == Clock::FOURTH)) {
        // Back into the stream, at the end of the segment that held it; out of a node by its blood
        // vessels, at the end of the way that its water takes to a vein.
        const SegmentRecord record = load_segment(world.segments, cell.segment);
        if (fired == Clock::FOURTH && record.share == HAS_BYWAY) {
            cell.segment = record.next + 1;
            count_passage(cell, world);
        }
        cell.state = CIRCULATING;
        cell.exit_time = time;
        cell.budget = exponential_budget(cell.id, cell.draw, world.seed, SURVIVAL_BITS);
        if (cell.passes < 0xFFFF) cell.passes += 1;
        begin_flight(cell);
        return write_event(cell, RELEASED_EVENT, world);
    }
    if (fired == Clock::THIRD || (before != ARRESTED && fired == Clock::SECOND)) {
        cell.state = COLONY;
        cell.exit_time = time;
        return write_event(cell, COLONY_EVENT, world);
    }
    const bool leaves_vessel = before == ARRESTED;
    come_to_rest(cell, leaves_vessel ? EXTRAVASATED : DORMANT, time, world);
    return write_event(cell, leaves_vessel ? EXTRAVASATED_EVENT : DORMANT_EVENT, world);
}

enum class Course { HOPS, RESTS, STALLS };

// Do all that the cell does without a hop. HOPS: it is at the end of its segment and goes on.
// RESTS: nothing more happens in this epoch. STALLS: no room for its event.
CTC_FUNCTION Course prepare_for_hop(Cell& cell, const World& world) {
    if (cell.pending != 0 && !write_event(cell, cell.pending, world)) return Course::STALLS;
    while (true) {
        if (cell.state == CIRCULATING) {
            if (cell.exit_time > world.epoch_end) return Course::RESTS;
            if (cell.budget != 0) return Course::HOPS;
            if (!end_in_blood(cell, world)) return Course::STALLS;
        } else if (is_at_rest(cell)) {
            if (!run_clocks(cell, world)) return cell.pending != 0 ? Course::STALLS : Course::RESTS;
        } else {
            return Course::RESTS;
        }
    }
}

CTC_FUNCTION Flight<OneCell> flight_of(const Cell& cell, const World& world) {
    Flight<OneCell> flight = {};
    flight.id_low = static_cast<u32>(cell.id);
    flight.id_high = static_cast<u32>(cell.id >> 32);
    flight.draw = cell.draw;
    flight.segment = cell.segment;
    const SizeRecord size = world.sizes[cell.size_class];
    flight.ball_root = square_root(size.radius);
    flight.chain_root = square_root(size.chain_radius);
    flight.entry_time = cell.entry_time;
    flight.exit_time = cell.exit_time;
    flight.budget = cell.budget;
    read_segment(flight, world.segments);
    return flight;
}

CTC_FUNCTION void land(const Flight<OneCell>& flight, Cell& cell) {
    cell.draw = flight.draw;
    cell.segment = flight.segment;
    cell.entry_time = flight.entry_time;
    cell.exit_time = flight.exit_time;
    cell.budget = flight.budget;
}

CTC_NAMESPACE_END
