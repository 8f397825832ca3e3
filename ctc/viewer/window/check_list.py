"""A short list of named things to check, with all or none of them at one click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ctc.viewer.window.icons import swatch

Colour = tuple[int, int, int, int]
_LEAST_ROW = 20  # [px]


class CheckList(QWidget):
    """Names with check boxes.

    Parameters
    ----------
    name : str
        What they are, for screen readers.
    n_seen : int
        How many rows are seen without scrolling.
    """

    changed = Signal()

    def __init__(self, name: str, *, n_seen: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._n_seen = n_seen
        self.items = QListWidget()
        self.items.setAccessibleName(name)
        self.items.setIconSize(QSize(14, 14))
        self.items.itemChanged.connect(self._tell)
        self.items.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._all = _link("all", lambda: self.check_all(True))
        self._none = _link("none", lambda: self.check_all(False))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._all)
        row.addWidget(self._none)
        row.addStretch(1)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2)
        inside.addWidget(self.items)
        inside.addLayout(row)

    def set_names(
        self, names: Sequence[str], *, checked: Sequence[str], colours: Sequence[Colour] = ()
    ) -> None:
        """Show these names, in order, some of them checked."""
        self.items.blockSignals(True)
        self.items.clear()
        for i, name in enumerate(names):
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            is_checked = name in checked
            item.setCheckState(_state(is_checked))
            if i < len(colours):
                item.setIcon(swatch(colours[i]))
            self.items.addItem(item)
        self.items.blockSignals(False)
        row = max(self.items.sizeHintForRow(0), _LEAST_ROW)
        self.items.setFixedHeight(row * min(max(len(names), 1), self._n_seen) + 4)

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        return tuple(self.items.item(i).text() for i in range(self.items.count()))

    def checked(self) -> frozenset[str]:
        """Return the names that are checked."""
        rows = (self.items.item(i) for i in range(self.items.count()))
        return frozenset(row.text() for row in rows if row.checkState() is Qt.CheckState.Checked)

    def set_checked(self, names: frozenset[str]) -> None:
        """Check these names and no others, and tell so once."""
        self.items.blockSignals(True)
        for i in range(self.items.count()):
            item = self.items.item(i)
            item.setCheckState(_state(item.text() in names))
        self.items.blockSignals(False)
        self.changed.emit()

    def check_all(self, is_checked: bool) -> None:
        """Check all names, or none."""
        self.set_checked(frozenset(self.names()) if is_checked else frozenset())

    def _tell(self) -> None:
        self.changed.emit()


def _state(is_checked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if is_checked else Qt.CheckState.Unchecked


def _link(text: str, action: object) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName("link")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.clicked.connect(action)
    return button
