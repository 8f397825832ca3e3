"""``ctc verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import json_option
from ctc.stopping import cleaning_up

WRONG = 1
_MARKS = {"right": "✓", "wrong": "✗", "unknown": "?"}


@click.command(
    cls=ExampleCommand,
    short_help="Check whether a run file tells the truth.",
    examples=(
        "ctc verify quick.vtkhdf",
        "ctc verify quick.vtkhdf --cells 5000 --seed 2",
        "ctc verify quick.vtkhdf --full",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--cells",
    type=click.IntRange(0, 10**9),
    metavar="N",
    help="Follow so many cells again, some of every fate and organ; 300 by default.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Which cells."
)
@click.option("--full", is_flag=True, help="Run all of it again, too, and compare everything.")
@click.option("--threads", type=click.IntRange(1, 4096), metavar="N", help="All cores by default.")
@json_option
@cleaning_up()
def verify(
    run_file: Path,
    *,
    cells: int | None,
    seed: int,
    full: bool,
    threads: int | None,
    as_json: bool,
) -> int:
    """Check a RUN from end to end: origin, books, events, and cells that are followed again.

    Exit code 0 if nothing is wrong, 1 if something is, 2 if the file is no run. What cannot be
    told here, as of a run of another version, is marked '?' and is not wrong.
    """
    found = pipeline().verify(run_file, cells=cells, seed=seed, full=full, threads=threads)
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(found.as_mapping(), indent=1))
    else:
        _print(found)
    return 0 if found.is_right else WRONG


def _print(found: Any) -> None:
    from ctc.cli.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [(_MARKS[check.verdict.value], check.name, check.told) for check in found.checks]
    print()
    print_table(f"{found.run.name}", ("", "check", "found"), rows, is_text=True)
    verdicts = [check.verdict.value for check in found.checks]
    n_wrong, n_open = verdicts.count("wrong"), verdicts.count("unknown")
    if n_wrong:
        print(f"{n_wrong} of {len(rows)} checks failed.")
    elif n_open:
        print(f"Nothing is wrong; {n_open} of {len(rows)} checks could not be told here.")
    else:
        print("Nothing is wrong.")
