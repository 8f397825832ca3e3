// Every entry point of the kernels as NVRTC sees it, run by emulated warps.
#include "device.h"

#include "entry/all.h"

#include <utility>

namespace {

template <class... A, size_t... I>
void call(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
    kernel(*static_cast<A*>(arguments[I])...);
}

template <class... A>
void unpack(void (*kernel)(A...), void** arguments) {
    call(kernel, arguments, std::index_sequence_for<A...>());
}

struct Entry {
    const char* name;
    void (*run)(void**);
};

#define ENTRY(name) {#name, [](void** arguments) { unpack(&ctc::name, arguments); }}

const Entry ENTRIES[] = {ENTRY(ctc_advance), ENTRY(ctc_emit), ENTRY(ctc_locate),
                         ENTRY(ctc_probe_laws)};

std::string report;

}  // namespace

extern "C" {

// Launch an entry point; `arguments` holds the address of each argument. 0, or 1 with a report.
int emulate(const char* name, unsigned n_blocks, unsigned n_threads, unsigned long long seed,
            void** arguments) {
    for (const Entry& entry : ENTRIES) {
        if (std::strcmp(entry.name, name) != 0) continue;
        emulation::Grid grid(n_blocks, n_threads, seed);
        const bool is_done = grid.run(entry.run, arguments);
        report = grid.report();
        return is_done ? 0 : 1;
    }
    report = std::string("there is no entry point ") + name;
    return 1;
}

const char* emulation_report() { return report.c_str(); }
}
