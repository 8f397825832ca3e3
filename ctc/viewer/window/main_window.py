"""MainWindow: canvases in the middle, panels beside them, time below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ctc.states import EventKind
from ctc.viewer.window.clip_panel import ClipPanel
from ctc.viewer.window.filter_panel import FilterPanel
from ctc.viewer.window.help_overlay import HelpOverlay
from ctc.viewer.window.inspector import Inspector
from ctc.viewer.window.linked_looks import LinkedLooks, show_time
from ctc.viewer.window.live import LiveWatch
from ctc.viewer.window.player import Player
from ctc.viewer.window.plot_panel import PlotPanel
from ctc.viewer.window.run_pane import RunPane
from ctc.viewer.window.scene_view import SceneView
from ctc.viewer.window.shown_panel import KINDS, ShownPanel
from ctc.viewer.window.style import GROUND
from ctc.viewer.window.time_text import time_text
from ctc.viewer.window.timeline_bar import TimelineBar

_MESSAGE_TIME = 8000  # [ms]
_FRAME = 30  # [px] of a screen that a window leaves free


class MainWindow(QMainWindow):
    """The window of one run, or of several that are compared.

    Parameters
    ----------
    views : sequence of SceneView
        The first one is that of the panels and of time; the others follow it.
    is_live : bool
        Whether to show the newest frame of a run in progress.
    """

    closed = Signal()

    def __init__(self, views: Sequence[SceneView], *, is_live: bool = False) -> None:
        super().__init__()
        self.views = tuple(views)
        self.view = self.held = self.views[0]
        self.player = Player(int(self.view.session.times.size), self)
        self.panes = [RunPane(view) for view in self.views]
        self.setCentralWidget(self._middle())
        self.linked = LinkedLooks(self.views)
        self._make_panels()
        self.live = LiveWatch(self.views, is_live=is_live, parent=self)
        self._connect()
        for view in self.views:
            view.has_title = len(self.views) == 1  # too long beside another
            view.fill()
        self.help = HelpOverlay(self)
        names = ", ".join(view.session.run.path.name for view in self.views)
        self.setWindowTitle(f"{names} - ctc")
        self.setAcceptDrops(True)
        self.statusBar().setSizeGripEnabled(False)
        self.hint = QLabel("press ? for keys")
        self.statusBar().addPermanentWidget(self.hint)
        self._fit_screen()
        self.timeline.live_button.setChecked(is_live)
        self.renew()
        self.show_index(self.player.index)
        self.view.tell_legends()

    def _middle(self) -> QWidget:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for pane in self.panes:
            splitter.addWidget(pane)
        self.timeline = TimelineBar(self.player)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(splitter, 1)
        inside.addWidget(self.timeline)
        return middle

    def _make_panels(self) -> None:
        session = self.view.session
        low, high = self.view.body_box()
        self.clip = ClipPanel(low, high)
        self.shown = ShownPanel(self.clip)
        self.filters = FilterPanel(session.organ_names, _source_names(session.run.scenario()))
        self.left = QTabWidget()
        self.left.setDocumentMode(True)
        self.left.tabBar().setDrawBase(False)
        self.left.addTab(self.shown, "View")
        self.left.addTab(self.filters, "Filter")
        self.inspector = Inspector()
        self.plots = PlotPanel()
        right = QSplitter(Qt.Orientation.Vertical)
        right.setHandleWidth(1)
        right.addWidget(self.inspector)
        right.addWidget(self.plots)
        right.setSizes([300, 460])
        self.right = right
        self.docks = [
            self._dock("What is shown", self.left, Qt.DockWidgetArea.LeftDockWidgetArea, 270),
            self._dock("Inspector", right, Qt.DockWidgetArea.RightDockWidgetArea, 330),
        ]

    def _dock(
        self, name: str, content: QWidget, area: Qt.DockWidgetArea, width: int
    ) -> QDockWidget:
        dock = QDockWidget(name, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(QWidget())
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setWidget(content)
        content.setMinimumWidth(width)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        view, shown, timeline = self.view, self.shown, self.timeline
        self.player.moved.connect(self.show_index)
        timeline.time_asked.connect(self.go_to_time)
        timeline.event_asked.connect(self.go_to_event)
        timeline.live_toggled.connect(self.live.set_live)
        timeline.problem.connect(self.say)
        self.plots.time_asked.connect(self.go_to_time)
        self.plots.vessel_chosen.connect(self._draw_blood_from)
        shown.organs_changed.connect(self._set_organs)
        shown.kind_toggled.connect(self._show_kind)
        for each in self.views:
            self.clip.changed.connect(each.set_clip)
            self.filters.changed.connect(each.set_filter)
            shown.colouring_changed.connect(each.set_colouring)
            shown.vessel_colouring_changed.connect(each.set_vessel_colouring)
        view.shells_ready.connect(lambda: shown.set_shells(view.shells))
        view.legends_changed.connect(self._show_legends)
        self.inspector.follow_asked.connect(self._follow)
        self.inspector.cleared.connect(self.release)
        for each in self.views:
            each.problem.connect(self.say)
            each.picked.connect(
                lambda title, story, can, each=each: self._show_story(each, title, story, can=can)
            )
            each.let_go.connect(self.inspector.show_nothing)
            each.following_changed.connect(self.inspector.set_following)
        self.live.changed.connect(self.renew)
        self.live.status_changed.connect(self._show_status)
        self.live.problem.connect(self.say)

    def show_index(self, index: int) -> None:
        """Show a frame of the first run, and of the others what belongs to its time."""
        show_time(self.views, index)
        time = self.view.session.time_of(index)
        self.timeline.set_time(time, index, self.player.n_frames)
        self.plots.set_time(time)

    def renew(self) -> None:
        """Take up what a run in progress has written since."""
        session = self.view.session
        has_first = not self.player.n_frames and session.times.size > 0
        self.player.set_count(int(session.times.size))
        self.timeline.track.set_timeline(session.timeline(), session.times)
        self.plots.set_vessels(session.vessels_to_sample, session.sampled_vessel)
        self.plots.set_plots(session.plots())
        self._show_status()
        newest = self.player.n_frames - 1
        if self.timeline.live_button.isChecked() and self.player.index != newest:
            self.player.go(newest)
        elif has_first:
            self.show_index(self.player.index)
        else:
            self.timeline.set_time(
                session.time_of(self.player.index), self.player.index, self.player.n_frames
            )

    def go_to_time(self, time: int) -> None:
        """Show the frame nearest to a time [ns]."""
        self.player.stop()
        self.player.go(self.view.session.nearest_frame(time))

    def go_to_event(self, kinds: frozenset[EventKind]) -> None:
        """Show the first frame after the next event of some kinds."""
        session = self.view.session
        self.player.stop()
        now = session.time_of(self.player.index)
        when = session.next_event(now, kinds)
        if when is None:
            self.say("There is no such event after this frame.")
            return
        later = [i for i, t in enumerate(session.times) if t >= when]
        if later:
            self.player.go(later[0])
            self.say(f"Event at {time_text(when)}.")
        else:
            self.say(f"The next such event is at {time_text(when)}, after the last frame.")

    def release(self) -> None:
        """Let go of what was picked, in every run."""
        for view in self.views:
            view.release()

    def say(self, text: str) -> None:
        """Show a message for some seconds."""
        self.statusBar().showMessage(text, _MESSAGE_TIME)

    def toggle_panels(self) -> None:
        """Hide or show the panels beside the picture."""
        is_shown = any(dock.isVisible() for dock in self.docks)
        for dock in self.docks:
            dock.setVisible(not is_shown)
        for view in self.views:
            view.write_caption(has_legend=is_shown)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open the run file that was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.open_asked(paths[0])

    def open_asked(self, path: str) -> None:
        """Open another run in place of this one; the application says how."""
        self.say(f"{path} cannot be opened here.")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop all that goes on by itself, and give back what is held."""
        self.closed.emit()
        self.player.stop()
        self.live.stop()
        for view in self.views:
            view.close()
        super().closeEvent(event)

    def _draw_blood_from(self, vessel: str) -> None:
        session = self.view.session
        session.sampled_vessel = vessel
        self.plots.set_plots(session.plots())

    def _follow(self, is_following: bool) -> None:
        self.held.follow(is_following)

    def _set_organs(self) -> None:
        names = self.shown.shown_organs()
        for view in self.views:
            view.show_organs(names)

    def _show_kind(self, kind: str, is_shown: bool) -> None:
        if kind in KINDS:
            for view in self.views:
                view.show_kind(kind, is_shown)

    def _show_legends(self, of_cells: object, of_vessels: object) -> None:
        # What the run does not store was refused, and the choice goes back.
        session = self.view.session
        self.shown.set_colourings(session.colouring, session.vessel_colouring)
        self.shown.cell_legend.set_entries(of_cells)  # type: ignore[arg-type]
        self.shown.vessel_legend.set_entries(of_vessels)  # type: ignore[arg-type]

    def _show_story(self, view: SceneView, title: str, story: object, *, can: bool) -> None:
        self.held = view
        self.inspector.show_thing(title, story, can_follow=can)  # type: ignore[arg-type]
        self.inspector.set_following(view.is_following)

    def _show_status(self) -> None:
        for pane in self.panes:
            pane.show_status()

    def _fit_screen(self) -> None:
        self.setStyleSheet(f"QMainWindow {{ background: {GROUND}; }}")
        screen = self.screen().availableGeometry()
        width = min(1560, screen.width() - _FRAME)
        self.resize(width, min(960, screen.height() - _FRAME))


def _source_names(scenario: Mapping[str, Any]) -> list[str]:
    """Return where each source of cells lies, numbered where two lie in one place."""
    places = [str(one.get("organ") or one.get("vessel")) for one in scenario.get("source", ())]
    return [
        f"from {place}" + (f" ({i + 1})" if places.count(place) > 1 else "")
        for i, place in enumerate(places)
    ]
