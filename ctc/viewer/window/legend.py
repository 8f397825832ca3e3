"""A legend: discs of colour with names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ctc.viewer.window.icons import swatch

Colour = tuple[int, int, int, int]


class Legend(QWidget):
    """Names and colours, two beside each other where they are short."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 2)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(3)
        self.names: tuple[str, ...] = ()

    def set_entries(self, entries: Sequence[tuple[str, Colour]]) -> None:
        """Show these names with their colours."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.names = tuple(name for name, _ in entries)
        n_columns = 2 if all(len(name) <= 16 for name in self.names) else 1
        for i, (name, colour) in enumerate(entries):
            disc = QLabel()
            disc.setPixmap(swatch(colour).pixmap(14, 14))
            text = QLabel(name)
            text.setObjectName("faint")
            row, place = divmod(i, n_columns)
            self._grid.addWidget(disc, row, 2 * place)
            self._grid.addWidget(text, row, 2 * place + 1)
            self._grid.setColumnStretch(2 * place + 1, 1)
