"""``ctc view``."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand


@click.command(
    cls=ExampleCommand,
    short_help="Look at a run in a window.",
    examples=(
        "ctc view quick.vtkhdf",
        "ctc view quick.vtkhdf --live                a run in progress, its newest frame",
        "ctc view untreated.vtkhdf treated.vtkhdf    side by side",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.argument(
    "other_file", type=click.Path(path_type=Path), metavar="[OTHER_RUN]", required=False
)
@click.option("--live", "is_live", is_flag=True, help="Follow the run: show its newest frame.")
@click.option(
    "--view-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="How to look at it; RUN.view.toml by default, which Ctrl+S in the window writes.",
)
def view(run_file: Path, other_file: Path | None, *, is_live: bool, view_file: Path | None) -> int:
    """Look at a RUN in a window: body, vessels, cells, lesions and time.

    Works on finished, running and killed runs. With OTHER_RUN both are shown side by side, from
    the same side and at the same time. Needs a display and pip install 'ctc[viewer]'.
    """
    from ctc.viewer.window.requirements import DisplayProbe  # noqa: PLC0415 - only when it runs

    with contextlib.ExitStack() as opened:
        runs = [
            opened.enter_context(pipeline().open_run(path))
            for path in (run_file, other_file)
            if path is not None
        ]
        if view_file is not None:
            from ctc.viewer.view_file import read_view  # noqa: PLC0415 - with the branch

            read_view(view_file)
        probe = DisplayProbe()
        # While the display is tried, what the window needs is loaded.
        from ctc.viewer.window.application import show_runs  # noqa: PLC0415 - needs Qt

        probe.wait()
        # Ctrl-C in the terminal closes the window.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return show_runs(runs, is_live=is_live, view=view_file)
