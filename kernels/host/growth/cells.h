// A lattice of cubic cells and lists of items in them: what lies near a segment.
//
// Lists are filled by many threads at once, so the order within one is arbitrary: whoever reads
// them must take the best by a total order, never the first.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "host/growth/workers.h"

namespace ctc_growth {

struct Lattice {
    double size = 1.0;  // edge of a cell [m]
    i32 n[3] = {1, 1, 1};

    u64 n_cells() const {
        return static_cast<u64>(n[0]) * static_cast<u64>(n[1]) * static_cast<u64>(n[2]);
    }
    // Cell along one axis, clamped into the lattice: what lies outside counts to its border.
    i32 along(double x, int axis) const {
        const double t = x / size;
        if (!(t > 0.0)) return 0;
        const double top = static_cast<double>(n[axis] - 1);
        return t >= top ? n[axis] - 1 : static_cast<i32>(t);
    }
    u64 cell(i32 i, i32 j, i32 k) const {
        return (static_cast<u64>(i) * static_cast<u64>(n[1]) + static_cast<u64>(j)) *
                   static_cast<u64>(n[2]) +
               static_cast<u64>(k);
    }
};

// Call visit(cell) for each cell within `reach` (in each axis) of the segment ab, until one call
// returns false; true if none did.
template <class Visit>
inline bool cells_near_segment(const Lattice& lattice, const Point& a, const Point& b, double reach,
                               Visit visit) {
    const Point d = b - a;
    const double low_x = smaller(a.x, b.x) - reach, high_x = larger(a.x, b.x) + reach;
    const i32 i0 = lattice.along(low_x, 0), i1 = lattice.along(high_x, 0);
    for (i32 i = i0; i <= i1; ++i) {
        // The part of the segment within reach of this slab; slabs of the border are endless.
        double t0 = 0.0, t1 = 1.0;
        if (i0 != i1 && (d.x > 0.0 || d.x < 0.0)) {
            const double near = i == 0 ? -1e300 : lattice.size * i - reach;
            const double far = i == lattice.n[0] - 1 ? 1e300 : lattice.size * (i + 1) + reach;
            const double u = (near - a.x) / d.x, v = (far - a.x) / d.x;
            t0 = larger(t0, smaller(u, v));
            t1 = smaller(t1, larger(u, v));
            if (t0 > t1) continue;
        }
        const double y0 = a.y + t0 * d.y, y1 = a.y + t1 * d.y;
        const i32 j0 = lattice.along(smaller(y0, y1) - reach, 1);
        const i32 j1 = lattice.along(larger(y0, y1) + reach, 1);
        for (i32 j = j0; j <= j1; ++j) {
            double s0 = t0, s1 = t1;
            if (j0 != j1 && (d.y > 0.0 || d.y < 0.0)) {
                const double near = j == 0 ? -1e300 : lattice.size * j - reach;
                const double far = j == lattice.n[1] - 1 ? 1e300 : lattice.size * (j + 1) + reach;
                const double u = (near - a.y) / d.y, v = (far - a.y) / d.y;
                s0 = larger(s0, smaller(u, v));
                s1 = smaller(s1, larger(u, v));
                if (s0 > s1) continue;
            }
            const double z0 = a.z + s0 * d.z, z1 = a.z + s1 * d.z;
            const i32 k0 = lattice.along(smaller(z0, z1) - reach, 2);
            const i32 k1 = lattice.along(larger(z0, z1) + reach, 2);
            for (i32 k = k0; k <= k1; ++k)
                if (!visit(lattice.cell(i, j, k))) return false;
        }
    }
    return true;
}

class CellLists {
  public:
    struct Entry {
        i32 next, item;
    };

    void clear(u64 n_cells, const Workers& workers) {
        if (n_cells_ != n_cells) {
            head_.reset();
            head_.reset(new std::atomic<i32>[n_cells]);
            n_cells_ = n_cells;
        }
        workers.over(n_cells, 1 << 16, [&](u64 begin, u64 end, unsigned) {
            for (u64 i = begin; i < end; ++i) head_[i].store(-1, std::memory_order_relaxed);
        });
        used_.store(0);
    }
    void release() {
        head_.reset();
        n_cells_ = 0;
        blocks_.clear();
        used_.store(0);
    }
    void forget(u64 cell) { head_[cell].store(-1, std::memory_order_relaxed); }
    void forget_entries() { used_.store(0); }

