"""``ctc vessels draw``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import overwrite_option
from ctc.cli.render import VIEWS, picture_size

_COLOURINGS = ("blood", "pressure", "speed", "shear", "haematocrit")


@click.command(
    cls=ExampleCommand,
    short_help="Draw a picture of a network.",
    examples=(
        "ctc vessels draw body.h5 -o body.png",
        "ctc vessels draw body.h5 -o liver.png --organ liver --colour pressure",
    ),
)
@click.argument("network_file", type=click.Path(path_type=Path), metavar="NETWORK")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PICTURE.png",
    required=True,
    help="The picture to write.",
)
@click.option("--organ", metavar="NAME", help="Show the vessels of this organ only.")
@click.option(
    "--colour",
    type=click.Choice(_COLOURINGS),
    default="blood",
    show_default=True,
    help="What the colour of a vessel says.",
)
@click.option("--view", type=click.Choice(VIEWS), default="front", show_default=True)
@click.option("--size", callback=picture_size, metavar="WxH", help="In pixels; to fit by default.")
@click.option("--title", metavar="TEXT", help="Above the picture; the organ or file by default.")
@click.option(
    "--small", "is_small", is_flag=True, help="256 colours: a third of the bytes, for web pages."
)
@overwrite_option
def draw(
    network_file: Path,
    output: Path,
    organ: str | None,
    *,
    colour: str,
    view: str,
    size: tuple[int, int] | None,
    title: str | None,
    is_small: bool,
    overwrite: bool,
) -> None:
    """Draw the vessels of a NETWORK file or of a run, at their true width.

    Colours tell whose blood a vessel carries, or what the flow does in it; far vessels are darker.
    Capillary beds are not drawn.
    """
    from ctc.viewer.camera import View  # noqa: PLC0415 - only when it runs
    from ctc.viewer.network_picture import Colouring, draw_network  # noqa: PLC0415 - the same
    from ctc.viewer.png import check_target  # noqa: PLC0415 - the same

    check_target(output, overwrite)
    network, flow = pipeline().load_network(network_file)
    draw_network(
        network,
        flow,
        output,
        title=title or organ or network_file.stem,
        organ=organ,
        colouring=Colouring(colour),
        view=View(view),
        size=size,
        is_small=is_small,
    )
    print(f"Written to {output}.")
