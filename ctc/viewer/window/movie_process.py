"""Movies made by ``ctc render`` in a process of its own, while the window goes on."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from ctc.errors import CtcError
from ctc.viewer.film import unfinished_movie
from ctc.viewer.view_file import write_view
from ctc.viewer.view_state import ViewState


class MovieProcess(QObject):
    """One movie at a time."""

    told = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.finished.connect(self._on_end)
        self._process.errorOccurred.connect(self._on_error)
        self._target = Path()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a movie is being made."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def start(self, run: Path, target: Path, *, view: ViewState, is_turning: bool) -> None:
        """Begin a movie of all frames of a run, or of the body turning at one moment."""
        if self.is_busy:
            self.told.emit(f"A movie is being made: {self._target}. Wait for it.")
            return
        self._target = target
        self._folder = tempfile.TemporaryDirectory(prefix="ctc-view-")
        view_file = Path(self._folder.name) / "movie.view.toml"
        try:
            write_view(view, view_file)
        except CtcError as error:
            self._clear()
            self.told.emit(str(error))
            return
        words = ["-m", "ctc.cli.main", "render", str(run), "-o", str(target)]
        words += ["--view-file", str(view_file), *(["--turntable"] if is_turning else [])]
        self._process.start(sys.executable, words)
        self.told.emit(f"Making {target} ...")

    def stop(self) -> None:
        """Give up a movie that is being made; nothing of it stays."""
        if self.is_busy:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(3000)
            unfinished_movie(self._target).unlink(missing_ok=True)
        self._clear()

    def _on_end(self, code: int, _status: QProcess.ExitStatus) -> None:
        self._clear()
        if code == 0:
            self.told.emit(f"Written to {self._target}.")
            return
        words = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        lines = words.strip().splitlines() or [f"exit code {code}"]
        self.told.emit(f"No movie: {lines[-1].removeprefix('ctc: error: ')}")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # Of all errors, this one alone is not followed by an end.
        if error is QProcess.ProcessError.FailedToStart:
            self._clear()
            self.told.emit(f"No movie: {self._process.errorString()}")

    def _clear(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
