"""A plane that cuts the body open: axis, side and place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from ctc.viewer.drawables import ClipPlane

# Name, axis and sense of the normal: what lies on its side is hidden.
_SIDES = (
    ("hide the front", 1, -1.0),
    ("hide the back", 1, 1.0),
    ("hide the right", 0, -1.0),
    ("hide the left", 0, 1.0),
    ("hide the top", 2, 1.0),
    ("hide the bottom", 2, -1.0),
)
_STEPS = 1000


class ClipPanel(QWidget):
    """Chooses a `ClipPlane`, or none.

    Parameters
    ----------
    low, high : tuple of 3 float [m]
        Corners of what there is to cut.
    """

    changed = Signal(object)  # ClipPlane or None

    def __init__(
        self,
        low: tuple[float, float, float],
        high: tuple[float, float, float],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low, self._high = low, high
        self.switch = QCheckBox("Cut the body open")
        self.switch.setToolTip("Hide what lies on one side of a plane (X)")
        self.side = QComboBox()
        self.side.setAccessibleName("Side that is hidden")
        self.side.addItems([name for name, _, _ in _SIDES])
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setRange(0, _STEPS)
        self.place.setValue(_STEPS // 2)
        self.place.setAccessibleName("Place of the plane")
        self.place.setToolTip("Move the plane through the body")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self.switch)
        row = QHBoxLayout()
        row.addWidget(self.side)
        row.addWidget(self.place, 1)
        inside.addLayout(row)
        self.switch.toggled.connect(self._tell)
        self.side.currentIndexChanged.connect(self._tell)
        self.place.valueChanged.connect(self._tell)
        self._enable()

    def value(self) -> ClipPlane | None:
        """Return the plane, or nothing."""
        if not self.switch.isChecked():
            return None
        _, axis, sense = _SIDES[self.side.currentIndex()]
        part = self.place.value() / _STEPS
        point = [(a + b) / 2 for a, b in zip(self._low, self._high, strict=True)]
        point[axis] = self._low[axis] + part * (self._high[axis] - self._low[axis])
        normal = [0.0, 0.0, 0.0]
        normal[axis] = sense
        return ClipPlane((point[0], point[1], point[2]), (normal[0], normal[1], normal[2]))

    def set_value(self, plane: ClipPlane | None) -> None:
        """Show a plane; an oblique one as the nearest along an axis."""
        self.blockSignals(True)
        self.switch.setChecked(plane is not None)
        if plane is not None:
            axis = max(range(3), key=lambda i: abs(plane.normal[i]))
            sense = 1.0 if plane.normal[axis] > 0 else -1.0
            index = next(i for i, side in enumerate(_SIDES) if side[1:] == (axis, sense))
            self.side.setCurrentIndex(index)
            span = self._high[axis] - self._low[axis]
            self.place.setValue(round(_STEPS * (plane.point[axis] - self._low[axis]) / span))
        self.blockSignals(False)
        self._enable()
        self.changed.emit(plane)

    def _tell(self) -> None:
        self._enable()
        self.changed.emit(self.value())

    def _enable(self) -> None:
        self.side.setEnabled(self.switch.isChecked())
        self.place.setEnabled(self.switch.isChecked())
