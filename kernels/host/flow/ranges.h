// Work on ranges of items in threads. Only for work whose result does not depend on the ranges.
#pragma once
#include <system_error>
#include <thread>
#include <vector>

#include "host/floating_point.h"

namespace ctc_flow {

// Calls work(thread, first, past) for n_threads even ranges of 0 ... count - 1.
template <class Work>
void in_ranges(unsigned n_threads, long long count, Work work) {
    const auto part = [&](unsigned thread) {
        const ctc_host::FloatingPointMode floating_point;
        work(thread, count * thread / n_threads, count * (thread + 1) / n_threads);
    };
    std::vector<std::thread> threads;
    threads.reserve(n_threads);
    unsigned begun = 0;
    try {
        for (; begun + 1 < n_threads; ++begun) threads.emplace_back(part, begun);
    } catch (const std::system_error&) {
        // The system gives no more threads: this one does their part.
    }
    for (unsigned thread = begun; thread < n_threads; ++thread) part(thread);
    for (std::thread& thread : threads) thread.join();
}

}  // namespace ctc_flow
