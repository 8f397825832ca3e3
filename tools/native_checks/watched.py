"""Tests that drive the host library while a sanitizer watches, and proof that it sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

from tools.native_checks.builds import PLANTED, ROOT, build
from tools.native_checks.findings import Finding, Report, read_logs
from tools.native_checks.sanitizers import NOT_WATCHED, Sanitizer

_ALL_PASSED, _SOME_FAILED = 0, 1  # exit codes of pytest; all others mean that it gave up
_EIGHT = "import ctypes, sys; getattr(ctypes.CDLL(sys.argv[1]), sys.argv[2])(8)"


def watch(
    sanitizer: Sanitizer, folder: Path, *, tests: Iterable[str], processes: str = "0"
) -> Finding:
    """Build the library, let it make planted mistakes, and run tests on it.

    Parameters
    ----------
    sanitizer : Sanitizer
        What watches.
    folder : Path
        Of builds and logs.
    tests : iterable of str
        Files and folders below the checkout.
    processes : str
        As for ``pytest -n``.

    Raises
    ------
    CheckSkipped
        If this machine lacks what the sanitizer needs.
    BuildError
        If the compiler refuses.
    """
    began = time.monotonic()
    library = build(
        folder / sanitizer.name, sanitizer.compiler, sanitize=sanitizer.build, planted=True
    )
    built = time.monotonic() - began
    unseen = unseen_mistakes(sanitizer, library.with_name("libplanted.so"), folder)
    counts, faults, reports = watched_run(
        sanitizer, library, folder, tests=tests, processes=processes
    )
    seen = len(sanitizer.planted) - len(unseen)
    done = (
        f"{counts['passed']} tests passed, {counts['failed']} failed, {counts['skipped']} skipped; "
        f"{len(reports)} reports; {seen} of {len(sanitizer.planted)} planted mistakes told"
    )
    faults += [f"{r.place}: {r.text} ({r.count} times)" for r in reports]
    faults += [f"planted mistake '{name}' was not told" for name in unseen]
    counts |= {"reports": len(reports), "planted": len(sanitizer.planted), "told": seen}
    counts["build_seconds"] = round(built)
    seconds = time.monotonic() - began
    return Finding(sanitizer.name, sanitizer.compiler, done, seconds, tuple(faults), counts)


def unseen_mistakes(sanitizer: Sanitizer, library: Path, folder: Path) -> list[str]:
    """Return which planted mistakes the sanitizer does not tell."""
    unseen = []
    for name in sanitizer.planted:
        logs = _empty(folder / "logs" / f"{sanitizer.name}_{name}")
        command = [sys.executable, "-I", "-c", _EIGHT, str(library), name]
        _run(command, sanitizer, library, logs)
        reports = read_logs(logs.iterdir())
        if not any(PLANTED.name in report.place for report in reports):
            unseen.append(name)
    return unseen


def watched_run(
    sanitizer: Sanitizer,
    library: Path,
    folder: Path,
    *,
    tests: Iterable[str],
    processes: str,
    longest: float | None = None,
) -> tuple[dict[str, int], list[str], tuple[Report, ...]]:
    """Run tests on a watched library; returns counts, faults, reports.

    After `longest` seconds, if given, they are killed.
    """
    logs = _empty(folder / "logs" / sanitizer.name)
    results = folder / f"{sanitizer.name}.xml"
    results.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-n", processes, "-p", "no:cacheprovider"),
        *("-s", "-k", "not emulated", f"--junitxml={results}"),
        *(f"--ignore=tests/parity/{name}" for name in NOT_WATCHED),
        *tests,
    ]
    code, said = _run(command, sanitizer, library, logs, longest=longest)
    if not results.is_file():
        message = f"the tests did not come to their end: {said[-3000:]}"
        none = {"passed": 0, "failed": 0, "skipped": 0}
        return none, [message], read_logs(logs.iterdir())
    counts, faults = _read_results(results)
    # Also where no test ran at all, pytest writes results without a failure.
    if code not in (_ALL_PASSED, _SOME_FAILED) or not counts["passed"]:
        told = f"pytest ended with code {code}, {counts['passed']} tests passed: {said[-1000:]}"
        faults.append(told)
    return counts, faults, read_logs(logs.iterdir())


def _run(
    command: list[str],
    sanitizer: Sanitizer,
    library: Path,
    logs: Path,
    *,
    longest: float | None = None,
) -> tuple[int, str]:
    """Run a program on the watched library; returns its exit code and what it said.

    After `longest` seconds it is killed, which is an exit code as well.

    Where g++'s two runtimes are in one process, the one for undefined behaviour speaks to the
    standard error whatever it is told; so that is a log too.
    """
    with (logs / "stderr").open("w+", encoding="utf-8", errors="replace") as errors:
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env=sanitizer.environment(library, logs / "report"),
            start_new_session=True,
        ) as process:
            try:
                said, _ = process.communicate(timeout=longest)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said, _ = process.communicate()
            except BaseException:  # Ctrl-C, which no other session hears
                os.killpg(process.pid, signal.SIGKILL)
                raise
        errors.seek(0)
        return process.returncode, said + errors.read()


def _read_results(path: Path) -> tuple[dict[str, int], list[str]]:
    (suite,) = ET.parse(path).getroot().iter("testsuite")
    n, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = [
        f"{case.get('classname')}.{case.get('name')} failed: {fault.get('message', '')[:300]}"
        for case in suite.iter("testcase")
        for fault in [*case.iter("failure"), *case.iter("error")]
    ]
    passed = n - skipped - len(failed)
    return {"passed": passed, "failed": len(failed), "skipped": skipped}, failed


def _empty(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder
