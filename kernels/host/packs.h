// The loop over packs of cells: lanes run until their cell needs more than a plain hop or reaches
// the end of the epoch, then take the next cell. No formula.
#pragma once
#include "core/pack.h"
#include "entry/advance.h"

CTC_NAMESPACE_BEGIN

// The flights of one pack in memory, where single lanes are put in and taken out.
struct alignas(64) Lanes {
    u32 id_low[CTC_LANES], id_high[CTC_LANES];
    f32 ball_root[CTC_LANES], chain_root[CTC_LANES];
    u32 draw[CTC_LANES], segment[CTC_LANES], next[CTC_LANES];
    f32 share[CTC_LANES], size_root[CTC_LANES];
    i64 entry_time[CTC_LANES], exit_time[CTC_LANES];
    u64 budget[CTC_LANES];
};

template <class Queue>
class PackLoop {
  public:
    PackLoop(const Cells& cells, const World& world, Queue& queue)
        : cells_(cells), world_(world), queue_(queue) {}

    // Follow all cells of the queue; adds to the tally of the launch.
    void run(u64* tally) {
        u32 active[N_PACKS] = {};
        u32 any = 0;
        for (u32 pack = 0; pack < N_PACKS; ++pack) {
            lanes_[pack] = Lanes();
            for (u32 lane = 0; lane < CTC_LANES; ++lane)
                if (refill(pack, lane)) active[pack] |= 1u << lane;
            any |= active[pack];
        }
        while (any != 0) {
            Landing landing[N_PACKS];
            hop_twice(landing);
            any = 0;
            for (u32 pack = 0; pack < N_PACKS; ++pack) {
                const Landing& of = landing[pack];
                hops_ += static_cast<u64>(__builtin_popcount(active[pack]) +
                                          __builtin_popcount(active[pack] & ~of.after_first));
                u32 landed = of.in_all & active[pack];
                while (landed != 0) {
                    const u32 lane = static_cast<u32>(__builtin_ctz(landed));
                    landed &= landed - 1;
                    if (!serve(pack, lane, (of.incomplete >> lane & 1u) != 0))
                        active[pack] &= ~(1u << lane);
                }
                any |= active[pack];
            }
        }
        tally[TALLY_HOPS] += hops_;
        tally[TALLY_UNFINISHED] += unfinished_;
    }

  private:
    // More than one pack at a time, step by step side by side: a hop is a chain of waits.
    static constexpr u32 N_PACKS = CTC_PACKS;

    // Lanes that landed, one bit each: after the first hop, after both, and those to complete.
    struct Landing {
        u32 after_first, in_all, incomplete;
    };

    void hop_twice(Landing* landing) {
        using W = PackOfCells;
        Flight<W> flight[N_PACKS], after_first[N_PACKS];
        PhiloxBlock<PackU32> words[N_PACKS];
        PackMask incomplete[N_PACKS], landed[N_PACKS], again[N_PACKS];
        const PackI64 end(world_.epoch_end);
        for (u32 pack = 0; pack < N_PACKS; ++pack) flight[pack] = flight_in(lanes_[pack]);
        for (u32 pack = 0; pack < N_PACKS; ++pack)
            words[pack] = words_of_two_hops(flight[pack], world_.seed);
        for (u32 pack = 0; pack < N_PACKS; ++pack)
            incomplete[pack] = hop(flight[pack], words[pack].x, words[pack].y, world_.segments,
                                   world_.classes, world_.margination);
        for (u32 pack = 0; pack < N_PACKS; ++pack) {
            landed[pack] = incomplete[pack] | (flight[pack].exit_time > end);
            after_first[pack] = flight[pack];
        }
        for (u32 pack = 0; pack < N_PACKS; ++pack)
            again[pack] = hop(flight[pack], words[pack].z, words[pack].w, world_.segments,
                              world_.classes, world_.margination);
        for (u32 pack = 0; pack < N_PACKS; ++pack) {
            const PackMask now = again[pack] | (flight[pack].exit_time > end);
            keep(select<W>(landed[pack], after_first[pack], flight[pack]), lanes_[pack]);
            landing[pack] = {lane_bits(landed[pack]), lane_bits(landed[pack] | now),
                             lane_bits(incomplete[pack] | (again[pack] & !landed[pack]))};
        }
    }

