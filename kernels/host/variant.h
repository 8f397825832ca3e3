// What one instruction set's translation unit offers to the library: plain pointers only, because
// the record types of each variant live in a namespace of their own.
#pragma once

namespace ctc_host {

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using i64 = long long;

struct CellArrays {
    u64* id;
    i64* entry_time;
    i64* exit_time;
    u64* budget;
    u32* segment;
    u32* draw;
    u16* size_class;
    u16* passes;
    u16* clone;
    u8* state;
    u8* cause;
};

struct WorldTables {
    const void* segments;
    const void* classes;
    const void* beds;
    const float* bed_quantiles;
    const void* clocks;
    const void* sizes;
    void* events;
    u64* event_count;
    u64* organ_tally;
    u64* passages;
    u64* first_fault;
    u64 seed;
    u64 event_capacity;
    i64 epoch_end;
    u32 n_segments;
    u32 n_size_classes;
    u32 n_organs;
    float margination;
    bool is_alone;
};

struct LitterTables {
    const void* litters;
    const u32* site_segment;
    const u64* site_threshold;
    const u64* size_threshold;
    u32 n_litters;
    u64 first_number;
};

// Cells are handed out in blocks from a shared counter, so that no thread idles on long-lived ones.
struct CellQueue {
    u64* next;
    u64 count;
    u64 block;
    u64 max_hops;  // of a cell in this launch; packs follow every cell to the end
};

struct LawProbe {
    const u32* word;
    const u32* low_word;
    const float* size_ratio;
    const float* value;
    u32* random;
    float* uniform;
    float* fine;
    float* second;
    float* speed;
    float* marginated;
    float* excluded;
    i64* rounded;
    float* logarithm;
    u64* budget;
    u64 seed;
    u64 count;
};

struct Variant {
    const char* name;
    u32 lanes;
    void (*advance)(const CellArrays&, const WorldTables&, const CellQueue&, u64* tally);
    void (*emit)(const CellArrays&, const WorldTables&, const LitterTables&, u64 begin, u64 end);
    void (*locate)(const CellArrays&, const void* places, const u32* slots, float* position,
                   i64 time, const WorldTables&, u64 begin, u64 end);
    void (*probe_laws)(const LawProbe&);
};

}  // namespace ctc_host
