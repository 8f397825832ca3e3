// Entry point: where tracked cells are at the time of a frame.
#pragma once
#include "entry/cells.h"
#include "physics/placement.h"

CTC_NAMESPACE_BEGIN

// Geometry of one segment record: its ends [m] and the free radius off its axis [m].
struct alignas(32) SegmentPlace {
    f32 start[3];
    f32 end[3];
    f32 spread;
    f32 padding;
};
static_assert(sizeof(SegmentPlace) == 32, "record layout");

CTC_FUNCTION void locate_cell(const u64* id, const i64* entry_time, const i64* exit_time,
                              const u32* segment, const SegmentPlace* places, const u32* slots,
                              f32* position, i64 time, u64 seed, u32 n_segments, u64 row,
                              u64* first_fault) {
    const u32 slot = slots[row];
    if (segment[slot] >= n_segments) {
        report_fault(first_fault, id[slot], FAULT_SEGMENT);
        return;
    }
    const SegmentPlace& place = places[segment[slot]];
    const f32 share = elapsed_share(time, entry_time[slot], exit_time[slot]);
    const Position start = {place.start[0], place.start[1], place.start[2]};
    const Position end = {place.end[0], place.end[1], place.end[2]};
    const Position where =
        place_cell(start, end, share, place.spread, id[slot], segment[slot], seed);
    position[3 * row] = where.x;
    position[3 * row + 1] = where.y;
    position[3 * row + 2] = where.z;
}

#if CTC_DEVICE
extern "C" __global__ void ctc_locate(const u64* id, const i64* entry_time, const i64* exit_time,
                                      const u32* segment, const SegmentPlace* places,
                                      const u32* slots, f32* position, i64 time, u64 seed,
                                      u32 n_segments, u64 count, u64* first_fault) {
    const u64 stride = static_cast<u64>(gridDim.x) * blockDim.x;
    for (u64 row = static_cast<u64>(blockIdx.x) * blockDim.x + threadIdx.x; row < count;
         row += stride) {
        locate_cell(id, entry_time, exit_time, segment, places, slots, position, time, seed,
                    n_segments, row, first_fault);
    }
}
#endif

CTC_NAMESPACE_END