    // Finish the lane's entry; keep the cell if it hops on, else store it and take another.
    bool serve(u32 pack, u32 lane, bool is_incomplete) {
        Cell& cell = cell_[pack][lane];
        land_lane(lanes_[pack], lane, cell);
        Course course = Course::STALLS;
        if (!is_incomplete || complete_entry(cell, world_)) course = prepare_for_hop(cell, world_);
        if (course == Course::HOPS) course = finish_pair(cell, world_, hops_);
        if (course == Course::HOPS) {
            board(lanes_[pack], lane, flight_of(cell, world_));
            return true;
        }
        unfinished_ += course == Course::STALLS;
        store_cell(cells_, slot_[pack][lane], cell);
        return refill(pack, lane);
    }

    bool refill(u32 pack, u32 lane) {
        u64 slot;
        while (queue_.take(slot)) {
            Cell cell = load_cell(cells_, slot);
            if (!is_sound(cell, world_)) continue;
            const bool was_pending = cell.pending != 0;
            const i64 since = cell.entry_time;
            const u32 draw = cell.draw;
            Course course = prepare_for_hop(cell, world_);
            if (course == Course::HOPS) course = finish_pair(cell, world_, hops_);
            if (course == Course::HOPS) {
                cell_[pack][lane] = cell;
                slot_[pack][lane] = slot;
                board(lanes_[pack], lane, flight_of(cell, world_));
                return true;
            }
            unfinished_ += course == Course::STALLS;
            if (was_pending || cell.entry_time != since || cell.draw != draw)
                store_cell(cells_, slot, cell);
        }
        return false;
    }

    static void board(Lanes& lanes, u32 lane, const Flight<OneCell>& one) {
        lanes.id_low[lane] = one.id_low;
        lanes.id_high[lane] = one.id_high;
        lanes.ball_root[lane] = one.ball_root;
        lanes.chain_root[lane] = one.chain_root;
        lanes.draw[lane] = one.draw;
        lanes.segment[lane] = one.segment;
        lanes.next[lane] = one.next;
        lanes.share[lane] = one.share;
        lanes.size_root[lane] = one.size_root;
        lanes.entry_time[lane] = one.entry_time;
        lanes.exit_time[lane] = one.exit_time;
        lanes.budget[lane] = one.budget;
    }

    static void land_lane(const Lanes& lanes, u32 lane, Cell& cell) {
        cell.draw = lanes.draw[lane];
        cell.segment = lanes.segment[lane];
        cell.entry_time = lanes.entry_time[lane];
        cell.exit_time = lanes.exit_time[lane];
        cell.budget = lanes.budget[lane];
    }

    static Flight<PackOfCells> flight_in(const Lanes& lanes) {
        Flight<PackOfCells> flight;
        flight.id_low = lanes_of<PackU32>(lanes.id_low);
        flight.id_high = lanes_of<PackU32>(lanes.id_high);
        flight.ball_root = lanes_of<PackF32>(lanes.ball_root);
        flight.chain_root = lanes_of<PackF32>(lanes.chain_root);
        flight.draw = lanes_of<PackU32>(lanes.draw);
        flight.segment = lanes_of<PackU32>(lanes.segment);
        flight.next = lanes_of<PackU32>(lanes.next);
        flight.share = lanes_of<PackF32>(lanes.share);
        flight.size_root = lanes_of<PackF32>(lanes.size_root);
        flight.entry_time = lanes_of<PackI64>(lanes.entry_time);
        flight.exit_time = lanes_of<PackI64>(lanes.exit_time);
        flight.budget = lanes_of<PackU64>(lanes.budget);
        return flight;
    }

    // What a hop changes; ids and sizes stay.
    static void keep(const Flight<PackOfCells>& flight, Lanes& lanes) {
        keep_lanes(flight.draw, lanes.draw);
        keep_lanes(flight.segment, lanes.segment);
        keep_lanes(flight.next, lanes.next);
        keep_lanes(flight.share, lanes.share);
        keep_lanes(flight.size_root, lanes.size_root);
        keep_lanes(flight.entry_time, lanes.entry_time);
        keep_lanes(flight.exit_time, lanes.exit_time);
        keep_lanes(flight.budget, lanes.budget);
    }

    const Cells& cells_;
    const World& world_;
    Queue& queue_;
    Lanes lanes_[N_PACKS];
    Cell cell_[N_PACKS][CTC_LANES];
    u64 slot_[N_PACKS][CTC_LANES];
    u64 hops_ = 0;
    u64 unfinished_ = 0;
};

CTC_NAMESPACE_END