    // Room for so many more entries; call from one thread.
    void make_room(u64 more) {
        const u64 wanted = static_cast<u64>(used_.load()) + more;
        while (blocks_.size() * BLOCK < wanted) blocks_.emplace_back(new Entry[BLOCK]);
    }
    void put(u64 cell, i32 item) {
        const i32 slot = used_.fetch_add(1, std::memory_order_relaxed);
        Entry& entry = at(slot);
        entry.item = item;
        i32 before = head_[cell].load(std::memory_order_relaxed);
        do {
            entry.next = before;
        } while (!head_[cell].compare_exchange_weak(before, slot, std::memory_order_relaxed));
    }
    i32 first(u64 cell) const { return head_[cell].load(std::memory_order_relaxed); }
    const Entry& entry(i32 slot) const { return at(slot); }
    u64 n_entries() const { return static_cast<u64>(used_.load()); }

  private:
    // Blocks do not move as their number grows, and leave no copies behind.
    static constexpr u64 BLOCK = 1 << 16;
    Entry& at(i32 slot) const {
        return blocks_[static_cast<u64>(slot) / BLOCK][static_cast<u64>(slot) % BLOCK];
    }

    std::unique_ptr<std::atomic<i32>[]> head_;
    u64 n_cells_ = 0;
    std::vector<std::unique_ptr<Entry[]>> blocks_;
    std::atomic<i32> used_{0};
};

// Lists that are laid out once, those of a cell side by side, and may be added to.
class PackedLists {
  public:
    // over(visit) calls visit(cell, item) for every item in every cell, from many threads, and does
    // the same each time.
    template <class Over>
    void pack(u64 n_cells, const Workers& workers, Over over) {
        if (n_cells_ != n_cells) {
            end_.reset();
            end_.reset(new std::atomic<u32>[n_cells]);
            n_cells_ = n_cells;
        }
        workers.over(n_cells, 1 << 16, [&](u64 begin, u64 stop, unsigned) {
            for (u64 i = begin; i < stop; ++i) end_[i].store(0, std::memory_order_relaxed);
        });
        over([&](u64 cell, i32) { end_[cell].fetch_add(1, std::memory_order_relaxed); });
        u32 sum = 0;
        for (u64 i = 0; i < n_cells; ++i) {
            const u32 count = end_[i].load(std::memory_order_relaxed);
            end_[i].store(sum, std::memory_order_relaxed);
            sum += count;
        }
        if (items_.size() < sum) items_.resize(sum);
        // Each cell's first place moves to its end while the cell is filled.
        over([&](u64 cell, i32 item) {
            items_[end_[cell].fetch_add(1, std::memory_order_relaxed)] = item;
        });
        more_.clear(n_cells, workers);
    }
    void release() {
        end_.reset();
        n_cells_ = 0;
        std::vector<i32>().swap(items_);
        more_.release();
    }
    void make_room(u64 more) { more_.make_room(more); }
    void put(u64 cell, i32 item) { more_.put(cell, item); }
    // Call visit(item) until one call returns false; true if none did.
    template <class Visit>
    bool each(u64 cell, Visit visit) const {
        const u32 stop = end_[cell].load(std::memory_order_relaxed);
        u32 i = cell > 0 ? end_[cell - 1].load(std::memory_order_relaxed) : 0;
        for (; i < stop; ++i)
            if (!visit(items_[i])) return false;
        for (i32 slot = more_.first(cell); slot >= 0; slot = more_.entry(slot).next)
            if (!visit(more_.entry(slot).item)) return false;
        return true;
    }
    bool has(u64 cell, i32 item) const {
        return !each(cell, [&](i32 other) { return other != item; });
    }

  private:
    std::unique_ptr<std::atomic<u32>[]> end_;
    u64 n_cells_ = 0;
    std::vector<i32> items_;
    CellLists more_;
};

}  // namespace ctc_growth
