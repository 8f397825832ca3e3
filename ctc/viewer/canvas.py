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
    Thing,
    VesselTubes,
)
from ctc.viewer.graphics import open_canvas, require_desktop_gl
from ctc.viewer.overlay import caption_sprites, scale_bar_sprite, triad_sprite
from ctc.viewer.viewpoint import Viewpoint, plane_of, viewpoint_of

if TYPE_CHECKING:
    from ctc.viewer.canvas_eye import Eye
    from ctc.viewer.lettering import Sprite

# What is in view may reach this far beyond the farthest corner [m].
_MARGIN = 0.05
_TRAIL_COLOUR = (255, 244, 190)
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
        self.is_density = False
        self.n_shown = 0
        self._is_closed = False
        self._layers: _Layers | None = None
        self._waiting: dict[str, Callable[[_Layers], None]] = {}
        self._canvas = open_canvas(backend, size, parent=parent)
        self._canvas.events.draw.connect(self._on_draw)
        if backend != "pyside6":
            self._layers = _Layers(oversampling, self.limits.n_while_moving)
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
        from ctc.viewer.canvas_tubes import tubes_along  # noqa: PLC0415 - imports vispy

        tubes = None if points is None else tubes_along(points, _TRAIL_COLOUR)
        self._fill("trail", lambda layers: layers.trail.fill(tubes))

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
    def n_cells(self) -> int:
        """Cells that have an opacity."""
        return self._layers.cells.n_visible if self._layers is not None else 0

    def allocated_bytes(self) -> int:
        """Return what arrays and images made here take, on the device and beside it."""
        return self._layers.n_bytes if self._layers is not None else 0

    def render(self) -> ByteArray:
        """Draw, and return the picture, (h, w, 3) uint8, in the pixels of the screen."""
        self._canvas.set_current()
        layers = self._ready_layers()
        width, height = self._physical_size()
        self._compose(layers, width, height)
        layers.frame.picture.bind()
        self._finish(layers)
        image = layers.frame.read()
        self._bind_screen()
        return image

    def pick(self, x: float, y: float) -> Picked | None:
        """Return what lies nearest to a pixel of the widget: cells and lesions before the rest."""
        self._canvas.set_current()
        layers = self._ready_layers()
        width, height = self._physical_size()
        density = self._density()
        eye = self._eye(width, height, density)
        pixel = (int(x * density), height - 1 - int(y * density))
        is_subset = self.is_moving
        passes: tuple[tuple[Thing, bool, Callable[[], None]], ...] = (
            (
                Thing.CELL,
                self._shown["cells"] and layers.cells.cloud is not None,
                lambda: layers.cells.draw_ids(eye, is_subset=is_subset),
            ),
            (Thing.LESION, self._shown["lesions"], lambda: layers.lesions.draw_ids(eye)),
            (Thing.VESSEL, self._shown["vessels"], lambda: layers.vessels.draw_ids(eye)),
            (Thing.ORGAN, self._shown["shells"], lambda: layers.shells.draw_ids(eye)),
        )
        for thing, is_shown, draw_ids in passes:
            if not is_shown:
                continue
            number = layers.patch.nearest(pixel, (width, height), draw_ids=draw_ids)
            if number:
                self._bind_screen()
                return Picked(thing, layers.identity(thing, number - 1))
        self._bind_screen()
        return None

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

    def _fill(self, name: str, fill: Callable[[_Layers], None]) -> None:
        # A widget has no context before it is shown: what is set till then waits.
        if self._layers is None:
            self._waiting[name] = fill
        else:
            self._canvas.set_current()
            fill(self._layers)
        self._redraw()

    def _ready_layers(self) -> _Layers:
        if self._layers is None:
            require_desktop_gl(self._backend)
            self._layers = _Layers(self._oversampling, self.limits.n_while_moving)
        for fill in self._waiting.values():
            fill(self._layers)
        self._waiting.clear()
        return self._layers

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

    def _compose(self, layers: _Layers, width: int, height: int) -> None:
        over = self._oversampling
        eye = self._eye(width * over, height * over, self._density() * over)
        layers.frame.resize(width, height)
        layers.begin()
        if self._shown["vessels"]:
            layers.vessels.draw(eye)
        if self._shown["lesions"]:
            layers.lesions.draw(eye)
        has_cells = self._shown["cells"] and layers.cells.n_visible > 0
        self.n_shown = 0
        if has_cells:
            cells = layers.cells
            is_subset = self.is_moving and cells.n_subset < cells.count
            in_view = cells.n_visible * cells.share_in_view(eye)
            self.is_density = in_view > self.limits.density_from
            part = cells.n_subset / max(cells.count, 1) if is_subset else 1.0
            self.n_shown = round(cells.n_visible * part)
            layers.frame.begin_beads(are_counts=self.is_density)
            if self.is_density:
                weight = layers.frame.count_weight
                cells.draw_counts(eye, is_subset=is_subset, weight=weight, size=float(over))
                layers.frame.tone_counts()
            else:
                cells.draw_discs(eye, is_subset=is_subset)
            layers.frame.lay_beads()
        else:
            self.is_density = False
        layers.trail.draw(eye, thinnest=1.1, glow=1.0, are_all_tubes=True)
        if self._shown["shells"]:
            layers.shells.draw(eye)
        self._has_beads = has_cells

    def _finish(self, layers: _Layers) -> None:
        layers.frame.finish(has_beads=self._has_beads)
        if self._shown["caption"]:
            layers.frame.draw_sprites(self._overlay())

    def _overlay(self) -> tuple[Sprite, ...]:
        width, height = self._physical_size()
        density = self._density()
        view = viewpoint_of(self._look, width, height=height)
        angles = (self._look.azimuth, self._look.elevation)
        place = (width, height, density)
        parts: tuple[tuple[str, object, Callable[[], tuple[Sprite, ...]]], ...] = (
            (
                "caption",
                (self._caption, place),
                lambda: caption_sprites(self._caption, width, height=height, density=density),
            ),
            ("bar", (view.scale, place), lambda: (scale_bar_sprite(view, density),)),
            ("triad", (angles, place), lambda: (triad_sprite(view, density),)),
        )
        for name, key, make in parts:
            if name not in self._sprites or self._sprites[name][0] != key:
                self._sprites[name] = (key, make())
        return tuple(sprite for _, sprites in self._sprites.values() for sprite in sprites)

    def _bind_screen(self) -> None:
        from ctc.viewer.canvas_objects import bind_screen  # noqa: PLC0415 - imports vispy

        bind_screen(self._canvas._backend._vispy_get_fb_bind_location(), *self._physical_size())

    def _on_draw(self, _event: object) -> None:
        if self._is_closed or self._backend != "pyside6":
            return
        self._canvas.set_current()
        layers = self._ready_layers()
        self._compose(layers, *self._physical_size())
        self._bind_screen()
        self._finish(layers)


