"""The bar of time: disease time, and circulation windows in which seconds are seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ctc.viewer.palette import FAINT_TEXT, TEXT
from ctc.viewer.timeline import Timeline
from ctc.viewer.window.clinic_marks import draw_marks
from ctc.viewer.window.style import ACCENT, ACCENT_DARK, EDGE, FIELD
from ctc.viewer.window.time_text import SECOND, time_text, time_ticks

_SIDE, _TOP, _BAR = 12, 20, 14  # [px] left and right, above the bar, its height
_LABEL_ROOM = 76  # [px] for one label
_LANE = 16  # [px] below the bar, where there are marks of a patient
_MOST_WORDS = 8  # marks that are named at once
_REACH = 5  # [px] around the pointer in which marks are named


class TimeTrack(QWidget):
    """A bar to look at and to drag along: asks for a frame, and shows which one is seen."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline: Timeline | None = None
        self._times: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._places: npt.NDArray[np.float64] = np.zeros(0)
        self._index = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Drag to move through time; arrow keys go frame by frame")

    def set_timeline(self, timeline: Timeline, times: npt.NDArray[np.int64]) -> None:
        """Say what the bar spans and when the frames are [ns]."""
        self._timeline = timeline
        self._times = times
        self._places = np.array([timeline.place(int(time)) for time in times])
        self.updateGeometry()
        self.update()

    def set_index(self, index: int) -> None:
        """Say which frame is seen."""
        self._index = index
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size that it would like."""
        return QSize(600, _TOP + _BAR + self._lane + 24)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size."""
        return QSize(200, _TOP + _BAR + self._lane + 24)

    @property
    def _lane(self) -> int:
        """Height of the lane of marks [px]."""
        return _LANE if self._timeline is not None and self._timeline.marks else 0

    def x_of(self, place: float) -> float:
        """Return where a place 0 .. 1 of the bar lies in the widget [px]."""
        return _SIDE + place * (self.width() - 2 * _SIDE)

    def frame_at(self, x: float) -> int:
        """Return the frame nearest to a point of the widget [px]."""
        place = (x - _SIDE) / max(self.width() - 2 * _SIDE, 1)
        return int(np.argmin(np.abs(self._places - place))) if self._places.size else 0

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the frame under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton and self._places.size:
            self.scrubbed.emit(self.frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the frame under the pointer while it drags, else name its time."""
        lines = self.words_at(event.position().x())
        if self._places.size:
            frame = self.frame_at(event.position().x())
            if event.buttons() & Qt.MouseButton.LeftButton:
                self.scrubbed.emit(frame)
            lines = (f"frame {frame + 1} at {time_text(int(self._times[frame]))}", *lines)
        self.setToolTip("\n".join(lines))

    def words_at(self, x: float) -> tuple[str, ...]:
        """Return what is marked near a point of the widget [px], a line each."""
        if self._timeline is None:
            return ()
        wide = max(self.width() - 2 * _SIDE, 1)
        marks = self._timeline.marks_at((x - _SIDE) / wide, _REACH / wide)
        lines = [mark.words for mark in marks[:_MOST_WORDS]]
        more = len(marks) - len(lines)
        return (*lines, *((f"and {more} more",) if more > 0 else ()))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(FIELD))
        whole = QRectF(self.x_of(0), _TOP, self.x_of(1) - self.x_of(0), _BAR)
        painter.drawRoundedRect(whole, 4, 4)
        if self._timeline is not None:
            self._draw_windows(painter, self._timeline)
            draw_marks(painter, self._timeline, place=self.x_of, bar=(_TOP, _BAR), lane=self._lane)
            self._draw_disease_time(painter, self._timeline)
            self._draw_cursor(painter)
        painter.end()

    def _draw_windows(self, painter: QPainter, timeline: Timeline) -> None:
        for span in timeline.spans:
            left, right = (self.x_of(timeline.place(time)) for time in (span.start, span.stop))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ACCENT_DARK))
            box = QRectF(left, _TOP, max(right - left, 3.0), _BAR)
            painter.drawRoundedRect(box, 3, 3)
            if right - left < _LABEL_ROOM:
                continue
            self._draw_seconds(painter, timeline, span.start, span.stop)
        painter.setPen(QColor(ACCENT))
        spacing = (self.x_of(1) - self.x_of(0)) / max(self._places.size, 1)
        if spacing >= 2.0:
            for place in self._places:
                x = self.x_of(float(place))
                painter.drawLine(QPointF(x, _TOP + _BAR - 4), QPointF(x, _TOP + _BAR - 1))

    def _draw_seconds(self, painter: QPainter, timeline: Timeline, start: int, stop: int) -> None:
        """Write into the space above a window how much time has passed in it."""
        left, right = (self.x_of(timeline.place(time)) for time in (start, stop))
        painter.setPen(QColor(TEXT))
        n_most = max(int((right - left) / _LABEL_ROOM), 1)
        for seconds, label in time_ticks(0.0, (stop - start) / SECOND, n_most):
            x = self.x_of(timeline.place(start + round(seconds * SECOND)))
            painter.drawLine(QPointF(x, _TOP - 4), QPointF(x, _TOP))
            at = min(max(x - 40, left - 40), self.width() - 81)
            box = QRectF(at, 0, 80, _TOP - 4)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"+{label}")

    def _draw_disease_time(self, painter: QPainter, timeline: Timeline) -> None:
        """Write below the bar when in the disease things are."""
        y = _TOP + _BAR + self._lane
        taken: list[tuple[float, float]] = []
        wanted = [span.start for span in timeline.spans] + [0, timeline.end]
        n_most = max(int(self.width() / _LABEL_ROOM / 2), 1)
        wanted += [round(t * SECOND) for t, _ in time_ticks(0.0, timeline.end / SECOND, n_most)]
        for time in wanted:
            label = time_text(time)
            width = painter.fontMetrics().horizontalAdvance(label) + 12
            x = self.x_of(timeline.place(time))
            left = min(max(x - width / 2, 0.0), self.width() - width)
            if any(left < stop and left + width > start for start, stop in taken):
                continue
            taken.append((left, left + width))
            painter.setPen(QColor(EDGE))
            painter.drawLine(QPointF(x, y), QPointF(x, y + 5))
            painter.setPen(QColor(FAINT_TEXT))
            box = QRectF(left, y + 4, width, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)

    def _draw_cursor(self, painter: QPainter) -> None:
        if not self._index < self._places.size:
            return
        x = self.x_of(float(self._places[self._index]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(TEXT))
        painter.drawRoundedRect(QRectF(x - 1.5, _TOP - 3, 3, _BAR + 6), 1.5, 1.5)
        tip = [QPointF(x - 6, _TOP - 9), QPointF(x + 6, _TOP - 9), QPointF(x, _TOP - 1)]
        painter.drawPolygon(QPolygonF(tip))
