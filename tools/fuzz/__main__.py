"""``python -m tools.fuzz``: hostile input for every reader, and what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

from tools.fuzz.campaign import Worker, run_target
from tools.fuzz.guided import run_guided
from tools.fuzz.registry import TARGETS
from tools.fuzz.report import Report

FAILED = 1


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--target",
    "names",
    multiple=True,
    type=click.Choice(list(TARGETS)),
    metavar="NAME",
    help="Of a target; all by default. May be repeated.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    help="For each target.",
)
@click.option(
    "--inputs", type=click.IntRange(1), help="So many inputs for each target, however long."
)
@click.option(
    "--engine",
    type=click.Choice(["changes", "guided"]),
    default="changes",
    show_default=True,
    help="Changes of good samples that only seed and number tell; or libFuzzer (atheris), guided "
    "by the branches that inputs reach.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--list", "is_list", is_flag=True, help="Show the targets and end.")
@click.option("--json", "as_json", is_flag=True, help="Print for programs.")
def command(
    names: tuple[str, ...],
    *,
    seconds: float,
    inputs: int | None,
    engine: str,
    seed: int,
    is_list: bool,
    as_json: bool,
) -> int:
    """Feed readers with hostile input.

    The same seed makes the same inputs. Exit codes: 0 every input was read or refused cleanly, 1
    one was not, or a target had no hostile input.
    """
    chosen = [TARGETS[name] for name in names or TARGETS]
    if is_list:
        for target in chosen:
            print(f"{target.name:18} {target.about}")
        return 0
    if engine == "guided":
        if inputs is not None:
            message = "--inputs must be left out with --engine guided, which counts seconds."
            raise click.UsageError(message)
        reports = [run_guided(target, seed=seed, seconds=seconds) for target in chosen]
        return _told(reports, seed=seed, as_json=as_json)
    with Worker() as worker:
        reports = [
            run_target(target, worker, seed=seed, seconds=seconds, count=inputs or 0)
            for target in chosen
        ]
    return _told(reports, seed=seed, as_json=as_json)


def _told(reports: Sequence[Report], *, seed: int, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"seed": seed, "targets": [each.to_dict() for each in reports]}, indent=2))
    else:
        _print(reports)
    is_clean = all(report.hostile and not report.failures for report in reports)
    return 0 if is_clean else FAILED


def _print(reports: Sequence[Report]) -> None:
    print(
        f"{'target':18} {'inputs':>9} {'hostile':>9} {'accepted':>9} {'refused':>9} {'failed':>7} "
        f"{'seconds':>8}"
    )
    for report in reports:
        if report.skipped:
            print(f"{report.target:18} skipped: {report.skipped}")
            continue
        good, refused = report.outcomes["accepted"], report.outcomes["refused"]
        failed = report.inputs - good - refused
        row = f"{report.inputs:9,} {report.hostile.total():9,} {good:9,} {refused:9,} {failed:7,}"
        print(f"{report.target:18} {row} {report.seconds:8.1f}")
    for report in reports:
        for signature, (index, verdict) in report.failures.items():
            print(f"\n{report.target}, input {index}: {signature}\n{verdict.text}")
            print(verdict.sample)


if __name__ == "__main__":
    sys.exit(command(standalone_mode=False))
