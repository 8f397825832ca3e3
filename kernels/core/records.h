// The tables that kernels read and the events they write: plain records of fixed layout.
//
// ctc/backends/records.py holds the same layouts as NumPy dtypes; tests/architecture compares.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

// Budget of survival in the blood: units of 2^-45; of the clocks of a cell at rest: of 2^-58.
constexpr int SURVIVAL_BITS = 45;
constexpr int CLOCK_BITS = 58;
// Clocks of cells at rest tick in steps of 2^16 ns = 65.5 us.
constexpr int TICK_BITS = 16;

// What a hop needs of a segment, in one aligned 16-byte load.
struct alignas(16) SegmentRecord {
    f32 transit_time;  // mean over the flow, volume / flow rate [ns]
    u32 bore_class;    // upper 20 bits: bore, see below; lower 12: segment class
    u32 next;          // first of the one or two segments that blood flows on into
    f32 share;         // of the flow into `next`, at most 1/2; 2 where there is only one
};
// Bore of a segment: (lumen radius)^-1/2 [m^-1/2] as float32, shifted left by one (its sign is 0),
// so that 12 bits of the mantissa are kept and a radius is met to 2^-12 of itself. Multiplied by
// the root of a cell's radius it is the root of cell over lumen diameter: no division, no square
// root.
constexpr u32 CLASS_MASK = 0xFFFu;
// What the number of a class says of its segments.
constexpr u32 MARGINAL_CLASS = 0x400u;  // bit: cells marginate
constexpr u32 SPECIAL_CLASS = 0x800u;   // bit: no plain tube
constexpr u32 CHAMBER_CLASS =
    0xE00u;  // bits: a mixing heart chamber, which is entered by a plain hop
// Share of a lymph node whose blood vessels lead away: the record behind `next`, which no cell
// enters by the stream, is the way that they take.
constexpr f32 HAS_BYWAY = 3.0f;

// A lymph node is a bed whose cells have clocks of their own.
enum Behaviour : u32 { TUBE = 0, BED = 1, CHAMBER = 2, NODE = 3, EXIT = 4 };

// What segments of one class share: the rates of the place, constant within an epoch.
struct alignas(32) ClassRecord {
    f32 hazard;     // survival budget spent per nanosecond [2^-45 / ns]
    f32 toll;       // survival budget spent per segment entered, by attachment [2^-45]
    u32 organ;      // index of the organ, or n_organs - 1 for "no organ"
    u32 behaviour;  // a Behaviour
    u32 bed;        // row of the bed table, for beds and nodes
    u32 to_shear;   // cumulative shares of the causes of the hazard, in 2^-32:
    u32 to_immune;  // shear | immune | anoikis | treatment
    u32 to_anoikis;
};

// What all cells, or clusters of cells, of one size class share.
struct alignas(16) SizeRecord {
    f32 radius;        // [m] of a cell, or of a cluster gathered to a ball
    f32 chain_radius;  // [m] of one cell, as in single file in vessels narrower than the ball
    u32 clocks;        // first row of its clocks
    u32 n_cells;       // 1, or those of a cluster; no law reads it
};

// Arrest and passage of one size class in one bed.
struct alignas(16) BedRecord {
    u64 arrest;    // chance to stop, in 2^-64
    f32 slowness;  // transit time over that of the blood, for a cell that passes
    u32 law;       // row of the bed's transit-time law
};

// The competing clocks of a cell at rest, by kind of cell, state and place (an organ, or behind the
// organs the nodes of the lymph): cumulative rates per tick.
struct alignas(16) ClockRecord {
    u64 to_first;      // arrested: release;         extravasated: dormancy
    u64 to_second;     // + arrested: extravasation; extravasated, dormant: colony
    u64 to_third;      // + arrested: colony in the vessel
    u64 to_fourth;     // + arrested in a node: into the node's blood vessels
    u64 to_immune;     // + death by immune cells
    u64 to_treatment;  // + death by treatment
    u64 total;         // + other death
    u64 padding;
};

enum CellState : u32 {
    CIRCULATING = 0,
    ARRESTED = 1,
    EXTRAVASATED = 2,
    DORMANT = 3,
    DIED = 4,
    COLONY = 5,
    EXITED = 6,
};

enum Cause : u32 {
    NO_CAUSE = 0,
    BY_SHEAR = 1,
    BY_IMMUNE = 2,
    BY_ANOIKIS = 3,
    BY_ARREST = 4,
    BY_TISSUE = 5,
    BY_TREATMENT = 6,
    BY_ATTACHMENT = 7,  // not a death: the toll of a segment stopped the cell
};

enum EventKind : u32 {
    ARRESTED_EVENT = 1,
    RELEASED_EVENT = 2,
    EXTRAVASATED_EVENT = 3,
    DIED_EVENT = 4,
    DORMANT_EVENT = 5,  // 6 is retired
    COLONY_EVENT = 7,
    EXITED_EVENT = 8,
    ATTACHED_EVENT = 9,
};

struct alignas(16) Event {
    i64 time;        // [ns]
    u64 cell;        // id
    u32 segment;     // record index
    u32 number;      // draw counter of the cell: grows from event to event
    u16 size_class;  //
    u16 passes;      // beds passed since it was shed
    u16 clone;       // label of its source
    u8 kind;         // an EventKind
    u8 cause;        // a Cause
};
static_assert(sizeof(SegmentRecord) == 16 && sizeof(ClassRecord) == 32, "record layout");
static_assert(sizeof(BedRecord) == 16 && sizeof(ClockRecord) == 64, "record layout");
static_assert(sizeof(SizeRecord) == 16, "record layout");
static_assert(sizeof(Event) == 32, "record layout");

// Sums of one launch.
constexpr u32 TALLY_HOPS = 0;        // segments entered
constexpr u32 TALLY_UNFINISHED = 1;  // cells that must be launched again for this epoch
constexpr u32 TALLY_TAKEN = 2;       // of a loop over warps: cells taken from its queue
// Sums by organ: bed entries and arrests, of cells on their first bed and of the others.
constexpr u32 FIRST_ARRIVALS = 0;
constexpr u32 FIRST_ARRESTS = 1;
constexpr u32 LATER_ARRIVALS = 2;
constexpr u32 LATER_ARRESTS = 3;
constexpr u32 N_ORGAN_TALLIES = 4;

CTC_NAMESPACE_END
