"""What a window writes and reads beside a run: its view, and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.resources import program_version
from ctc.viewer.colouring import Colouring
from ctc.viewer.png import write_png
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.view_state import PlotChoice, Shown, ViewState
from ctc.viewer.window.main_window import MainWindow
from ctc.viewer.window.scene_view import SceneView
from ctc.viewer.window.shown_panel import KINDS


def view_of(window: MainWindow) -> ViewState:
    """Return how a window looks at its first run."""
    view, session = window.view, window.view.session
    is_shown = {kind: window.shown.kinds[kind].isChecked() for kind in KINDS}
    return ViewState(
        look=view.canvas.look,
        colouring=session.colouring,
        vessel_colouring=session.vessel_colouring,
        filter=session.filter,
        clip=view.clip,
        time=session.time_of(session.index),
        shown=Shown(shells=bool(window.shown.shown_organs()), **is_shown),
        plots=PlotChoice(session.sampled_vessel or None, window.plots.first or None),
    )


def apply_view(window: MainWindow, state: ViewState) -> None:
    """Make a window look at its runs in a kept way."""
    shown = window.shown
    shown.colouring.setCurrentIndex(tuple(Colouring).index(state.colouring))
    vessels = tuple(VesselColouring).index(state.vessel_colouring)
    shown.vessel_colouring.setCurrentIndex(vessels)
    for kind in KINDS:
        shown.kinds[kind].setChecked(getattr(state.shown, kind))
    if not state.shown.shells:
        shown.starts_without_organs = True
        shown.set_shown_organs(frozenset())
    window.filters.set_value(state.filter)
    window.clip.set_value(state.clip)
    vessel = state.plots.blood_from
    if vessel is not None and not window.plots.choose_vessel(vessel):
        window.say(f"Blood cannot be drawn from {vessel} in this run.")
    if state.plots.first is not None:
        window.plots.show_first(state.plots.first)
    if state.look is not None:
        window.view.canvas.look = state.look
    if state.time is not None:
        window.go_to_time(state.time)


def numbered_file(run: Path, suffix: str) -> Path:
    """Return a file beside a run that does not exist yet: ``RUN-1.png``, ``RUN-2.png``, ..."""
    number = 1
    while (target := run.with_name(f"{run.stem}-{number}{suffix}")).exists():
        number += 1
    return target


def keep_picture(window: MainWindow) -> Path:
    """Write what the canvases show as a PNG file beside the run.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    pictures = [_picture(view) for view in window.views]
    height = max(len(picture) for picture in pictures)
    pixels = np.concatenate([_padded(picture, height) for picture in pictures], axis=1)
    target = numbered_file(window.view.session.run.path, ".png")
    caption = window.view.session.caption(window.view.session.index)
    notes = {"Title": caption.title, "Time": caption.time, "Software": f"ctc {program_version()}"}
    write_png(np.ascontiguousarray(pixels), target, notes=notes)
    return target


def _picture(view: SceneView) -> npt.NDArray[np.uint8]:
    """Return what a canvas shows, with the legend that else stands beside it."""
    had_legend = view.has_legend
    view.write_caption(has_legend=True)
    picture = view.canvas.render()
    view.write_caption(has_legend=had_legend)
    return picture


def _padded(picture: npt.NDArray[np.uint8], height: int) -> npt.NDArray[np.uint8]:
    return np.pad(picture, ((0, height - len(picture)), (0, 0), (0, 0)))
