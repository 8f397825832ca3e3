"""One long run with frames, checkpoints and a live reader: what grows, slows down or breaks.

    python -m tools.soak                     an hour, two threads
    python -m tools.soak --minutes 2         the short form
    python -m tools.soak --picture soak.png --json soak.json
    python -m tools.soak --minutes 2 --plant memory     a leak that must be found

The run is stopped by Ctrl-C (SIGINT) at the end of the time. Then its file is read through, its
first epochs are run again without reader, windows and events on one thread, and its last ones are
resumed from a checkpoint in a copy: about a tenth of the time more. Exit code 0 where all is well,
1 where not, 2 after wrong input.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from ctc.errors import CtcError, InputError
from ctc.record.files import RunFiles
from tools.soak.course import Course, follow
from tools.soak.picture import draw
from tools.soak.verdict import SHORT, Finding, judge
from tools.soak.wholeness import again_findings, file_findings
from tools.soak.writer import FAULTS

SCENARIO = Path(__file__).resolve().with_name("soak.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    # Enough epochs to judge by also in a minute on a busy machine.
    is_short = options.minutes * 60 < SHORT and options.scenario == SCENARIO
    overrides = [*(["source.0.mass=1 g"] if is_short else []), *options.overrides]
    try:
        with _folder(options.folder) as folder:
            course, findings = soak(
                folder,
                options.scenario,
                minutes=options.minutes,
                threads=options.threads,
                overrides=overrides,
                plant=options.plant,
            )
    except CtcError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    is_good = all(finding.is_good for finding in findings)
    if options.picture and course.samples:
        word = "as it should be" if is_good else "NOT as it should be"
        draw(course, options.picture, title=f"{options.minutes:g} min, {word}")
    if options.json:
        text = {"is_good": is_good, "findings": [asdict(each) for each in findings]}
        Path(options.json).write_text(json.dumps(text | asdict(course)), encoding="utf-8")
    for finding in findings:
        print(f"{'ok  ' if finding.is_good else 'BAD '} {finding.name:<22} {finding.text}")
    return 0 if is_good else 1


def soak(
    folder: Path,
    scenario: Path | str,
    *,
    minutes: float,
    threads: int = 2,
    overrides: Sequence[str] = (),
    plant: str | None = None,
) -> tuple[Course, tuple[Finding, ...]]:
    """Run, follow, judge."""
    files = RunFiles.of(folder / "soak.vtkhdf")
    course = follow(
        files,
        scenario,
        seconds=60.0 * minutes,
        threads=threads,
        overrides=overrides,
        plant=plant,
        interval=min(2.0, 60.0 * minutes / 60),
    )
    print("the time is over; reading the file and running parts again", file=sys.stderr, flush=True)
    findings = judge(course) + file_findings(files, course)
    if course.writer_code == 3:
        findings += again_findings(files, scenario, threads=threads, overrides=overrides)
    return course, findings


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is None:
        with tempfile.TemporaryDirectory(prefix="ctc-soak-") as folder:
            yield Path(folder)
        return
    chosen.mkdir(parents=True, exist_ok=True)
    if any(chosen.iterdir()):
        message = f"folder must be empty, got {chosen}. Name another."
        raise InputError(message)
    yield chosen


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=60.0, help="wall time (default: 60)")
    parser.add_argument("--threads", type=int, default=2, help="of the run (default: 2)")
    parser.add_argument("--scenario", default=SCENARIO, help="one that lasts longer than that")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    parser.add_argument("--folder", type=Path, help="keep the run there; an empty folder")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write the curves as PNG")
    parser.add_argument("--json", metavar="FILE", help="write findings and curves")
    parser.add_argument("--plant", choices=FAULTS, help="a fault that the verdict must find")
    return parser


if __name__ == "__main__":
    sys.exit(main())
