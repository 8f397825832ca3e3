"""LiveWatch: looks again and again how far a run in progress is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from ctc.errors import CtcError
from ctc.viewer.window.scene_view import SceneView

_INTERVAL = 500  # [ms] between two looks
_AT_REST = ("finished", "stopped")


class LiveWatch(QObject):
    """Refreshes the sessions of runs that are not finished.

    Parameters
    ----------
    views : sequence of SceneView
        Whose runs are watched.
    is_live : bool
        Whether finished runs are watched, too: they may be resumed.
    parent : QObject, optional
        Owner.
    """

    changed = Signal()
    status_changed = Signal()
    problem = Signal(str)

    def __init__(
        self, views: Sequence[SceneView], *, is_live: bool, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._views = tuple(views)
        self._statuses = [view.session.status for view in views]
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self.look)
        self.set_live(is_live)

    @property
    def is_watching(self) -> bool:
        """Whether it looks again."""
        return self._timer.isActive()

    def set_live(self, is_live: bool) -> None:
        """Watch also runs that seem to have ended, or only those in progress."""
        if is_live or any(status not in _AT_REST for status in self._statuses):
            self._timer.start()
            if is_live:
                self.changed.emit()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look once how far the runs are."""
        try:
            changes = [view.session.refresh() for view in self._views]
            statuses = [view.session.status for view in self._views]
        except CtcError as error:
            self._timer.stop()
            self.problem.emit(str(error))
            return
        if statuses != self._statuses:
            self._statuses = statuses
            self.status_changed.emit()
        if any(changes):
            self.changed.emit()
