"""A canvas without a screen, and small scenes for it; skips where the machine cannot draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pytest

from ctc.errors import InputError, MissingDeviceError
from ctc.viewer.canvas import Limits, SceneCanvas
from ctc.viewer.drawables import CellCloud, Look, OrganShell, VesselTubes

SIZE = (320, 240)
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 80, 255, 255)
# 240 pixels are 0.24 m: a pixel is a millimetre.
LOOK = Look(centre=(0.0, 0.0, 0.0), height=0.24)


@contextmanager
def offscreen_canvas(
    *, limits: Limits | None = None, oversampling: int = 1
) -> Iterator[SceneCanvas]:
    """Give a canvas with nothing written on it, and close it."""
    try:
        canvas = SceneCanvas(size=SIZE, limits=limits, oversampling=oversampling)
    except (InputError, MissingDeviceError) as error:
        pytest.skip(f"no OpenGL without a screen: {error}")
    canvas.look = LOOK
    canvas.show(caption=False)
    try:
        yield canvas
    finally:
        canvas.close()


def cells_at(
    *positions: tuple[float, float, float],
    codes: tuple[int, ...] = (),
    palette: tuple[tuple[int, int, int, int], ...] = (RED, GREEN, BLUE),
) -> CellCloud:
    """Return cells at places [m], identities from 100 up."""
    n = len(positions)
    return CellCloud(
        position=np.array(positions, dtype=np.float32).reshape(-1, 3),
        code=np.array(codes or (0,) * n, dtype=np.uint8),
        palette=np.array(palette, dtype=np.uint8),
        identity=np.arange(100, 100 + n, dtype=np.uint64),
    )


def one_tube(
    start: tuple[float, float, float], end: tuple[float, float, float], *, radius: float
) -> VesselTubes:
    """Return one green vessel, number 41 of its network."""
    return VesselTubes(
        start=np.array([start], dtype=np.float32),
        end=np.array([end], dtype=np.float32),
        radius=np.array([radius], dtype=np.float32),
        colour=np.array([GREEN], dtype=np.uint8),
        segment=np.array([41], dtype=np.int32),
    )


def box_shell(half: float, *, opacity: int = 128) -> OrganShell:
    """Return a cube around the origin, seen from outside counter-clockwise."""
    corner = np.array(
        [[x, y, z] for x in (-half, half) for y in (-half, half) for z in (-half, half)],
        dtype=np.float32,
    )
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in faces for t in ((a, b, c), (a, c, d))]
    colour = np.array([200, 120, 90, opacity], dtype=np.uint8)
    return OrganShell("cube", corner, np.array(triangles, dtype=np.int32), colour)


def pixel_of(position: tuple[float, float, float], canvas: SceneCanvas) -> tuple[int, int]:
    """Return row and column of a place."""
    x, y = canvas.viewpoint().project(np.array([position]))[0]
    return int(y), int(x)


def brightest(image: npt.NDArray[np.uint8], *, channel: int) -> tuple[int, int]:
    """Return row and column of the pixel where a channel stands out most from the others."""
    signed = image.astype(np.int64)
    excess = 2 * signed[..., channel] - signed.sum(axis=2)
    row, column = np.unravel_index(int(excess.argmax()), excess.shape)
    return int(row), int(column)
