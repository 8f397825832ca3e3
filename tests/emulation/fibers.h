// Lanes of a grid as fibers of one host thread, met at collective calls.
//
// Which lane runs next is drawn from a seeded generator at every collective call, atomic operation
// and read-only load, so that a seed names one interleaving of lanes, warps and blocks. Lanes that
// wait for one another in vain, or that meet at different calls, end the launch with a report. Calls
// are told apart by where they return to, so the kernels must be compiled without optimisation: it
// copies calls.
#pragma once
#include <ucontext.h>
#include <csetjmp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace emulation {

constexpr unsigned WARP = 32;

enum class Meeting { NONE, BALLOT, SHUFFLE, WARP_BARRIER, BLOCK_BARRIER };

struct Lane {
    unsigned thread = 0;
    unsigned block = 0;
    bool has_started = false;
    bool has_ended = false;
    Meeting waits_at = Meeting::NONE;
    unsigned mask = 0;
    void* place = nullptr;         // of the call in the code
    unsigned long long given = 0;  // what this lane brought to the meeting
    unsigned source = 0;           // of a shuffle: the lane it reads
    unsigned long long taken = 0;  // what it takes home
    std::unique_ptr<char[]> stack;
    ucontext_t first;
    jmp_buf point;
};

// One launch: grid, schedule, shared memory, and what went wrong.
class Grid {
  public:
    Grid(unsigned n_blocks, unsigned n_threads, unsigned long long seed);

    // Run `kernel(arguments)` in every lane. False, with a report, if lanes did not meet.
    bool run(void (*kernel)(void**), void** arguments);

    // What the stand-ins of device.h call, in the lane that runs now.
    unsigned long long meet(Meeting what, unsigned mask, unsigned long long value, unsigned source);
    void may_switch();
    void fail(const std::string& text);
    void* shared_memory(size_t bytes);
    const Lane& lane() const { return *now_; }
    unsigned n_blocks() const { return n_blocks_; }
    unsigned n_threads() const { return n_threads_; }
    const std::string& report() const { return report_; }
    unsigned long long n_switches() const { return n_switches_; }

  private:
    static void start();
    void enter(Lane& lane);
    void leave();
    unsigned draw(unsigned below);
    unsigned choose();
    unsigned first_of(const Lane& lane, bool whole_block) const;
    void settle(Lane& lane);
    std::string stuck() const;

    unsigned n_blocks_, n_threads_;
    unsigned long long random_;
    unsigned favourite_ = 0;
    unsigned long long n_switches_ = 0;
    std::vector<Lane> lanes_;
    std::vector<unsigned> ready_;
    std::vector<std::vector<char>> shared_;
    Lane* now_ = nullptr;
    void (*kernel_)(void**) = nullptr;
    void** arguments_ = nullptr;
    jmp_buf scheduler_;
    std::string report_;
};

extern Grid* grid;  // the launch under way

}  // namespace emulation
