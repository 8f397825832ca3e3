// Philox4x32-10: four random words from a counter and a key, with no state.
//
// Ten rounds of two 32x32 -> 64 bit products. Key = seed, counter = (cell id, stream, draw), so a
// draw depends on nothing but the cell it belongs to.
// Source: Salmon, Moraes, Dror, Shaw 2011 (SC'11), doi:10.1145/2063384.2063405; constants are
// theirs.
// Test: tests/physics/test_philox.py (known answers of Random123).
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

template <class U>
struct PhiloxBlock {
    U x, y, z, w;
};

// Keys of the ten rounds, from the seed; made once where many blocks are drawn with one seed.
template <class U>
struct PhiloxKeys {
    U low[10], high[10];
};
template <class U>
CTC_FUNCTION PhiloxKeys<U> philox_keys(u64 seed) {
    PhiloxKeys<U> keys;
#if CTC_DEVICE
#pragma unroll
#endif
    for (u32 round = 0; round < 10; ++round) {
        keys.low[round] = U(static_cast<u32>(seed) + round * 0x9E3779B9u);
        keys.high[round] = U(static_cast<u32>(seed >> 32) + round * 0xBB67AE85u);
    }
    return keys;
}

// id_low, id_high, draw: words of the counter, one cell or a pack; stream: see streams.h.
template <class U>
CTC_FUNCTION PhiloxBlock<U> philox(U id_low, U id_high, u32 stream, U draw,
                                   const PhiloxKeys<U>& keys) {
    PhiloxBlock<U> c = {id_low, id_high, U(stream), draw};
#if CTC_DEVICE
#pragma unroll
#endif
    for (int round = 0; round < 10; ++round) {
        U high0, low0, high1, low1;
        multiply_wide(c.x, U(0xD2511F53u), high0, low0);
        multiply_wide(c.z, U(0xCD9E8D57u), high1, low1);
        c = {high1 ^ c.y ^ keys.low[round], low1, high0 ^ c.w ^ keys.high[round], low0};
    }
    return c;
}

// The same for one cell, by its whole id.
CTC_FUNCTION PhiloxBlock<u32> philox_of_cell(u64 id, u32 stream, u32 draw, u64 seed) {
    return philox<u32>(static_cast<u32>(id), static_cast<u32>(id >> 32), stream, draw,
                       philox_keys<u32>(seed));
}

CTC_NAMESPACE_END
