"""Player: which frame is shown, and how it moves on."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

SPEEDS = (1, 2, 5, 10, 20, 40)  # [frames/s]


class Player(QObject):
    """The present frame of a run, played by a timer.

    Parameters
    ----------
    n_frames : int
        How many there are.
    parent : QObject, optional
        Owner.
    """

    moved = Signal(int)
    state_changed = Signal()

    def __init__(self, n_frames: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.n_frames = n_frames
        self.index = max(n_frames - 1, 0)
        self.is_looping = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._speed = SPEEDS[3]

    @property
    def is_playing(self) -> bool:
        """Whether time goes on by itself."""
        return self._timer.isActive()

    @property
    def speed(self) -> int:
        """Frames a second."""
        return self._speed

    def set_speed(self, speed: int) -> None:
        """Play at so many frames a second."""
        self._speed = speed
        self._timer.setInterval(round(1000 / speed))
        self.state_changed.emit()

    def set_looping(self, is_looping: bool) -> None:
        """Begin anew after the last frame, or stop there."""
        self.is_looping = is_looping
        self.state_changed.emit()

    def set_count(self, n_frames: int) -> None:
        """Say how many frames there are now."""
        self.n_frames = n_frames

    def toggle(self) -> None:
        """Play, or stop playing; from the end, begin anew."""
        if self.is_playing:
            self.stop()
        elif self.n_frames > 1:
            if self.index >= self.n_frames - 1:
                self.go(0)
            self._timer.start(round(1000 / self._speed))
            self.state_changed.emit()

    def stop(self) -> None:
        """Stop playing."""
        if self.is_playing:
            self._timer.stop()
            self.state_changed.emit()

    def step(self, by: int) -> None:
        """Stop and go some frames on or back."""
        self.stop()
        self.go(self.index + by)

    def go(self, index: int) -> None:
        """Show a frame; beyond the ends, the nearest."""
        index = min(max(index, 0), max(self.n_frames - 1, 0))
        if index != self.index:
            self.index = index
            self.moved.emit(index)

    def _tick(self) -> None:
        if self.index < self.n_frames - 1:
            self.go(self.index + 1)
        elif self.is_looping:
            self.go(0)
        else:
            self.stop()
