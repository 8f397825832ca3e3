"""The Qt application of ``ctc view``: opens runs in windows and runs until they are closed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from ctc.errors import CtcError
from ctc.record.reader import Run, open_run
from ctc.viewer.canvas import SceneCanvas
from ctc.viewer.session import Session
from ctc.viewer.view_file import read_view, view_file
from ctc.viewer.view_state import ViewState
from ctc.viewer.window.commands import Commands
from ctc.viewer.window.keeping import apply_view
from ctc.viewer.window.main_window import MainWindow
from ctc.viewer.window.recent_runs import remember_run
from ctc.viewer.window.scene_view import SceneView
from ctc.viewer.window.style import apply_style


class Viewer:
    """Windows of one process.

    Parameters
    ----------
    application : QApplication
        In which they live.
    """

    def __init__(self, application: QApplication) -> None:
        self.application = application
        self.window: MainWindow | None = None
        self.commands: Commands | None = None
        self._runs: list[Run] = []

    def open(self, runs: Sequence[Run], *, is_live: bool, state: ViewState | None) -> MainWindow:
        """Show runs in a new window, in place of the one before.

        Raises
        ------
        InputError
            If a run is damaged.
        MissingDeviceError
            If no canvas can be made.
        """
        views = [
            SceneView(Session(run), SceneCanvas(size=(900, 700), backend="pyside6")) for run in runs
        ]
        window = MainWindow(views, is_live=is_live)
        window.open_asked = self.open_file  # type: ignore[method-assign]
        self.commands = Commands(window)
        before, old_runs = self.window, self._runs
        self.window, self._runs = window, list(runs)
        window.show()
        window.view.look_at_body()
        if state is not None:
            apply_view(window, state)
        if before is not None:
            before.close()
            before.deleteLater()
        for run in old_runs:
            run.close()
        for run in runs:
            remember_run(run.path)
        return window

    def open_file(self, path: str) -> None:
        """Show another run, or say in the present window why not."""
        try:
            run = open_run(path)
            try:
                self.open([run], is_live=False, state=kept_view(run.path))
            except CtcError:
                run.close()
                raise
        except CtcError as error:
            if self.window is not None:
                self.window.say(str(error))


def kept_view(run: Path) -> ViewState | None:
    """Return the view that was kept beside a run, if any."""
    path = view_file(run)
    return read_view(path) if path.is_file() else None


def make_application() -> QApplication:
    """Return the application of this process, dark."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("ctc view")
    application.setDesktopFileName("ctc-view")
    apply_style(application)
    return application


def show_runs(runs: Sequence[Run], *, is_live: bool, state: ViewState | None) -> int:
    """Show runs in a window until it is closed; return the exit code.

    The first run's kept view is used where no other is given.
    """
    application = make_application()
    viewer = Viewer(application)
    first = state if state is not None else kept_view(runs[0].path)
    viewer.open(runs, is_live=is_live, state=first)
    # Lets Python see Ctrl-C while Qt waits.
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(200)
    return application.exec()
