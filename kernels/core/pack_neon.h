// What NEON, the baseline of aarch64, says itself of packs of 4 cells; see pack.h.
#pragma once
#include <arm_neon.h>

CTC_NAMESPACE_BEGIN

struct PackMask {
    uint32x4_t v;
};
struct PackI64 {
    int64x2_t low, high;  // lanes 0 and 1, 2 and 3
    PackI64() = default;
    CTC_FUNCTION PackI64(int64x2_t a, int64x2_t b) : low(a), high(b) {}
    CTC_FUNCTION explicit PackI64(i64 one) : low(vdupq_n_s64(one)), high(low) {}
};
struct PackU64 {
    uint64x2_t low, high;
};

CTC_FUNCTION PackMask operator|(PackMask a, PackMask b) { return {vorrq_u32(a.v, b.v)}; }
CTC_FUNCTION PackMask operator&(PackMask a, PackMask b) { return {vandq_u32(a.v, b.v)}; }
CTC_FUNCTION PackMask operator!(PackMask a) { return {vmvnq_u32(a.v)}; }
CTC_FUNCTION u32 lane_bits(PackMask m) {
    const raw::vu32 bit = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(m.v, (uint32x4_t)bit));
}

CTC_FUNCTION PackMask operator<(PackF32 a, PackF32 b) { return {(uint32x4_t)(a.v < b.v)}; }
CTC_FUNCTION PackMask operator<=(PackF32 a, PackF32 b) { return {(uint32x4_t)(a.v <= b.v)}; }
CTC_FUNCTION PackMask operator==(PackU32 a, PackU32 b) { return {(uint32x4_t)(a.v == b.v)}; }
CTC_FUNCTION PackMask is_not_zero(PackU32 a) { return {(uint32x4_t)(a.v != raw::vu32{})}; }

// The masks of two and two lanes of 64 bits as one of four lanes of 32.
CTC_FUNCTION PackMask narrow(uint64x2_t low, uint64x2_t high) {
    return {vcombine_u32(vmovn_u64(low), vmovn_u64(high))};
}
CTC_FUNCTION PackMask operator>(PackI64 a, PackI64 b) {
    return narrow(vcgtq_s64(a.low, b.low), vcgtq_s64(a.high, b.high));
}
CTC_FUNCTION PackMask operator>=(PackU64 a, PackU64 b) {
    return narrow(vcgeq_u64(a.low, b.low), vcgeq_u64(a.high, b.high));
}

CTC_FUNCTION uint64x2_t low_lanes(PackMask m) { return (uint64x2_t)vzip1q_u32(m.v, m.v); }
CTC_FUNCTION uint64x2_t high_lanes(PackMask m) { return (uint64x2_t)vzip2q_u32(m.v, m.v); }
CTC_FUNCTION PackF32 smaller(PackF32 a, PackF32 b) {
    return {(raw::vf32)vminq_f32((float32x4_t)a.v, (float32x4_t)b.v)};
}
CTC_FUNCTION PackF32 select(PackMask m, PackF32 yes, PackF32 no) {
    return {(raw::vf32)vbslq_u32(m.v, (uint32x4_t)yes.v, (uint32x4_t)no.v)};
}
CTC_FUNCTION PackU32 select(PackMask m, PackU32 yes, PackU32 no) {
    return {(raw::vu32)vbslq_u32(m.v, (uint32x4_t)yes.v, (uint32x4_t)no.v)};
}
CTC_FUNCTION PackI64 select(PackMask m, PackI64 yes, PackI64 no) {
    return {vbslq_s64(low_lanes(m), yes.low, no.low), vbslq_s64(high_lanes(m), yes.high, no.high)};
}
CTC_FUNCTION PackU64 select(PackMask m, PackU64 yes, PackU64 no) {
    return {vbslq_u64(low_lanes(m), yes.low, no.low), vbslq_u64(high_lanes(m), yes.high, no.high)};
}

CTC_FUNCTION PackI64 operator+(PackI64 a, PackI64 b) {
    return {vaddq_s64(a.low, b.low), vaddq_s64(a.high, b.high)};
}
CTC_FUNCTION PackU64 operator-(PackU64 a, PackU64 b) {
    return {vsubq_u64(a.low, b.low), vsubq_u64(a.high, b.high)};
}
CTC_FUNCTION PackU64 as_u64(PackI64 a) { return {(uint64x2_t)a.low, (uint64x2_t)a.high}; }

// By way of lanes of twice the width, which hold every number of 32 bits; halves go to the even
// one.
CTC_FUNCTION PackI64 nearest_i64(PackF32 a) {
    const float32x4_t x = (float32x4_t)a.v;
    return {vcvtnq_s64_f64(vcvt_f64_f32(vget_low_f32(x))), vcvtnq_s64_f64(vcvt_high_f64_f32(x))};
}

CTC_FUNCTION PackF32 square_root(PackF32 a) { return {(raw::vf32)vsqrtq_f32((float32x4_t)a.v)}; }

CTC_FUNCTION void multiply_wide(PackU32 a, PackU32 b, PackU32& high, PackU32& low) {
    const uint32x4_t x = (uint32x4_t)a.v, y = (uint32x4_t)b.v;
    const uint32x4_t first = (uint32x4_t)vmull_u32(vget_low_u32(x), vget_low_u32(y));
    const uint32x4_t second = (uint32x4_t)vmull_high_u32(x, y);
    high.v = (raw::vu32)vuzp2q_u32(first, second);
    low.v = (raw::vu32)vuzp1q_u32(first, second);
}

// One 16-byte load a lane, then a 4 x 4 transposition in registers.
CTC_FUNCTION PackSegment load_segment(const SegmentRecord* segments, PackU32 index) {
    const auto row = [&](int lane) {
        return vld1q_u32(reinterpret_cast<const u32*>(segments + index.v[lane]));
    };
    const uint32x4_t a = row(0), b = row(1), c = row(2), d = row(3);
    const uint64x2_t ab_low = (uint64x2_t)vzip1q_u32(a, b), ab_high = (uint64x2_t)vzip2q_u32(a, b);
    const uint64x2_t cd_low = (uint64x2_t)vzip1q_u32(c, d), cd_high = (uint64x2_t)vzip2q_u32(c, d);
    return {{(raw::vf32)vzip1q_u64(ab_low, cd_low)},
            {(raw::vu32)vzip2q_u64(ab_low, cd_low)},
            {(raw::vu32)vzip1q_u64(ab_high, cd_high)},
            {(raw::vf32)vzip2q_u64(ab_high, cd_high)}};
}

// Hazard and toll of each lane's class, which stand side by side in its record of 32 bytes.
CTC_FUNCTION void load_rates(const ClassRecord* classes, PackU32 index, PackF32& hazard,
                             PackF32& toll) {
    const auto rates = [&](int lane) {
        return vld1_u32(reinterpret_cast<const u32*>(classes + index.v[lane]));
    };
    const uint32x2_t a = rates(0), b = rates(1), c = rates(2), d = rates(3);
    hazard.v = (raw::vf32)vcombine_u32(vzip1_u32(a, b), vzip1_u32(c, d));
    toll.v = (raw::vf32)vcombine_u32(vzip2_u32(a, b), vzip2_u32(c, d));
}

// Put one lane of an array in memory.
template <class Number>
CTC_FUNCTION void put_lane(Number* lanes, u32 lane, Number value) {
    lanes[lane] = value;
}

CTC_NAMESPACE_END
