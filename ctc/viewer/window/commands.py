"""Menus and keys of a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QMenu

from ctc.errors import CtcError
from ctc.viewer.view_file import view_file, write_view
from ctc.viewer.window.keeping import keep_picture, numbered_file, view_of
from ctc.viewer.window.main_window import MainWindow
from ctc.viewer.window.movie_process import MovieProcess
from ctc.viewer.window.player import SPEEDS
from ctc.viewer.window.recent_runs import recent_runs
from ctc.viewer.window.scene_view import VIEWS


class Commands:
    """Puts menus above a window and gives its keys their meaning.

    Parameters
    ----------
    window : MainWindow
        Which is commanded.
    """

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.movie = MovieProcess(window)
        self.movie.told.connect(window.say)
        window.closed.connect(self.movie.stop)
        self._make_file_menu()
        self._make_time_menu()
        self._make_view_menu()
        menu = window.menuBar().addMenu("&Help")
        self._add(menu, "Keys", "?", window.help.toggle)
        # Keys without an entry in a menu.
        player = window.player
        for keys, action in (
            ("Left", lambda: player.step(-1)),
            ("Right", lambda: player.step(1)),
            ("Shift+Left", lambda: player.step(-10)),
            ("Shift+Right", lambda: player.step(10)),
            ("+", lambda: self.change_speed(1)),
            ("-", lambda: self.change_speed(-1)),
            ("F", window.inspector.follow_button.click),
            ("Esc", self.leave),
        ):
            QShortcut(QKeySequence(keys), window).activated.connect(action)

    def change_speed(self, by: int) -> None:
        """Play faster or slower by one notch."""
        player = self.window.player
        place = SPEEDS.index(player.speed) + by
        player.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def leave(self) -> None:
        """Close the help, else leave the full screen, else let go of what is picked."""
        window = self.window
        if window.help.isVisible():
            window.help.hide()
        elif window.isFullScreen():
            window.showNormal()
        else:
            window.release()

    def keep_view(self) -> None:
        """Write the view beside the run."""
        target = view_file(self.window.view.session.run.path)
        self._explain(lambda: write_view(view_of(self.window), target), f"Kept in {target}.")

    def keep_picture(self) -> None:
        """Write a picture beside the run."""
        try:
            self.window.say(f"Written to {keep_picture(self.window)}.")
        except CtcError as error:
            self.window.say(str(error))

    def make_movie(self, is_turning: bool) -> None:
        """Begin a movie of the timeline, or of the body turning, beside the run."""
        run = self.window.view.session.run.path
        target = numbered_file(run, ".mp4")
        self.movie.start(run, target, view=view_of(self.window), is_turning=is_turning)

    def ask_file(self) -> None:
        """Let the user choose a run."""
        folder = str(self.window.view.session.run.path.parent)
        name, _ = QFileDialog.getOpenFileName(
            self.window, "Open a run", folder, "Runs (*.vtkhdf);;All files (*)"
        )
        if name:
            self.window.open_asked(name)

    def _make_file_menu(self) -> None:
        window = self.window
        menu = window.menuBar().addMenu("&File")
        self._add(menu, "Open ...", "Ctrl+O", self.ask_file)
        self._recent = menu.addMenu("Open recent")
        self._recent.aboutToShow.connect(self._fill_recent)
        menu.addSeparator()
        self._add(menu, "Keep this view", "Ctrl+S", self.keep_view)
        self._add(menu, "Picture", "Ctrl+P", self.keep_picture)
        self._add(menu, "Movie of the timeline", "Ctrl+M", lambda: self.make_movie(False))
        self._add(menu, "Turntable", "Ctrl+T", lambda: self.make_movie(True))
        menu.addSeparator()
        self._add(menu, "Close", "Ctrl+Q", window.close)
        self.file_menu = menu

    def _make_time_menu(self) -> None:
        window, player = self.window, self.window.player
        timeline = window.timeline
        menu = window.menuBar().addMenu("&Time")
        self._add(menu, "Play or pause", "Space", player.toggle)
        self._add(menu, "First frame", "Home", timeline.first_button.click)
        self._add(menu, "Last frame", "End", timeline.last_button.click)
        self._add(menu, "Loop", "L", timeline.loop_button.click)
        menu.addSeparator()
        self._add(menu, "Next event", "N", timeline.ask_event)
        self._add(menu, "Go to a time", "G", self._ask_time)
        self._add(menu, "Live", "V", timeline.live_button.click)

    def _make_view_menu(self) -> None:
        window = self.window
        menu = window.menuBar().addMenu("&View")
        for number, name in enumerate(VIEWS, start=1):
            turn = self._turn(name)
            self._add(menu, f"From the {name.removesuffix(' side')}", str(number), turn)
        self._add(menu, "Whole body", "R", window.view.look_at_body)
        menu.addSeparator()
        self._add(menu, "Organs", "O", self._toggle_organs)
        for kind, key in (("vessels", "W"), ("cells", "C"), ("lesions", "M")):
            self._add(menu, kind.capitalize(), key, window.shown.kinds[kind].click)
        self._add(menu, "Clip plane", "X", window.clip.switch.click)
        menu.addSeparator()
        self._add(menu, "Panels", "Tab", window.toggle_panels)
        self._add(menu, "Full screen", "F11", self._toggle_full_screen)

    def _turn(self, name: str) -> Callable[[], None]:
        return lambda: self.window.view.look_at_body(name)

    def _toggle_organs(self) -> None:
        shown = self.window.shown
        if shown.shown_organs():
            shown.set_shown_organs(frozenset())
        else:
            shown.set_shown_organs(frozenset(shell.name for shell in self.window.view.shells))

    def _toggle_full_screen(self) -> None:
        window = self.window
        if window.isFullScreen():
            window.showNormal()
        else:
            window.showFullScreen()

    def _ask_time(self) -> None:
        field = self.window.timeline.field
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def _fill_recent(self) -> None:
        self._recent.clear()
        paths = recent_runs()
        for path in paths:
            action = self._recent.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(self._opener(path))
        if not paths:
            self._recent.addAction("none yet").setEnabled(False)

    def _opener(self, path: Path) -> Callable[[], None]:
        return lambda: self.window.open_asked(str(path))

    def _explain(self, action: Callable[[], None], words: str) -> None:
        try:
            action()
        except CtcError as error:
            words = str(error)
        self.window.say(words)

    def _add(self, menu: QMenu, name: str, keys: str, action: Callable[[], object]) -> None:
        entry = QAction(name, self.window)
        entry.setShortcut(QKeySequence(keys))
        entry.triggered.connect(lambda _checked=False: action())
        menu.addAction(entry)
