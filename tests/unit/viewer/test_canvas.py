"""A picture shows each thing where it is, in its colour, and hides what is to be hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.viewer.canvas import SceneCanvas
from ctc.viewer.drawables import Caption, ClipPlane, LesionBodies, Look, Picked, Thing
from tests.unit.viewer.offscreen import (
    BLUE,
    GREEN,
    LOOK,
    RED,
    box_shell,
    brightest,
    cells_at,
    offscreen_canvas,
    one_tube,
    pixel_of,
)

HERE = (0.05, 0.0, 0.03)


def is_near(found: tuple[int, int], wanted: tuple[int, int], *, within: int = 1) -> bool:
    return max(abs(found[0] - wanted[0]), abs(found[1] - wanted[1])) <= within


def test_a_cell_has_its_colour_where_it_is() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_cells(cells_at(HERE, (-0.06, 0.0, -0.02), codes=(0, 2)))
        image = canvas.render()
        assert image.shape == (240, 320, 3)
        assert image.dtype == np.uint8
        # 0.05 m to its left is 50 pixels to the right of the middle, 0.03 m up is 30 above.
        assert is_near(pixel_of(HERE, canvas), (90, 210))
        red = image[90, 210].astype(int)
        assert red[0] > 150
        assert red[0] > 4 * max(red[1], red[2])
        assert is_near(brightest(image, channel=2), (140, 100))
        assert (canvas.n_cells, canvas.n_shown, canvas.is_density) == (2, 2, False)


def test_a_cell_without_opacity_is_not_drawn() -> None:
    with offscreen_canvas() as canvas:
        before = canvas.render()
        canvas.set_cells(cells_at(HERE, codes=(1,), palette=(RED, (0, 255, 0, 0))))
        assert np.array_equal(canvas.render(), before)
        assert canvas.n_cells == 0


def test_turning_by_a_right_angle_moves_a_cell_to_where_it_should_be() -> None:
    # Seen from the left side of the body, its back is on the right.
    behind = (0.02, 0.07, 0.03)
    with offscreen_canvas() as canvas:
        canvas.set_cells(cells_at(behind))
        assert is_near(brightest(canvas.render(), channel=0), (90, 180))
        canvas.look = replace(LOOK, azimuth=90.0)
        assert is_near(brightest(canvas.render(), channel=0), (90, 230))
        canvas.look = replace(LOOK, azimuth=180.0)
        assert is_near(brightest(canvas.render(), channel=0), (90, 140))
        # From above, the back is at the top of the picture.
        canvas.look = replace(LOOK, elevation=89.9)
        assert is_near(brightest(canvas.render(), channel=0), (50, 180))


def test_zooming_keeps_the_centre_and_spreads_the_rest() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_cells(cells_at(HERE))
        canvas.look = Look(centre=(0.05, 0.0, 0.0), height=0.12)
        assert is_near(brightest(canvas.render(), channel=0), (60, 160))


@pytest.mark.parametrize("thing", ["cells", "vessels", "lesions", "shells"])
def test_what_lies_behind_the_clip_plane_vanishes(thing: str) -> None:
    with offscreen_canvas() as canvas:
        empty = canvas.render()
        canvas.set_cells(cells_at((0.0, 0.0, 0.0)) if thing == "cells" else None)
        if thing == "vessels":
            canvas.set_vessels(one_tube((-0.03, 0, 0), (0.03, 0, 0), radius=0.005))
        if thing == "lesions":
            canvas.set_lesions(lesions())
        if thing == "shells":
            canvas.set_shells([box_shell(0.04)])
        whole = canvas.render()
        assert not np.array_equal(whole, empty)
        canvas.set_clip(ClipPlane(point=(-0.08, 0.0, 0.0), normal=(1.0, 0.0, 0.0)))
        assert np.array_equal(canvas.render(), empty)
        canvas.set_clip(ClipPlane(point=(-0.08, 0.0, 0.0), normal=(-1.0, 0.0, 0.0)))
        assert np.array_equal(canvas.render(), whole)
        canvas.set_clip(None)
        canvas.show(**{thing: False})
        assert np.array_equal(canvas.render(), empty)


def lesions() -> LesionBodies:
    return LesionBodies(
        position=np.array([[0.0, 0.0, 0.0]], dtype=np.float32),
        radius=np.array([0.02], dtype=np.float32),
        colour=np.array([BLUE], dtype=np.uint8),
        identity=np.array([7], dtype=np.uint32),
    )


def test_a_found_lesion_has_a_ring_that_can_be_pointed_at() -> None:
    """A pixel is a millimetre: the ball reaches out 20, its ring from 23.9 to 25.5."""
    with offscreen_canvas() as canvas:
        canvas.set_lesions(lesions())
        plain = canvas.render().astype(int)
        canvas.set_lesions(replace(lesions(), is_ringed=np.array([True])))
        ringed = canvas.render().astype(int)
        row, middle = ringed.shape[0] // 2, ringed.shape[1] // 2
        new = np.flatnonzero(np.abs(ringed - plain)[row].sum(axis=1) > 60)
        assert new.size
        out = np.abs(new + 0.5 - middle)
        assert out.min() > 23.0
        assert out.max() < 26.5
        assert ringed[row, new].min() > 120
        place = float(new.max()) + 0.5, row + 0.5
        assert canvas.pick(*place) == Picked(Thing.LESION, 7)
        canvas.set_lesions(lesions())
        assert canvas.pick(*place) is None


def test_a_plane_cuts_a_tube_where_it_crosses_it() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_vessels(one_tube((-0.05, 0, 0), (0.05, 0, 0), radius=0.004))
        canvas.set_clip(ClipPlane(point=(0.01, 0.0, 0.0), normal=(1.0, 0.0, 0.0)))
        green = canvas.render()[120, :, 1].astype(int) > 120
        assert is_near((0, int(green.nonzero()[0].min())), (0, 106), within=2)
        assert is_near((0, int(green.nonzero()[0].max())), (0, 169), within=2)


@pytest.mark.parametrize("radius", [0.004, 0.012])
def test_a_tube_is_as_wide_as_its_vessel(radius: float) -> None:
    with offscreen_canvas() as canvas:
        canvas.set_vessels(one_tube((0, 0, -0.06), (0, 0, 0.06), radius=radius))
        image = canvas.render().astype(int)
        width = np.count_nonzero(image[120, :, 1] > 1.5 * image[120, :, 0] + 20)
        assert abs(width - 2000.0 * radius) <= 1.5


def test_a_vessel_thinner_than_a_pixel_is_a_faint_line() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_vessels(one_tube((0, 0, -0.06), (0, 0, 0.06), radius=1e-4))
        faint = canvas.render()[100:140].astype(int)
        canvas.set_vessels(one_tube((0, 0, -0.06), (0, 0, 0.06), radius=6e-4))
        full = canvas.render()[100:140].astype(int)
        dark = 30
        assert dark < faint[..., 1].max() < full[..., 1].max()


def test_a_lesion_hides_what_lies_behind_it_and_not_what_lies_before() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_lesions(lesions())
        canvas.set_vessels(one_tube((-0.04, 0.05, 0), (0.04, 0.05, 0), radius=0.004))
        image = canvas.render()
        assert image[120, 160].argmax() == 2
        assert image[120, 190].argmax() == 1
        canvas.set_vessels(one_tube((-0.04, -0.05, 0), (0.04, -0.05, 0), radius=0.004))
        assert canvas.render()[120, 160].argmax() == 1


def test_a_shell_lets_what_is_inside_shine_through() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_shells([box_shell(0.04)])
        shell = canvas.render()[120, 160].astype(int)
        canvas.set_cells(cells_at((0.0, 0.0, 0.0), palette=(GREEN,)))
        cell = canvas.render()[120, 160].astype(int)
        assert cell[1] > shell[1] + 40
        canvas.show(shells=False)
        bare = canvas.render()[120, 160].astype(int)
        assert abs(bare - cell).max() > 10


def test_an_inner_shell_is_seen_through_an_outer_one_from_every_side() -> None:
    inner = replace(box_shell(0.02, opacity=255), colour=np.array(BLUE, dtype=np.uint8))
    for azimuth in (0.0, 90.0, 200.0):
        with offscreen_canvas() as canvas:
            canvas.look = replace(LOOK, azimuth=azimuth)
            canvas.set_shells([inner, box_shell(0.06, opacity=60)])
            image = canvas.render().astype(int)
            assert image[120, 160, 2] > image[120, 160, 0] + 20
            canvas.set_shells([box_shell(0.06, opacity=60), inner])
            assert np.array_equal(canvas.render().astype(int), image)


def test_a_trail_is_drawn_and_taken_away() -> None:
    with offscreen_canvas() as canvas:
        empty = canvas.render()
        way = np.array([[-0.05, 0, -0.02], [0, 0, 0.0], [0.05, 0, 0.04]], dtype=np.float32)
        canvas.set_trail(way)
        image = canvas.render()
        assert image[100, 185].astype(int).sum() > 300
        assert np.count_nonzero((image != empty).any(axis=2)) < 700
        # The cell is at its end, which is marked; nothing hides either.
        assert image[78:82, 208:212].astype(int).sum(axis=2).min() > 300
        canvas.set_lesions(lesions())
        hidden_by_none = canvas.render()[100, 185].astype(int)
        assert abs(hidden_by_none - image[100, 185].astype(int)).max() < 60
        canvas.set_lesions(None)
        canvas.set_trail(way[:1])
        assert not np.array_equal(canvas.render(), empty)
        canvas.set_trail(None)
        assert np.array_equal(canvas.render(), empty)


def test_a_caption_changes_the_top_left_and_a_note_the_bottom_left() -> None:
    with offscreen_canvas() as canvas:
        canvas.show(caption=True)
        bare = canvas.render().astype(int)
        canvas.set_caption(Caption(title="Lung", time="8 h"))
        changed = (abs(canvas.render().astype(int) - bare) > 40).any(axis=2)
        assert changed[:60, :100].sum() > 50
        assert not changed[60:].any()
        canvas.set_caption(Caption(note="all shown"))
        changed = (abs(canvas.render().astype(int) - bare) > 40).any(axis=2)
        assert changed[-40:, :120].sum() > 50
        assert not changed[:-40].any()


def test_a_legend_shows_its_colours() -> None:
    with offscreen_canvas() as canvas:
        canvas.show(caption=True)
        canvas.set_caption(Caption(legend=(("alive", RED), ("dormant", BLUE))))
        corner = canvas.render()[:60, 160:].reshape(-1, 3).astype(int)
        for colour in (RED, BLUE):
            assert (abs(corner - colour[:3]).max(axis=1) < 12).any()


def test_more_samples_a_pixel_show_the_same_with_smoother_edges() -> None:
    pictures = []
    for oversampling in (1, 3):
        with offscreen_canvas(oversampling=oversampling) as canvas:
            canvas.set_vessels(one_tube((-0.05, 0, -0.03), (0.06, 0, 0.04), radius=0.006))
            canvas.set_cells(cells_at(HERE))
            pictures.append(canvas.render().astype(int))
    assert pictures[0].shape == pictures[1].shape
    assert abs(pictures[0] - pictures[1]).mean() < 1.0


def test_listeners_hear_of_a_new_look_and_only_of_a_new_one() -> None:
    heard: list[Look] = []
    with offscreen_canvas() as canvas:
        canvas.when_look_changes(heard.append)
        canvas.look = LOOK
        canvas.look = replace(LOOK, azimuth=30.0)
    assert heard == [replace(LOOK, azimuth=30.0)]


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="size must be"):
        SceneCanvas(size=(0, 10))
    with pytest.raises(InputError, match="backend must be one of"):
        SceneCanvas(backend="glut")
    with offscreen_canvas() as canvas:
        with pytest.raises(InputError, match="look must be finite"):
            canvas.look = replace(LOOK, height=0.0)
        with pytest.raises(InputError, match="normal must not be zero"):
            canvas.set_clip(ClipPlane(point=(0, 0, 0), normal=(0, 0, 0)))
        with pytest.raises(InputError, match="what to show must be one of"):
            canvas.show(bones=True)
