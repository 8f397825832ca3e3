// The shuffle filter of HDF5: the first bytes of all items, then the second bytes, and so on.
//
// Items may lie apart (a column of records), so that no column has to be copied out first.
// Test: tests/unit/record/test_filter.py.
#include <cstring>

#include "core/platform.h"

using namespace ctc;

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr u64 BLOCK = 256;  // items whose bytes stay in the nearest cache

template <u32 WIDTH>
void shuffle(const u8* items, u64 stride, u64 count, u64 n_places, u8* planes) {
    u64 first = 0;
    for (; first + BLOCK <= count; first += BLOCK) {
        u8 block[BLOCK * WIDTH];
        for (u64 i = 0; i < BLOCK; ++i)
            std::memcpy(block + i * WIDTH, items + (first + i) * stride, WIDTH);
        for (u32 byte = 0; byte < WIDTH; ++byte) {
            u8* plane = planes + byte * n_places + first;
            for (u64 i = 0; i < BLOCK; ++i) plane[i] = block[i * WIDTH + byte];
        }
    }
    for (; first < count; ++first)
        for (u32 byte = 0; byte < WIDTH; ++byte)
            planes[byte * n_places + first] = items[first * stride + byte];
}

}  // namespace

// items: `width` bytes each (1, 2, 4 or 8), `stride` bytes apart. planes: `width` of `n_places`
// bytes, of which those from `count` on become zero: a chunk that is not full.
CTC_EXPORT void ctc_shuffle(const u8* items, u64 stride, u32 width, u64 count, u64 n_places,
                            u8* planes) {
    switch (width) {
        case 1:
            shuffle<1>(items, stride, count, n_places, planes);
            break;
        case 2:
            shuffle<2>(items, stride, count, n_places, planes);
            break;
        case 4:
            shuffle<4>(items, stride, count, n_places, planes);
            break;
        default:
            shuffle<8>(items, stride, count, n_places, planes);
    }
    for (u32 byte = 0; byte < width; ++byte)
        std::memset(planes + byte * n_places + count, 0, n_places - count);
}
