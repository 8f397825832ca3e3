// The arrays of a population of cells, and how one cell is loaded from and stored to them.
#pragma once
#include "physics/course.h"

CTC_NAMESPACE_BEGIN

// One array a field; meanings and units in kernels.toml.
struct Cells {
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

// The state array carries a pending event in its upper four bits.
CTC_FUNCTION Cell load_cell(const Cells& cells, u64 slot) {
    Cell cell;
    cell.id = cells.id[slot];
    cell.entry_time = cells.entry_time[slot];
    cell.exit_time = cells.exit_time[slot];
    cell.budget = cells.budget[slot];
    cell.segment = cells.segment[slot];
    cell.draw = cells.draw[slot];
    cell.size_class = cells.size_class[slot];
    cell.passes = cells.passes[slot];
    cell.clone = cells.clone[slot];
    cell.state = cells.state[slot] & 0x0F;
    cell.pending = cells.state[slot] >> 4;
    cell.cause = cells.cause[slot];
    return cell;
}

CTC_FUNCTION void store_cell(const Cells& cells, u64 slot, const Cell& cell) {
    cells.entry_time[slot] = cell.entry_time;
    cells.exit_time[slot] = cell.exit_time;
    cells.budget[slot] = cell.budget;
    cells.segment[slot] = cell.segment;
    cells.draw[slot] = cell.draw;
    cells.passes[slot] = cell.passes;
    cells.state[slot] = static_cast<u8>(cell.state | (cell.pending << 4));
    cells.cause[slot] = cell.cause;
}

// Report a cell that the laws cannot handle. True if it is sound.
CTC_FUNCTION bool is_sound(const Cell& cell, const World& world) {
    u32 fault = 0;
    if (cell.segment >= world.n_segments) fault = FAULT_SEGMENT;
    else if (cell.state > EXITED) fault = FAULT_STATE;
    else if (cell.size_class >= world.n_size_classes) fault = FAULT_SIZE_CLASS;
    else if (cell.exit_time < cell.entry_time) fault = FAULT_TIME;
    if (fault != 0) report_fault(world.first_fault, cell.id, fault);
    return fault == 0;
}

CTC_NAMESPACE_END
