"""The Qt application of ``ctc view``: opens runs in windows and runs until they are closed."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from ctc.errors import CtcError, InputError
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

_LOG = logging.getLogger(__name__)


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

    def open(self, runs: Sequence[Run], *, is_live: bool, view: Path | None) -> MainWindow:
        """Show runs in a new window, in place of the one before.

        The one before stays as it was if anything fails.

        Parameters
        ----------
        runs : sequence of Run
            Open; closed when others take their place.
        is_live : bool
            Whether to show the newest frame of a run in progress.
        view : Path or None
            File that says how to look at the first one.

        Raises
        ------
        InputError
            If a run is damaged, or the view is not one of the first run.
        MissingDeviceError
            If no canvas can be made.
        """
        with contextlib.ExitStack() as made:
            sessions = [Session(run) for run in runs]
            for session in sessions:
                made.callback(session.close)
            state = None if view is None else _view_of(sessions[0], view)
            views = []
            for session in sessions:
                canvas = SceneCanvas(size=(900, 700), backend="pyside6")
                made.callback(canvas.close)
                views.append(SceneView(session, canvas))
                made.callback(views[-1].close)
            window = MainWindow(views, is_live=is_live)
            made.callback(window.deleteLater)
            made.callback(window.close)
            window.open_asked = self.open_file  # type: ignore[method-assign]
            commands = Commands(window)
            window.show()
            window.view.look_at_body()
            if state is not None:
                apply_view(window, state)
            made.pop_all()
        before, old_runs = self.window, self._runs
        self.window, self.commands, self._runs = window, commands, list(runs)
        if before is not None:
            before.close()
            before.deleteLater()
        for run in old_runs:
            run.close()
        with contextlib.suppress(OSError):  # a run that lay on a disk that is gone
            for run in runs:
                remember_run(run.path)
        return window

    def open_file(self, path: str) -> None:
        """Show another run, or say in the present window why not."""
        try:
            run = open_run(path)
            try:
                self.open([run], is_live=False, view=kept_view(run))
            except BaseException:
                run.close()
                raise
        except CtcError as error:
            self._say(str(error))
        except Exception as error:  # the present window must not go down with another run
            _LOG.exception("%s could not be shown", path)
            reason = f"{type(error).__name__}: {error}"
            self._say(f"{path} could not be shown ({reason}). Is it damaged? Copy it again.")

    def _say(self, text: str) -> None:
        if self.window is not None:
            self.window.say(text)


def kept_view(run: Run) -> Path | None:
    """Return the file of the view that was kept beside a run, if any."""
    path = view_file(run.path)
    return path if path.is_file() else None


def _view_of(session: Session, source: Path) -> ViewState:
    """Return the view that a file holds; InputError unless it is one of that run."""
    state = read_view(source)
    try:
        session.check_view(state)
    except InputError as error:
        raise error.at(file=str(source)) from None
    return state


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


def show_runs(runs: Sequence[Run], *, is_live: bool, view: Path | None) -> int:
    """Show runs in a window until it is closed; return the exit code.

    The first run's kept view is used where no other is given.
    """
    application = make_application()
    viewer = Viewer(application)
    viewer.open(runs, is_live=is_live, view=kept_view(runs[0]) if view is None else view)
    # Lets Python see Ctrl-C while Qt waits.
    awake = QTimer()
    awake.timeout.connect(lambda: None)
    awake.start(200)
    return application.exec()
