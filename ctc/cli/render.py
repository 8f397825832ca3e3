"""``ctc render``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import overwrite_option
from ctc.errors import InputError

VIEWS = ("front", "side", "back")
_SIZE = re.compile(r"(\d{1,5})[xX](\d{1,5})")


def picture_size(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Read an option ``WIDTHxHEIGHT`` [pixels]; InputError where it is none."""
    if value is None:
        return None
    match = _SIZE.fullmatch(value)
    if match is None:
        message = f"value must be WIDTHxHEIGHT in pixels such as 1800x1300, got '{value}'."
        raise InputError(message, key="--size")
    return int(match[1]), int(match[2])


@click.command(
    cls=ExampleCommand,
    short_help="Draw a picture of a run.",
    examples=(
        "ctc render quick.vtkhdf -o quick.png",
        "ctc render quick.vtkhdf -o hour.png --time '1 h' --view back --size 1200x1800",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PICTURE.png",
    required=True,
    help="The picture to write.",
)
@click.option(
    "--time",
    metavar="TIME",
    help="Show the frame nearest to this time, such as '1 h'; the last with cells by default.",
)
@click.option("--view", type=click.Choice(VIEWS), default="front", show_default=True)
@click.option(
    "--size", callback=picture_size, metavar="WxH", help="In pixels; 1800x1300 by default."
)
@click.option(
    "--small", "is_small", is_flag=True, help="256 colours: a third of the bytes, for web pages."
)
@overwrite_option
def render(
    run_file: Path,
    output: Path,
    time: str | None,
    *,
    view: str,
    size: tuple[int, int] | None,
    is_small: bool,
    overwrite: bool,
) -> None:
    """Draw the body of a RUN with its vessels and the cells of one frame.

    Works on finished, running and killed runs. Charts beside the body count all cells, dots are
    tracked ones. The same run and options give the same picture.
    """
    from ctc.units import to_si  # noqa: PLC0415 - only when it runs
    from ctc.viewer.camera import View  # noqa: PLC0415 - only when it runs
    from ctc.viewer.png import check_target  # noqa: PLC0415 - only when it runs
    from ctc.viewer.still import DEFAULT_SIZE, render_still  # noqa: PLC0415 - only when it runs

    check_target(output, overwrite)
    try:
        seconds = None if time is None else to_si(time, "time")
    except InputError as error:
        raise error.at(key="--time") from None
    with pipeline().open_run(run_file) as run:
        render_still(
            run,
            output,
            time=seconds,
            view=View(view),
            size=size or DEFAULT_SIZE,
            is_small=is_small,
        )
    print(f"Written to {output}.")
