"""Inspector: what was pointed at, in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

_HINT = (
    "Click a cell, a lesion, a vessel or an organ to see what is known of it.\n\n"
    "Drag to turn, Shift and drag to move, scroll to come nearer."
)


class Inspector(QWidget):
    """Rows of label and text about one thing, and a button to follow it."""

    follow_asked = Signal(bool)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.title = QLabel()
        self.title.setObjectName("title")
        self.title.setWordWrap(True)
        self.follow_button = QPushButton("Follow")
        self.follow_button.setCheckable(True)
        self.follow_button.setToolTip("Keep this cell in the centre and draw its trail (F)")
        self.follow_button.setAccessibleName("Follow")
        self.follow_button.toggled.connect(self._toggle)
        self.clear_button = QPushButton("Clear")
        self.clear_button.setToolTip("Let go of what was picked (Esc)")
        self.clear_button.clicked.connect(self.cleared)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(5)
        self._rows.setColumnStretch(1, 1)
        self.rows: tuple[tuple[str, str], ...] = ()
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("panel")
        inside = QVBoxLayout(body)
        inside.setContentsMargins(14, 12, 14, 12)
        inside.setSpacing(10)
        inside.addWidget(self.title)
        buttons = QHBoxLayout()
        buttons.addWidget(self.follow_button)
        buttons.addWidget(self.clear_button)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        inside.addLayout(self._rows)
        inside.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll)

    def show_nothing(self) -> None:
        """Say how to pick something."""
        self.title.setText("Nothing picked")
        self._fill(())
        hint = QLabel(_HINT)
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        self._rows.addWidget(hint, 0, 0, 1, 2)
        self.follow_button.hide()
        self.clear_button.hide()

    def show_thing(
        self, title: str, rows: Sequence[tuple[str, str]], *, can_follow: bool = False
    ) -> None:
        """Show what is known of one thing."""
        self.title.setText(title)
        self._fill(rows)
        self.follow_button.setVisible(can_follow)
        self.clear_button.show()

    def set_following(self, is_following: bool) -> None:
        """Show whether the thing is followed, without asking for it."""
        self.follow_button.blockSignals(True)
        self.follow_button.setChecked(is_following)
        self.follow_button.setText("Following" if is_following else "Follow")
        self.follow_button.blockSignals(False)

    def _toggle(self, is_checked: bool) -> None:
        self.follow_button.setText("Following" if is_checked else "Follow")
        self.follow_asked.emit(is_checked)

    def _fill(self, rows: Sequence[tuple[str, str]]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = tuple(rows)
        top = Qt.AlignmentFlag.AlignTop
        for row, (label, text) in enumerate(self.rows):
            name = QLabel(label)
            name.setObjectName("faint")
            value = QLabel(text)
            value.setWordWrap(True)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(label)
            self._rows.addWidget(name, row, 0, top)
            self._rows.addWidget(value, row, 1, top)
