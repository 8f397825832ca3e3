// The shuffle filter of HDF5: the first bytes of all items, then the second bytes, and so on.
//
// Items may lie apart (a column of records), so that no column has to be copied out first.
// Test: tests/unit/record/test_packing.py.
#include <cstring>

#include "core/platform.h"

using namespace ctc;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr u64 BLOCK = 512;  // items whose bytes stay in the nearest cache

// The bytes of an item, the first in the lowest bits: this library runs on little-endian machines.
template <class Word>
void shuffle(const u8* items, i64 stride, u64 count, u64 n_places, u8* planes) {
    constexpr u32 WIDTH = sizeof(Word);
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bytes of a word rise");
    Word words[BLOCK];
    for (u64 first = 0; first < count; first += BLOCK) {
        const u64 size = count - first < BLOCK ? count - first : BLOCK;
        const u8* from = items + static_cast<i64>(first) * stride;
        if (stride == WIDTH) std::memcpy(words, from, size * WIDTH);
        else
            for (u64 i = 0; i < size; ++i)
                std::memcpy(&words[i], from + static_cast<i64>(i) * stride, WIDTH);
        for (u32 byte = 0; byte < WIDTH; ++byte) {
            u8* plane = planes + byte * n_places + first;
            const u32 shift = 8 * byte;
            for (u64 i = 0; i < size; ++i) plane[i] = static_cast<u8>(words[i] >> shift);
        }
    }
}

}  // namespace

// items: `width` bytes each (1, 2, 4 or 8), `stride` bytes apart. planes: `width` of `n_places`
// bytes, of which those from `count` on become zero: a chunk that is not full.
CTC_EXPORT void ctc_shuffle(const u8* items, i64 stride, u32 width, u64 count, u64 n_places,
                            u8* planes) {
    switch (width) {
        case 1:
            shuffle<u8>(items, stride, count, n_places, planes);
            break;
        case 2:
            shuffle<u16>(items, stride, count, n_places, planes);
            break;
        case 4:
            shuffle<u32>(items, stride, count, n_places, planes);
            break;
        default:
            shuffle<u64>(items, stride, count, n_places, planes);
    }
    for (u32 byte = 0; byte < width; ++byte)
        std::memset(planes + byte * n_places + count, 0, n_places - count);
}