def _reach(points: FloatArray32) -> float:
    """Return how far from the origin any of these lies at most [m]."""
    if not len(points):
        return 0.0
    corner = np.maximum(np.abs(points.min(axis=0)), np.abs(points.max(axis=0)))
    return float(np.linalg.norm(corner))


class _Layers:
    """What lies on the device; made in its context."""

    def __init__(self, oversampling: int, n_while_moving: int) -> None:
        from ctc.viewer.canvas_cells import CellPoints  # noqa: PLC0415 - imports vispy
        from ctc.viewer.canvas_frame import Frame  # noqa: PLC0415 - imports vispy
        from ctc.viewer.canvas_lesions import Lesions  # noqa: PLC0415 - imports vispy
        from ctc.viewer.canvas_objects import (  # noqa: PLC0415 - imports vispy
            let_programs_size_points,
        )
        from ctc.viewer.canvas_pick import PickPatch  # noqa: PLC0415 - imports vispy
        from ctc.viewer.canvas_shells import Shells  # noqa: PLC0415 - imports vispy
        from ctc.viewer.canvas_tubes import Tubes  # noqa: PLC0415 - imports vispy

        self._prepare = let_programs_size_points
        self.frame = Frame(oversampling)
        self.shells = Shells()
        self.vessels, self.trail = Tubes(), Tubes()
        self.cells = CellPoints(n_while_moving)
        self.lesions = Lesions()
        self.patch = PickPatch()

    @property
    def n_bytes(self) -> int:
        parts = (self.frame, self.shells, self.vessels, self.trail, self.cells, self.lesions)
        return sum(part.n_bytes for part in parts)

    def begin(self) -> None:
        self._prepare()
        self.frame.begin()

    def identity(self, thing: Thing, index: int) -> int:
        """Return whose the number of a picked thing is."""
        if thing is Thing.CELL and self.cells.cloud is not None:
            return int(self.cells.cloud.identity[index])
        if thing is Thing.LESION and self.lesions.bodies is not None:
            return int(self.lesions.bodies.identity[index])
        return index

    def close(self) -> None:
        for part in (
            self.frame,
            self.shells,
            self.vessels,
            self.trail,
            self.cells,
            self.lesions,
            self.patch,
        ):
            part.close()
