// Mistakes, one a function, built with the options of the host library: what a sanitizer must tell.
//
// Values come in as arguments, so that no compiler can see the mistake and leave it out.
#include <cstddef>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#define PLANTED extern "C" __attribute__((visibility("default"), noinline)) int

// n is 8 in each of them.
PLANTED write_past_the_end(int n) {
    std::vector<int> row(static_cast<std::size_t>(n));
    volatile int* at = row.data();
    at[n] = 1;
    return at[0];
}

PLANTED read_of_freed_memory(int n) {
    int* row = new int[static_cast<std::size_t>(n)]();
    volatile int* at = row;
    delete[] row;
    return at[n / 2];
}

PLANTED write_past_the_stack(int n) {
    volatile int row[8] = {};
    volatile int* at = row;
    at[n] = 1;
    return at[0];
}

PLANTED leak(int n) {
    int* volatile row = new int[static_cast<std::size_t>(n)]();
    row = nullptr;
    return row == nullptr;
}

PLANTED signed_overflow(int n) {
    volatile int most = 0x7FFFFFFF;
    return most + n;
}

PLANTED shift_too_far(int n) { return 1 << (n + 24); }

PLANTED float_out_of_range(int n) {
    volatile float large = 1e10f * static_cast<float>(n);
    return static_cast<int>(large);
}

PLANTED misaligned_load(int n) {
    static unsigned char bytes[16] = {};
    return *reinterpret_cast<const int*>(bytes + n - 7);
}

PLANTED division_by_zero(int n) {
    volatile int zero = n - 8;
    return n / zero;
}

PLANTED index_out_of_bounds(int n) {
    static int rows[8][4] = {};
    return rows[0][n - 3];
}

PLANTED null_pointer(int n) {
    struct Pair {
        int first, second;
    };
    Pair* volatile none = n == 8 ? nullptr : new Pair();
    return static_cast<int>(reinterpret_cast<std::size_t>(&none->second));
}

PLANTED silent_truncation(int n) {
    const auto narrow = [](unsigned char byte) { return static_cast<int>(byte); };
    volatile int wide = 300 + n;
    return narrow(wide);  // NOLINT: the mistake
}

namespace {
template <class Work>
void twice(Work work) {
    std::thread other([&] { work(1); });
    work(0);
    other.join();
}
}  // namespace

PLANTED race(int n) {
    int shared = 0;
    twice([&](int thread) { shared = thread + n; });
    return shared;
}

PLANTED race_on_a_sum(int n) {
    long long sum[2] = {};
    twice([&](int) {
        for (int i = 0; i < 1000 * n; ++i) sum[0] += i;
    });
    return static_cast<int>(sum[0] & 1);
}

PLANTED lock_left_out(int n) {
    std::mutex gate;
    int shared = 0;
    twice([&](int thread) {
        if (thread == 0) {
            const std::lock_guard<std::mutex> locked(gate);
            shared += n;
        } else {
            shared -= n;
        }
    });
    return shared;
}
