"""``ctc run``, ``ctc resume`` and ``ctc check``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import (
    default_output,
    device_options,
    json_option,
    overwrite_option,
    set_option,
    shard_options,
    timings_option,
)
from ctc.summary import CheckReport, RunSummary


@click.command(
    cls=ExampleCommand,
    short_help="Run a scenario and write a run file.",
    examples=(
        "ctc run scenarios/quick.toml",
        "ctc run scenarios/quick.toml -o small.vtkhdf --set source.mass='1 g' --threads 2",
    ),
)
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="The run file to write; the scenario's name with .vtkhdf by default.",
)
@set_option
@device_options
@shard_options
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), metavar="S", help="Instead of run.seed.")
@overwrite_option
@timings_option
def run(
    scenario: Path,
    output: Path | None,
    overrides: tuple[str, ...],
    *,
    device: str,
    threads: int | None,
    shards: int | None,
    workers: int | None,
    scheduler: str | None,
    seed: int | None,
    overwrite: bool,
    timings: bool,
) -> None:
    """Run SCENARIO, a TOML file, and write a run file.

    Progress goes to stderr, the tables at the end to stdout. Ctrl-C once finishes the epoch,
    writes a checkpoint and stops; `ctc resume` goes on from it to the same result. The run file
    opens in ParaView as it is.
    """
    from ctc.cli.progress import progress_report  # noqa: PLC0415 - only when it runs

    conductor = pipeline()
    loaded = conductor.load_scenario(scenario, overrides=overrides)
    target = output if output is not None else default_output(scenario)
    with progress_report() as report:
        summary = conductor.run(
            loaded,
            target,
            device=device,
            threads=threads,
            shards=shards,
            workers=workers,
            scheduler=scheduler,
            seed=seed,
            overwrite=overwrite,
            progress=report,
        )
    _print_end(summary, target, timings=timings)


@click.command(
    cls=ExampleCommand,
    short_help="Go on with a stopped or killed run.",
    examples=("ctc resume quick.vtkhdf",),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@device_options
@shard_options
@timings_option
def resume(
    run_file: Path,
    *,
    device: str,
    threads: int | None,
    shards: int | None,
    workers: int | None,
    scheduler: str | None,
    timings: bool,
) -> None:
    """Go on with a stopped or killed RUN from its last checkpoint.

    The result is the same, bit for bit, as if it had never stopped, on any device and on any
    number of them.
    """
    from ctc.cli.progress import progress_report  # noqa: PLC0415 - only when it runs

    with progress_report() as report:
        summary = pipeline().resume(
            run_file,
            device=device,
            threads=threads,
            shards=shards,
            workers=workers,
            scheduler=scheduler,
            progress=report,
        )
    _print_end(summary, run_file, timings=timings)


@click.command(
    cls=ExampleCommand,
    short_help="Check a scenario and estimate its cost.",
    examples=("ctc check scenarios/quick.toml --set body.terminals=200000",),
)
@click.argument("scenario", type=click.Path(path_type=Path))
@set_option
@json_option
def check(scenario: Path, overrides: tuple[str, ...], *, as_json: bool) -> None:
    """Check SCENARIO and estimate what it would cost on one device; runs and writes nothing.

    Shards on the processor need about as much memory together; each Dask worker has the network,
    its events and its share of the cells besides.
    """
    conductor = pipeline()
    loaded = conductor.load_scenario(scenario, overrides=overrides)
    report: CheckReport = conductor.check(loaded)
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it
        from dataclasses import asdict  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(asdict(report), indent=1))
        return
    from ctc.cli.tables import print_report  # noqa: PLC0415 - slow to import

    print_report(report, loaded.title)


def _print_end(summary: RunSummary, target: Path, *, timings: bool) -> None:
    from ctc.cli.tables import print_summary, print_timings  # noqa: PLC0415 - slow to import

    print_summary(summary)
    if timings:
        print_timings(summary.more["timings"])
    path = summary.path or target
    print(f"Written to {path}. Next: ctc inspect {path}")
