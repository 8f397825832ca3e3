"""``ctc repair``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand


@click.command(
    cls=ExampleCommand,
    short_help="Make the file of a killed run readable for every tool.",
    examples=("ctc repair quick.vtkhdf",),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
def repair(run_file: Path) -> None:
    """Make the file of a killed RUN readable for every tool.

    `ctc inspect` and `ctc resume` read it as it is; ParaView and others refuse it until then.
    What was complete stays, and the run can still be resumed.
    """
    position = pipeline().repair_run(run_file)
    print(
        f"{run_file} holds {position.epochs:,} epochs, {position.frames:,} frames and "
        f"{position.events:,} events."
    )
    with pipeline().open_run(run_file) as run:
        if run.status != "finished":
            print(f"Go on with: ctc resume {run_file}")
