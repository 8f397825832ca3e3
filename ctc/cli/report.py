"""``ctc report``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import overwrite_option
from ctc.errors import InputError
from ctc.stopping import cleaning_up

FORMATS = ("html", "png", "csv")


@click.command(
    cls=ExampleCommand,
    short_help="Write a run as a page to read.",
    examples=(
        "ctc report quick.vtkhdf",
        "ctc report quick.vtkhdf -o for_the_board.html --overwrite",
        "ctc report quick.vtkhdf --format csv -o quick_tables",
        "ctc report trial.sweep -o trial.html",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="REPORT.html",
    help="Page to write, or folder with --format png or csv; beside the RUN by default.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default="html",
    show_default=True,
    help="html: one page with everything in it; png: its figures; csv: the tables behind them.",
)
@overwrite_option
@cleaning_up()
def report(run_file: Path, output: Path | None, kind: str, *, overwrite: bool) -> None:
    """Tell what a RUN came to: fates, organs, autopsies, lineage, vessels, sources.

    Works on finished, running and killed runs, and on folders of finished sweeps. The page is one
    file that opens in any browser without a network; the same run gives the same page.
    """
    if run_file.is_dir():
        if kind != "html":
            message = f"value must be html for a sweep, got '{kind}': use its sweep.csv."
            raise InputError(message, key="--format")
        page = pipeline().report_sweep(run_file, output, overwrite=overwrite)
        print(f"Written to {page}.")
        return
    written = pipeline().report(run_file, output, kind=kind, overwrite=overwrite)
    print(f"Written to {written}.")
