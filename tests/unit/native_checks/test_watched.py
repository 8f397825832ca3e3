"""What the native checks take for proof: tests that ran, reports at the right place."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.sources import KERNELS, ROOT
from tools.native_checks import __main__ as command
from tools.native_checks import compilers
from tools.native_checks.findings import CheckSkipped, Finding, Report
from tools.native_checks.mutants import MUTANTS, Mutant, is_told
from tools.native_checks.sanitizers import BOTH, NOT_WATCHED, SANITIZERS, Sanitizer, watched_tests
from tools.native_checks.watched import watched_run


def test_every_test_that_is_watched_or_left_out_exists() -> None:
    paths = {path for each in (*SANITIZERS, BOTH) for path in watched_tests(each, is_short=False)}
    paths |= set(watched_tests(BOTH, is_short=True))
    paths |= {f"tests/parity/{name}" for name in NOT_WATCHED}
    paths |= {path for mutant in MUTANTS for path in mutant.tests}
    assert sorted(path for path in paths if not _is_there(path)) == []


def _is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.exists() and (not name or f"def {name}(" in file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_that_a_mutant_changes_is_there_once(mutant: Mutant) -> None:
    assert (KERNELS / mutant.file).read_text(encoding="utf-8").count(mutant.right) == 1


class Unwatched(Sanitizer):
    """Drives the tests as they are, without a build."""

    def environment(self, library: Path, log: Path) -> dict[str, str]:
        return dict(os.environ)


UNWATCHED = Unwatched(**vars(replace(SANITIZERS[0], name="unwatched")))


def test_a_run_that_does_not_end_is_killed(tmp_path: Path) -> None:
    endless = tmp_path / "test_endless.py"
    endless.write_text("def test_endless():\n    while True:\n        pass\n")
    began = time.monotonic()
    counts, faults, _ = watched_run(
        UNWATCHED,
        tmp_path / "libctc_host.so",
        tmp_path,
        tests=[str(endless)],
        processes="0",
        longest=5.0,
    )
    assert counts["passed"] == 0
    assert "did not come to their end" in faults[0]
    assert time.monotonic() - began < 60.0


def test_a_run_of_no_test_is_a_fault(tmp_path: Path) -> None:
    """A file that is gone: pytest writes results of no test, and no failure."""
    gone = ["tests/parity/test_no_such_file.py"]
    counts, faults, _ = watched_run(
        UNWATCHED, tmp_path / "libctc_host.so", tmp_path, tests=gone, processes="0"
    )
    assert counts["passed"] == 0
    assert len(faults) == 1
    assert "pytest ended with code" in faults[0]


def test_a_report_elsewhere_does_not_tell_of_a_mistake() -> None:
    mutant = MUTANTS[0]
    assert not is_told(mutant, [])
    assert not is_told(mutant, [Report("kernels/core/hop.h:12", "data race")])
    assert is_told(mutant, [Report(f"kernels/{mutant.file}:12", "data race")])


def test_a_missing_compiler_is_skipped_and_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", {"g++": "/usr/bin/g++"}.get)
    monkeypatch.setattr(compilers, "build", lambda folder, compiler: folder)
    monkeypatch.setattr(compilers, "version_of", lambda compiler: f"{compiler} 1.0")
    with pytest.raises(CheckSkipped, match=r"clang\+\+ is not installed; .* by g\+\+ 1.0"):
        compilers.check_warnings(tmp_path)


def test_without_names_all_checks_are_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []

    def check(name: str) -> Callable[[Path], Finding]:
        def note(_folder: Path) -> Finding:
            made.append(name)
            return Finding(name, "", "asked", 0.0)

        return note

    names = [*(each.name for each in SANITIZERS), "planted", "warnings", "tidy"]
    monkeypatch.setattr(command, "_checks", lambda _: {n: check(n) for n in [*names, BOTH.name]})
    assert command.main([]) == 0
    assert made == names
    with pytest.raises(SystemExit):
        command.main(["asam"])
    assert "must be one of asan, " in capsys.readouterr().err
