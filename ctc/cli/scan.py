"""``ctc scan``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import overwrite_option
from ctc.cli.render import picture_size
from ctc.errors import InputError
from ctc.stopping import cleaning_up

MODALITIES = ("pet", "ct")


@click.command(
    cls=ExampleCommand,
    short_help="Draw a run as a PET or CT scanner would show it.",
    examples=(
        "ctc scan mets.vtkhdf -o pet.png",
        "ctc scan mets.vtkhdf -o ct.png --modality ct",
        "ctc scan mets.vtkhdf -o early.png --time '300 days'",
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
    "--modality",
    type=click.Choice(MODALITIES),
    default="pet",
    show_default=True,
    help="pet: the largest uptake of FDG along each line of sight; ct: slabs with contrast.",
)
@click.option(
    "--time",
    metavar="TIME",
    help="Show the end of the epoch nearest to this time, such as '300 days'; the last by default.",
)
@click.option(
    "--size",
    callback=picture_size,
    metavar="WxH",
    help="In pixels; 1040x1300 by default.",
)
@overwrite_option
@cleaning_up()
def scan(
    run_file: Path,
    output: Path,
    *,
    modality: str,
    time: str | None,
    size: tuple[int, int] | None,
    overwrite: bool,
) -> None:
    """Draw the body of a RUN with its tumours from the front and the side, as a scan shows them.

    Organs take up what is usual, tumours what their size and the blur of the scanner leave. Beside
    the picture stands what there is and how much of it such pictures find. Works on finished,
    running and killed runs of grown bodies; the same run and options give the same picture.
    """
    from ctc.scan.picture import DEFAULT_SIZE, check_picture, render_scan  # noqa: PLC0415 - slow
    from ctc.units import to_si  # noqa: PLC0415 - only when it runs

    check_picture(output, size or DEFAULT_SIZE, overwrite=overwrite)
    try:
        seconds = None if time is None else to_si(time, "time")
    except InputError as error:
        raise error.at(key="--time") from None
    with pipeline().open_run(run_file) as run:
        shown = render_scan(run, output, modality=modality, time=seconds, size=size or DEFAULT_SIZE)
    print(shown.caption())
    print(f"Written to {output}.")
