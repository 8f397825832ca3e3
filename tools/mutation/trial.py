"""A run of some tests in a copy of the checkout, in a process that was forked with all libraries.

A fork has NumPy, SciPy, h5py and pytest at hand and nothing of `ctc`, so a trial costs what its
tests cost.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.mutation.rooms import ROOT

PRELOADED = (
    *("numpy", "scipy.sparse.linalg", "scipy.special", "h5py", "pydantic", "pint", "pytest"),
    *("hypothesis", "coverage", "rich.console", "click"),
)
NOTICED, TIMED_OUT, CRASHED, SURVIVED = "noticed", "timed out", "crashed", "survived"
_COPIED = ("ctc", "kernels", "scenarios", "tests", "tools", "pyproject.toml", "README.md")
_INTERRUPTED = 2

Lines = dict[str, dict[int, list[str]]]


@dataclass(frozen=True)
class Trial:
    """What came of it.

    Attributes
    ----------
    outcome : str
        `noticed`, `timed out`, `crashed` or `survived`.
    test : str
        The first test that failed, or how the process ended.
    seconds : float
        Wall time.
    """

    outcome: str
    test: str
    seconds: float


@dataclass
class Told:
    """What a child says of a run of tests.

    Attributes
    ----------
    code : int
        pytest's exit code.
    failed : str
        The first test, or the first file, that failed.
    seconds : dict of str to float
        Of each test.
    lines : dict of str to dict of int to list of str
        Tests that ran a line of a module, "" for its import; empty if not asked.
    cpu_seconds : float
        Processor time of all.
    """

    code: int = 0
    failed: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)
    cpu_seconds: float = 0.0


def copy_checkout(target: Path) -> Path:
    """Copy what tests need; returns the copy."""
    target.mkdir(parents=True)
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target / name)
    return target


def run_tests(
    checkout: Path,
    files: Sequence[str],
    *,
    first: Sequence[str] = (),
    room: str = "",
    limit: float | None = None,
    cpu_limit: float | None = None,
) -> Told | None:
    """Run the tests of some files.

    Parameters
    ----------
    checkout : Path
        The copy whose code is tested.
    files : sequence of str
        Paths in it.
    first : sequence of str
        Tests to begin with, in this order.
    room : str
        Whose lines to follow; none by default, and then the first failure ends the run.
    limit, cpu_limit : float, optional [s]
        Of wall time, and of processor time: a machine may be slow, a loop without an end is not.

    Returns
    -------
    Told or None
        None after a limit; a code below 0 if the process ended by itself.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(
        target=_in_child,
        args=(theirs, checkout, files, first),
        kwargs={"room": room, "cpu_limit": cpu_limit},
    )
    child.start()
    theirs.close()
    try:
        if not ours.poll(limit):
            return None
        with suppress(EOFError):
            told = ours.recv()
            assert isinstance(told, Told)
            return told
        child.join()
        if child.exitcode == -signal.SIGXCPU:
            return None
        return Told(code=-abs(child.exitcode or 1), failed=f"exit code {child.exitcode}")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid or 0, signal.SIGKILL)
        child.kill()
        child.join()


def judge(told: Told | None, seconds: float) -> Trial:
    """Say what a run of tests on changed code means."""
    if told is None:
        return Trial(TIMED_OUT, "", seconds)
    if told.code < 0:
        return Trial(CRASHED, told.failed, seconds)
    if not told.failed:  # also where pytest gave up for a reason of its own
        return Trial(SURVIVED, "" if told.code == 0 else f"pytest's code {told.code}", seconds)
    return Trial(NOTICED, told.failed, seconds)


class _Finder:
    """Finds `ctc` and `tests` in the copy, even where `ctc` is installed."""

    def __init__(self, checkout: Path) -> None:
        self._root = [str(checkout)]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in {"ctc", "tests"}:
            return None
        return importlib.machinery.PathFinder.find_spec(name, path if "." in name else self._root)


class _Listener:
    """A pytest plugin that orders, times and follows tests."""

    def __init__(self, first: Sequence[str], told: Told, measured: Any) -> None:
        self._order = {test: i for i, test in enumerate(first)}
        self._told = told
        self._measured = measured

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items.sort(key=lambda item: self._order.get(item.nodeid, len(self._order)))

    def pytest_runtest_setup(self, item: Any) -> None:
        if self._measured:
            self._measured.switch_context(item.nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        test = report.nodeid
        self._told.seconds[test] = self._told.seconds.get(test, 0.0) + report.duration
        if report.failed and not self._told.failed:
            self._told.failed = test

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self._told.failed:
            self._told.failed = f"{report.nodeid} (collected)"


def _in_child(
    channel: Connection,
    checkout: Path,
    files: Sequence[str],
    first: Sequence[str],
    *,
    room: str,
    cpu_limit: float | None,
) -> None:
    os.setsid()
    if cpu_limit is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_limit) + 1, int(cpu_limit) + 2))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir(checkout)
    os.environ["PYTHONPATH"] = str(checkout)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.path.insert(0, str(checkout))
    sys.meta_path.insert(0, _Finder(checkout))

    import pytest  # noqa: PLC0415  (the parent need not have it at hand)

    told = Told()
    measured = _start_following(checkout, room) if room else None
    command = ["-n", "0", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *files]
    # Preloaded plugins cannot have their assertions rewritten, and need not.
    command += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if not room:
        command += ["-x", "--tb=no"]
    told.code = int(pytest.main(command, plugins=[_Listener(first, told, measured)]))
    if told.code == _INTERRUPTED and not told.failed:
        told.failed = "interrupted"
    told.cpu_seconds = time.process_time()
    if measured:
        measured.stop()
        told.lines = _lines(checkout, measured.get_data())
    channel.send(told)
    channel.close()
    os._exit(0)


def _start_following(checkout: Path, room: str) -> Any:
    from coverage import Coverage  # noqa: PLC0415

    measured = Coverage(
        data_file=None, config_file=False, include=[str(checkout / "ctc" / room / "*.py")]
    )
    measured.start()
    return measured


def _lines(checkout: Path, data: Any) -> Lines:
    return {
        str(Path(name).relative_to(checkout)): data.contexts_by_lineno(name)
        for name in data.measured_files()
    }
