// Entry point: each law on given arguments, for tests of values and of bits across backends.
#pragma once
#include "core/deviate.h"
#include "core/log.h"
#include "core/philox.h"
#include "physics/bifurcation.h"
#include "physics/margination.h"
#include "physics/streamline.h"
#include "physics/survival.h"

CTC_NAMESPACE_BEGIN

// Generic over the lane type, so that packs are probed with the very text of one cell.
template <class W>
CTC_FUNCTION void probe_lanes(typename W::u32 word, typename W::u32 low_word,
                              typename W::f32 size_ratio, typename W::f32 value, u64 seed,
                              PhiloxBlock<typename W::u32>& random, typename W::f32& uniform,
                              typename W::f32& fine, typename W::f32& second,
                              typename W::f32& speed, typename W::f32& marginated,
                              typename W::f32& excluded, typename W::i64& rounded,
                              typename W::f32& logarithm) {
    using U = typename W::u32;
    random = philox<U>(word, low_word, STREAM_HOP, word, philox_keys<U>(seed));
    uniform = uniform_deviate(word);
    fine = fine_deviate(word, low_word);
    second = second_deviate(low_word);
    speed = streamline_speed(uniform_deviate(word), size_ratio);
    marginated = marginated_deviate(uniform_deviate(word), value);
    excluded = excluded_share(square_root(size_ratio));
    rounded = round_to_i64(value);
    logarithm = log_f32(uniform_deviate(word));
}

#if CTC_DEVICE
extern "C" __global__ void ctc_probe_laws(const u32* word, const u32* low_word,
                                          const f32* size_ratio, const f32* value, u32* random,
                                          f32* uniform, f32* fine, f32* second, f32* speed,
                                          f32* marginated, f32* excluded, i64* rounded,
                                          f32* logarithm, u64* budget, u64 seed, u64 count) {
    const u64 stride = static_cast<u64>(gridDim.x) * blockDim.x;
    for (u64 i = static_cast<u64>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
        PhiloxBlock<u32> block;
        probe_lanes<OneCell>(word[i], low_word[i], size_ratio[i], value[i], seed, block, uniform[i],
                             fine[i], second[i], speed[i], marginated[i], excluded[i], rounded[i],
                             logarithm[i]);
        random[4 * i] = block.x;
        random[4 * i + 1] = block.y;
        random[4 * i + 2] = block.z;
        random[4 * i + 3] = block.w;
        budget[i] = exponential_budget(word[i], low_word[i], seed, CLOCK_BITS);
    }
}
#endif

CTC_NAMESPACE_END
