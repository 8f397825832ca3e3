"""``ctc replay``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import json_option, overwrite_option
from ctc.cli.render import VIEWS, picture_size
from ctc.errors import InputError
from ctc.input_files import shown
from ctc.stopping import cleaning_up

DIFFERS = 1
_MOST_DIGITS = 20  # of 2^64


@click.command(
    cls=ExampleCommand,
    short_help="Follow one cell of a run again, with its whole way.",
    examples=(
        "ctc replay quick.vtkhdf --cell 333333",
        "ctc replay quick.vtkhdf --cell 333333 -o way.png",
        "ctc replay quick.vtkhdf --cell 333333 --json | python -m json.tool",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--cell", metavar="ID", required=True, help="Identity of the cell.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PICTURE.png",
    help="Draw its way through the body.",
)
@click.option("--view", type=click.Choice(VIEWS), default="front", show_default=True)
@click.option("--size", callback=picture_size, metavar="WxH", help="Of the picture, in pixels.")
@overwrite_option
@json_option
@cleaning_up()
def replay(
    run_file: Path,
    cell: str,
    *,
    output: Path | None,
    view: str,
    size: tuple[int, int] | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Follow one cell of a RUN again from its birth, segment by segment, and tell its story.

    A run stores what happened to cells, not their ways. All that is drawn for a cell hangs on the
    seed and its identity, so its way is found again without the other cells, and is compared with
    what the run stored of it. Exit code 1 if that differs.
    """
    number = _identity(cell)
    if output is not None:
        from ctc.viewer.png import check_target  # noqa: PLC0415 - only when it runs

        check_target(output, overwrite)
    found = pipeline().replay(run_file, number)
    if output is not None:
        found.draw(output, view=view, size=size)
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(found.as_mapping(), indent=1, allow_nan=False))
    else:
        _print(found)
        if output is not None:
            print(f"Written to {output}.")
    return 0 if found.is_as_recorded else DIFFERS


def _identity(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not (is_number and int(text) < 2**64 - 2):
        message = f"cell must be a whole number as in /events, got {shown(text)}."
        raise InputError(message, key="--cell")
    return int(text)


def _print(found: Any) -> None:
    from ctc.cli.replay_tables import print_replay  # noqa: PLC0415 - slow to import

    print_replay(found)
