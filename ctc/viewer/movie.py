"""Pictures and movies of the scene that the viewer shows, made without a screen (`ctc render`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ctc.errors import InputError, MissingDeviceError
from ctc.record.reader import Run
from ctc.viewer.camera import View
from ctc.viewer.canvas import SceneCanvas
from ctc.viewer.drawables import ByteArray, Caption
from ctc.viewer.film import check_movie, write_movie
from ctc.viewer.framing import whole_look
from ctc.viewer.palette import BACKGROUND_INNER, FAINT_TEXT, STATE_COLOURS, TEXT
from ctc.viewer.png import write_png
from ctc.viewer.scene import frame_at
from ctc.viewer.session import Session
from ctc.viewer.view_state import ViewState

MOVIE_SIZE = (1280, 720)
PICTURE_SIZE = (1600, 1200)
DEFAULT_FPS = 20
_TURN_SECONDS = 8.0
_BACKENDS = ("egl", "osmesa")
_OVERSAMPLING = 2  # of pictures; movies move

Report = Callable[[int, int, int], None]
_SMALLEST, _LARGEST = 64, 8000  # [pixels]


class Stage:
    """A session on a canvas without a screen.

    Parameters
    ----------
    session : Session
        What is shown.
    view : ViewState
        How; a look of the whole body where it has none.
    size : tuple of int [pixels]
        Width and height.
    side : View
        From where, where the view has no look.
    oversampling : int
        Samples a pixel along each axis.
    """

    def __init__(
        self,
        session: Session,
        view: ViewState,
        *,
        size: tuple[int, int],
        side: View = View.FRONT,
        oversampling: int = 1,
    ) -> None:
        session.use(view)
        self.session = session
        positions = session.body.network.node_position
        self.look = view.look or whole_look(positions, size, view=side)
        shells, vessels = session.shells(), session.vessels()
        self.canvas = _canvas(size, oversampling)
        self.canvas.set_shells(shells)
        self.canvas.set_vessels(vessels)
        self.canvas.set_clip(view.clip)
        self.canvas.show(**vars(view.shown))
        self.canvas.look = self.look

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_error: object) -> None:
        self.canvas.close()

    def show_frame(self, index: int) -> ByteArray:
        """Return the picture of a frame."""
        self.canvas.set_cells(self.session.cells(index))
        return self._picture(self.session.time_of(index), self.session.caption(index))

    def show_moment(self, time: int) -> ByteArray:
        """Return the picture of a moment [ns] without cells: lesions alone."""
        self.canvas.set_cells(None)
        return self._picture(time, self.session.caption_at(time))

    def keep_density(self) -> None:
        """From a picture with a density on, show cells as one: a film does not flicker."""
        if self.canvas.is_density:
            self.canvas.limits = replace(self.canvas.limits, density_from=0)

    def turn(self, azimuth: float) -> None:
        """Turn the body by some degrees from where the look has it."""
        self.canvas.look = replace(self.look, azimuth=self.look.azimuth + azimuth)

    def _picture(self, time: int, caption: Caption) -> ByteArray:
        self.canvas.set_lesions(self.session.lesions(time))
        self.canvas.set_caption(caption)
        return self.canvas.render()


def render_scene(
    run: Run,
    target: Path,
    *,
    view: ViewState | None = None,
    time: float | None = None,
    side: View = View.FRONT,
    size: tuple[int, int] = PICTURE_SIZE,
    is_small: bool = False,
) -> None:
    """Write the scene of one moment as a PNG file.

    Parameters
    ----------
    run : Run
        Open.
    target : Path
        Replaced if it is there.
    view : ViewState, optional
        How the run is looked at; from `side` by default.
    time : float [s], optional
        The frame nearest to it; that of the view, or the last one with cells, by default.
    side : View
        From where, where the view has no look.
    size : tuple of int [pixels]
        Width and height.
    is_small : bool
        Store 256 colours only.

    Raises
    ------
    InputError
        If the size is out of bounds or the view is not one of this run.
    MissingDeviceError
        If this machine cannot draw without a screen.
    OutputError
        If the file cannot be written.
    """
    check_scene_size(size)
    view = view or ViewState()
    session = Session(run, n_prefetch=0)
    try:
        index = chosen_frame(session, view, time)
        with Stage(session, view, size=size, side=side, oversampling=_OVERSAMPLING) as stage:
            picture = stage.show_frame(index)
    finally:
        session.close()
    write_png(
        picture,
        target,
        notes={"Title": session.caption(0).title},
        kept_colours=(*STATE_COLOURS.values(), TEXT, FAINT_TEXT) if is_small else (),
        ground=BACKGROUND_INNER,
    )


def render_movie(
    run: Run,
    target: Path,
    *,
    view: ViewState | None = None,
    time: float | None = None,
    side: View = View.FRONT,
    size: tuple[int, int] = MOVIE_SIZE,
    fps: int = DEFAULT_FPS,
    is_turning: bool = False,
    report: Report | None = None,
) -> int:
    """Write a movie: all frames of a run, or one moment with the body turning once.

    A run with fewer than two frames is shown by its lesions, one picture an epoch.

    Parameters
    ----------
    run, target, view, side, size
        As of `render_scene`.
    time : float [s], optional
        With `is_turning`: the moment.
    fps : int
        Pictures a second.
    is_turning : bool
        Whether the body turns at one moment, in 8 s.
    report : callable, optional
        Called with the number of pictures done, that of all, and how many cells are shown.

    Returns
    -------
    int
        Number of pictures.

    Raises
    ------
    InputError
        If the size or `fps` is out of bounds, the view is not one of this run, or nothing in it
        moves.
    MissingDeviceError
        If this machine cannot draw without a screen.
    OutputError
        If the file cannot be written.
    """
    check_scene_size(size)
    check_movie(target, size, fps=fps)
    if time is not None and not is_turning:
        message = "time must be left out of a movie, which shows all frames. Or add --turntable."
        raise InputError(message, key="--time")
    view = view or ViewState()
    session = Session(run)
    try:
        index = chosen_frame(session, view, time)
        with Stage(session, view, size=size, side=side) as stage:
            if is_turning:
                total = round(_TURN_SECONDS * fps)
                pictures = _turn(stage, index, total)
            else:
                total, pictures = _play(stage)
            return write_movie(
                _reported(stage, pictures, total, report=report), target, size=size, fps=fps
            )
    finally:
        session.close()


def check_scene_size(size: tuple[int, int]) -> None:
    """Raise InputError unless width and height are within bounds."""
    if not all(_SMALLEST <= length <= _LARGEST for length in size):
        message = f"size must be {_SMALLEST} .. {_LARGEST} pixels, got {size[0]}x{size[1]}."
        raise InputError(message, key="--size")


def chosen_frame(session: Session, view: ViewState, time: float | None) -> int:
    """Return the frame to show: nearest to a time [s], or the view's, or the last with cells.

    Raises
    ------
    InputError
        If the time lies outside the frames of the run.
    """
    if time is not None:
        return frame_at(session.run, time)
    if view.time is not None:
        return session.nearest_frame(view.time)
    filled = np.flatnonzero(session.run.frame_extents[1])
    return int(filled[-1]) if filled.size else 0


def _turn(stage: Stage, index: int, total: int) -> Iterator[ByteArray]:
    for number in range(total):
        stage.turn(360.0 * number / total)
        yield stage.show_frame(index)


def _play(stage: Stage) -> tuple[int, Iterator[ByteArray]]:
    session = stage.session
    n_frames = int(session.times.size)
    if n_frames > 1:
        return n_frames, (stage.show_frame(index) for index in range(n_frames))
    moments = [int(time) for time in session.series["time"]]
    if len(moments) > 1:
        return len(moments), (stage.show_moment(time) for time in moments)
    message = (
        f"movie must be of a run with frames or epochs, got {n_frames} frames and "
        f"{len(moments)} epochs. Add a [[record.window]] to the scenario, or use --turntable."
    )
    raise InputError(message, file=str(session.run.path))


def _reported(
    stage: Stage, pictures: Iterator[ByteArray], total: int, *, report: Report | None
) -> Iterator[ByteArray]:
    for number, picture in enumerate(pictures, start=1):
        yield picture
        stage.keep_density()
        if report is not None:
            report(number, total, stage.canvas.n_cells)


def _canvas(size: tuple[int, int], oversampling: int) -> SceneCanvas:
    """Return a canvas by the first way to draw without a screen that this machine has."""
    reasons = []
    for backend in _BACKENDS:
        try:
            return SceneCanvas(size=size, backend=backend, oversampling=oversampling)
        except MissingDeviceError as error:
            reasons.append(str(error))
    raise MissingDeviceError(" ".join(reasons))
