"""Controls of time below the picture: play, step, speed, loop, events, a time to go to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ctc.errors import InputError
from ctc.states import EventKind
from ctc.viewer.window.icons import icon
from ctc.viewer.window.player import SPEEDS, Player
from ctc.viewer.window.style import WARNING
from ctc.viewer.window.time_text import parse_time, time_text
from ctc.viewer.window.time_track import TimeTrack

EVENT_CHOICES: tuple[tuple[str, frozenset[EventKind]], ...] = (
    ("any event", frozenset(EventKind)),
    ("new colony", frozenset({EventKind.COLONY})),
    ("cell leaves the blood", frozenset({EventKind.EXTRAVASATED})),
    ("cell falls dormant", frozenset({EventKind.DORMANT})),
    ("cell dies", frozenset({EventKind.DIED})),
    ("cell arrested", frozenset({EventKind.ARRESTED})),
    ("cell released", frozenset({EventKind.RELEASED})),
    ("cell attaches", frozenset({EventKind.ATTACHED})),
)


class TimelineBar(QWidget):
    """Buttons of a player, its bar of time, and a field for a time.

    Parameters
    ----------
    player : Player
        What the buttons move.
    """

    time_asked = Signal(object)  # int [ns], which may not fit into an int of Qt
    event_asked = Signal(object)  # frozenset of EventKind
    live_toggled = Signal(bool)
    problem = Signal(str)

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.player = player
        self._time = 0
        self.track = TimeTrack()
        self.track.scrubbed.connect(self._scrub)
        self.field = QLineEdit()
        self.frame_label = QLabel()
        self.speed_box = QComboBox()
        self.event_box = QComboBox()
        buttons = self._make_buttons()
        top = QVBoxLayout(self)
        top.setContentsMargins(12, 8, 12, 10)
        top.setSpacing(4)
        top.addWidget(self.track)
        top.addLayout(buttons)
        player.moved.connect(self._show_index)
        player.state_changed.connect(self._show_state)
        self._show_state()

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        player = self.player
        self.first_button = _button("first", "First frame (Home)", lambda: player.step(-(10**9)))
        self.back_button = _button("back", "One frame back (Left)", lambda: player.step(-1))
        self.play_button = _button("play", "Play or pause (Space)", player.toggle)
        self.play_button.setObjectName("play")
        self.forward_button = _button("forward", "One frame on (Right)", lambda: player.step(1))
        self.last_button = _button("last", "Last frame (End)", lambda: player.step(10**9))
        self.loop_button = _button("loop", "Begin anew after the last frame (L)", None)
        self.loop_button.setCheckable(True)
        self.loop_button.toggled.connect(player.set_looping)
        for speed in SPEEDS:
            self.speed_box.addItem(f"{speed} /s", speed)
        self.speed_box.setCurrentIndex(SPEEDS.index(player.speed))
        self.speed_box.setAccessibleName("Speed")
        self.speed_box.setToolTip("Frames shown in a second")
        self.speed_box.currentIndexChanged.connect(lambda i: player.set_speed(SPEEDS[i]))
        self._prepare_field()
        for name, _ in EVENT_CHOICES:
            self.event_box.addItem(name)
        self.event_box.setAccessibleName("Kind of event")
        self.event_box.setToolTip("Which events to jump to")
        self.event_button = _button("event", "Jump to the next event (N)", self.ask_event)
        self.live_button = QToolButton()
        self.live_button.setText(" Live")
        self.live_button.setCheckable(True)
        self.live_button.setAccessibleName("Live")
        self.live_button.setToolTip("Follow the run and show its newest frame (V)")
        self.live_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.live_button.setIcon(icon("live", WARNING))
        self.live_button.toggled.connect(self.live_toggled)
        transport = (self.first_button, self.back_button, self.play_button)
        for button in (*transport, self.forward_button, self.last_button, self.loop_button):
            row.addWidget(button)
        row.addWidget(self.speed_box)
        row.addSpacing(14)
        row.addWidget(self.event_button)
        row.addWidget(self.event_box)
        row.addStretch(1)
        self.frame_label.setObjectName("faint")
        row.addWidget(self.frame_label)
        row.addSpacing(8)
        row.addWidget(self.field)
        row.addWidget(self.live_button)
        return row

    def _prepare_field(self) -> None:
        self.field.setAccessibleName("Time")
        self.field.setToolTip("Type a time such as '3 days' or '1 h 5 s' (G)")
        self.field.setMinimumWidth(150)
        self.field.setMaximumWidth(190)
        self.field.returnPressed.connect(self._ask_time)
        self.field.editingFinished.connect(self._show_time)

    def set_time(self, time: int, index: int, n_frames: int) -> None:
        """Show which frame of how many is seen, and its time [ns]."""
        self._time = time
        self.frame_label.setText(f"frame {index + 1:,} of {n_frames:,}" if n_frames else "no frame")
        self.track.set_index(index)
        if not self.field.hasFocus():
            self._show_time()

    def ask_event(self) -> None:
        """Ask for the next event of the chosen kind."""
        self.event_asked.emit(EVENT_CHOICES[self.event_box.currentIndex()][1])

    def _ask_time(self) -> None:
        try:
            time = parse_time(self.field.text())
        except InputError as error:
            _mark(self.field, is_wrong=True)
            self.problem.emit(str(error))
            return
        _mark(self.field, is_wrong=False)
        self.field.clearFocus()
        self.time_asked.emit(time)

    def _scrub(self, index: int) -> None:
        self.player.stop()
        self.player.go(index)

    def _show_index(self, index: int) -> None:
        self.track.set_index(index)

    def _show_time(self) -> None:
        if self.field.property("wrong") != "true" or not self.field.hasFocus():
            _mark(self.field, is_wrong=False)
            self.field.setText(time_text(self._time))

    def _show_state(self) -> None:
        is_playing = self.player.is_playing
        self.play_button.setIcon(icon("pause" if is_playing else "play"))
        self.loop_button.setChecked(self.player.is_looping)
        if self.player.speed in SPEEDS:
            self.speed_box.setCurrentIndex(SPEEDS.index(self.player.speed))


def _mark(field: QLineEdit, *, is_wrong: bool) -> None:
    field.setProperty("wrong", "true" if is_wrong else "false")
    field.style().unpolish(field)
    field.style().polish(field)


def _button(name: str, tip: str, action: Callable[[], None] | None) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(18, 18))
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    if action is not None:
        button.clicked.connect(lambda _checked=False: action())
    return button
