"""The real code with one mistake at a time, which its sanitizer must tell."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ctc.backends.source import kernel_hash
from tools.native_checks.builds import KERNELS, build
from tools.native_checks.findings import Finding, Report
from tools.native_checks.sanitizers import SANITIZERS
from tools.native_checks.watched import watched_run


@dataclass(frozen=True)
class Mutant:
    """One mistake: the text that is replaced, by what, who must tell it, and on which tests.

    ``told_in`` is where the harm is done if not in the file itself: a file or folder of kernels/.
    """

    name: str
    file: str
    right: str
    wrong: str
    sanitizer: str
    tests: tuple[str, ...]
    told_in: str = ""


MUTANTS = (
    Mutant(
        "cells are handed out without an atomic",
        "host/variant.cpp",
        "now = __atomic_fetch_add(shared.next, shared.block, __ATOMIC_RELAXED);",
        "now = *shared.next; *shared.next = now + shared.block;",
        "tsan",
        ("tests/parity/test_same_bits.py",),
    ),
    Mutant(
        "threads count events as if each were alone",
        "core/counts.h",
        "if (is_own) *sum += 1;",
        "if (is_own || true) *sum += 1;",
        "tsan",
        ("tests/parity/test_same_bits.py",),
    ),
    Mutant(
        "pieces of work are handed out without an atomic",
        "host/growth/workers.h",
        "i = next.fetch_add(1)) {",
        "i = next.load(), next.store(i + 1)) {",
        "tsan",
        ("tests/parity/test_host_events.py",),
        told_in="host/",  # two threads do one piece, whatever it is
    ),
    Mutant(
        "cells are counted one too far",
        "host/census.cpp",
        "for (; i < count; ++i) ++table[state[i]];",
        "for (; i <= count; ++i) ++table[state[i]];",
        "asan",
        # Arrays that are as long as they must be: what is read behind the cells lies outside them.
        ("tests/parity/test_host_census.py::test_what_is_both_dropped_and_taken_goes_once",),
    ),
    Mutant(
        "events land one place behind their room",
        "host/events.cpp",
        "sorted[own[bucket_of(event.time)]++] = event;",
        "sorted[++own[bucket_of(event.time)]] = event;",
        "asan",
        ("tests/parity/test_host_events.py",),
    ),
    Mutant(
        "a duration is not cut before it is made whole",
        "core/deviate.h",
        "return nearest_i64(smaller(x, F(0x1p52f)));",
        "return nearest_i64(x);",
        "ubsan",
        ("tests/physics/test_deviate.py",),
        told_in="core/",  # the conversion itself, of one number or of a pack
    ),
    Mutant(
        "a shift of the times goes too far",
        "host/events.cpp",
        "while (bucket_of(high) >= wanted && shift < 63) ++shift;",
        "while (bucket_of(high) >= wanted && shift < 64) ++shift;",
        "ubsan",
        ("tests/parity/test_host_events.py",),
    ),
)


# A mistake may make a loop endless; each takes half a minute otherwise.
_LONGEST = 300.0  # [s]


def check_mutants(folder: Path) -> Finding:
    """Build each mutant with its sanitizer and ask that the sanitizer tells of it.

    Raises
    ------
    CheckSkipped
        If this machine lacks what a sanitizer needs.
    BuildError
        If the compiler refuses.
    """
    began = time.monotonic()
    faults = [
        f"{mutant.sanitizer} did not tell that {mutant.name}"
        for mutant in MUTANTS
        if not _is_told(mutant, folder)
    ]
    told = len(MUTANTS) - len(faults)
    done = f"{told} of {len(MUTANTS)} mistakes in the real code told"
    counts = {"mutants": len(MUTANTS), "told": told}
    return Finding("planted", "", done, time.monotonic() - began, tuple(faults), counts)


def _is_told(mutant: Mutant, folder: Path) -> bool:
    (sanitizer,) = (each for each in SANITIZERS if each.name == mutant.sanitizer)
    # One folder for all mutants of a sanitizer: only what differs is compiled anew.
    text, built = folder / "mutants" / "kernels", folder / "mutants" / sanitizer.name
    text.mkdir(parents=True, exist_ok=True)
    _copy_changed(mutant, text)
    library = build(built, sanitizer.compiler, sanitize=sanitizer.build, kernels=text)
    _, _, reports = watched_run(
        sanitizer,
        library,
        folder / "mutants",
        tests=mutant.tests,
        processes="0",
        longest=_LONGEST,
    )
    return is_told(mutant, reports)


def is_told(mutant: Mutant, reports: Iterable[Report]) -> bool:
    """Is there a report whose place lies where the mistake does harm; any other is no proof."""
    place = f"kernels/{mutant.told_in or mutant.file}"
    return any(place in report.place for report in reports)


def _copy_changed(mutant: Mutant, to: Path) -> None:
    """Copy the kernels with the mistake; the library goes on bearing the hash of the real text."""
    for source in KERNELS.rglob("*"):
        target = to / source.relative_to(KERNELS)
        if source.is_dir():
            target.mkdir(exist_ok=True)
            continue
        content = source.read_bytes()
        if str(source.relative_to(KERNELS)) == mutant.file:
            right, wrong = mutant.right.encode(), mutant.wrong.encode()
            if right not in content:
                message = f"{mutant.file} must hold '{mutant.right}'"
                raise ValueError(message)
            content = content.replace(right, wrong)
        if source.name == "hash_sources.py":
            content = f"print('{kernel_hash()}')".encode()
        if not target.is_file() or target.read_bytes() != content:
            target.write_bytes(content)
    shutil.copystat(KERNELS, to)
