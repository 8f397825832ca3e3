"""What each sanitizer watches for, what it needs, and which tests it watches."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.native_checks.findings import CheckSkipped

# Device text on emulated warps switches stacks by itself and is not part of the host library; the
# rest of these start programs or processors of their own.
NOT_WATCHED = (
    "test_aarch64.py",
    "test_cuda_backend.py",
    "test_emulated_warps.py",
    "test_lost_workers.py",
    "test_nvrtc.py",
    "test_workers.py",
    "test_workers_on_a_scenario.py",
)
_ALL = (
    "tests/regression",
    "tests/unit/backends",
    "tests/unit/cohort",
    "tests/unit/flow",
    "tests/unit/record",
    "tests/unit/simulation",
    "tests/unit/vessels",
    "tests/physics",
    "tests/parity",
)
# What starts threads: ranges of cells, queues of cells, trees side by side, events settled beside
# the next launch, patients in a block.
_WITH_THREADS = (
    "tests/regression",
    "tests/unit/backends",
    "tests/unit/flow",
    "tests/unit/simulation",
    "tests/unit/vessels/test_collisions.py",
    "tests/unit/vessels/test_grow.py",
    "tests/parity/test_backends.py",
    "tests/parity/test_cohort_block.py",
    "tests/parity/test_faults_beside.py",
    "tests/parity/test_floating_point_mode.py",
    "tests/parity/test_host_census.py",
    "tests/parity/test_host_events.py",
    "tests/parity/test_same_bits.py",
    "tests/parity/test_same_networks.py",
    "tests/parity/test_shards.py",
    "tests/parity/test_stop_and_resume.py",
    "tests/parity/test_variants.py",
)
# Some seconds: entries of every kind on the widest instruction set, and threads.
_SHORT = (
    "tests/regression/test_cases.py",
    "tests/parity/test_host_census.py",
    "tests/parity/test_host_events.py",
    "tests/physics/test_host_tables.py",
    "tests/physics/test_passages.py",
    "tests/unit/vessels/test_collisions.py",
)


@dataclass(frozen=True)
class Sanitizer:
    """One way to watch the host library while tests drive it.

    Attributes
    ----------
    name : str
        As on the command line.
    about : str
        What it finds.
    build : str
        ``CTC_SANITIZE`` of the build.
    compiler : str
        That builds it.
    runtime : str
        Library of the compiler that must be loaded before the interpreter.
    options : dict of str to str
        Variables that its runtime reads, without where it writes.
    tests : tuple of str
        Files and folders to run.
    planted : tuple of str
        Mistakes of ``planted.cpp`` that it must tell.
    """

    name: str
    about: str
    build: str
    compiler: str
    runtime: str
    options: dict[str, str]
    tests: tuple[str, ...]
    planted: tuple[str, ...]

    def preloaded(self) -> str:
        """Return ``LD_PRELOAD`` for an interpreter that was built without the sanitizer.

        Raises
        ------
        CheckSkipped
            If the compiler or its runtime is missing.
        """
        if shutil.which(self.compiler) is None:
            raise CheckSkipped(check=self.name, reason=f"{self.compiler} is not installed")
        found = []
        # The C++ library comes second, or its exceptions would pass the sanitizer unseen.
        for library in (self.runtime, "libstdc++.so.6"):
            said = subprocess.run(
                [self.compiler, f"-print-file-name={library}"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.strip()
            if not Path(said).is_absolute():
                raise CheckSkipped(check=self.name, reason=f"{self.compiler} has no {library}")
            found.append(said)
        return " ".join(found)

    def environment(self, library: Path, log: Path) -> dict[str, str]:
        """Return the variables under which an interpreter uses the watched library.

        Parameters
        ----------
        library : Path
            The host library.
        log : Path
            Reports go to files whose names begin so.
        """
        # A log for each runtime: two that share one overwrite what the other wrote.
        chosen = {
            name: f"{value}:log_path={log}_{name}" if name.endswith("_OPTIONS") else value
            for name, value in self.options.items()
        }
        return {
            **os.environ,
            **chosen,
            "LD_PRELOAD": self.preloaded(),
            "CTC_HOST_LIBRARY": str(library),
            "CTC_VESSEL_CACHE": "off",
        }


# The interpreter, NumPy and HDF5 keep memory until they end: leaks count where the host library
# asked for the memory (findings.py). CPython's own allocator would hide overruns of its blocks.
_ADDRESS = {
    "ASAN_OPTIONS": "halt_on_error=0:detect_leaks=1:exitcode=0:detect_stack_use_after_return=1",
    "PYTHONMALLOC": "malloc",
}

SANITIZERS = (
    # A build of its own each: of g++'s two runtimes the last to speak overwrites what the other
    # wrote, and clang's hangs in its symbolizer where frames of the interpreter are told.
    Sanitizer(
        name="asan",
        about="addresses and leaks",
        build="address",
        compiler="g++",
        runtime="libasan.so",
        options=_ADDRESS,
        tests=_ALL,
        planted=("write_past_the_end", "read_of_freed_memory", "write_past_the_stack", "leak"),
    ),
    Sanitizer(
        name="ubsan",
        about="undefined behaviour, numbers changed by silent conversions",
        build="undefined",
        compiler="clang++",
        runtime="libclang_rt.ubsan_standalone-x86_64.so",
        options={"UBSAN_OPTIONS": "print_stacktrace=1"},
        tests=_ALL,
        planted=(
            *("signed_overflow", "shift_too_far", "float_out_of_range", "misaligned_load"),
            *("division_by_zero", "index_out_of_bounds", "null_pointer", "silent_truncation"),
        ),
    ),
    Sanitizer(
        name="tsan",
        about="data races between threads",
        build="thread",
        compiler="g++",
        runtime="libtsan.so",
        options={"TSAN_OPTIONS": "halt_on_error=0:exitcode=0"},
        tests=_WITH_THREADS,
        planted=("race", "race_on_a_sum", "lock_left_out"),
    ),
)


# One build for both, for CI: no leaks, whose report would always be the last.
BOTH = Sanitizer(
    name="both",
    about="addresses and undefined behaviour",
    build="address,undefined",
    compiler="g++",
    runtime="libasan.so",
    options={
        "ASAN_OPTIONS": "halt_on_error=0:detect_leaks=0:exitcode=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
    },
    tests=_ALL,
    planted=(
        *("write_past_the_end", "read_of_freed_memory", "write_past_the_stack"),
        *("signed_overflow", "shift_too_far", "float_out_of_range", "misaligned_load"),
        *("division_by_zero", "index_out_of_bounds", "null_pointer"),
    ),
)


def watched_tests(sanitizer: Sanitizer, *, is_short: bool) -> tuple[str, ...]:
    """Return the tests that drive the library under a sanitizer."""
    return _SHORT if is_short else sanitizer.tests
