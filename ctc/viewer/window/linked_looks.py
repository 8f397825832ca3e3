"""Several runs beside each other: one look, and one time, for all."""

from __future__ import annotations

from collections.abc import Sequence

from ctc.viewer.drawables import Look
from ctc.viewer.window.scene_view import SceneView


class LinkedLooks:
    """Keeps the looks of all views alike.

    Parameters
    ----------
    views : sequence of SceneView
        Which follow each other.
    """

    def __init__(self, views: Sequence[SceneView]) -> None:
        self._views = tuple(views)
        self._is_passing_on = False
        if len(self._views) > 1:
            for view in self._views:
                view.canvas.when_look_changes(self._pass_on)

    def _pass_on(self, look: Look) -> None:
        if self._is_passing_on:
            return
        self._is_passing_on = True
        try:
            for view in self._views:
                if view.canvas.look != look:
                    view.canvas.look = look
        finally:
            self._is_passing_on = False


def show_time(views: Sequence[SceneView], index: int) -> None:
    """Show a frame of the first run, and of the others the frame nearest to its time."""
    first, *others = views
    first.show_frame(index)
    time = first.session.time_of(index)
    for view in others:
        view.show_frame(view.session.nearest_frame(time))
