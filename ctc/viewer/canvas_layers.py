"""All that a canvas has on the device, and the order in which it becomes a picture.

What is opaque first: vessels and lesions, with depths. Then the cells, in an image of their own
that shares those depths, so that they can be laid into the scene before the shells and, fainter,
once more after them. Then the shells. Last the edges are smoothed, and words go on top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ctc.viewer.canvas_cells import CellPoints
from ctc.viewer.canvas_frame import Frame
from ctc.viewer.canvas_images import bind_screen
from ctc.viewer.canvas_lesions import Lesions
from ctc.viewer.canvas_objects import let_programs_size_points
from ctc.viewer.canvas_pick import PickPatch
from ctc.viewer.canvas_shells import Shells
from ctc.viewer.canvas_tubes import Tubes, tubes_along
from ctc.viewer.drawables import FloatArray32, Picked, Thing

if TYPE_CHECKING:
    from ctc.viewer.canvas_eye import Eye
    from ctc.viewer.drawables import ByteArray
    from ctc.viewer.lettering import Sprite

# Of the way of a followed cell, and of the mark at its end [pixels of the widget].
_TRAIL_COLOUR, _TRAIL_RADIUS, _HEAD_RADIUS = (255, 244, 190), 1.1, 4.0


class Layers:
    """Programs, buffers and images of one canvas, made and used in its context.

    Parameters
    ----------
    oversampling : int
        Samples a pixel along each axis.
    n_while_moving : int
        Cells that are drawn while the camera moves.
    """

    def __init__(self, oversampling: int, n_while_moving: int) -> None:
        self.oversampling = oversampling
        self._frame = Frame(oversampling)
        self.shells = Shells()
        self.vessels, self._trail, self._head = Tubes(), Tubes(), Tubes()
        self.cells = CellPoints(n_while_moving)
        self.lesions = Lesions()
        self._patch = PickPatch()
        self.is_density = False
        self.n_shown = 0

    @property
    def n_bytes(self) -> int:
        """Of buffers and images, and of the arrays kept beside them."""
        tubes = (self.vessels, self._trail, self._head)
        parts = (self._frame, self.shells, *tubes, self.cells, self.lesions)
        return sum(part.n_bytes for part in parts)

    def set_trail(self, points: FloatArray32 | None) -> None:
        """Lay out the way of a cell; the mark stands at its end."""
        if points is None or not len(points):
            self._trail.fill(None)
            self._head.fill(None)
            return
        self._trail.fill(tubes_along(points, _TRAIL_COLOUR))
        self._head.fill(tubes_along(points[[-1, -1]], _TRAIL_COLOUR))

    def compose(
        self,
        eye: Eye,
        size: tuple[int, int],
        *,
        shown: Mapping[str, bool],
        is_moving: bool,
        density_from: int,
    ) -> None:
        """Draw the scene into its own image; `size` is that of the picture [pixels]."""
        let_programs_size_points()
        self._frame.resize(*size)
        self._frame.begin()
        if shown["vessels"]:
            self.vessels.draw(eye)
        if shown["lesions"]:
            self.lesions.draw(eye)
        self._has_cells = shown["cells"] and self.cells.n_visible > 0
        self.is_density, self.n_shown = False, 0
        if self._has_cells:
            self._draw_cells(eye, is_moving=is_moving, density_from=density_from)
        if shown["shells"]:
            self.shells.draw(eye, is_coarse=is_moving)
        self._trail.draw(eye, thinnest=_TRAIL_RADIUS, glow=1.0, is_marked=True)
        self._head.draw(eye, thinnest=_HEAD_RADIUS, glow=0.6, is_marked=True)

    def _draw_cells(self, eye: Eye, *, is_moving: bool, density_from: int) -> None:
        cells = self.cells
        is_subset = is_moving and cells.n_subset < cells.count
        self.n_shown = cells.n_visible_in_subset if is_subset else cells.n_visible
        self.is_density = cells.is_crowded(eye, density_from)
        self._frame.begin_beads(are_counts=self.is_density)
        if self.is_density:
            weight = self._frame.count_weight
            cells.draw_counts(eye, is_subset=is_subset, weight=weight)
            self._frame.tone_counts()
        else:
            cells.draw_discs(eye, is_subset=is_subset)
        self._frame.lay_beads()

    def read(self, sprites: Sequence[Sprite]) -> ByteArray:
        """Return the scene with words on it, (h, w, 3) uint8."""
        self._frame.picture.bind()
        self._finish(sprites)
        return self._frame.read()

    def put_on_screen(
        self, screen: int, size: tuple[int, int], *, sprites: Sequence[Sprite]
    ) -> None:
        """Draw the scene with words on it into the window."""
        bind_screen(screen, *size)
        self._finish(sprites)

    def _finish(self, sprites: Sequence[Sprite]) -> None:
        self._frame.finish(has_beads=self._has_cells)
        self._frame.draw_sprites(sprites)

    def pick(
        self,
        eye: Eye,
        pixel: tuple[int, int],
        *,
        size: tuple[int, int],
        shown: Mapping[str, bool],
    ) -> Picked | None:
        """Return what lies nearest to a pixel, counted right and up from the lower left."""
        cells = self.cells
        passes: tuple[tuple[Thing, str, Callable[[], None]], ...] = (
            (Thing.CELL, "cells", lambda: cells.draw_ids(eye)),
            (Thing.LESION, "lesions", lambda: self.lesions.draw_ids(eye)),
            (Thing.VESSEL, "vessels", lambda: self.vessels.draw_ids(eye)),
            (Thing.ORGAN, "shells", lambda: self.shells.draw_ids(eye)),
        )
        let_programs_size_points()
        for thing, name, draw_ids in passes:
            if shown[name]:
                number = self._patch.nearest(pixel, size, draw_ids=draw_ids)
                if number:
                    return Picked(thing, self._identity(thing, number - 1))
        return None

    def _identity(self, thing: Thing, index: int) -> int:
        if thing is Thing.CELL and self.cells.cloud is not None:
            return int(self.cells.cloud.identity[index])
        if thing is Thing.LESION and self.lesions.bodies is not None:
            return int(self.lesions.bodies.identity[index])
        return index

    def close(self) -> None:
        """Give all of it back."""
        self._frame.close()
        self._patch.close()
        self.cells.close()
        self.lesions.close()
        for tubes in (self.vessels, self._trail, self._head):
            tubes.close()
        self.shells.close()
