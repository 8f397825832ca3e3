"""``ctc render``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import overwrite_option
from ctc.cli.progress import progress_report
from ctc.errors import InputError
from ctc.stopping import cleaning_up
from ctc.summary import Progress

VIEWS = ("front", "side", "back")
STYLES = ("page", "scene")
_MOVIES = (".mp4", ".gif")
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
    short_help="Draw a picture or a movie of a run.",
    examples=(
        "ctc render quick.vtkhdf -o quick.png",
        "ctc render quick.vtkhdf -o hour.png --time '1 h' --view back --size 1200x1800",
        "ctc render quick.vtkhdf -o quick.mp4",
        "ctc render quick.vtkhdf -o turn.gif --turntable --size 480x640 --fps 12",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PICTURE.png",
    required=True,
    help="The picture to write, or a movie (.mp4, .gif).",
)
@click.option(
    "--time",
    metavar="TIME",
    help="Show the frame nearest to this time, such as '1 h'; the last with cells by default.",
)
@click.option("--view", type=click.Choice(VIEWS), default="front", show_default=True)
@click.option(
    "--style",
    type=click.Choice(STYLES),
    help="A page with charts, or the scene of the viewer; movies show the scene.",
)
@click.option(
    "--view-file",
    type=click.Path(path_type=Path),
    metavar="RUN.view.toml",
    help="Look at the scene as saved in the viewer.",
)
@click.option("--turntable", is_flag=True, help="A movie of one moment in which the body turns.")
@click.option(
    "--fps", type=int, metavar="N", help="Pictures a second of a movie, 1 to 60; 20 by default."
)
@click.option(
    "--size",
    callback=picture_size,
    metavar="WxH",
    help="In pixels; 1800x1300 by default, a scene 1600x1200, a movie 1280x720.",
)
@click.option(
    "--small", "is_small", is_flag=True, help="256 colours: a third of the bytes, for web pages."
)
@overwrite_option
@cleaning_up()
def render(run_file: Path, output: Path, *, overwrite: bool, **how: Any) -> None:
    """Draw the body of a RUN with its vessels and the cells of one frame, or a movie of all.

    Works on finished, running and killed runs. Charts beside the body count all cells, dots are
    tracked ones. The same run and options give the same picture.
    """
    from ctc.units import to_si  # noqa: PLC0415 - only when it runs
    from ctc.viewer.png import check_target  # noqa: PLC0415 - only when it runs

    check_target(output, overwrite, suffixes=(".png", *_MOVIES))
    is_movie = output.suffix.lower() in _MOVIES
    _check_options(is_movie, how)
    try:
        seconds = None if how["time"] is None else to_si(how["time"], "time")
    except InputError as error:
        raise error.at(key="--time") from None
    if is_movie:
        n_pictures = _write_movie(run_file, output, seconds, how=how)
        print(f"Written to {output} ({n_pictures} pictures).")
        return
    _write_picture(run_file, output, seconds, how=how)
    print(f"Written to {output}.")


def _check_options(is_movie: bool, how: dict[str, Any]) -> None:
    """Refuse options that this kind of picture has no use for."""
    if not is_movie:
        for name, default in (("turntable", False), ("fps", None)):
            if how[name] != default:
                message = "movie must be a .mp4 or .gif file. Name one with -o, or leave this out."
                raise InputError(message, key=f"--{name}")
        if how["view_file"] is not None and how["style"] == "page":
            message = "view must be that of a scene, got a page. Leave one of the two out."
            raise InputError(message, key="--view-file")
    elif how["style"] == "page":
        message = "style must be 'scene' for a movie, got 'page'. Leave it out."
        raise InputError(message, key="--style")
    elif how["is_small"]:
        message = "colours must be left to the movie's format. Leave --small out, or write a .gif."
        raise InputError(message, key="--small")


def _scene_options(how: dict[str, Any]) -> dict[str, Any]:
    from ctc.viewer.camera import View  # noqa: PLC0415 - only when it runs
    from ctc.viewer.view_file import read_view  # noqa: PLC0415 - only when it runs

    saved = how["view_file"]
    options = {"view": None if saved is None else read_view(saved), "side": View(how["view"])}
    return options if how["size"] is None else options | {"size": how["size"]}


def _write_picture(
    run_file: Path, output: Path, seconds: float | None, *, how: dict[str, Any]
) -> None:
    from ctc.viewer.camera import View  # noqa: PLC0415 - only when it runs
    from ctc.viewer.movie import render_scene  # noqa: PLC0415 - only when it runs
    from ctc.viewer.still import DEFAULT_SIZE, render_still  # noqa: PLC0415 - only when it runs

    is_scene = how["style"] == "scene" or how["view_file"] is not None
    if is_scene:
        options = _scene_options(how)
        with pipeline().open_run(run_file) as run:
            render_scene(run, output, time=seconds, is_small=how["is_small"], **options)
        return
    with pipeline().open_run(run_file) as run:
        render_still(
            run,
            output,
            time=seconds,
            view=View(how["view"]),
            size=how["size"] or DEFAULT_SIZE,
            is_small=how["is_small"],
        )


def _write_movie(
    run_file: Path, output: Path, seconds: float | None, *, how: dict[str, Any]
) -> int:
    from ctc.viewer.movie import DEFAULT_FPS, render_movie  # noqa: PLC0415 - only when it runs

    options = _scene_options(how)
    fps = DEFAULT_FPS if how["fps"] is None else how["fps"]
    with pipeline().open_run(run_file) as run, progress_report() as tell:

        def report(done: int, total: int, n_cells: int) -> None:
            tell(Progress("movie", done / fps, total / fps, n_cells, 0, "drawing the movie"))

        return int(
            render_movie(
                run,
                output,
                time=seconds,
                fps=fps,
                is_turning=how["turntable"],
                report=report,
                **options,
            )
        )
