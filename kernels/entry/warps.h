// The loop of a warp over cells: lanes hop until enough of them need more than a plain hop, then
// those are served together; a lane whose cell is done takes the next one. No formula.
//
// The twin of host/packs.h. Every lane stays to the end of the loop, so that votes see all of them.
#pragma once
#include "core/warp.h"
#include "entry/cells.h"

CTC_NAMESPACE_BEGIN

#if CTC_DEVICE

// Where a launch takes cells from and puts events.
struct Desk {
    u64* taken;  // cells taken so far, of `count`
    u64 count;
    u64 max_hops;  // after so many a cell is left to the next launch
    Event* events;
    u64* event_count;
    u64 event_capacity;
};

// Threads of a block, at most.
constexpr u32 BLOCK_THREADS = 128;

// What the threads of a block keep in shared memory.
struct BlockMemory {
    static constexpr u32 MOST_ORGANS = 64;
    // Sums by organ: cells of all blocks meet in the same few beds.
    u64 count[MOST_ORGANS * N_ORGAN_TALLIES];
    // The parts of each thread's cell that no hop reads, so that they take no registers.
    u64 slot[BLOCK_THREADS];
    u64 hops[BLOCK_THREADS];        // of all its cells so far
    u32 unfinished[BLOCK_THREADS];  // cells so far that must be launched again
    u32 next[BLOCK_THREADS];        // of its flight, as are the next four
    f32 share[BLOCK_THREADS];
    f32 size_root[BLOCK_THREADS];
    f32 ball_root[BLOCK_THREADS];
    f32 chain_root[BLOCK_THREADS];
    u32 boarded_at[BLOCK_THREADS];  // draw counter before the first hop of the flight
    u32 hops_left[BLOCK_THREADS];   // of this launch
    u16 size_class[BLOCK_THREADS];
    u16 passes[BLOCK_THREADS];
    u16 clone[BLOCK_THREADS];
    u8 state[BLOCK_THREADS];
    u8 cause[BLOCK_THREADS];
    u8 pending[BLOCK_THREADS];

    // Every thread of the block calls both.
    CTC_FUNCTION void clear(u32 n_organs) {
        for (u32 i = threadIdx.x; i < n_organs * N_ORGAN_TALLIES; i += blockDim.x) count[i] = 0;
        join_block();
    }
    CTC_FUNCTION void add_to(u64* organ_tally, u32 n_organs) {
        join_block();
        for (u32 i = threadIdx.x; i < n_organs * N_ORGAN_TALLIES; i += blockDim.x)
            if (count[i] != 0) atomic_add(organ_tally + i, count[i]);
    }
};

class WarpLoop {
  public:
    // `world` has no room for events: the laws leave them pending, and the loop writes them.
    CTC_FUNCTION WarpLoop(const Cells& cells, const World& world, const Desk& desk,
                          BlockMemory& memory)
        : cells_(cells), world_(world), desk_(desk), memory_(memory), me_(threadIdx.x) {
        park(flight_);
        memory.hops[me_] = 0;
        memory.unfinished[me_] = 0;
        most_hops_ = static_cast<u32>(desk.max_hops < 0x40000000u ? desk.max_hops : 0x40000000u);
    }

    CTC_FUNCTION void run(u64& hops, u64& unfinished) {
        u32 here = ALL_LANES;
        while (here != 0) {
            serve();
            here = lanes_where(phase_ != Phase::DONE);
            fly(count_lanes(here));
        }
        hops += memory_.hops[me_];
        unfinished += memory_.unfinished[me_];
    }

  private:
    enum class Phase : u32 {
        EMPTY,       // no cell
        WAITING,     // a cell that must be prepared for its next hop
        INCOMPLETE,  // a cell whose entry must be completed first
        FLYING,      // a cell that hops
        DONE,        // no cell, and none is left
    };

    // Hop, two by two, until so many of the lanes that are here wait that it pays to serve them.
    CTC_FUNCTION void fly(u32 n_here) {
        resume();
        u32 n_hops = 0;
        while (8 * count_lanes(lanes_where(phase_ == Phase::FLYING)) > 5 * n_here) {
            if (n_hops >= most_hops_) {
                if (phase_ == Phase::FLYING) phase_ = Phase::WAITING;
                break;
            }
            if (phase_ == Phase::FLYING) {
                const PhiloxBlock<u32> words =
                    words_of_two_hops(flight_, philox_keys<u32>(world_.seed));
                // A cell that is taken up between the two hops of a pair makes the second alone.
                if ((flight_.draw & 1u) == 0) step(words.x, words.y);
                if (phase_ == Phase::FLYING) step(words.z, words.w);
            }
            n_hops += 2;
        }
        park(flight_);
    }

    // What only hops read stays out of the registers while lanes are served.
    CTC_FUNCTION void park(const Flight<OneCell>& flight) {
        memory_.next[me_] = flight.next;
        memory_.share[me_] = flight.share;
        memory_.size_root[me_] = flight.size_root;
        memory_.ball_root[me_] = flight.ball_root;
        memory_.chain_root[me_] = flight.chain_root;
    }
    CTC_FUNCTION void resume() {
        flight_.next = memory_.next[me_];
        flight_.share = memory_.share[me_];
        flight_.size_root = memory_.size_root[me_];
        flight_.ball_root = memory_.ball_root[me_];
        flight_.chain_root = memory_.chain_root[me_];
    }

