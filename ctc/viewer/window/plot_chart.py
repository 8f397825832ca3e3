"""One plot with a time cursor; a click in it asks for that time."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ctc.checks import FloatArray
from ctc.viewer.palette import FAINT_TEXT, TEXT
from ctc.viewer.plots import Curve, Plot
from ctc.viewer.window.style import EDGE, FIELD
from ctc.viewer.window.time_text import SECOND, round_step

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 30, 24  # [px] around the axes
_LEGEND_ROW = 16  # [px]
_MOST_POINTS = 2000  # of a drawn curve


class PlotChart(QWidget):
    """Draws a plot; its legend stands below it.

    Parameters
    ----------
    plot : Plot
        What to draw.
    """

    time_asked = Signal(object)  # int [ns]

    def __init__(self, plot: Plot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._time = 0
        self.plot = plot
        self.set_plot(plot)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click to go to a time")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_plot(self, plot: Plot) -> None:
        """Draw another plot."""
        self.plot = plot
        self.setAccessibleName(plot.title)
        drawn = [curve for curve in plot.curves if curve.x.size]
        self._x_end = max((float(curve.x[-1]) for curve in drawn), default=1.0) or 1.0
        self._low, self._high = _limits(drawn, is_log=plot.is_log)
        self._points = [(curve, _thinned(curve)) for curve in drawn]
        self.updateGeometry()
        self.update()

    def set_time(self, time: int) -> None:
        """Put the cursor to a time [ns]."""
        self._time = time
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size that it would like."""
        n_rows = (len(self._points) + 1) // 2 if len(self._points) > 1 else 0
        return QSize(300, 168 + _LEGEND_ROW * n_rows + 8)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the time under the pointer."""
        self._ask(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the time under the pointer while it drags."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event)

    def time_at(self, x: float) -> int:
        """Return the time [ns] at a point of the widget [px]."""
        box = self._axes()
        part = min(max((x - box.left()) / max(box.width(), 1.0), 0.0), 1.0)
        return round(part * self._x_end * self.plot.x_scale * SECOND)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw axes, curves, cursor and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._axes()
        painter.setPen(QColor(TEXT))
        painter.drawText(QRectF(12, 4, self.width() - 24, 20), 0, self.plot.title)
        painter.setPen(QColor(FAINT_TEXT))
        unit = QRectF(12, 4, self.width() - 24 - _RIGHT + 12, 20)
        painter.drawText(unit, Qt.AlignmentFlag.AlignRight, self.plot.y_label)
        painter.fillRect(box, QColor(FIELD))
        self._draw_grid(painter, box)
        self._draw_curves(painter, box)
        self._draw_cursor(painter, box)
        self._draw_legend(painter, box)
        painter.end()

    def _ask(self, event: QMouseEvent) -> None:
        self.time_asked.emit(self.time_at(event.position().x()))

    def _axes(self) -> QRectF:
        return QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, 168 - _TOP - _BOTTOM)

    def _at(self, box: QRectF, x: float, y: float) -> QPointF:
        if self.plot.is_log:
            y = math.log10(max(y, 10.0**self._low))
        part = (y - self._low) / (self._high - self._low)
        return QPointF(
            box.left() + x / self._x_end * box.width(), box.bottom() - part * box.height()
        )

    def _draw_grid(self, painter: QPainter, box: QRectF) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        small = painter.font()
        small.setPointSizeF(small.pointSizeF() * 0.88)
        painter.setFont(small)
        for value in self._y_ticks():
            y = self._at(box, 0.0, value).y()
            painter.setPen(QColor(EDGE))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(FAINT_TEXT))
            painter.drawText(QRectF(0, y - 9, _LEFT - 6, 18), right, short_number(value))
        step = round_step(self._x_end / 5)
        for k in range(int(self._x_end / step + 1e-9) + 1):
            x = self._at(box, k * step, 1.0).x()
            label = f"{k * step:.6g}"
            if k and (k + 1) * step > self._x_end * (1 + 1e-9):
                label += f" {self.plot.x_unit}"
            width = painter.fontMetrics().horizontalAdvance(label) + 4
            left = min(x - width / 2, self.width() - width - 2)
            middle = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRectF(left, box.bottom() + 3, width, 16), middle, label)

    def _y_ticks(self) -> list[float]:
        if self.plot.is_log:
            low, high = math.ceil(self._low), math.floor(self._high)
            step = max(1, math.ceil((high - low) / 4))
            return [10.0**power for power in range(low, high + 1, step)]
        step_size = round_step((self._high - self._low) / 4)
        return [k * step_size for k in range(int(self._high / step_size + 1e-9) + 1)]

    def _draw_curves(self, painter: QPainter, box: QRectF) -> None:
        painter.save()
        painter.setClipRect(box.adjusted(-2, -2, 2, 2))
        for curve, (x, y) in self._points:
            painter.setPen(QPen(QColor(*curve.colour), 1.8))
            run: list[QPointF] = []
            for right, up in zip(x.tolist(), y.tolist(), strict=True):
                if self.plot.is_log and up <= 0:
                    painter.drawPolyline(QPolygonF(run))
                    run = []
                else:
                    run.append(self._at(box, right, up))
            painter.drawPolyline(QPolygonF(run))
            if len(run) == 1:
                painter.setBrush(QColor(*curve.colour))
                painter.drawEllipse(run[0], 2, 2)
                painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.restore()

    def _draw_cursor(self, painter: QPainter, box: QRectF) -> None:
        place = self.plot.place(self._time)
        x = self._at(box, min(max(place, 0.0), self._x_end), 1.0).x()
        painter.setPen(QPen(QColor(TEXT), 1.2))
        painter.drawLine(QPointF(x, box.top() - 3), QPointF(x, box.bottom()))

    def _draw_legend(self, painter: QPainter, box: QRectF) -> None:
        if len(self._points) < 2:
            return
        width = (self.width() - _RIGHT - 12) / 2
        for i, (curve, _) in enumerate(self._points):
            left = 12 + (i % 2) * width
            y = box.bottom() + _BOTTOM + (i // 2) * _LEGEND_ROW
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*curve.colour))
            painter.drawEllipse(QPointF(left + 5, y + 8), 3.5, 3.5)
            painter.setPen(QColor(FAINT_TEXT))
            elided = painter.fontMetrics().elidedText(
                curve.name, Qt.TextElideMode.ElideRight, int(width - 20)
            )
            painter.drawText(QRectF(left + 14, y, width - 16, _LEGEND_ROW), 0, elided)


def short_number(value: float) -> str:
    """Return a number in few letters: ``20k``, ``1.5M``, ``0.01``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _limits(curves: list[Curve], *, is_log: bool) -> tuple[float, float]:
    values = np.concatenate([np.zeros(0), *(curve.y for curve in curves)])
    values = values[np.isfinite(values)]
    if is_log:
        values = values[values > 0]
        if not values.size:
            return 0.0, 1.0
        low = math.floor(math.log10(float(values.min())))
        high = math.ceil(math.log10(float(values.max())))
        return max(low, high - 8), max(high, low + 1)
    return 0.0, (float(values.max()) if values.size else 0.0) * 1.05 or 1.0


def _thinned(curve: Curve) -> tuple[FloatArray, FloatArray]:
    every = max(1, math.ceil(curve.x.size / _MOST_POINTS))
    return curve.x[::every], curve.y[::every]
