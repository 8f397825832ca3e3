"""Which tests run a line of a room, and how long they take: who must notice a change of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutation.mutants import Mutant
from tools.mutation.rooms import Room
from tools.mutation.trial import Lines, Trial, judge, run_tests

# A machine that others use may be slow for a while; a loop without an end is not worth more.
_LEAST, _TIMES_AS_LONG = 60.0, 10.0
_LEAST_CPU, _TIMES_AS_MUCH = 10.0, 3.0
NOT_RUN = "not run"


@dataclass(frozen=True)
class Following:
    """What the tests of a room ran before anything was changed.

    Attributes
    ----------
    lines : dict of str to dict of int to list of str
        Tests that ran a line of a module, "" for its import.
    seconds : dict of str to float
        Of each test.
    cpu_seconds : float
        Processor time of all together.
    """

    lines: Lines
    seconds: dict[str, float]
    cpu_seconds: float


def follow(room: Room, checkout: Path) -> Following:
    """Run the tests of a room once.

    Raises
    ------
    RuntimeError
        If one fails: nothing could be said of changed code.
    """
    told = run_tests(checkout, room.tests, room=room.name)
    if told is None or told.code != 0:
        message = f"the tests of {room.name} must pass before the code is changed, got {told}"
        raise RuntimeError(message)
    missing = [module for module in room.modules if module not in told.lines]
    if len(missing) == len(room.modules):
        message = f"the tests of {room.name} must run the copy of it, and ran another one"
        raise RuntimeError(message)
    return Following(told.lines, told.seconds, told.cpu_seconds)


def try_mutant(mutant: Mutant, following: Following, checkout: Path) -> Trial:
    """Run the tests that ran the changed lines, quickest first, then the others of their files.

    Tests of the same file follow because they may share what a fixture made of those lines.
    """
    lines = following.lines.get(mutant.module, {})
    here = [lines.get(i, []) for i in range(mutant.line, mutant.last_line + 1)]
    tests = sorted({test for tests in here for test in tests} - {""})
    is_for_all = any("" in tests for tests in here)  # run while the module was imported
    if is_for_all:
        tests = sorted({test for tests in lines.values() for test in tests} - {""})
    elif not tests:
        return Trial(NOT_RUN, "", 0.0)
    tests.sort(key=lambda test: following.seconds.get(test, 0.0))
    if is_for_all:
        tests += sorted(set(following.seconds) - set(tests))
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    limit = max(_LEAST, _TIMES_AS_LONG * _seconds_of(files, following))
    cpu_limit = _LEAST_CPU + _TIMES_AS_MUCH * following.cpu_seconds
    path = checkout / mutant.module
    original = path.read_text(encoding="utf-8")
    path.write_text(mutant.text, encoding="utf-8")
    began = time.monotonic()
    try:
        told = run_tests(checkout, files, first=tests, limit=limit, cpu_limit=cpu_limit)
    finally:
        path.write_text(original, encoding="utf-8")
    return judge(told, time.monotonic() - began)


def _seconds_of(files: Sequence[str], following: Following) -> float:
    return sum(
        seconds for test, seconds in following.seconds.items() if test.partition("::")[0] in files
    )