    CTC_FUNCTION void step(u32 word, u32 low_word) {
        const bool is_incomplete =
            hop(flight_, word, low_word, world_.segments, world_.classes, world_.margination);
        if (is_incomplete) phase_ = Phase::INCOMPLETE;
        else if (flight_.exit_time > world_.epoch_end) phase_ = Phase::WAITING;
    }

    // One round for all lanes that do not fly: each thing is done once, by all that need it.
    CTC_FUNCTION void serve() {
        take_cells();
        const bool has_cell = phase_ == Phase::WAITING || phase_ == Phase::INCOMPLETE;
        Cell cell;
        bool goes_on = has_cell;
        if (has_cell) {
            unpack(cell);
            // False with an event still to be written, or after a fault.
            if (phase_ == Phase::INCOMPLETE)
                goes_on = complete_entry(cell, world_) || cell.pending != 0;
        }
        goes_on &= write_events(has_cell && cell.pending != 0, cell);
        if (has_cell) settle(cell, goes_on);
    }

    CTC_FUNCTION void take_cells() {
        const u32 empty = lanes_where(phase_ == Phase::EMPTY);
        if (empty == 0) return;
        const u64 slot = take_numbers(desk_.taken, empty);
        if (phase_ != Phase::EMPTY) return;
        if (slot >= desk_.count) {
            phase_ = Phase::DONE;
            return;
        }
        const Cell cell = load_cell(cells_, slot);
        if (!is_sound(cell, world_)) return;
        memory_.slot[me_] = slot;
        memory_.hops_left[me_] = most_hops_;
        memory_.size_class[me_] = cell.size_class;
        memory_.clone[me_] = cell.clone;
        phase_ = Phase::WAITING;
        pack(cell);
    }

    // Events of all lanes at once. False where there is no room.
    CTC_FUNCTION bool write_events(bool has_event, Cell& cell) {
        const u32 writers = lanes_where(has_event);
        if (writers == 0) return true;
        const u64 place = take_numbers(desk_.event_count, writers);
        if (!has_event) return true;
        if (place >= desk_.event_capacity) return false;
        desk_.events[place] = event_of(cell, cell.pending);
        cell.pending = 0;
        return true;
    }

    // What becomes of a cell whose events are written.
    CTC_FUNCTION void settle(Cell& cell, bool goes_on) {
        Course course = Course::STALLS;
        if (goes_on) course = prepare_for_hop(cell, world_);
        if (cell.pending != 0 && goes_on) {  // one more event, in the next round
            phase_ = Phase::WAITING;
            pack(cell);
        } else if (course == Course::HOPS && memory_.hops_left[me_] != 0) {
            phase_ = Phase::FLYING;
            pack(cell);
            park(flight_of(cell, world_));
        } else {
            memory_.unfinished[me_] += course != Course::RESTS;
            store_cell(cells_, memory_.slot[me_], cell);
            phase_ = Phase::EMPTY;
        }
    }

    // Part a cell in what hops change and what they do not.
    CTC_FUNCTION void pack(const Cell& cell) {
        flight_.id_low = static_cast<u32>(cell.id);
        flight_.id_high = static_cast<u32>(cell.id >> 32);
        flight_.draw = cell.draw;
        flight_.segment = cell.segment;
        flight_.entry_time = cell.entry_time;
        flight_.exit_time = cell.exit_time;
        flight_.budget = cell.budget;
        memory_.boarded_at[me_] = cell.draw;
        memory_.passes[me_] = cell.passes;
        memory_.state[me_] = cell.state;
        memory_.cause[me_] = cell.cause;
        memory_.pending[me_] = cell.pending;
    }

    // The whole cell again; counts the hops of its flight, each of which is one draw.
    CTC_FUNCTION void unpack(Cell& cell) {
        cell.id = (static_cast<u64>(flight_.id_high) << 32) | flight_.id_low;
        land(flight_, cell);
        cell.size_class = memory_.size_class[me_];
        cell.passes = memory_.passes[me_];
        cell.clone = memory_.clone[me_];
        cell.state = memory_.state[me_];
        cell.cause = memory_.cause[me_];
        cell.pending = memory_.pending[me_];
        const u32 n_hops = flight_.draw - memory_.boarded_at[me_];
        const u32 left = memory_.hops_left[me_];
        memory_.hops_left[me_] = n_hops < left ? left - n_hops : 0;
        memory_.hops[me_] += n_hops;
    }

    const Cells& cells_;
    const World& world_;
    const Desk& desk_;
    BlockMemory& memory_;
    const u32 me_;
    u32 most_hops_;
    Phase phase_ = Phase::EMPTY;
    Flight<OneCell> flight_ = {};
};

#endif

CTC_NAMESPACE_END
