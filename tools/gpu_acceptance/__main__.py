"""Everything worth doing on a machine with an NVIDIA GPU inside ten minutes, offline.

    python -m tools.gpu_acceptance               no arguments needed
    python -m tools.gpu_acceptance --minutes 4   less time
    python -m tools.gpu_acceptance --only digests speed

Builds the host library, then does the steps in order of worth, each in a process of its own with
its own share of the time: what the machine is, equal digests on every way through CPU and GPU, hops
a second, runs begun on one device and ended on the other, compute-sanitizer, hardware counters, the
tests, launch shapes, other ways to program the GPU, and a day of a tumour of 1 g. What no longer
fits is listed as not run. Without a GPU the steps that need one are skipped with the reason.

Needs Python 3.12 (3.11 will do), a C++ compiler, cmake, ninja, and for the GPU CuPy. What it lacks
of Python packages it takes from the folder that ``python -m tools.fetch_wheels`` fills. After each
step a JSON file and a table are written anew; the table, or with --json the JSON, is also all that
goes to standard output. The exit code is 0 if all that ran passed, 1 if something failed, 2 after
wrong input.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ctc.errors import InputError
from ctc.record.provenance import program_commit
from tools.gpu_acceptance.environment import ROOT, WHEELS, Environment, set_up, why_no_gpu
from tools.gpu_acceptance.findings import FAILED, NOT_RUN, Acceptance, Outcome, write_whole
from tools.gpu_acceptance.launcher import do_step
from tools.gpu_acceptance.plan import STEPS, Budget
from tools.gpu_acceptance.results import file_stem, free_path, require_writable
from tools.gpu_acceptance.table import short_table

RESULTS = ROOT / "tools" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _options(arguments)
    try:
        _require_minutes(options.minutes)
        require_writable(options.output)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    budget = Budget(options.minutes)
    with tempfile.TemporaryDirectory(prefix="ctc-acceptance-") as folder:
        acceptance, path = _accept(options, budget, Path(folder))
    print(acceptance.as_json() if options.json else f"{short_table(acceptance)}\n", end="")
    _remark(f"All of it: {path}")
    return acceptance.exit_code


def _require_minutes(minutes: float) -> None:
    if not 0.0 < minutes < math.inf:
        message = f"--minutes must be > 0 and finite, got {minutes:g}. Leave it out for 9.5."
        raise InputError(message)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.gpu_acceptance", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names = [step.name for step in STEPS]
    parser.add_argument("--minutes", type=float, default=9.5, help="for everything (9.5)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="STEP", help=", ".join(names))
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--wheels", type=Path, default=WHEELS, help="folder of the wheels")
    parser.add_argument("--commit", default=_commit(), help="where git cannot tell")
    parser.add_argument("--short", action="store_true", help="tiny: a trial of this command")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    return parser.parse_args(arguments)


def _accept(options: argparse.Namespace, budget: Budget, work: Path) -> tuple[Acceptance, Path]:
    about = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": options.commit,
        "device": "no GPU",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "minutes": f"{options.minutes:g}" + (", short" if options.short else ""),
    }
    acceptance = Acceptance(about)
    environment, build = set_up(work, options.wheels)
    acceptance.outcomes.append(build.judged())
    _tell(build)
    steps = [step for step in STEPS if not options.only or step.name in options.only]
    if build.state == FAILED:
        reason = "nothing runs without the build"
        acceptance.outcomes += [Outcome(step.name, NOT_RUN, reason) for step in steps]
        return acceptance, _write(acceptance, _path(acceptance, options.output))
    no_gpu = why_no_gpu(environment)
    about["device"] = _device(environment) if not no_gpu else f"no GPU ({no_gpu})"
    if no_gpu:
        _remark(f"no GPU: {no_gpu}")
    path = _write(acceptance, _path(acceptance, options.output))
    for step in steps:
        outcome = do_step(step, environment, budget=budget, no_gpu=no_gpu, is_short=options.short)
        acceptance.outcomes.append(outcome)
        _write(acceptance, path)
        _tell(outcome)
    return acceptance, path


def _path(acceptance: Acceptance, folder: Path) -> Path:
    about = acceptance.about
    device = "cpu-only" if about["device"].startswith("no GPU") else about["device"]
    return free_path(folder, file_stem(about["date"][:10], device, about["commit"]))


def _write(acceptance: Acceptance, path: Path) -> Path:
    write_whole(path, acceptance.as_json())
    write_whole(path.with_suffix(".md"), short_table(acceptance) + "\n")
    return path


def _tell(outcome: Outcome) -> None:
    reason = f": {outcome.reason}" if outcome.reason else ""
    _remark(f"{outcome.step}: {outcome.state} in {outcome.seconds:.0f} s{reason}")


def _remark(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _device(environment: Environment) -> str:
    program = "from ctc.backends.base import choose_backend as c; print(c('cuda').description)"
    done = environment.run([sys.executable, "-c", program], timeout=120.0)
    return done.stdout.strip().partition("(")[2].rstrip(")") or "GPU"


def _commit() -> str:
    return program_commit(ROOT) or "nocommit"


if __name__ == "__main__":
    sys.exit(main())
