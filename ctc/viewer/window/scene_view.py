"""SceneView: one run on one canvas, kept in step with frame, filters, colours and looks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from ctc.errors import CtcError
from ctc.viewer.cell_filter import CellFilter
from ctc.viewer.colouring import Colouring, Legend
from ctc.viewer.drawables import ClipPlane, Look, OrganShell, Picked, Thing
from ctc.viewer.session import Session
from ctc.viewer.stories import Story
from ctc.viewer.vessel_colouring import VesselColouring

if TYPE_CHECKING:
    from ctc.viewer.canvas import SceneCanvas

_CLICK = 4.0  # [px] that a click may move
_STORY_DELAY = 250  # [ms] that a frame must last before the story of a thing is told anew
_FOLLOW_HEIGHT = 0.35  # [m] seen of the body around a followed cell, at most
_ROOM = 1.12  # around the body
VIEWS = {"front": 0.0, "left side": 90.0, "back": 180.0}  # azimuths [degrees]


class SceneView(QObject):
    """Draws a session on a canvas and answers clicks on it.

    Parameters
    ----------
    session : Session
        What there is to see.
    canvas : SceneCanvas
        What draws it; its ``native`` is the widget.
    """

    picked = Signal(str, object, bool)  # title, Story, whether it can be followed
    let_go = Signal()
    following_changed = Signal(bool)
    legends_changed = Signal(object, object)  # of cells, of vessels
    shells_ready = Signal()
    problem = Signal(str)
    _shells_made = Signal(object)

    def __init__(
        self, session: Session, canvas: SceneCanvas, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.canvas = session, canvas
        self.widget: QWidget = canvas.native
        self.thing: Picked | None = None
        self.is_following = False
        self.clip: ClipPlane | None = None
        self.shown = dict.fromkeys(("shells", "vessels", "cells", "lesions", "caption"), True)
        self._shells: tuple[OrganShell, ...] = ()
        self._all_shells: tuple[OrganShell, ...] = ()
        self.has_legend, self.has_title = False, True
        self._pressed: QPointF | None = None
        self._is_closed = False
        self._shaper: threading.Thread | None = None
        self._shells_made.connect(self._take_shells)
        self._story_timer = QTimer(self)
        self._story_timer.setSingleShot(True)
        self._story_timer.setInterval(_STORY_DELAY)
        self._story_timer.timeout.connect(self.tell)
        self.widget.installEventFilter(self)

    @property
    def shells(self) -> tuple[OrganShell, ...]:
        """All organs, shown or not."""
        return self._all_shells

    def fill(self) -> None:
        """Draw what does not move, and look at the whole body; shells come when they are made."""
        with self._explaining():
            self.canvas.set_vessels(self.session.vessels())
            self.look_at_body()
        self._shaper = threading.Thread(target=self._make_shells, daemon=True)
        self._shaper.start()

    def show_frame(self, index: int) -> None:
        """Draw the cells and lesions of one frame."""
        with self._explaining():
            session, canvas = self.session, self.canvas
            session.index = index
            canvas.set_cells(session.cells(index))
            canvas.set_lesions(session.lesions(session.time_of(index)))
            self.write_caption()
            self._follow_on()
            if self.thing is not None:
                self._story_timer.start()

    def write_caption(self, *, has_legend: bool | None = None) -> None:
        """Write the caption anew, with or without the legend; as before by default."""
        if has_legend is not None:
            self.has_legend = has_legend
        with self._explaining():
            caption = self.session.caption(self.session.index)
            title = caption.title if self.has_title else ""
            legend = caption.legend if self.has_legend else ()
            self.canvas.set_caption(replace(caption, title=title, legend=legend))

    def show_again(self) -> None:
        """Draw the present frame anew, as after a change of filter or colour."""
        self.show_frame(self.session.index)

    def set_filter(self, value: CellFilter) -> None:
        """Show these cells only."""
        self.session.filter = value
        self.show_again()

    def set_colouring(self, value: Colouring) -> None:
        """Colour cells by something else."""
        with self._explaining():
            self.session.colouring = value
        self.show_again()
        self.tell_legends()

    def set_vessel_colouring(self, value: VesselColouring) -> None:
        """Colour vessels by something else; what the run does not store changes nothing."""
        before = self.session.vessel_colouring
        with self._explaining():
            self.session.vessel_colouring = value
            try:
                self.canvas.set_vessels(self.session.vessels())
            except CtcError:
                self.session.vessel_colouring = before
                raise
        self.show_again()
        self.tell_legends()

    def tell_legends(self) -> None:
        """Say what the colours mean now."""
        with self._explaining():
            whole = self.session.caption(self.session.index).legend
            _, of_vessels = self.session.body.vessels(self.session.vessel_colouring)
            of_cells: Legend = whole[: len(whole) - len(of_vessels)]
            self.legends_changed.emit(of_cells, of_vessels)

    def set_clip(self, plane: ClipPlane | None) -> None:
        """Cut the body open, or close it."""
        self.clip = plane
        self.canvas.set_clip(plane)

    def show_kind(self, kind: str, is_shown: bool) -> None:
        """Show or hide ``shells``, ``vessels``, ``cells``, ``lesions`` or ``caption``."""
        self.shown[kind] = is_shown
        self.canvas.show(**{kind: is_shown})

    def show_organs(self, names: frozenset[str]) -> None:
        """Show the shells of these organs only."""
        self._shells = tuple(shell for shell in self._all_shells if shell.name in names)
        self.canvas.set_shells(self._shells)

    def body_box(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Return the lowest and highest corner of the body [m]."""
        tubes = self.session.vessels()
        points = np.concatenate([tubes.start, tubes.end])
        low, high = points.min(axis=0), points.max(axis=0)
        return (
            (float(low[0]), float(low[1]), float(low[2])),
            (float(high[0]), float(high[1]), float(high[2])),
        )

    def look_at_body(self, view: str = "front") -> None:
        """See all of the body, from one of `VIEWS`."""
        low, high = self.body_box()
        middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
        side = max(self.widget.width(), 1) / max(self.widget.height(), 1)
        across = max(high[0] - low[0], high[1] - low[1])
        height = _ROOM * max(high[2] - low[2], across / side)
        centre = (middle[0], middle[1], middle[2])
        self.canvas.look = Look(centre, azimuth=VIEWS[view], elevation=0.0, height=height)

    def pick_at(self, x: float, y: float) -> None:
        """Take hold of what lies under a pixel of the widget."""
        with self._explaining():
            thing = self.canvas.pick(x, y)
            if thing is None:
                self.release()
            else:
                self.take(thing)

    def take(self, thing: Picked) -> None:
        """Take hold of a thing and tell its story."""
        self.follow(False)
        if thing.thing is Thing.ORGAN:
            # Kept by its place among all organs: those that are shown may change.
            names = [shell.name for shell in self._all_shells]
            name = self._shells[thing.identity].name
            thing = Picked(Thing.ORGAN, names.index(name))
        self.thing = thing
        self.tell()

    def tell(self) -> None:
        """Tell the story of the thing that is held, at the present moment."""
        if self.thing is None:
            return
        with self._explaining():
            title, story = self._story(self.thing)
            self.picked.emit(title, story, self.thing.thing is Thing.CELL)

    def release(self) -> None:
        """Let go of what is held."""
        self.follow(False)
        self.thing = None
        self.let_go.emit()

    def follow(self, is_following: bool) -> None:
        """Keep the held cell in the centre and draw its trail, or stop that."""
        is_cell = self.thing is not None and self.thing.thing is Thing.CELL
        is_following = is_following and is_cell
        if is_following == self.is_following:
            return
        self.is_following = is_following
        with self._explaining():
            if is_following:
                look = self.canvas.look
                self.canvas.look = replace(look, height=min(look.height, _FOLLOW_HEIGHT))
                self._follow_on()
            else:
                self.canvas.set_trail(None)
        self.following_changed.emit(is_following)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tell clicks on the canvas from drags."""
        if watched is self.widget and isinstance(event, QMouseEvent):
            left = event.button() is Qt.MouseButton.LeftButton
            if event.type() is QEvent.Type.MouseButtonPress and left:
                self._pressed = QPointF(event.position())
            elif event.type() is QEvent.Type.MouseButtonRelease and left:
                start, self._pressed = self._pressed, None
                here = QPointF(event.position())
                if start is not None and (here - start).manhattanLength() <= _CLICK:
                    # After the canvas has seen the release, too.
                    QTimer.singleShot(0, self, lambda: self.pick_at(here.x(), here.y()))
        return False

    def close(self) -> None:
        """Give back what canvas and session hold."""
        self._is_closed = True
        self._story_timer.stop()
        self.canvas.close()
        self.session.close()
        if self._shaper is not None:
            self._shaper.join()  # it uses the run, which is closed next
            self._shaper = None

    def _make_shells(self) -> None:
        try:
            shells: object = self.session.shells()
        except CtcError as error:
            shells = error
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            if not self._is_closed:
                self._shells_made.emit(shells)

    def _take_shells(self, shells: object) -> None:
        if self._is_closed:
            return
        if isinstance(shells, CtcError):
            self.problem.emit(str(shells))
            return
        assert isinstance(shells, tuple)
        self._shells = self._all_shells = shells
        self.canvas.set_shells(shells)
        self.shells_ready.emit()

    def _follow_on(self) -> None:
        if not self.is_following or self.thing is None:
            return
        trail = self.session.trail(self.thing.identity, self.session.index)
        self.canvas.set_trail(trail)
        if len(trail):
            x, y, z = (float(part) for part in trail[-1])
            self.canvas.look = replace(self.canvas.look, centre=(x, y, z))

    def _story(self, thing: Picked) -> tuple[str, Story]:
        session = self.session
        time = session.time_of(session.index)
        if thing.thing is Thing.CELL:
            return f"Cell {thing.identity}", session.describe_cell(thing.identity, session.index)
        if thing.thing is Thing.LESION:
            return f"Lesion {thing.identity}", session.describe_lesion(thing.identity, time)
        if thing.thing is Thing.VESSEL:
            story = session.describe_segment(thing.identity)
            return f"Vessel segment {thing.identity}", story
        name = self._all_shells[thing.identity].name
        return name.capitalize(), session.describe_organ(name, time)

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        """Turn errors that have an explanation into a message; the window stays up."""
        try:
            yield
        except CtcError as error:
            self.problem.emit(str(error))
