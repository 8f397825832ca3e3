"""Marks of a patient along the bar of time: examinations, treatments and milestones."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ctc.viewer.palette import FOUND_COLOUR, TREATMENT_COLOUR
from ctc.viewer.patient_view import MarkKind
from ctc.viewer.timeline import Timeline
from ctc.viewer.window.style import ACCENT, FIELD

_DOT, _DIAMOND = 3.4, 4.6  # [px] radii
_FAINT = 90  # opacity of the stretch of a treatment, of 255


def draw_marks(
    painter: QPainter,
    timeline: Timeline,
    *,
    place: Callable[[float], float],
    bar: tuple[int, int],
    lane: int,
) -> None:
    """Draw the marks of a timeline.

    Treatments are stretches below the bar, examinations dots upon them (filled where they say
    tumour), milestones lines through the bar that end in a diamond.

    Parameters
    ----------
    painter : QPainter
        Of the widget.
    timeline : Timeline
        With its marks.
    place : callable
        Returns x [px] of a place 0 .. 1 of the bar.
    bar : (top, height) [px]
        Of the bar.
    lane : int [px]
        Height of the lane below it.
    """
    top, height = bar
    middle = top + height + 0.5 * lane
    painter.save()
    for mark in timeline.marks:
        left, right = (place(timeline.place(time)) for time in (mark.start, mark.stop))
        if mark.kind is MarkKind.TREATMENT:
            colour = QColor(TREATMENT_COLOUR)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for x in {left, right}:
                painter.drawRect(QRectF(x - 1.0, middle - 5.5, 2.0, 11.0))
            colour.setAlpha(_FAINT)
            painter.setBrush(colour)
            painter.drawRect(QRectF(left, middle - 4.0, right - left, 8.0))
    for mark in timeline.marks:
        x = place(timeline.place(mark.start))
        if mark.kind is MarkKind.EXAMINATION:
            painter.setPen(QPen(QColor(ACCENT), 1.4))
            painter.setBrush(QColor(ACCENT if mark.is_positive else FIELD))
            painter.drawEllipse(QPointF(x, middle), _DOT, _DOT)
        elif mark.kind is MarkKind.MILESTONE:
            painter.setPen(QPen(QColor(FOUND_COLOUR), 1.4))
            painter.drawLine(QPointF(x, top), QPointF(x, middle - _DIAMOND))
            painter.setBrush(QColor(FOUND_COLOUR))
            steps = ((0, -_DIAMOND), (_DIAMOND, 0), (0, _DIAMOND), (-_DIAMOND, 0))
            corners = [QPointF(x + right, middle + down) for right, down in steps]
            painter.drawPolygon(QPolygonF(corners))
    painter.restore()
