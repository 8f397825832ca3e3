"""Portrait: the body of a scene in one panel, as an image of red, green and blue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.states import CellState
from ctc.vessels.blood import Blood
from ctc.viewer.camera import Camera, View, turned_box
from ctc.viewer.dots import DotShape, draw_dots
from ctc.viewer.fragments import FloatImage, Fragments, blend, join
from ctc.viewer.palette import (
    BLOOD_COLOURS,
    FOUND_COLOUR,
    SHELLS,
    SKIN,
    SKIN_ORGAN,
    STATE_COLOURS,
    rgb,
    source_shell,
)
from ctc.viewer.scene import Scene
from ctc.viewer.shells import trace_shell
from ctc.viewer.tubes import draw_tubes

# Grid of the shells, in pixels of the panel but not finer than this; the skin is coarser.
_PITCH_PIXELS, _FINEST_PITCH, _SKIN_PITCH = 4.0, 0.0025, 0.008
# Vessels of organs without a shell (muscle, fat, bone) are drawn faint, for they lie in front:
# the less so the wider they are, up to this radius [m].
_SPREAD_OPACITY, _SPREAD_RADIUS = 0.14, 5.0e-3
# Of a tracked cell and of a colony, as parts of the height of the body; and in pixels at least.
_DOT_RADIUS, _COLONY_RADIUS = 4.6e-4, 1.0e-3
_DOT_PIXELS, _COLONY_PIXELS = 0.75, 1.0
_RING = 3.2  # radius of the ring around a colony that was found, over that of the colony
# Dots at most, over the height of the body in pixels.
_DOTS = 2.0
# An organ is named where at least this part of it is seen; the name points at a pixel that shows
# it nearly as well as any, this far across.
_LEAST_SEEN, _CLEAR_SHARE, _ANCHOR_SHARES = 0.20, 0.4, (0.2, 0.8)
# From this many on, halos fade so that together they stay as bright.
_MANY_DOTS = 800


@dataclass(frozen=True)
class Portrait:
    """A panel.

    Attributes
    ----------
    image : (height, width, 3) float32
        Red, green, blue in 0 .. 1.
    camera : Camera
        It was seen with.
    anchors : dict of str to (2, 2) float64 [m]
        Right and up of two spots on each organ that can be seen: one for a name on the left of
        the panel and one for a name on the right.
    n_dots : int
        Cells drawn, of those of the scene.
    """

    image: FloatImage
    camera: Camera
    anchors: dict[str, FloatArray]
    n_dots: int


def body_box(scene: Scene, view: View) -> FloatArray:
    """Return the (2, 3) box [m, turned] around all vessels and shells."""
    parts = [turned_box(t.bounds(), view) for t in _outline(scene)]
    ends = np.concatenate([scene.vessels.start, scene.vessels.end])
    parts.append(turned_box(np.stack([ends.min(axis=0), ends.max(axis=0)]), view))
    boxes = np.stack(parts)
    return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


def close_box(scene: Scene, view: View) -> FloatArray | None:
    """Return the (2, 3) box [m, turned] around the organs of the close-up, or None."""
    boxes = [
        turned_box(territory.bounds(), view)
        for organ, shell in SHELLS.items()
        if shell.is_close
        for territory in scene.territories.get(organ, ())
    ]
    if not boxes:
        return None
    stack = np.stack(boxes)
    return np.stack([stack[:, 0].min(axis=0), stack[:, 1].max(axis=0)])


def paint_portrait(scene: Scene, camera: Camera, *, background: FloatImage) -> Portrait:
    """Paint a scene.

    Parameters
    ----------
    scene : Scene
        What to show.
    camera : Camera
        Of the panel.
    background : (height, width, 3) float32
        What shows where nothing is.

    Returns
    -------
    Portrait
        Of many cells every n-th in order of id, which is a fair sample: more dots than the
        panel has room for would hide the body and one another.
    """
    shells = _shells(scene, camera)
    fragments = [*shells.values(), _vessels(scene, camera)]
    skin = _outline(scene)
    if skin:
        pitch = _SKIN_PITCH * scene.size
        fragments.append(trace_shell(skin, camera, shell=SKIN, pitch=pitch, swelling=pitch))
    seen = blend(join(fragments), camera.width, height=camera.height)
    image = seen.light + seen.passed[..., None] * background
    n_dots = _cells(image, scene, camera)
    anchors = _anchors(shells, seen.weight, camera)
    return Portrait(np.clip(image, 0.0, 1.0), camera, anchors, n_dots)


def _outline(scene: Scene) -> list[Territory]:
    return [*scene.territories.get(SKIN_ORGAN, ()), *scene.territories.get("breast", ())]


def _shells(scene: Scene, camera: Camera) -> dict[str, Fragments]:
    pitch = max(_PITCH_PIXELS / camera.scale, _FINEST_PITCH * scene.size)
    return {
        organ: trace_shell(
            scene.territories[organ],
            camera,
            shell=source_shell(shell) if organ in scene.sources else shell,
            pitch=pitch,
        )
        for organ, shell in SHELLS.items()
        if scene.territories.get(organ)
    }


def _vessels(scene: Scene, camera: Camera) -> Fragments:
    colours = np.array([rgb(BLOOD_COLOURS[blood]) for blood in Blood])
    vessels = scene.vessels
    # Index -1, of vessels between organs, finds the last entry.
    is_spread = np.array(
        [o in scene.territories and o not in SHELLS for o in scene.organ_names] + [False]
    )
    opacity = np.clip(vessels.radius / (_SPREAD_RADIUS * scene.size), _SPREAD_OPACITY, 1.0)
    opacity[~is_spread[vessels.organ]] = 1.0
    return draw_tubes(
        vessels.start,
        vessels.end,
        radius=vessels.radius,
        colour=colours[vessels.blood],
        opacity=opacity,
        camera=camera,
    )


def _cells(image: FloatImage, scene: Scene, camera: Camera) -> int:
    """Draw cells and colonies; return how many cells."""
    colours = np.zeros((max(CellState) + 1, 3), dtype=np.float32)
    for state, colour in STATE_COLOURS.items():
        colours[state] = rgb(colour)
    body_height = float(np.ptp(body_box(scene, camera.view)[:, 1])) * camera.scale
    every = max(-(-scene.state.size // max(round(_DOTS * body_height), 1)), 1)
    shown = slice(0, None, every)
    n_dots = scene.state[shown].size
    draw_dots(
        image,
        scene.position[shown],
        colour=colours[scene.state[shown]],
        radius=max(_DOT_RADIUS * body_height, _DOT_PIXELS),
        camera=camera,
        strength=min(1.0, _MANY_DOTS / max(n_dots, 1)),
    )
    n_colonies = len(scene.colony_position)
    draw_dots(
        image,
        scene.colony_position,
        colour=np.repeat(colours[[CellState.COLONY]], n_colonies, axis=0),
        radius=max(_COLONY_RADIUS * body_height, _COLONY_PIXELS),
        camera=camera,
        strength=min(1.0, 0.2 * _MANY_DOTS / max(n_colonies, 1)),
        shape=DotShape.DIAMOND,
    )
    if scene.is_found is not None and scene.is_found.any():
        draw_dots(
            image,
            scene.colony_position[scene.is_found],
            colour=np.tile(np.float32(rgb(FOUND_COLOUR)), (int(scene.is_found.sum()), 1)),
            radius=_RING * max(_COLONY_RADIUS * body_height, _COLONY_PIXELS),
            camera=camera,
            strength=0.0,
            shape=DotShape.RING,
        )
    return n_dots


def _anchors(
    shells: dict[str, Fragments], weight: npt.NDArray[np.float32], camera: Camera
) -> dict[str, FloatArray]:
    """Return anchors of the organs; the weights of the shells come first, in their order."""
    anchors = {}
    stop = 0
    for organ, part in shells.items():
        start, stop = stop, stop + part.pixel.size
        seen = weight[start:stop]
        if not part.pixel.size or seen.sum() < _LEAST_SEEN * part.opacity.sum():
            continue
        x, y = part.pixel % camera.width, part.pixel // camera.width
        clear = np.flatnonzero(seen >= _CLEAR_SHARE * float(seen.max()))
        spots = [_spot(x[clear], y[clear], share) for share in _ANCHOR_SHARES]
        anchors[organ] = np.array(
            [
                (camera.left + right / camera.scale, camera.top - down / camera.scale)
                for right, down in spots
            ]
        )
    return anchors


def _spot(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], share: float) -> tuple[float, float]:
    """Return the pixel at some part of the way across, halfway down its column."""
    column = int(np.quantile(x, share, method="nearest"))
    return column + 0.5, float(np.median(y[x == column])) + 0.5
