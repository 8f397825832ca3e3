"""Does the native code do what C++ promises: sanitizers, warnings, static analysis.

    python -m tools.native_checks                    all of it, one table
    python -m tools.native_checks asan tsan          single checks
    python -m tools.native_checks both --short       some dozens of tests, as CI does
    python -m tools.native_checks planted            mistakes planted in the real code

asan     addresses and leaks, by g++
ubsan    undefined behaviour and silent conversions, by clang++
tsan     data races between threads, by g++
both     addresses and undefined behaviour by g++ in one build, as CI does; not among all
planted  the real code with one mistake at a time: each must be told by its sanitizer
warnings the host library by g++ and by clang++, warnings as errors
tidy     clang-tidy with the checks of kernels/.clang-tidy

Each sanitizer builds the host library anew and first has to tell planted mistakes. The exit code is
0 where nothing was found, 1 where something was, 2 after wrong input. What this machine cannot do
is listed as skipped, with the reason; with --all-or-nothing that counts as found.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tools.native_checks.builds import BuildError
from tools.native_checks.compilers import check_warnings
from tools.native_checks.findings import CheckSkipped, Finding
from tools.native_checks.mutants import check_mutants
from tools.native_checks.sanitizers import BOTH, SANITIZERS, watched_tests
from tools.native_checks.tidy import check_tidy
from tools.native_checks.watched import watch

Check = Callable[[Path], Finding]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    checks = _checks(options)
    found: list[Finding] = []
    skipped: list[CheckSkipped] = []
    with tempfile.TemporaryDirectory(prefix="ctc-native-") as folder:
        for name in options.check or (name for name in checks if name != BOTH.name):
            try:
                found.append(checks[name](options.build or Path(folder)))
            except CheckSkipped as reason:
                skipped.append(reason)
            except BuildError as error:
                found.append(Finding(name, "", "not built", 0.0, (str(error),)))
    if options.json:
        rows = [asdict(finding) for finding in found]
        rows += [{"check": each.check, "skipped": each.reason} for each in skipped]
        print(json.dumps(rows, indent=1))
    else:
        _print_table(found, skipped)
    is_bad = any(finding.faults for finding in found)
    return int(is_bad or (options.all_or_nothing and bool(skipped)))


def _checks(options: argparse.Namespace) -> dict[str, Check]:
    checks: dict[str, Check] = {
        each.name: partial(
            watch,
            each,
            tests=options.tests or watched_tests(each, is_short=options.short),
            processes=options.processes,
        )
        for each in (*SANITIZERS, BOTH)
    }
    return checks | {"planted": check_mutants, "warnings": check_warnings, "tidy": check_tidy}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.native_checks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names = [*(each.name for each in (*SANITIZERS, BOTH)), "planted", "warnings", "tidy"]

    def check_name(text: str) -> str:
        if text not in names:
            message = f"must be one of {', '.join(names)}, got '{text}'"
            raise argparse.ArgumentTypeError(message)
        return text

    # `choices` would refuse an empty list.
    parser.add_argument("check", nargs="*", type=check_name, help=f"{', '.join(names)}; all")
    parser.add_argument("--short", action="store_true", help="some dozens of tests")
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="other tests than those")
    parser.add_argument(
        "--build", type=_whole_path, metavar="FOLDER", help="keep builds and logs here"
    )
    parser.add_argument("--processes", default="0", metavar="N", help="as for pytest -n")
    parser.add_argument("--all-or-nothing", action="store_true", help="nothing may be skipped")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _whole_path(text: str) -> Path:
    """Return a path that means the same in a process that works elsewhere."""
    return Path(text).absolute()


def _print_table(found: Sequence[Finding], skipped: Sequence[CheckSkipped]) -> None:
    for finding in found:
        by = f" ({finding.compiler})" if finding.compiler else ""
        verdict = f"{len(finding.faults)} FAULTS" if finding.faults else "clean"
        print(f"{finding.check}{by}: {verdict}; {finding.done}; {finding.seconds:.0f} s")
        for fault in finding.faults:
            print(f"    {fault}")
    for each in skipped:
        print(f"{each.check}: skipped, {each.reason}")


if __name__ == "__main__":
    sys.exit(main())
