"""RunPane: the canvas of one run with a line above it that says which run and how far it is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ctc.viewer.session import WRITER_GONE
from ctc.viewer.window.scene_view import SceneView
from ctc.viewer.window.style import ACCENT, WARNING


class RunPane(QWidget):
    """One run in the middle of the window.

    Parameters
    ----------
    view : SceneView
        What it shows.
    """

    def __init__(self, view: SceneView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self.view = view
        self.name = QLabel(view.session.run.path.name)
        self.name.setToolTip(str(view.session.run.path))
        self.status = QLabel()
        self.status.setAccessibleName("Status of the run")
        line = QHBoxLayout()
        line.setContentsMargins(14, 7, 14, 6)
        line.addWidget(self.name)
        line.addStretch(1)
        line.addWidget(self.status)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(line)
        inside.addWidget(view.widget, 1)
        view.widget.setMinimumSize(240, 200)
        self.show_status()

    def show_status(self) -> None:
        """Say how far the run is."""
        text = status_text(self.view)
        colour = WARNING if WRITER_GONE in text or "running" in text else ACCENT
        self.status.setText(text)
        self.status.setStyleSheet(f"color: {colour};")


def status_text(view: SceneView) -> str:
    """Return how far a run is: ``running, 12 frames``."""
    n_frames = int(view.session.times.size)
    frames = f"{n_frames:,} frame{'' if n_frames == 1 else 's'}"
    return f"{view.session.status}, {frames}"
