// Where in space a cell is at a given time: for frames and pictures, never for its fate.
//
// On the straight line of its segment at the share of the transit that has passed, off the axis by
// a fixed random offset within the lumen that its size leaves free. `spread` is that free radius:
// for a bed the half distance between neighbouring beds, so that a bed is not drawn as a point.
#pragma once
#include "core/deviate.h"
#include "core/philox.h"
#include "core/streams.h"

CTC_NAMESPACE_BEGIN

struct Position {
    f32 x, y, z;
};

CTC_FUNCTION f32 elapsed_share(i64 time, i64 entry_time, i64 exit_time) {
    if (time <= entry_time || exit_time <= entry_time) return 0.0f;
    if (time >= exit_time) return 1.0f;
    return static_cast<f32>(time - entry_time) / static_cast<f32>(exit_time - entry_time);
}

// A point of the ball of radius `spread`, uniform in a cube and pulled inside; deterministic in
// (cell, segment).
CTC_FUNCTION Position place_cell(Position start, Position end, f32 share, f32 spread, u64 cell_id,
                                 u32 segment, u64 seed) {
    const PhiloxBlock<u32> block = philox_of_cell(cell_id, STREAM_PLACE, segment, seed);
    const f32 x = 2.0f * uniform_deviate(block.x) - 1.0f;
    const f32 y = 2.0f * uniform_deviate(block.y) - 1.0f;
    const f32 z = 2.0f * uniform_deviate(block.z) - 1.0f;
    const f32 norm = square_root(x * x + y * y + z * z);
    const f32 scale = norm > 1.0f ? spread / norm : spread;
    return {start.x + share * (end.x - start.x) + scale * x,
            start.y + share * (end.y - start.y) + scale * y,
            start.z + share * (end.z - start.z) + scale * z};
}

CTC_NAMESPACE_END
