// Lanes of a grid as fibers: see fibers.h.
#include "fibers.h"

#include <cstdio>

namespace emulation {

Grid* grid = nullptr;

namespace {
constexpr size_t STACK = 128 * 1024;
const char* const NAMES[] = {"nothing", "a vote", "a shuffle", "a barrier of the warp",
                             "a barrier of the block"};

std::string name_of(const Lane& lane) {
    return "lane " + std::to_string(lane.thread % WARP) + " of warp " +
           std::to_string(lane.thread / WARP) + " of block " + std::to_string(lane.block);
}

std::string hexadecimal(unsigned mask) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08x", mask);
    return text;
}
}  // namespace

Grid::Grid(unsigned n_blocks, unsigned n_threads, unsigned long long seed)
    : n_blocks_(n_blocks),
      n_threads_(n_threads),
      random_(seed * 2 + 1),
      lanes_(n_blocks * n_threads),
      shared_(n_blocks) {
    for (unsigned i = 0; i < lanes_.size(); ++i) {
        lanes_[i].thread = i % n_threads;
        lanes_[i].block = i / n_threads;
        lanes_[i].stack.reset(new char[STACK]);
    }
}

// SplitMix64 (Steele, Lea, Flood 2014): any good mixer will do, nothing is measured with it.
unsigned Grid::draw(unsigned below) {
    unsigned long long z = random_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return static_cast<unsigned>((z ^ (z >> 31)) % below);
}

// One of the lanes that can run. One warp at a time is favoured, so that warps get far ahead of each
// other: a fault that needs this would otherwise hide behind an even pace.
unsigned Grid::choose() {
    const unsigned n_warps = static_cast<unsigned>(lanes_.size()) / WARP;
    if (draw(256) == 0) favourite_ = draw(n_warps);
    unsigned place = 0;
    for (unsigned i = 0; i < 8; ++i) {
        place = draw(static_cast<unsigned>(ready_.size()));
        if (ready_[place] / WARP == favourite_) break;
    }
    return place;
}

bool Grid::run(void (*kernel)(void**), void** arguments) {
    grid = this;
    kernel_ = kernel;
    arguments_ = arguments;
    for (unsigned i = 0; i < lanes_.size(); ++i) ready_.push_back(i);
    favourite_ = draw(static_cast<unsigned>(lanes_.size()) / WARP);
    while (!ready_.empty() && report_.empty()) {
        const unsigned place = choose();
        Lane& lane = lanes_[ready_[place]];
        ready_[place] = ready_.back();
        ready_.pop_back();
        enter(lane);
    }
    if (report_.empty())
        for (const Lane& lane : lanes_)
            if (!lane.has_ended) {
                report_ = stuck();
                break;
            }
    grid = nullptr;
    return report_.empty();
}

void Grid::start() {
    grid->kernel_(grid->arguments_);
    Lane& lane = *grid->now_;
    lane.has_ended = true;
    // A lane that ends frees nobody: who still waits for it is reported as stuck.
    _longjmp(grid->scheduler_, 1);
}

void Grid::enter(Lane& lane) {
    now_ = &lane;
    n_switches_ += 1;
    if (_setjmp(scheduler_) != 0) return;
    if (lane.has_started) _longjmp(lane.point, 1);
    lane.has_started = true;
    getcontext(&lane.first);
    lane.first.uc_stack.ss_sp = lane.stack.get();
    lane.first.uc_stack.ss_size = STACK;
    lane.first.uc_link = nullptr;
    makecontext(&lane.first, &Grid::start, 0);
    setcontext(&lane.first);
}

__attribute__((noinline)) void Grid::leave() {
    if (_setjmp(now_->point) == 0) _longjmp(scheduler_, 1);
}

void Grid::may_switch() {
    if (draw(4) != 0) return;
    ready_.push_back(static_cast<unsigned>(now_ - lanes_.data()));
    leave();
}

void Grid::fail(const std::string& text) {
    if (report_.empty()) report_ = name_of(*now_) + ": " + text;
    leave();
}

