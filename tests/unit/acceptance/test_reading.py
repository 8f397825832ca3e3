"""What other programs print is read right.

No GPU was at hand: the samples are written after the manuals of Compute Sanitizer, Nsight Compute
and nvidia-smi, not recorded; but `NOT_BEGUN` is what compute-sanitizer 13.5 prints for a program
that uses no GPU.
"""

import platform

import pytest

from tools.gpu_acceptance.steps.counters import complaint, read_csv
from tools.gpu_acceptance.steps.device import read_query, system_name
from tools.gpu_acceptance.steps.sanitizer import Verdict, read_log
from tools.gpu_acceptance.steps.tests import read_summary

CLEAN = """\
========= COMPUTE-SANITIZER
========= ERROR SUMMARY: 0 errors
"""
OUT_OF_BOUNDS = """\
========= COMPUTE-SANITIZER
========= Invalid __global__ write of size 8 bytes
=========     at ctc_advance+0x2c40
=========     by thread (5,0,0) in block (3,0,0)
=========     Access to 0x7f0c8a000208 is out of bounds
=========     and is 9 bytes after the nearest allocation at 0x7f0c8a000000 of size 512 bytes
=========
========= ERROR SUMMARY: 32 errors
"""
UNINITIALISED = """\
========= COMPUTE-SANITIZER
========= Uninitialized __global__ memory read of size 4 bytes
=========     at ctc_advance+0x70
=========     by thread (0,0,0) in block (0,0,0)
=========
========= ERROR SUMMARY: 1 error
"""
NO_RACE = """\
========= COMPUTE-SANITIZER
========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)
"""
RACE = """\
========= COMPUTE-SANITIZER
========= Error: Race reported between Write access at ctc_advance+0x90
=========     and Read access at ctc_advance+0x100 [508 hazards]
=========
========= RACECHECK SUMMARY: 1 hazard displayed (1 error, 0 warnings)
"""
WARNED_RACE = """\
========= COMPUTE-SANITIZER
========= RACECHECK SUMMARY: 2 hazards displayed (0 errors, 2 warnings)
"""
NOT_BEGUN = """\
========= COMPUTE-SANITIZER
========= Error: process didn't terminate successfully
========= Error: Target application terminated before first instrumented API call
"""
NO_DEVICE = """\
========= COMPUTE-SANITIZER
========= Error: Device not supported. Please refer to the "Supported Devices" section
"""


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        (CLEAN, 0, Verdict(0, "")),
        (OUT_OF_BOUNDS, 7, Verdict(32, "Invalid __global__ write of size 8 bytes")),
        (UNINITIALISED, 7, Verdict(1, "Uninitialized __global__ memory read of size 4 bytes")),
        (NO_RACE, 0, Verdict(0, "")),
        (RACE, 7, Verdict(1, "Race reported between Write access at ctc_advance+0x90")),
        (WARNED_RACE, 0, Verdict(2, "")),
    ],
)
def test_sanitizer(text: str, code: int, expected: Verdict) -> None:
    assert read_log(text, code) == expected


def test_sanitizer_that_did_not_begin_has_no_verdict() -> None:
    assert read_log(NOT_BEGUN, 255).n_errors is None
    assert "terminated before" in read_log(NOT_BEGUN, 255).note
    assert "not supported" in read_log(NO_DEVICE, 255).note
    assert read_log("", 1) == Verdict(None, "no word")


def test_a_clean_log_is_no_verdict_where_the_run_itself_failed() -> None:
    assert read_log(CLEAN, 1).n_errors is None
    assert read_log(CLEAN, 7).n_errors == 1


NCU = """\
==PROF== Connected to process 4711 (/usr/bin/python3.12)
==PROF== Profiling "ctc_advance" - 0: 0%....50%....100% - 3 passes
==PROF== Profiling "ctc_advance" - 1: 0%....50%....100% - 3 passes
digest 0123 hops 12345
==PROF== Disconnected from process 4711
"ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size",\
"Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value"
"0","4711","python3.12","127.0.0.1","ctc_advance","1","13","(128, 1, 1)","(1056, 1, 1)","0","9.0",\
"Command line profiler metrics","gpu__time_duration.sum","ns","1,500,000"
"0","4711","python3.12","127.0.0.1","ctc_advance","1","13","(128, 1, 1)","(1056, 1, 1)","0","9.0",\
"Command line profiler metrics","lts__t_sector_hit_rate.pct","%","81.50"
"1","4711","python3.12","127.0.0.1","ctc_advance","1","13","(128, 1, 1)","(1056, 1, 1)","0","9.0",\
"Command line profiler metrics","gpu__time_duration.sum","ns","2,500,000"
"1","4711","python3.12","127.0.0.1","ctc_advance","1","13","(128, 1, 1)","(1056, 1, 1)","0","9.0",\
"Command line profiler metrics","lts__t_sector_hit_rate.pct","%","n/a"
"2","4711","python3.12","127.0.0.1","cupy_copy","1","13","(128, 1, 1)","(1056, 1, 1)","0","9.0",\
"Command line profiler metrics","gpu__time_duration.sum","ns","7"
"""


def test_counters_are_means_over_the_launches_of_the_kernel() -> None:
    found = read_csv(NCU)
    assert found == {
        "gpu__time_duration.sum": (2e6, "ns"),
        "lts__t_sector_hit_rate.pct": (81.5, "%"),
    }


def test_refusals_of_the_profiler_are_told() -> None:
    refused = (
        "==PROF== Connected to process 4711\n"
        "==ERROR== ERR_NVGPUCTRPERM - The user does not have permission to access counters\n"
    )
    assert read_csv(refused) == {}
    assert complaint(refused).startswith("ERR_NVGPUCTRPERM")
    assert complaint("==PROF== Connected\n") == "==PROF== Connected"


def test_facts_of_the_gpu() -> None:
    line = "NVIDIA H100 80GB HBM3, 580.82, 9.0, 81559 MiB, 4 MiB, 345 MHz, 2619 MHz, 1980 MHz\n"
    found = read_query(line)
    assert found["name"] == "NVIDIA H100 80GB HBM3"
    assert found["clocks.max.sm"] == "1980 MHz"
    assert "GPUs" not in found
    assert read_query(line * 2)["GPUs"] == "2"
    assert read_query("") == {}


def test_summary_of_pytest() -> None:
    text = """\
.F.s
FAILED tests/parity/test_backends.py::test_runs[cuda] - AssertionError: other digest
ERROR tests/parity/test_nvrtc.py::test_log - MissingDeviceError
1 failed, 2 passed, 1 skipped, 30 deselected, 1 error in 12.34s
"""
    counts, wrong = read_summary(text)
    assert counts == {"failed": 1, "passed": 2, "skipped": 1, "deselected": 30, "error": 1}
    assert wrong == [
        "tests/parity/test_backends.py::test_runs[cuda]",
        "tests/parity/test_nvrtc.py::test_log",
    ]
    assert read_summary("no tests ran\n") == ({}, [])


def test_a_system_is_told_without_its_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    assert system_name() == f"{platform.system()} glibc 2.36"
    assert platform.release() not in system_name()
