"""Pointing at something tells what it is: cells and lesions first, then vessels, then organs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ctc.viewer.drawables import ClipPlane, LesionBodies, Picked, Thing
from tests.unit.viewer.offscreen import LOOK, box_shell, cells_at, offscreen_canvas, one_tube


def test_each_kind_of_thing_is_found_under_the_pointer() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_shells([box_shell(0.005), box_shell(0.1)])
        canvas.set_vessels(one_tube((0.04, 0, -0.05), (0.04, 0, 0.05), radius=0.003))
        canvas.set_cells(cells_at((-0.04, 0, 0), (0.04, 0, 0.02)))
        canvas.set_lesions(
            LesionBodies(
                position=np.array([[-0.04, 0, -0.05]], dtype=np.float32),
                radius=np.array([0.012], dtype=np.float32),
                colour=np.array([[255, 230, 0, 255]], dtype=np.uint8),
                identity=np.array([4_000_000_000], dtype=np.uint32),
            )
        )
        assert canvas.pick(120, 120) == Picked(Thing.CELL, 100)
        assert canvas.pick(200, 100) == Picked(Thing.CELL, 101)
        assert canvas.pick(124, 165) == Picked(Thing.LESION, 4_000_000_000)
        assert canvas.pick(200, 150) == Picked(Thing.VESSEL, 41)
        assert canvas.pick(160, 60) == Picked(Thing.ORGAN, 1)
        assert canvas.pick(20, 20) is None


def test_a_pointer_a_few_pixels_off_still_finds_the_nearest_cell() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_cells(cells_at((-0.04, 0, 0), (-0.034, 0, 0)))
        assert canvas.pick(118, 118) == Picked(Thing.CELL, 100)
        assert canvas.pick(128, 119) == Picked(Thing.CELL, 101)
        assert canvas.pick(140, 120) is None


def test_what_is_hidden_is_not_found() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_shells([box_shell(0.1)])
        canvas.set_cells(cells_at((-0.04, 0, 0)))
        canvas.show(cells=False)
        assert canvas.pick(120, 120) == Picked(Thing.ORGAN, 0)
        canvas.show(cells=True, shells=False)
        canvas.set_clip(ClipPlane(point=(-0.05, 0, 0), normal=(1, 0, 0)))
        assert canvas.pick(120, 120) is None


def test_the_nearer_of_two_cells_is_found() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_cells(cells_at((0, 0.05, 0), (0, -0.05, 0)))
        assert canvas.pick(160, 120) == Picked(Thing.CELL, 101)
        canvas.look = replace(LOOK, azimuth=180.0)
        assert canvas.pick(160, 120) == Picked(Thing.CELL, 100)


def test_identities_beyond_two_bytes_come_back_whole() -> None:
    n = 70_000
    position = np.zeros((n, 3), dtype=np.float32)
    position[:, 0] = 0.5
    position[-1] = (0.02, 0.0, 0.01)
    cloud = cells_at((0, 0, 0))
    cloud = replace(
        cloud,
        position=position,
        code=np.zeros(n, dtype=np.uint8),
        identity=np.arange(n, dtype=np.uint64) + np.uint64(2**53),
    )
    with offscreen_canvas() as canvas:
        canvas.set_cells(cloud)
        picked = canvas.pick(180, 110)
        assert picked == Picked(Thing.CELL, 2**53 + n - 1)


def test_picking_leaves_the_picture_as_it_was() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_shells([box_shell(0.1)])
        canvas.set_cells(cells_at((-0.04, 0, 0)))
        before = canvas.render()
        canvas.pick(120, 120)
        assert np.array_equal(canvas.render(), before)
