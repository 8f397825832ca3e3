// Work on independent items by several threads; no result depends on how many there are.
#pragma once
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "host/floating_point.h"
#include "host/growth/geometry.h"

namespace ctc_growth {

class Workers {
  public:
    explicit Workers(unsigned n_threads) : n_threads_(n_threads > 0 ? n_threads : 1) {}

    // work(begin, end, thread) over all of [0, count) in pieces of `piece`.
    template <class Work>
    void over(u64 count, u64 piece, Work work) const {
        const u64 n_pieces = (count + piece - 1) / piece;
        const unsigned wanted =
            n_pieces < n_threads_ ? static_cast<unsigned>(n_pieces) : n_threads_;
        std::atomic<u64> next{0};
        const auto loop = [&](unsigned thread) {
            const ctc_host::FloatingPointMode mode;
            for (u64 i = next.fetch_add(1); i < n_pieces; i = next.fetch_add(1)) {
                const u64 end = (i + 1) * piece;
                work(i * piece, end < count ? end : count, thread);
            }
        };
        std::vector<std::thread> threads;
        try {
            for (unsigned i = 1; i < wanted; ++i) threads.emplace_back(loop, i);
        } catch (const std::system_error&) {
            // The system gives no more threads: those that run take all pieces.
        }
        loop(0);
        for (std::thread& thread : threads) thread.join();
    }

    unsigned n_threads() const { return n_threads_; }

  private:
    unsigned n_threads_;
};

}  // namespace ctc_growth
