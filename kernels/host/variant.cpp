// One instruction set: compiled once for each, with CTC_VARIANT and CTC_LANES set by the build.
//
// No C++ standard headers here: an inline function of theirs, compiled for AVX-512, could be merged
// by the linker with that of the baseline.
#include "host/variant.h"

#include "entry/advance.h"
#include "entry/emit.h"
#include "entry/locate.h"
#include "entry/probe_laws.h"
#if CTC_LANES > 1
#include "host/packs.h"
#endif

CTC_NAMESPACE_BEGIN

namespace {

Cells cells_of(const ctc_host::CellArrays& a) {
    return {a.id,         a.entry_time, a.exit_time, a.budget, a.segment, a.draw,
            a.size_class, a.passes,     a.clone,     a.state,  a.cause};
}

World world_of(const ctc_host::WorldTables& t, CountLog* log) {
    return {static_cast<const SegmentRecord*>(t.segments),
            static_cast<const ClassRecord*>(t.classes),
            static_cast<const BedRecord*>(t.beds),
            t.bed_quantiles,
            static_cast<const ClockRecord*>(t.clocks),
            static_cast<const SizeRecord*>(t.sizes),
            static_cast<Event*>(t.events),
            t.event_count,
            t.organ_tally,
            t.passages,
            t.first_fault,
            t.seed,
            t.event_capacity,
            t.epoch_end,
            t.n_segments,
            t.n_size_classes,
            t.n_organs,
            t.margination,
            t.is_alone,
            log};
}

struct BlockQueue {
    const ctc_host::CellQueue& shared;
    u64 now = 0;
    u64 end = 0;

    bool take(u64& slot) {
        if (now == end) {
            now = __atomic_fetch_add(shared.next, shared.block, __ATOMIC_RELAXED);
            if (now >= shared.count) {
                now = end = shared.count;
                return false;
            }
            end = now + shared.block < shared.count ? now + shared.block : shared.count;
        }
        slot = now++;
        return true;
    }
};

void advance(const ctc_host::CellArrays& arrays, const ctc_host::WorldTables& tables,
             const ctc_host::CellQueue& shared, u64* tally) {
    const Cells cells = cells_of(arrays);
    CountLog log(tables.passages, tables.is_alone);
    const World world = world_of(tables, &log);
    BlockQueue queue = {shared};
#if CTC_LANES > 1
    PackLoop<BlockQueue>(cells, world, queue).run(tally);
#else
    u64 slot;
    while (queue.take(slot))
        if (advance_cell(cells, slot, world, shared.max_hops, tally[TALLY_HOPS]))
            tally[TALLY_UNFINISHED] += 1;
#endif
}

void emit(const ctc_host::CellArrays& arrays, const ctc_host::WorldTables& tables,
          const ctc_host::LitterTables& from, u64 begin, u64 end) {
    if (begin == end) return;
    const Cells cells = cells_of(arrays);
    CountLog log(tables.passages, tables.is_alone);
    const World world = world_of(tables, &log);
    const LitterRecord* litters = static_cast<const LitterRecord*>(from.litters);
    const Litters born = {litters, from.site_segment, from.site_threshold, from.size_threshold,
                          from.n_litters};
    u32 litter = litter_of(litters, from.n_litters, from.first_number + begin);
    for (u64 slot = begin; slot < end; ++slot) {
        const u64 number = from.first_number + slot;
        while (litter + 1 < from.n_litters && litters[litter + 1].first_number <= number) ++litter;
        emit_cell(cells, slot, number, litters[litter], born, world);
    }
}

void locate(const ctc_host::CellArrays& arrays, const void* places, const u32* slots,
            float* position, i64 time, const ctc_host::WorldTables& tables, u64 begin, u64 end) {
    for (u64 row = begin; row < end; ++row)
        locate_cell(arrays.id, arrays.entry_time, arrays.exit_time, arrays.segment,
                    static_cast<const SegmentPlace*>(places), slots, position, time, tables.seed,
                    tables.n_segments, row, tables.first_fault);
}

void probe_one(const ctc_host::LawProbe& p, u64 i) {
    PhiloxBlock<u32> block;
    probe_lanes<OneCell>(p.word[i], p.low_word[i], p.size_ratio[i], p.value[i], p.seed, block,
                         p.uniform[i], p.fine[i], p.second[i], p.speed[i], p.marginated[i],
                         p.excluded[i], p.rounded[i], p.logarithm[i]);
    p.random[4 * i] = block.x;
    p.random[4 * i + 1] = block.y;
    p.random[4 * i + 2] = block.z;
    p.random[4 * i + 3] = block.w;
}

#if CTC_LANES > 1
template <class Pack, class Number>
Pack probed(const Number* from) {
    Pack pack;
    __builtin_memcpy(&pack, from, sizeof pack);
    return pack;
}
template <class Pack, class Number>
void shown(const Pack& pack, Number* to) {
    __builtin_memcpy(to, &pack, sizeof pack);
}

void probe_pack(const ctc_host::LawProbe& p, u64 i) {
    PackF32 uniform, fine, second, speed, marginated, excluded, logarithm;
    PackI64 rounded;
    PhiloxBlock<PackU32> block;
    probe_lanes<PackOfCells>(probed<PackU32>(p.word + i), probed<PackU32>(p.low_word + i),
                             probed<PackF32>(p.size_ratio + i), probed<PackF32>(p.value + i),
                             p.seed, block, uniform, fine, second, speed, marginated, excluded,
                             rounded, logarithm);
    shown(uniform, p.uniform + i);
    shown(fine, p.fine + i);
    shown(second, p.second + i);
    shown(speed, p.speed + i);
    shown(marginated, p.marginated + i);
    shown(excluded, p.excluded + i);
    shown(rounded, p.rounded + i);
    shown(logarithm, p.logarithm + i);
    for (u64 lane = 0; lane < CTC_LANES; ++lane) {
        p.random[4 * (i + lane)] = block.x.v[lane];
        p.random[4 * (i + lane) + 1] = block.y.v[lane];
        p.random[4 * (i + lane) + 2] = block.z.v[lane];
        p.random[4 * (i + lane) + 3] = block.w.v[lane];
    }
}
#endif

void probe_laws(const ctc_host::LawProbe& p) {
    u64 i = 0;
#if CTC_LANES > 1
    for (; i + CTC_LANES <= p.count; i += CTC_LANES) probe_pack(p, i);
#endif
    for (; i < p.count; ++i) probe_one(p, i);
    for (i = 0; i < p.count; ++i)
        p.budget[i] = exponential_budget(p.word[i], p.low_word[i], p.seed, CLOCK_BITS);
}

}  // namespace

CTC_NAMESPACE_END

#define CTC_TEXT_OF(name) #name
#define CTC_TEXT(name) CTC_TEXT_OF(name)
#define CTC_JOIN_OF(a, b) a##b
#define CTC_JOIN(a, b) CTC_JOIN_OF(a, b)

extern "C" __attribute__((visibility("hidden")))
const ctc_host::Variant* CTC_JOIN(ctc_variant_, CTC_VARIANT)() {
    static const ctc_host::Variant variant = {
        CTC_TEXT(CTC_VARIANT),     CTC_LANES,
        ctc::CTC_VARIANT::advance, ctc::CTC_VARIANT::emit,
        ctc::CTC_VARIANT::locate,  ctc::CTC_VARIANT::probe_laws};
    return &variant;
}
