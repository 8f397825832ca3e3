"""The mouse on a canvas in a window: drag turns, right or shift drag shifts, the wheel zooms."""

from __future__ import annotations

from typing import Any, Protocol

from vispy.app import Timer

from ctc.viewer.drawables import Look
from ctc.viewer.viewpoint import orbit, shift, zoom

# All cells are drawn again when nothing has moved for so long [s].
_REST = 0.2


class Turned(Protocol):
    """What the mouse turns."""

    look: Look
    is_moving: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [pixels of the widget]."""

    @property
    def native(self) -> Any:
        """The widget."""


class MouseHands:
    """Turns what the mouse does into looks of a canvas.

    A click that does not move the mouse changes nothing here: it is left to the window.
    """

    def __init__(self, scene: Turned, canvas: Any) -> None:
        self._scene = scene
        self._last: tuple[float, float] | None = None
        self._rest = Timer(interval=_REST, iterations=1, connect=self._on_rest, app=canvas.app)
        canvas.events.mouse_press.connect(self._on_press)
        canvas.events.mouse_move.connect(self._on_move)
        canvas.events.mouse_release.connect(self._on_release)
        canvas.events.mouse_wheel.connect(self._on_wheel)

    def _on_press(self, event: Any) -> None:
        self._last = (float(event.pos[0]), float(event.pos[1]))

    def _on_move(self, event: Any) -> None:
        if self._last is None or not event.is_dragging:
            return
        x, y = float(event.pos[0]), float(event.pos[1])
        right, down = x - self._last[0], y - self._last[1]
        self._last = (x, y)
        if not right and not down:
            return
        keys = {key.name for key in event.modifiers}
        if event.button in (2, 3) or "Shift" in keys:
            height = self._scene.size[1]
            look = shift(self._scene.look, right, down=down, picture_height=height)
        else:
            look = orbit(self._scene.look, right, down=down)
        self._begin()
        self._scene.look = look

    def _on_release(self, _event: Any) -> None:
        self._last = None

    def _on_wheel(self, event: Any) -> None:
        at = (float(event.pos[0]), float(event.pos[1]))
        self._begin()
        self._scene.look = zoom(
            self._scene.look, float(event.delta[1]), at=at, size=self._scene.size
        )

    def _begin(self) -> None:
        self._scene.is_moving = True
        self._rest.stop()
        self._rest.start(interval=_REST, iterations=1)

    def _on_rest(self, _event: Any) -> None:
        self._scene.is_moving = False
        self._scene.native.update()
