"""Signs of buttons, drawn as paths so that they are sharp on every screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from ctc.viewer.palette import TEXT

_SIZE = 96  # pixels of the drawing; Qt makes it smaller
# Signs that are one line, in a square of 24.
_STROKES = {"tick": ((5, 12.5), (10, 17.5), (19, 7)), "down": ((5, 9), (12, 16), (19, 9))}


def icon(name: str, colour: str = TEXT) -> QIcon:
    """Return a sign: play, pause, first, last, back, forward, loop, event, live, tick or down."""
    picture = QPixmap(_SIZE, _SIZE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_SIZE / 24, _SIZE / 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(QColor(colour)))
    if name == "loop":
        _draw_loop(painter, colour)
    elif name in _STROKES:
        _draw_stroke(painter, colour, _STROKES[name])
    elif name == "live":
        painter.drawEllipse(QPointF(12, 12), 6, 6)
    else:
        painter.drawPath(_path(name))
    painter.end()
    return QIcon(picture)


def swatch(colour: tuple[int, int, int, int]) -> QIcon:
    """Return a small disc of one colour, for legends."""
    picture = QPixmap(48, 48)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour[0], colour[1], colour[2]))
    painter.drawEllipse(QRectF(6, 6, 36, 36))
    painter.end()
    return QIcon(picture)


def _draw_loop(painter: QPainter, colour: str) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(QColor(colour), 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawArc(QRectF(5, 5, 14, 14), 60 * 16, 280 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPolygon(QPolygonF([QPointF(13, 2), QPointF(20.5, 5.5), QPointF(14, 10.5)]))


def _draw_stroke(painter: QPainter, colour: str, points: tuple[tuple[float, float], ...]) -> None:
    pen = QPen(QColor(colour), 3.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _path(name: str) -> QPainterPath:
    path = QPainterPath()
    if name == "play":
        _triangle(path, 7.5, 19.5)
    elif name == "pause":
        path.addRoundedRect(QRectF(6.5, 5, 4, 14), 1, 1)
        path.addRoundedRect(QRectF(13.5, 5, 4, 14), 1, 1)
    elif name in ("forward", "last"):
        _triangle(path, 6, 16)
        path.addRoundedRect(QRectF(16, 5, 2.6, 14), 1, 1)
        if name == "last":
            path.addRoundedRect(QRectF(20, 5, 2.6, 14), 1, 1)
    elif name in ("back", "first"):
        _triangle(path, 18, 8)
        path.addRoundedRect(QRectF(5.4, 5, 2.6, 14), 1, 1)
        if name == "first":
            path.addRoundedRect(QRectF(1.4, 5, 2.6, 14), 1, 1)
    elif name == "event":
        corners = [QPointF(14, 2), QPointF(5.5, 13.5), QPointF(11, 13.5), QPointF(9.5, 22)]
        path.addPolygon(QPolygonF([*corners, QPointF(18.5, 9.8), QPointF(12.8, 9.8)]))
        path.closeSubpath()
    return path


def _triangle(path: QPainterPath, base: float, tip: float) -> None:
    path.addPolygon(QPolygonF([QPointF(base, 5), QPointF(tip, 12), QPointF(base, 19)]))
    path.closeSubpath()
