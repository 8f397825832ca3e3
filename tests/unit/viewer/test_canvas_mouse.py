"""What the mouse does on a canvas: events go in, looks come out."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from ctc.viewer.drawables import Look
from ctc.viewer.viewpoint import viewpoint_of
from tests.unit.viewer.offscreen import LOOK, offscreen_canvas


class Scene:
    """Stands for the canvas of a window."""

    def __init__(self) -> None:
        self.look, self.is_moving, self.size = LOOK, False, (320, 240)
        self.n_updates = 0
        self.native = self

    def update(self) -> None:
        self.n_updates += 1


@pytest.fixture
def hands() -> Iterator[SimpleNamespace]:
    """Give a scene, and the canvas whose events turn it."""
    with offscreen_canvas() as drawn:
        mouse = pytest.importorskip("ctc.viewer.canvas_mouse")
        scene, canvas = Scene(), drawn._canvas
        yield SimpleNamespace(scene=scene, canvas=canvas, hands=mouse.MouseHands(scene, canvas))


def drag(hands: SimpleNamespace, end: tuple[int, int], *, button: int = 1, keys=()) -> None:
    press = hands.canvas.events.mouse_press(pos=(100, 100), button=button)
    assert hands.scene.look == LOOK
    hands.canvas.events.mouse_move(
        pos=end, button=button, buttons=[button], modifiers=keys, press_event=press
    )
    hands.canvas.events.mouse_release(pos=end, button=button)


def test_a_drag_turns(hands):
    drag(hands, (140, 110))
    assert hands.scene.look.azimuth < 0.0
    assert hands.scene.look.elevation > 0.0
    assert hands.scene.look.centre == LOOK.centre
    assert hands.scene.is_moving


@pytest.mark.parametrize("way", ["right button", "shift"])
def test_a_right_or_shift_drag_shifts(hands, way):
    shift = pytest.importorskip("vispy.util.keys").SHIFT
    drag(hands, (140, 110), **({"button": 2} if way == "right button" else {"keys": (shift,)}))
    moved = hands.scene.look
    assert (moved.azimuth, moved.elevation, moved.height) == (0.0, 0.0, LOOK.height)
    # The middle of the body goes with the pointer: 40 pixels right, 10 down.
    place = viewpoint_of(moved, 320, height=240).project(np.zeros((1, 3)))[0]
    assert np.allclose(place, (200.0, 130.0))


def test_the_wheel_zooms_about_the_pointer(hands):
    hands.canvas.events.mouse_wheel(pos=(200, 80), delta=(0.0, 2.0))
    near: Look = hands.scene.look
    assert near.height == pytest.approx(LOOK.height / 1.15**2)
    point = np.array([[0.04, 0.0, 0.04]])
    for look in (LOOK, near):
        place = viewpoint_of(look, 320, height=240).project(point)[0]
        assert np.allclose(place, (200.0, 80.0))


def test_moving_without_a_button_changes_nothing(hands):
    hands.canvas.events.mouse_move(pos=(50, 60), button=None, buttons=[])
    assert hands.scene.look == LOOK
    assert not hands.scene.is_moving


def test_a_rest_shows_all_again(hands):
    hands.canvas.events.mouse_wheel(pos=(10, 10), delta=(0.0, 1.0))
    assert hands.scene.is_moving
    hands.hands._on_rest(None)
    assert not hands.scene.is_moving
    assert hands.scene.n_updates == 1
