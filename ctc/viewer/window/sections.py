"""Parts of a side panel: a heading, what stands below it, a scrolling column of such parts."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget


def heading(text: str) -> QLabel:
    """Return a heading."""
    label = QLabel(text.upper())
    label.setObjectName("heading")
    return label


def faint(text: str) -> QLabel:
    """Return a line of quiet words."""
    label = QLabel(text)
    label.setObjectName("faint")
    label.setWordWrap(True)
    return label


def rule() -> QFrame:
    """Return a thin line across."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def section(title: str, parts: Iterable[QWidget]) -> QWidget:
    """Return a heading with widgets below it."""
    box = QWidget()
    box.setObjectName("panel")
    inside = QVBoxLayout(box)
    inside.setContentsMargins(14, 10, 14, 10)
    inside.setSpacing(7)
    inside.addWidget(heading(title))
    for part in parts:
        inside.addWidget(part)
    return box


def column(parts: Iterable[QWidget]) -> QScrollArea:
    """Return sections below each other, with thin lines between them, that scroll."""
    body = QWidget()
    body.setObjectName("panel")
    inside = QVBoxLayout(body)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(0)
    for i, part in enumerate(parts):
        if i:
            inside.addWidget(rule())
        inside.addWidget(part)
    inside.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidget(body)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return scroll
