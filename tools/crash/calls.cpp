// Loaded before the C library: kills the process at a chosen one of its writing calls, before it,
// in the middle of what it writes, or after it, or lets the disk be full from there on; or in the
// middle of a chosen one of those that a kill divides: blocks of HDF5's indices across a page.

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <atomic>
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

enum How { before, half, after, full, divided };

std::atomic<long> calls{0};
std::atomic<long> blocks{0};
std::atomic<long> chosen{0};  // 0: none
How how = before;

template <class F>
F next(const char *name) {
    return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

[[noreturn]] void die() {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// What becomes of this call.
enum Fate { goes_on, is_halved, ends_after, is_refused };

Fate pass(bool is_block = false) {
    const long at = chosen.load();
    if (at == 0) return goes_on;
    const long number = ++calls;
    const long block = is_block ? ++blocks : 0;
    if (how == divided) return block == at ? is_halved : goes_on;
    if (how == full) return number >= at ? is_refused : goes_on;
    if (number != at) return goes_on;
    if (how == before) die();
    return how == half ? is_halved : ends_after;
}

template <class Call>
auto other(Call call) -> decltype(call()) {
    const Fate fate = pass();
    const auto result = call();  // a full disk still lets go of files and gives them names
    if (fate == is_halved || fate == ends_after) die();
    return result;
}

// How much of a write a kill leaves: the system looks for it between pages of the file, so one
// that crosses no page is whole.
size_t part_of(size_t size, off64_t at) {
    const size_t page = 4096, first = static_cast<size_t>(at), middle = first + size / 2;
    const size_t below = middle / page * page, above = below + page;
    if (below > first) return below - first;
    return above < first + size ? above - first : size;
}

// A full disk refuses nothing to /dev/null and to pipes.
bool is_on_disk(int file) {
    struct stat about;
    return fstat(file, &about) == 0 && S_ISREG(about.st_mode);
}

// How much of a write a kill leaves that divides a block of an HDF5 index; 0 where there is none.
// A block that crosses a page of 4096 begins on one of HDF5's own, of 1024, and a write may hold
// several.
size_t part_of_index(const void *data, size_t size, off64_t at) {
    const size_t page = 4096, step = 1024, first = static_cast<size_t>(at);
    const char *bytes = static_cast<const char *>(data);
    for (size_t end = (first / page + 1) * page; end < first + size; end += page)
        for (size_t place = end - step; place >= first && place + page > end; place -= step) {
            const char *found = bytes + (place - first);
            if (std::memcmp(found, "EADB", 4) == 0 || std::memcmp(found, "EASB", 4) == 0)
                return end - first;
            if (std::memcmp(found, "OHDR", 4) == 0 || std::memcmp(found, "EA", 2) == 0) break;
            if (place < step) break;
        }
    return 0;
}

// Writes all, or a part of it and no more.
template <class Call>
ssize_t writing(int file, const void *data, size_t size, off64_t at, Call call) {
    if (file <= 2) return call(size);
    const size_t of_index = part_of_index(data, size, at);
    const Fate fate = pass(of_index > 0);
    if (fate == is_refused && is_on_disk(file)) {
        errno = ENOSPC;
        return -1;
    }
    const size_t part = how == divided ? of_index : part_of(size, at);
    const ssize_t result = call(fate == is_halved ? part : size);
    if (fate == is_halved || fate == ends_after) die();
    return result;
}

}  // namespace

extern "C" {

void ctc_crash_arm(long at, int chosen_how) {
    how = static_cast<How>(chosen_how);
    calls = 0;
    blocks = 0;
    chosen = at;
}

long ctc_crash_calls() { return calls; }

long ctc_crash_blocks() { return blocks; }

ssize_t write(int file, const void *data, size_t size) {
    static const auto real = next<ssize_t (*)(int, const void *, size_t)>("write");
    return writing(file, data, size, 0, [=](size_t n) { return real(file, data, n); });
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    static const auto real = next<ssize_t (*)(int, const void *, size_t, off64_t)>("pwrite64");
    return writing(file, data, size, at, [=](size_t n) { return real(file, data, n, at); });
}

int fsync(int file) {
    static const auto real = next<int (*)(int)>("fsync");
    return other([=] { return real(file); });
}

int ftruncate64(int file, off64_t size) {
    static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
    return other([=] { return real(file, size); });
}

int rename(const char *old, const char *fresh) {
    static const auto real = next<int (*)(const char *, const char *)>("rename");
    return other([=] { return real(old, fresh); });
}

int unlink(const char *path) {
    static const auto real = next<int (*)(const char *)>("unlink");
    return other([=] { return real(path); });
}

int mkdir(const char *path, mode_t mode) {
    static const auto real = next<int (*)(const char *, mode_t)>("mkdir");
    return other([=] { return real(path, mode); });
}

}  // extern "C"
