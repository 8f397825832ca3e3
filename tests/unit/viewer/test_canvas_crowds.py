"""Many cells: counted into light, and a fair part of them while the camera moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ctc.viewer.canvas import Limits
from ctc.viewer.drawables import CellCloud
from tests.unit.viewer.offscreen import BLUE, LOOK, RED, cells_at, offscreen_canvas


def heaps(counts: tuple[int, ...], *, codes: tuple[int, ...] = ()) -> CellCloud:
    """Return heaps of cells, 20 mm apart, each within a millimetre and shuffled together."""
    generator = np.random.default_rng(5)
    which = np.repeat(np.arange(len(counts)), counts)
    generator.shuffle(which)
    position = generator.uniform(-5e-4, 5e-4, (which.size, 3)) + 5e-4
    position[:, 0] += 0.02 * which - 0.08
    code = np.array(codes or (0,) * len(counts), dtype=np.uint8)[which]
    palette = np.array([RED, BLUE], dtype=np.uint8)
    identity = generator.permutation(which.size).astype(np.uint64)
    return CellCloud(position.astype(np.float32), code, palette, identity)


def test_the_light_grows_with_the_count_and_does_not_saturate() -> None:
    counts = (1, 4, 30, 300, 3000, 30_000, 200_000)
    with offscreen_canvas(limits=Limits(density_from=1000)) as canvas:
        empty = canvas.render().astype(int)
        canvas.set_cells(heaps(counts))
        image = canvas.render().astype(int) - empty
        assert canvas.is_density
        assert canvas.n_shown == sum(counts)
        light = [image[112:126, 75 + 20 * i : 85 + 20 * i].sum() for i in range(len(counts))]
        assert light == sorted(light)
        assert (np.diff(light) > 0).all()


def test_a_count_keeps_the_mean_colour_of_its_cells() -> None:
    with offscreen_canvas(limits=Limits(density_from=1000)) as canvas:
        canvas.show(shells=False)
        canvas.set_cells(heaps((9000, 9000), codes=(0, 1)))
        image = canvas.render().astype(int)
        red = image[112:126, 75:85].reshape(-1, 3).max(axis=0)
        blue = image[112:126, 95:105].reshape(-1, 3).max(axis=0)
        assert red[0] > red[2] + 60
        assert blue[2] > blue[0] + 60


def test_a_density_begins_above_its_limit_and_ends_when_few_are_in_view() -> None:
    with offscreen_canvas(limits=Limits(density_from=3000)) as canvas:
        generator = np.random.default_rng(1)
        cloud = cells_at(*map(tuple, generator.uniform(-0.1, 0.1, (4000, 3))))
        canvas.set_cells(cloud)
        canvas.render()
        assert canvas.is_density
        canvas.look = replace(LOOK, height=0.06)
        canvas.render()
        assert not canvas.is_density
        canvas.look = LOOK
        canvas.set_cells(cells_at(*map(tuple, cloud.position[:2500])))
        canvas.render()
        assert not canvas.is_density


def test_discs_that_would_hide_each_other_are_counted_instead() -> None:
    with offscreen_canvas() as canvas:
        canvas.set_cells(heaps((20_000,)))
        canvas.render()
        assert canvas.is_density


def test_a_moving_camera_shows_a_part_and_a_resting_one_all() -> None:
    with offscreen_canvas(limits=Limits(n_while_moving=2000, density_from=10**6)) as canvas:
        generator = np.random.default_rng(2)
        places = generator.uniform(-0.1, 0.1, (20_000, 3))
        canvas.set_cells(cells_at(*map(tuple, places)))
        whole = canvas.render()
        assert canvas.n_shown == 20_000
        canvas.is_moving = True
        part = canvas.render()
        assert (canvas.n_shown, canvas.n_cells) == (2000, 20_000)
        lit = [np.count_nonzero(image[..., 0] > 100) for image in (part, whole)]
        assert 0 < lit[0] < lit[1]
        canvas.is_moving = False
        assert np.array_equal(canvas.render(), whole)


def test_a_density_of_a_part_is_as_bright_as_that_of_all() -> None:
    # 200 of 2000 cells in each of 50 places: a relative error of 7 % a place.
    with offscreen_canvas(limits=Limits(n_while_moving=10_000, density_from=1000)) as canvas:
        canvas.set_cells(heaps((50_000, 50_000)))
        whole = canvas.render().astype(float)
        canvas.is_moving = True
        part = canvas.render().astype(float)
        assert canvas.is_density
        spots = (slice(114, 124), slice(76, 104))
        assert abs(part[spots].sum() / whole[spots].sum() - 1.0) < 0.1


def test_a_cell_takes_13_bytes_and_what_is_replaced_is_given_back() -> None:
    generator = np.random.default_rng(3)
    places = [tuple(place) for place in generator.uniform(-0.1, 0.1, (100_000, 3))]
    with offscreen_canvas() as canvas:
        canvas.render()
        empty = canvas.allocated_bytes()
        canvas.set_cells(cells_at(*places))
        taken = canvas.allocated_bytes() - empty
        assert 13 * len(places) <= taken < 17 * len(places)
        canvas.set_cells(cells_at(*places[:10]))
        assert canvas.allocated_bytes() - empty < 1000
