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
    i64 entry_time[CTC_LANES], exit_time[CTC_LANES], budget[CTC_LANES];
};

template <class Queue>
class PackLoop {
  public:
    PackLoop(const Cells& cells, const World& world, Queue& queue)
        : cells_(cells), world_(world), queue_(queue), keys_(philox_keys<PackU32>(world.seed)) {}

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
    static constexpr u32 N_PACKS = 2;
    static constexpr u32 MOST_NEAR = 1u << 18;  // records of 4 MiB; fewer lie in near caches anyway

    // Lanes that landed, one bit each: after the first hop, after both, and those to complete.
    struct Landing {
        u32 after_first, in_all, incomplete;
    };

    // Two hops of both packs, step by step side by side: each is a chain of waits.
    void hop_twice(Landing* landing) {
        using W = PackOfCells;
        const SegmentRecord* segments = world_.segments;
        const ClassRecord* classes = world_.classes;
        const f32 margination = world_.margination;
        const PackI64 end(world_.epoch_end);
        Flight<W> a = flight_in(lanes_[0]), b = flight_in(lanes_[1]);
        const PhiloxBlock<PackU32> words_a = words_of_two_hops(a, keys_);
        const PhiloxBlock<PackU32> words_b = words_of_two_hops(b, keys_);
        leave_segment(a, words_a.x, words_a.y);
        leave_segment(b, words_b.x, words_b.y);
        const PackMask first_a = enter_segment(a, words_a.y, segments, classes, margination);
        const PackMask first_b = enter_segment(b, words_b.y, segments, classes, margination);
        const PackMask landed_a = first_a | (a.exit_time > end);
        const PackMask landed_b = first_b | (b.exit_time > end);
        const Flight<W> before_a = a, before_b = b;
        leave_segment(a, words_a.z, words_a.w);
        leave_segment(b, words_b.z, words_b.w);
        const PackMask second_a = enter_segment(a, words_a.w, segments, classes, margination);
        const PackMask second_b = enter_segment(b, words_b.w, segments, classes, margination);
        landing[0] = {lane_bits(landed_a), lane_bits(landed_a | second_a | (a.exit_time > end)),
                      lane_bits(first_a | (second_a & !landed_a))};
        landing[1] = {lane_bits(landed_b), lane_bits(landed_b | second_b | (b.exit_time > end)),
                      lane_bits(first_b | (second_b & !landed_b))};
        keep(landed_before(landed_a, before_a, a), lanes_[0]);
        keep(landed_before(landed_b, before_b, b), lanes_[1]);
        if (world_.n_segments > MOST_NEAR) fetch_daughters();
    }

    // Ask for what the next hops will load: both daughters lie in one line of a cache, as a rule.
    void fetch_daughters() const {
        for (const Lanes& lanes : lanes_)
            for (u32 lane = 0; lane < CTC_LANES; ++lane)
                __builtin_prefetch(world_.segments + lanes.next[lane]);
    }

    // Finish the lane's entry; keep the cell if it hops on, else store it and take another.
    bool serve(u32 pack, u32 lane, bool is_incomplete) {
        Cell& cell = cell_[pack][lane];
        land_lane(lanes_[pack], lane, cell);
        Course course = Course::STALLS;
        if (!is_incomplete || complete_entry(cell, world_)) course = prepare_for_hop(cell, world_);
        if (course == Course::HOPS) course = finish_pair(cell, world_, hops_);
        if (course == Course::HOPS) {
            board_again(lanes_[pack], lane, cell);
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
                board(lanes_[pack], lane, cell);
                return true;
            }
            unfinished_ += course == Course::STALLS;
            if (was_pending || cell.entry_time != since || cell.draw != draw)
                store_cell(cells_, slot, cell);
        }
        return false;
    }

    // Put a cell into a lane that is free.
    void board(Lanes& lanes, u32 lane, const Cell& cell) const {
        const SizeRecord size = world_.sizes[cell.size_class];
        put_lane(lanes.id_low, lane, static_cast<u32>(cell.id));
        put_lane(lanes.id_high, lane, static_cast<u32>(cell.id >> 32));
        put_lane(lanes.ball_root, lane, square_root(size.radius));
        put_lane(lanes.chain_root, lane, square_root(size.chain_radius));
        board_again(lanes, lane, cell);
    }

    // Put a cell back into its own lane.
    void board_again(Lanes& lanes, u32 lane, const Cell& cell) const {
        Flight<OneCell> one = {};
        one.segment = cell.segment;
        one.ball_root = lanes.ball_root[lane];
        one.chain_root = lanes.chain_root[lane];
        read_segment(one, world_.segments);
        put_lane(lanes.draw, lane, cell.draw);
        put_lane(lanes.segment, lane, cell.segment);
        put_lane(lanes.next, lane, one.next);
        put_lane(lanes.share, lane, one.share);
        put_lane(lanes.size_root, lane, one.size_root);
        put_lane(lanes.entry_time, lane, cell.entry_time);
        put_lane(lanes.exit_time, lane, cell.exit_time);
        put_lane(lanes.budget, lane, static_cast<i64>(cell.budget));
    }

    static void land_lane(const Lanes& lanes, u32 lane, Cell& cell) {
        cell.draw = lanes.draw[lane];
        cell.segment = lanes.segment[lane];
        cell.entry_time = lanes.entry_time[lane];
        cell.exit_time = lanes.exit_time[lane];
        cell.budget = as_u64(lanes.budget[lane]);
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
    const PhiloxKeys<PackU32> keys_;
    Lanes lanes_[N_PACKS];
    Cell cell_[N_PACKS][CTC_LANES];
    u64 slot_[N_PACKS][CTC_LANES];
    u64 hops_ = 0;
    u64 unfinished_ = 0;
};

CTC_NAMESPACE_END