void* Grid::shared_memory(size_t bytes) {
    std::vector<char>& memory = shared_[now_->block];
    if (memory.empty()) memory.assign(bytes, static_cast<char>(0xA5));  // never zero by chance
    if (memory.size() != bytes) fail("shared memory is declared twice");
    return memory.data();
}

unsigned Grid::first_of(const Lane& lane, bool whole_block) const {
    const unsigned thread = whole_block ? 0 : lane.thread / WARP * WARP;
    return lane.block * n_threads_ + thread;
}

__attribute__((noinline)) unsigned long long Grid::meet(Meeting what, unsigned mask,
                                                        unsigned long long value, unsigned source) {
    Lane& lane = *now_;
    if (what != Meeting::BLOCK_BARRIER && (mask >> (lane.thread % WARP) & 1u) == 0)
        fail("is not in the mask " + hexadecimal(mask) + " that it gives to " +
             NAMES[static_cast<int>(what)]);
    lane.waits_at = what;
    lane.mask = mask;
    lane.place = __builtin_return_address(0);
    lane.given = value;
    lane.source = source;
    settle(lane);
    leave();
    return lane.taken;
}

// Let all go who have met, if this lane was the last of them.
void Grid::settle(Lane& lane) {
    const bool is_block = lane.waits_at == Meeting::BLOCK_BARRIER;
    const unsigned first = first_of(lane, is_block);
    const unsigned n = is_block ? n_threads_ : WARP;
    unsigned long long ballot = 0;
    for (unsigned i = 0; i < n; ++i) {
        if (!is_block && (lane.mask >> i & 1u) == 0) continue;
        const Lane& other = lanes_[first + i];
        const bool is_elsewhere = other.waits_at != lane.waits_at;
        if (other.waits_at == Meeting::NONE || (is_block && is_elsewhere)) return;
        if (is_elsewhere || (!is_block && other.mask != lane.mask))
            return fail("waits at " + std::string(NAMES[static_cast<int>(lane.waits_at)]) +
                        " with mask " + hexadecimal(lane.mask) + " while " + name_of(other) +
                        " waits at " + NAMES[static_cast<int>(other.waits_at)] + " with mask " +
                        hexadecimal(other.mask));
        if (!is_block && other.place != lane.place)
            return fail("meets " + name_of(other) + " at " +
                        NAMES[static_cast<int>(lane.waits_at)] + " of another place in the code");
        if (!is_block && other.given != 0) ballot |= 1ull << i;
    }
    for (unsigned i = 0; i < n; ++i) {
        if (!is_block && (lane.mask >> i & 1u) == 0) continue;
        Lane& other = lanes_[first + i];
        if (lane.waits_at == Meeting::SHUFFLE) {
            if ((lane.mask >> other.source & 1u) == 0)
                return fail("a shuffle reads lane " + std::to_string(other.source) +
                            ", which is not in its mask");
            other.taken = lanes_[first + other.source].given;
        } else {
            other.taken = ballot;
        }
    }
    const bool whole = is_block;
    const unsigned mask = lane.mask;
    for (unsigned i = 0; i < n; ++i) {
        if (!whole && (mask >> i & 1u) == 0) continue;
        lanes_[first + i].waits_at = Meeting::NONE;
        ready_.push_back(first + i);
    }
}

std::string Grid::stuck() const {
    for (const Lane& lane : lanes_) {
        if (lane.has_ended || lane.waits_at == Meeting::NONE) continue;
        std::string text = name_of(lane) + " waits in vain at " +
                           NAMES[static_cast<int>(lane.waits_at)] + " with mask " +
                           hexadecimal(lane.mask) + " for:";
        const bool is_block = lane.waits_at == Meeting::BLOCK_BARRIER;
        const unsigned first = first_of(lane, is_block);
        for (unsigned i = 0; i < (is_block ? n_threads_ : WARP); ++i) {
            const Lane& other = lanes_[first + i];
            const bool is_in = is_block || (lane.mask >> i & 1u) != 0;
            if (is_in && other.waits_at != lane.waits_at)
                text +=
                    " " + std::to_string(other.thread % WARP) + (other.has_ended ? " (ended)" : "");
        }
        return text;
    }
    return "lanes are left that nobody can wake";
}

}  // namespace emulation
