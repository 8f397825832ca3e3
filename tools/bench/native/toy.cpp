// The toy hop on lanes: a walk through a closed tree whose random numbers are a 32-bit hash.
//
// Built for one instruction set at a time by tools/bench/native.py, with the lane types, the
// 16-byte record a segment and its one load a lane of the kernels. PACKS packs take turns, so that
// one loads while the others compute; a lane whose clock has run out takes the next particle.
#include "core/pack.h"

CTC_NAMESPACE_BEGIN

namespace {

#ifndef BENCH_PACKS
#define BENCH_PACKS 4
#endif
constexpr int PACKS = BENCH_PACKS;
constexpr u32 STEP = 0x9E3779B9u;
constexpr f32 END = 10.0f;  // [s]

// A SegmentRecord as the toy fills it: transit_time the dwell, bore_class and next the two
// daughters, share the bits of the chance of the first in 2^-32.
struct Walkers {
    PackU32 particle, counter, place, first, second, share;
    PackF32 clock;
    u64 slot[CTC_LANES];
    u32 active = 0;
};

struct Arrays {
    const SegmentRecord* records;
    const u32* particle;
    u32* place;
    f32* clock;
    u32* draws;
    u64 count;
    u64 next = 0;
};

// The finaliser of MurmurHash3 (public domain, Austin Appleby).
CTC_FUNCTION PackU32 hash32(PackU32 words) {
    raw::vu32 x = words.v;
    x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
    x = (x ^ (x >> 13)) * 0xC2B2AE35u;
    return {x ^ (x >> 16)};
}

CTC_FUNCTION void enter(Walkers& w, const PackSegment& record) {
    w.first = record.bore_class;
    w.second = record.next;
    w.share = {(raw::vu32)record.share.v};
}

// Take the next particle into a lane. False if there is none.
CTC_FUNCTION bool refill(Walkers& w, int lane, Arrays& a) {
    if (a.next == a.count) {
        w.active &= ~(1u << lane);
        return false;
    }
    const u64 slot = a.next++;
    const SegmentRecord& record = a.records[a.place[slot]];
    w.slot[lane] = slot;
    w.particle.v[lane] = a.particle[slot];
    w.counter.v[lane] = 0;
    w.place.v[lane] = a.place[slot];
    w.first.v[lane] = record.bore_class;
    w.second.v[lane] = record.next;
    w.share.v[lane] = bits_of(record.share);
    w.clock.v[lane] = 0.0f;
    w.active |= 1u << lane;
    return true;
}

CTC_FUNCTION void hop(Walkers& w, Arrays& a) {
    w.counter = w.counter + PackU32(1u);
    const PackU32 word = hash32({w.particle.v + w.counter.v * STEP});
    w.place = select(is_not_zero({(raw::vu32)(word.v < w.share.v)}), w.first, w.second);
    const PackSegment record = load_segment(a.records, w.place);
    enter(w, record);
    w.clock = w.clock + record.transit_time;
    u32 ended = lane_bits(PackF32(END) <= w.clock) & w.active;
    while (ended != 0) {
        const int lane = __builtin_ctz(ended);
        ended &= ended - 1;
        const u64 slot = w.slot[lane];
        a.place[slot] = w.place.v[lane];
        a.clock[slot] = w.clock.v[lane];
        a.draws[slot] = w.counter.v[lane];
        refill(w, lane, a);
    }
}

}  // namespace

// Follow particles until their clocks have run out; `place` holds where they start and end.
extern "C" __attribute__((visibility("default"))) void bench_toy(const void* records,
                                                                 const u32* particle, u32* place,
                                                                 f32* clock, u32* draws,
                                                                 u64 count) {
    Arrays a = {static_cast<const SegmentRecord*>(records), particle, place, clock, draws, count};
    Walkers packs[PACKS] = {};
    for (Walkers& w : packs)
        for (int lane = 0; lane < CTC_LANES; ++lane) refill(w, lane, a);
    u32 active = 1;
    while (active != 0) {
        active = 0;
        for (int k = 0; k < PACKS; ++k) {
            hop(packs[k], a);
            active |= packs[k].active;
        }
    }
}

CTC_NAMESPACE_END
