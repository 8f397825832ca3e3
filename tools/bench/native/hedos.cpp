// HEDOS' walk on lanes: a Weibull stay of shape 2, then another compartment by the shares of flow.
//
// Built for one instruction set at a time by tools/bench/native_code.py from the kernels' lane
// types and Philox. One block of random words serves two hops; the stay is
// scale * sqrt(-log(u)), the next compartment comes from an alias table (Vose 1991,
// doi:10.1109/32.92917). Times are whole nanoseconds.
#include "core/deviate.h"
#include "core/log.h"
#include "core/pack.h"
#include "core/philox.h"

CTC_NAMESPACE_BEGIN

namespace {

constexpr int PACKS = 2;
constexpr u32 SLOTS = 64;
constexpr int SLOT_BITS = 6;
constexpr u32 N_START = 1024;  // quantiles of what is left of the first stay
constexpr u32 STREAM_START = 1;
constexpr u32 STREAM_WALK = 2;
constexpr f64 STEPS_A_NANOSECOND = 1.0 / 5e7;  // of 0.05 s

struct Problem {
    const u32* threshold;   // (n + 1, SLOTS): chance of the slot's own compartment in 2^-32
    const u32* compartment; // (n + 1, SLOTS): own, and shifted by 16 bits the alias
    const f32* scale;       // (n) of the stay [ns]
    const f32* first_stay;  // (N_START) over the scale
    u64 n_compartments;     // row n holds the chances of the start
    i64 end;                // [ns]
    u64 seed;
    u8* path;  // (count, n_steps), or null
    u64 n_steps;
};

struct Walkers {
    alignas(64) i64 exit[CTC_LANES];  // [ns]
    PackU32 id, block, place;
    u64 slot[CTC_LANES];
    u64 step[CTC_LANES];
    u32 active = 0;
};

struct Queue {
    u32* place;
    u64 next, end, first_id;
};

CTC_FUNCTION PackU32 look_up(const u32* table, PackU32 index) {
#if CTC_LANES == 16 && defined(__AVX512F__)
    return {(raw::vu32)_mm512_i32gather_epi32((__m512i)index.v, table, 4)};
#elif CTC_LANES == 8 && defined(__AVX2__)
    return {(raw::vu32)_mm256_i32gather_epi32(reinterpret_cast<const int*>(table),
                                              (__m256i)index.v, 4)};
#else
    PackU32 found;
    for (int lane = 0; lane < CTC_LANES; ++lane) found.v[lane] = table[index.v[lane]];
    return found;
#endif
}

CTC_FUNCTION PackU32 draw_compartment(const Problem& p, PackU32 row, PackU32 word) {
    const PackU32 index = {row.v * SLOTS + (word.v >> (32 - SLOT_BITS))};
    const PackU32 both = look_up(p.compartment, index);
    const PackU32 threshold = look_up(p.threshold, index);
    const PackMask is_own = is_not_zero({(raw::vu32)((word.v << SLOT_BITS) < threshold.v)});
    return select(is_own, both & PackU32(0xFFFFu), both >> 16);
}

// Note where a lane's particle is from its last step to the one before `until`.
CTC_FUNCTION void note(Walkers& w, int lane, const Problem& p, i64 until) {
    const i64 last = static_cast<i64>(__builtin_ceil(until * STEPS_A_NANOSECOND));
    const u64 stop = static_cast<u64>(last) < p.n_steps ? static_cast<u64>(last) : p.n_steps;
    if (stop <= w.step[lane]) return;
    u8* row = p.path + w.slot[lane] * p.n_steps;
    __builtin_memset(row + w.step[lane], static_cast<int>(w.place.v[lane]), stop - w.step[lane]);
    w.step[lane] = stop;
}

CTC_FUNCTION void refill(Walkers& w, int lane, const Problem& p, Queue& q) {
    while (q.next < q.end) {
        const u64 slot = q.next++;
        const PhiloxBlock<u32> block = philox_of_cell(q.first_id + slot, STREAM_START, 0, p.seed);
        const u32 index = static_cast<u32>(p.n_compartments) * SLOTS + (block.x >> (32 - SLOT_BITS));
        const u32 both = p.compartment[index];
        const u32 place =
            (block.x << SLOT_BITS) < p.threshold[index] ? both & 0xFFFFu : both >> 16;
        const f32 stay = p.scale[place] * p.first_stay[block.y >> 22];
        w.slot[lane] = slot;
        w.step[lane] = 0;
        w.id.v[lane] = static_cast<u32>(q.first_id + slot);
        w.block.v[lane] = 0;
        w.place.v[lane] = place;
        w.exit[lane] = round_to_i64(stay);
        w.active |= 1u << lane;
        if (p.path != nullptr) note(w, lane, p, w.exit[lane]);
        if (w.exit[lane] <= p.end) return;
        q.place[slot] = place;
    }
    w.active &= ~(1u << lane);
}

CTC_FUNCTION void hop(Walkers& w, const Problem& p, PackU32 word, PackU32 other) {
    w.place = draw_compartment(p, w.place, word);
    const PackF32 scale = {(raw::vf32)look_up(reinterpret_cast<const u32*>(p.scale), w.place).v};
    const PackF32 root = square_root(-log_f32(uniform_deviate(other)));
    keep_lanes(lanes_of<PackI64>(w.exit) + round_to_i64(scale * root), w.exit);
    if (p.path == nullptr) return;
    for (u32 lanes = w.active; lanes != 0; lanes &= lanes - 1) {
        const int lane = __builtin_ctz(lanes);
        note(w, lane, p, w.exit[lane]);
    }
}

// Store the lanes that are past the end.
CTC_FUNCTION void land(Walkers& w, const Problem& p, Queue& q) {
    const PackMask is_past = lanes_of<PackI64>(w.exit) > PackI64(p.end);
    for (u32 past = lane_bits(is_past) & w.active; past != 0; past &= past - 1) {
        const int lane = __builtin_ctz(past);
        q.place[w.slot[lane]] = w.place.v[lane];
        w.active &= ~(1u << lane);
    }
}

}  // namespace

// Follow `count` particles from equilibrium to the end; returns the hops that they made.
extern "C" __attribute__((visibility("default"))) u64 bench_hedos(
    const u32* threshold, const u32* compartment, const f32* scale, const f32* first_stay,
    u64 n_compartments, i64 end, u64 seed, u8* path, u64 n_steps, u32* place, u64 count,
    u64 first_id) {
    const Problem p = {threshold, compartment, scale, first_stay, n_compartments,
                       end,       seed,        path,  n_steps};
    Queue q = {place, 0, count, first_id};
    const PhiloxKeys<PackU32> keys = philox_keys<PackU32>(seed);
    Walkers packs[PACKS] = {};
    u64 hops = 0;
    u32 active = 1;
    while (active != 0) {
        active = 0;
        for (Walkers& w : packs) {
            for (u32 idle = ~w.active & ((1ull << CTC_LANES) - 1); idle != 0; idle &= idle - 1)
                refill(w, __builtin_ctz(idle), p, q);
            if (w.active == 0) continue;
            active |= w.active;
            w.block = w.block + PackU32(1u);
            const PhiloxBlock<PackU32> block =
                philox<PackU32>(w.id, PackU32(0u), STREAM_WALK, w.block, keys);
            hops += static_cast<u64>(__builtin_popcount(w.active));
            hop(w, p, block.x, block.y);
            land(w, p, q);
            hops += static_cast<u64>(__builtin_popcount(w.active));
            hop(w, p, block.z, block.w);
            land(w, p, q);
        }
    }
    return hops;
}

CTC_NAMESPACE_END
