"""What keys do, written over the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ctc.viewer.window.style import EDGE, RAISED

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "TIME",
        (
            ("Space", "play or pause"),
            ("Left, Right", "one frame back, on"),
            ("Shift+Left, Right", "ten frames back, on"),
            ("Home, End", "first, last frame"),
            ("+, -", "faster, slower"),
            ("L", "loop"),
            ("N", "next event"),
            ("G", "type a time to go to"),
            ("V", "live: show the newest frame"),
        ),
    ),
    (
        "VIEW",
        (
            ("drag", "turn"),
            ("Shift + drag", "move"),
            ("scroll", "nearer, farther"),
            ("1, 2, 3", "front, left side, back"),
            ("R", "whole body"),
            ("O, W, C, M", "organs, vessels, cells, lesions"),
            ("X", "clip plane"),
            ("Tab", "hide or show the panels"),
            ("F11", "full screen"),
        ),
    ),
    (
        "THINGS",
        (
            ("click", "inspect cell, lesion, vessel, organ"),
            ("F", "follow the cell"),
            ("Esc", "let go"),
            ("Ctrl+O", "open a run"),
            ("Ctrl+S", "keep this view beside the run"),
            ("Ctrl+P", "picture"),
            ("Ctrl+M", "movie of the timeline"),
            ("Ctrl+T", "turntable"),
            ("?", "this page"),
        ),
    ),
)


class HelpOverlay(QWidget):
    """A page over a window; any click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Keyboard help")
        outside = QVBoxLayout(self)
        self._card = QWidget()
        self._card.setObjectName("card")
        self._card.setStyleSheet(
            f"QWidget#card {{ background: {RAISED}; border: 1px solid {EDGE};"
            " border-radius: 12px; }"
        )
        outside.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        grid = QGridLayout(self._card)
        grid.setContentsMargins(34, 26, 34, 28)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(9)
        for column, (heading, keys) in enumerate(KEYS):
            title = QLabel(heading)
            title.setObjectName("heading")
            grid.addWidget(title, 0, 3 * column, 1, 2)
            for row, (key, meaning) in enumerate(keys, start=1):
                name = QLabel(key)
                name.setStyleSheet("font-weight: 600;")
                grid.addWidget(name, row, 3 * column)
                grid.addWidget(QLabel(meaning), row, 3 * column + 1)
            if column:
                grid.setColumnMinimumWidth(3 * column - 1, 18)
        parent.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Show it over all of the window, or hide it."""
        if self.isVisible():
            self.hide()
            return
        self._cover()
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Cover the window also after it has changed its size."""
        if watched is self.parent() and event.type() is QEvent.Type.Resize:
            self._cover()
        return False

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Close it."""
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Darken what lies behind."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(4, 8, 14, 190))
        painter.end()

    def _cover(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self.setGeometry(window.rect())
