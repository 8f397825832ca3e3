"""``ctc inspect``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import json_option
from ctc.summary import RunSummary


@click.command(
    cls=ExampleCommand,
    short_help="Show what became of the cells.",
    examples=(
        "ctc inspect quick.vtkhdf",
        "ctc inspect quick.vtkhdf --json | python -m json.tool",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@json_option
def inspect(run_file: Path, *, as_json: bool) -> None:
    """Show what a RUN came to: fates, organs, sites beside autopsies, digest.

    Works on finished, running and killed runs, and on folders of sweeps. The digest is equal for
    equal results, whatever the device and the number of threads. `ctc verify` checks a file, and
    `ctc replay` tells the story of one cell.
    """
    if run_file.is_dir():
        from ctc.cli.sweep import show_sweep  # noqa: PLC0415 - with the branch that needs it

        show_sweep(pipeline().inspect_sweep(run_file), as_json=as_json)
        return
    figures: dict[str, Any] = pipeline().inspect(run_file)
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(figures, indent=1, allow_nan=False))
        return
    from ctc.cli.tables import print_summary  # noqa: PLC0415 - slow to import

    print_summary(RunSummary.from_mapping(figures, Path(figures.get("path", run_file))))
