"""``ctc sweep``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import device_options, json_option, set_option
from ctc.stopping import cleaning_up
from ctc.summary import SweepPlan, SweepSummary


@click.command(
    cls=ExampleCommand,
    short_help="Follow many virtual patients, in one or more arms.",
    examples=(
        "ctc sweep trial.toml --dry-run             who would be followed; runs nothing",
        "ctc sweep trial.toml -o trial --workers 8  again the same command to go on",
        "ctc inspect trial                          how far it is, or what it came to",
    ),
)
@click.argument("sweep_file", type=click.Path(path_type=Path), metavar="SWEEP")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder to write; the sweep's name with .sweep by default.",
)
@click.option(
    "--patients",
    type=click.IntRange(1, 2**23),
    metavar="N",
    help="Instead of sweep.patients; a cohort may go on with more.",
)
@set_option
@device_options
@click.option(
    "--workers",
    type=click.IntRange(1, 4096),
    metavar="N",
    help="Processes of this machine, one a core or GPU by default; or how many workers of "
    "--scheduler. Changes no result.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Follow the patients on the workers of this Dask scheduler, such as tcp://host:8786. "
    "Changes no result.",
)
@click.option("--overwrite", is_flag=True, help="Start anew where the folder holds a sweep.")
@click.option("--dry-run", is_flag=True, help="Check everything and show the plan; write nothing.")
@json_option
@cleaning_up()
def sweep(
    sweep_file: Path,
    output: Path | None,
    patients: int | None,
    overrides: tuple[str, ...],
    *,
    device: str,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
    overwrite: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Follow the virtual patients of SWEEP, a TOML file, and put them in one table.

    Patients are followed in blocks; a block is stored when it is done. After Ctrl-C, a kill or a
    lost worker the same command goes on where it was, to the same table. FOLDER gets sweep.h5,
    sweep.csv and report.html.
    """
    conductor = pipeline()
    if dry_run:
        plan: SweepPlan = conductor.plan_sweep(
            sweep_file, output, overrides=overrides, n_patients=patients
        )
        _show_plan(plan, as_json=as_json)
        return
    from ctc.cli.progress import progress_report  # noqa: PLC0415 - only when it runs

    with progress_report() as report:
        summary: SweepSummary = conductor.run_sweep(
            sweep_file,
            output,
            overrides=overrides,
            n_patients=patients,
            workers=workers,
            scheduler=scheduler,
            device=device,
            threads=threads,
            overwrite=overwrite,
            progress=report,
        )
    show_sweep(summary, as_json=as_json)


def show_sweep(summary: SweepSummary, *, as_json: bool) -> None:
    """Print what a sweep came to, or how far it is."""
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(summary.to_mapping(), indent=1, allow_nan=False))
        return
    from ctc.cli.sweep_tables import print_sweep  # noqa: PLC0415 - slow to import

    print_sweep(summary)


def _show_plan(plan: SweepPlan, *, as_json: bool) -> None:
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it
        from dataclasses import asdict  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(asdict(plan), indent=1))
        return
    from ctc.cli.sweep_tables import print_plan  # noqa: PLC0415 - slow to import

    print_plan(plan)
