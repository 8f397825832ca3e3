// Packs of cells on any other instruction set, by vector extensions and plain loops; see pack.h.
#pragma once

CTC_NAMESPACE_BEGIN

namespace raw {
typedef i64 vi64 __attribute__((vector_size(8 * CTC_LANES)));
typedef u64 vu64 __attribute__((vector_size(8 * CTC_LANES)));
}  // namespace raw

struct PackMask {
    raw::vi32 v;
};
struct PackI64 {
    raw::vi64 v;
    PackI64() = default;
    CTC_FUNCTION PackI64(raw::vi64 lanes) : v(lanes) {}
    CTC_FUNCTION explicit PackI64(i64 one) : v(one - raw::vi64{}) {}
};
struct PackU64 {
    raw::vu64 v;
};

CTC_FUNCTION PackMask operator|(PackMask a, PackMask b) { return {a.v | b.v}; }
CTC_FUNCTION PackMask operator&(PackMask a, PackMask b) { return {a.v & b.v}; }
CTC_FUNCTION PackMask operator!(PackMask a) { return {~a.v}; }
CTC_FUNCTION u32 lane_bits(PackMask m) {
    u32 bits = 0;
    for (int lane = 0; lane < CTC_LANES; ++lane) bits |= (m.v[lane] ? 1u : 0u) << lane;
    return bits;
}

CTC_FUNCTION PackMask operator<(PackF32 a, PackF32 b) { return {a.v < b.v}; }
CTC_FUNCTION PackMask operator<=(PackF32 a, PackF32 b) { return {a.v <= b.v}; }
CTC_FUNCTION PackMask operator==(PackU32 a, PackU32 b) { return {a.v == b.v}; }
CTC_FUNCTION PackMask is_not_zero(PackU32 a) { return {a.v != raw::vu32{}}; }
CTC_FUNCTION PackMask operator>(PackI64 a, PackI64 b) {
    return {__builtin_convertvector(a.v > b.v, raw::vi32)};
}
CTC_FUNCTION PackMask operator>=(PackU64 a, PackU64 b) {
    return {__builtin_convertvector(a.v >= b.v, raw::vi32)};
}

CTC_FUNCTION PackF32 smaller(PackF32 a, PackF32 b) { return {a.v < b.v ? a.v : b.v}; }
CTC_FUNCTION PackF32 select(PackMask m, PackF32 yes, PackF32 no) {
    return {(raw::vf32)((m.v & (raw::vi32)yes.v) | (~m.v & (raw::vi32)no.v))};
}
CTC_FUNCTION PackU32 select(PackMask m, PackU32 yes, PackU32 no) {
    return {(raw::vu32)((m.v & (raw::vi32)yes.v) | (~m.v & (raw::vi32)no.v))};
}
CTC_FUNCTION PackI64 select(PackMask m, PackI64 yes, PackI64 no) {
    const raw::vi64 wide = __builtin_convertvector(m.v, raw::vi64);
    return {(wide & yes.v) | (~wide & no.v)};
}
CTC_FUNCTION PackU64 select(PackMask m, PackU64 yes, PackU64 no) {
    const raw::vu64 wide = (raw::vu64) __builtin_convertvector(m.v, raw::vi64);
    return {(wide & yes.v) | (~wide & no.v)};
}

CTC_FUNCTION PackI64 operator+(PackI64 a, PackI64 b) { return {a.v + b.v}; }
CTC_FUNCTION PackU64 operator-(PackU64 a, PackU64 b) { return {a.v - b.v}; }
CTC_FUNCTION PackU64 as_u64(PackI64 a) { return {(raw::vu64)a.v}; }
CTC_FUNCTION PackI64 nearest_i64(PackF32 a) {
    PackI64 whole;
    for (int lane = 0; lane < CTC_LANES; ++lane) whole.v[lane] = nearest_i64(a.v[lane]);
    return whole;
}

CTC_FUNCTION PackF32 square_root(PackF32 a) {
    PackF32 root;
    for (int lane = 0; lane < CTC_LANES; ++lane) root.v[lane] = __builtin_sqrtf(a.v[lane]);
    return root;
}

CTC_FUNCTION void multiply_wide(PackU32 a, PackU32 b, PackU32& high, PackU32& low) {
    const raw::vu64 product =
        __builtin_convertvector(a.v, raw::vu64) * __builtin_convertvector(b.v, raw::vu64);
    high.v = __builtin_convertvector(product >> 32, raw::vu32);
    low.v = __builtin_convertvector(product, raw::vu32);
}

CTC_FUNCTION PackSegment load_segment(const SegmentRecord* segments, PackU32 index) {
    PackSegment pack;
    for (int lane = 0; lane < CTC_LANES; ++lane) {
        const SegmentRecord& record = segments[index.v[lane]];
        pack.transit_time.v[lane] = record.transit_time;
        pack.bore_class.v[lane] = record.bore_class;
        pack.next.v[lane] = record.next;
        pack.share.v[lane] = record.share;
    }
    return pack;
}

CTC_FUNCTION void load_rates(const ClassRecord* classes, PackU32 index, PackF32& hazard,
                             PackF32& toll) {
    for (int lane = 0; lane < CTC_LANES; ++lane) {
        hazard.v[lane] = classes[index.v[lane]].hazard;
        toll.v[lane] = classes[index.v[lane]].toll;
    }
}

// Put one lane of an array in memory.
template <class Number>
CTC_FUNCTION void put_lane(Number* lanes, u32 lane, Number value) {
    lanes[lane] = value;
}

CTC_NAMESPACE_END
