"""SceneCanvas: organs, vessels, cells and lesions drawn with OpenGL, in a window or without one.

The only modules that import vispy are this one's neighbours ``canvas_*.py`` and `graphics`; they
are loaded when a canvas is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.errors import InputError
from ctc.viewer.drawables import (
    ByteArray,
    Caption,
    CellCloud,
    ClipPlane,
    FloatArray32,
    LesionBodies,
    Look,
    OrganShell,
    Picked,
    VesselTubes,
)
from ctc.viewer.graphics import open_canvas, require_desktop_gl
from ctc.viewer.overlay import Sheet, caption_sprites, scale_bar_sprite, triad_sprite
from ctc.viewer.viewpoint import Viewpoint, plane_of, viewpoint_of

if TYPE_CHECKING:
    from ctc.viewer.canvas_eye import Eye
    from ctc.viewer.canvas_layers import Layers
    from ctc.viewer.lettering import Sprite

# What is in view may reach this far beyond the farthest corner [m].
_MARGIN = 0.05
_MOST_PIXELS = 8192


@dataclass
class Limits:
    """From how many cells on the canvas changes how it draws them.

    Attributes
    ----------
    density_from : int
        More visible cells than this are drawn as a density.
    n_while_moving : int
        As many, chosen at random, are drawn while the camera moves.
    """

    density_from: int = 200_000
    n_while_moving: int = 200_000


class SceneCanvas:
    """A picture of a scene.

    Parameters
    ----------
    size : tuple of int
        Width and height [pixels]; of a widget, those of the screen before scaling.
    backend : str
        ``egl`` or ``osmesa`` without a screen, ``pyside6`` as a widget.
    parent : QWidget, optional
        Of the widget.
    oversampling : int
        Samples a pixel along each axis, 1 to 4: pictures for print take 2.
    limits : Limits, optional
        How many cells are too many.

    Raises
    ------
    InputError
        If an argument is out of range or a package is missing.
    MissingDeviceError
        If this machine cannot draw that way.
    """

    def __init__(
        self,
        *,
        size: tuple[int, int] = (1280, 720),
        backend: str = "egl",
        parent: object | None = None,
        oversampling: int = 1,
        limits: Limits | None = None,
    ) -> None:
        if not all(0 < side <= _MOST_PIXELS for side in size):
            message = f"size must be 1 to {_MOST_PIXELS} pixels on each side, got {size}."
            raise InputError(message)
        if not 1 <= oversampling <= 4:
            message = f"oversampling must be 1 to 4, got {oversampling}."
            raise InputError(message)
        self._backend, self._oversampling = backend, oversampling
        self.limits = limits or Limits()
        self.is_moving = False
        self._look = Look(centre=(0.0, 0.0, 0.0))
        self._listeners: list[Callable[[Look], None]] = []
        self._shown = dict.fromkeys(("shells", "vessels", "cells", "lesions", "caption"), True)
        self._clip: ClipPlane | None = None
        self._caption = Caption()
        self._sprites: dict[str, tuple[object, tuple[Sprite, ...]]] = {}
        self._reach: dict[str, float] = {}
        self._is_closed = False
        self._layers: Layers | None = None
        self._waiting: dict[str, Callable[[Layers], None]] = {}
        self._canvas = open_canvas(backend, size, parent=parent)
        self._canvas.events.draw.connect(self._on_draw)
        if backend != "pyside6":
            self._layers = self._new_layers()
        else:
            from ctc.viewer.canvas_mouse import MouseHands  # noqa: PLC0415 - imports vispy

            self._hands = MouseHands(self, self._canvas)

    @property
    def native(self) -> Any:
        """The QWidget, with the backend ``pyside6``."""
        return self._canvas.native

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the widget or picture [pixels of the widget]."""
        width, height = self._canvas.size
        return int(width), int(height)

    @property
    def look(self) -> Look:
        """Where the eye is."""
        return self._look

    @look.setter
    def look(self, look: Look) -> None:
        numbers = (*look.centre, look.azimuth, look.elevation, look.height)
        if not np.isfinite(numbers).all() or look.height <= 0.0:
            message = f"look must be finite with a height > 0 m, got {look}."
            raise InputError(message)
        if look == self._look:
            return
        self._look = look
        self._redraw()
        for listener in self._listeners:
            listener(look)

    def when_look_changes(self, listener: Callable[[Look], None]) -> None:
        """Call a function with every new look."""
        self._listeners.append(listener)

    def set_shells(self, shells: Sequence[OrganShell]) -> None:
        """Draw these organs instead of those before."""
        kept = tuple(shells)
        self._reach["shells"] = max((_reach(shell.vertices) for shell in kept), default=0.0)
        self._fill("shells", lambda layers: layers.shells.fill(kept))

    def set_vessels(self, tubes: VesselTubes | None) -> None:
        """Draw these vessels instead of those before."""
        self._reach["vessels"] = (
            0.0 if tubes is None else max(_reach(tubes.start), _reach(tubes.end))
        )
        self._fill("vessels", lambda layers: layers.vessels.fill(tubes))

    def set_cells(self, cloud: CellCloud | None) -> None:
        """Draw these cells instead of those before."""
        self._reach["cells"] = 0.0 if cloud is None else _reach(cloud.position)
        self._fill("cells", lambda layers: layers.cells.fill(cloud))

    def set_lesions(self, bodies: LesionBodies | None) -> None:
        """Draw these lesions instead of those before."""
        self._reach["lesions"] = 0.0 if bodies is None else _reach(bodies.position)
        self._fill("lesions", lambda layers: layers.lesions.fill(bodies))

    def set_trail(self, points: FloatArray32 | None) -> None:
        """Draw the way of a followed cell, (k, 3) [m], instead of the one before."""
        self._fill("trail", lambda layers: layers.set_trail(points))

    def set_clip(self, plane: ClipPlane | None) -> None:
        """Hide what lies beyond a plane."""
        if plane is not None and not np.any(plane.normal):
            message = f"normal must not be zero, got {plane.normal} in the clip plane."
            raise InputError(message)
        self._clip = plane
        self._redraw()

    def set_caption(self, caption: Caption) -> None:
        """Write this over the picture."""
        self._caption = caption
        self._redraw()

    def show(self, **what: bool) -> None:
        """Show or hide ``shells``, ``vessels``, ``cells``, ``lesions`` or ``caption``."""
        unknown = sorted(set(what) - set(self._shown))
        if unknown:
            message = f"what to show must be one of {', '.join(self._shown)}, got '{unknown[0]}'."
            raise InputError(message)
        self._shown.update(what)
        self._redraw()

    @property
    def is_density(self) -> bool:
        """Whether the last picture counted its cells instead of drawing discs."""
        return self._layers.is_density if self._layers is not None else False

    @property
    def n_shown(self) -> int:
        """Cells that the last picture showed."""
        return self._layers.n_shown if self._layers is not None else 0

    @property
    def n_cells(self) -> int:
        """Cells that have an opacity."""
        return self._layers.cells.n_visible if self._layers is not None else 0

    def allocated_bytes(self) -> int:
        """Return what arrays and images made here take, on the device and beside it."""
        return self._layers.n_bytes if self._layers is not None else 0

    def render(self) -> ByteArray:
        """Draw, and return the picture, (h, w, 3) uint8, in the pixels of the screen."""
        layers = self._composed()
        image = layers.read(self._overlay())
        self._bind_screen()
        return image

    def pick(self, x: float, y: float) -> Picked | None:
        """Return what lies nearest to a pixel of the widget: cells and lesions before the rest."""
        self._canvas.set_current()
        layers = self._ready_layers()
        width, height = self._physical_size()
        density = self._density()
        picked = layers.pick(
            self._eye(width, height, density),
            (int(x * density), height - 1 - int(y * density)),
            size=(width, height),
            shown=self._shown,
        )
        self._bind_screen()
        return picked

    def viewpoint(self) -> Viewpoint:
        """Return the view on the pixels of the widget."""
        width, height = self.size
        return viewpoint_of(self._look, width, height=height)

    def close(self) -> None:
        """Give the device back all that is on it; the canvas is of no use after that."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._layers is not None:
            self._canvas.set_current()
            self._layers.close()
            self._layers = None
        self._canvas.close()

    def _fill(self, name: str, fill: Callable[[Layers], None]) -> None:
        # A widget has no context before it is shown: what is set till then waits.
        if self._layers is None:
            self._waiting[name] = fill
        else:
            self._canvas.set_current()
            fill(self._layers)
        self._redraw()

    def _new_layers(self) -> Layers:
        from ctc.viewer.canvas_layers import Layers  # noqa: PLC0415 - imports vispy

        require_desktop_gl(self._backend)
        return Layers(self._oversampling, self.limits.n_while_moving)

    def _ready_layers(self) -> Layers:
        if self._layers is None:
            self._layers = self._new_layers()
        for fill in self._waiting.values():
            fill(self._layers)
        self._waiting.clear()
        return self._layers

    def _composed(self) -> Layers:
        self._canvas.set_current()
        layers = self._ready_layers()
        size = self._physical_size()
        over = layers.oversampling
        layers.compose(
            self._eye(size[0] * over, size[1] * over, self._density() * over),
            size,
            shown=self._shown,
            is_moving=self.is_moving,
            density_from=self.limits.density_from,
        )
        return layers

    def _redraw(self) -> None:
        if not self._is_closed:
            self._canvas.update()

    def _density(self) -> float:
        return float(self._canvas.pixel_scale)

    def _physical_size(self) -> tuple[int, int]:
        width, height = self._canvas.physical_size
        return max(int(width), 1), max(int(height), 1)

    def _eye(self, width: int, height: int, density: float) -> Eye:
        from ctc.viewer.canvas_eye import Eye  # noqa: PLC0415 - imports vispy

        view = viewpoint_of(self._look, width, height=height)
        far = max(self._reach.values(), default=0.0) + float(np.linalg.norm(view.centre))
        plane = plane_of(self._clip, view.centre)
        return Eye(view=view, plane=plane, deep=far + _MARGIN, density=density)

    def _overlay(self) -> tuple[Sprite, ...]:
        if not self._shown["caption"]:
            return ()
        width, height = self._physical_size()
        density = self._density()
        view = viewpoint_of(self._look, width, height=height)
        angles = (self._look.azimuth, self._look.elevation)
        sheet = Sheet(width, height, density)
        parts: tuple[tuple[str, object, Callable[[], tuple[Sprite, ...]]], ...] = (
            (
                "caption",
                (self._caption, sheet),
                lambda: caption_sprites(self._caption, sheet),
            ),
            (
                "bar",
                (view.scale, self._caption.note, sheet),
                lambda: (scale_bar_sprite(view, sheet, caption=self._caption),),
            ),
            ("triad", (angles, sheet), lambda: (triad_sprite(view, sheet),)),
        )
        for name, key, make in parts:
            if name not in self._sprites or self._sprites[name][0] != key:
                self._sprites[name] = (key, make())
        return tuple(sprite for _, sprites in self._sprites.values() for sprite in sprites)

    def _screen(self) -> int:
        return int(self._canvas._backend._vispy_get_fb_bind_location())

    def _bind_screen(self) -> None:
        from ctc.viewer.canvas_images import bind_screen  # noqa: PLC0415 - imports vispy

        bind_screen(self._screen(), *self._physical_size())

    def _on_draw(self, _event: object) -> None:
        if not self._is_closed and self._backend == "pyside6":
            layers = self._composed()
            size = self._physical_size()
            layers.put_on_screen(self._screen(), size, sprites=self._overlay())


def _reach(points: FloatArray32) -> float:
    """Return how far from the origin any of these lies at most [m]."""
    if not len(points):
        return 0.0
    corner = np.maximum(np.abs(points.min(axis=0)), np.abs(points.max(axis=0)))
    return float(np.linalg.norm(corner))
