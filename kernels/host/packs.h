// The loop over packs of cells: lanes run until their cell needs more than a plain hop or reaches
// the end of the epoch, then take the next cell. No formula.
#pragma once
#include "core/pack.h"
#include "entry/cells.h"

CTC_NAMESPACE_BEGIN

template <class Queue>
class PackLoop {
  public:
    PackLoop(const Cells& cells, const World& world, Queue& queue)
        : cells_(cells), world_(world), queue_(queue) {}

    void run(u64& hops, u64& unfinished) {
        flight_ = Flight<PackOfCells>();
        u32 active = 0;
        for (u32 lane = 0; lane < CTC_LANES; ++lane)
            if (refill(lane)) active |= 1u << lane;
        while (active != 0) {
            const PackMask incomplete =
                hop(flight_, world_.segments, world_.classes, world_.seed, world_.margination);
            hops += static_cast<u64>(__builtin_popcount(active));
            PackI64 end;
            end.v = world_.epoch_end - raw::vi64{};
            const u32 to_complete = lane_bits(incomplete) & active;
            u32 to_land = (lane_bits(narrow(flight_.exit_time > end)) & active) | to_complete;
            while (to_land != 0) {
                const u32 lane = static_cast<u32>(__builtin_ctz(to_land));
                to_land &= to_land - 1;
                if (!serve(lane, (to_complete >> lane & 1u) != 0)) active &= ~(1u << lane);
            }
        }
        unfinished += unfinished_;
    }

  private:
    // Finish the lane's entry; keep the cell if it hops on, else store it and take another.
    bool serve(u32 lane, bool is_incomplete) {
        Cell& cell = cell_[lane];
        land_lane(lane, cell);
        Course course = Course::STALLS;
        if (!is_incomplete || complete_entry(cell, world_)) course = prepare_for_hop(cell, world_);
        if (course == Course::HOPS) {
            board(lane, cell);
            return true;
        }
        unfinished_ += course == Course::STALLS;
        store_cell(cells_, slot_[lane], cell);
        return refill(lane);
    }

    bool refill(u32 lane) {
        u64 slot;
        while (queue_.take(slot)) {
            Cell cell = load_cell(cells_, slot);
            if (!is_sound(cell, world_)) continue;
            const bool was_pending = cell.pending != 0;
            const i64 since = cell.entry_time;
            const u32 draw = cell.draw;
            const Course course = prepare_for_hop(cell, world_);
            if (course == Course::HOPS) {
                cell_[lane] = cell;
                slot_[lane] = slot;
                board(lane, cell);
                return true;
            }
            unfinished_ += course == Course::STALLS;
            if (was_pending || cell.entry_time != since || cell.draw != draw)
                store_cell(cells_, slot, cell);
        }
        return false;
    }

    void board(u32 lane, const Cell& cell) {
        const Flight<OneCell> one = flight_of(cell, world_);
        flight_.id_low.v[lane] = one.id_low;
        flight_.id_high.v[lane] = one.id_high;
        flight_.draw.v[lane] = one.draw;
        flight_.segment.v[lane] = one.segment;
        flight_.next.v[lane] = one.next;
        flight_.share.v[lane] = one.share;
        flight_.ball_radius.v[lane] = one.ball_radius;
        flight_.chain_radius.v[lane] = one.chain_radius;
        flight_.size_ratio.v[lane] = one.size_ratio;
        flight_.entry_time.v[lane] = one.entry_time;
        flight_.exit_time.v[lane] = one.exit_time;
        flight_.budget.v[lane] = one.budget;
    }

    void land_lane(u32 lane, Cell& cell) const {
        cell.draw = flight_.draw.v[lane];
        cell.segment = flight_.segment.v[lane];
        cell.entry_time = flight_.entry_time.v[lane];
        cell.exit_time = flight_.exit_time.v[lane];
        cell.budget = flight_.budget.v[lane];
    }

    const Cells& cells_;
    const World& world_;
    Queue& queue_;
    Flight<PackOfCells> flight_;
    Cell cell_[CTC_LANES];
    u64 slot_[CTC_LANES];
    u64 unfinished_ = 0;
};

CTC_NAMESPACE_END
