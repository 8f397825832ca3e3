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

// id_low, id_high, draw: words of the counter, one cell or a pack; stream: see streams.h.
template <class U>
CTC_FUNCTION PhiloxBlock<U> philox(U id_low, U id_high, u32 stream, U draw, u64 seed) {
    PhiloxBlock<U> c = {id_low, id_high, U(stream), draw};
    u32 key_low = static_cast<u32>(seed);
    u32 key_high = static_cast<u32>(seed >> 32);
#if CTC_DEVICE
#pragma unroll
#endif
    for (int round = 0; round < 10; ++round) {
        U high0, low0, high1, low1;
        multiply_wide(c.x, U(0xD2511F53u), high0, low0);
        multiply_wide(c.z, U(0xCD9E8D57u), high1, low1);
        c = {high1 ^ c.y ^ U(key_low), low1, high0 ^ c.w ^ U(key_high), low0};
        key_low += 0x9E3779B9u;
        key_high += 0xBB67AE85u;
    }
    return c;
}

// The same for one cell, by its whole id.
CTC_FUNCTION PhiloxBlock<u32> philox_of_cell(u64 id, u32 stream, u32 draw, u64 seed) {
    return philox<u32>(static_cast<u32>(id), static_cast<u32>(id >> 32), stream, draw, seed);
}

CTC_NAMESPACE_END
