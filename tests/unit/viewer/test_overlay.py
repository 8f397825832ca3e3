"""Words, scale bar and triad: what they say, and that they stand where they should."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.viewer.drawables import Caption, Look
from ctc.viewer.lettering import Slate, letter
from ctc.viewer.overlay import bar_length, caption_sprites, scale_bar_sprite, triad_sprite
from ctc.viewer.viewpoint import viewpoint_of

WIDTH, HEIGHT = 1280, 720


@pytest.mark.parametrize(
    ("height", "text"), [(1.9, "50 cm"), (0.3, "5 cm"), (0.02, "5 mm"), (3e-4, "50 \u00b5m")]
)
def test_the_bar_has_the_longest_round_length_that_fits(height, text):
    scale = HEIGHT / height
    length, written = bar_length(scale, WIDTH)
    assert written == text
    assert length * scale <= 0.18 * WIDTH < 2.6 * length * scale


def test_the_bar_is_as_long_as_it_says():
    view = viewpoint_of(Look((0, 0, 0), height=0.3), WIDTH, height=HEIGHT)
    image = scale_bar_sprite(view, 1.0).image
    line = image[-12:, :, 0].max(axis=0) > 128
    assert abs(np.count_nonzero(line) - 0.05 * HEIGHT / 0.3) <= 3


def test_a_wider_text_covers_more_and_the_bold_one_most():
    plain, baseline = letter("pulmonary", 20)
    assert 0 < baseline < plain.shape[0]
    assert letter("pulmonary vein", 20)[0].shape[1] > plain.shape[1]
    assert letter("pulmonary", 20, is_bold=True)[0].sum() > plain.sum()
    assert not plain.flags.writeable


def test_text_that_leaves_its_slate_is_cut():
    slate = Slate(20, 12)
    slate.write("a long line of words", -5, baseline=10, size=12, colour=(255, 255, 255))
    sprite = slate.sprite(3, 4)
    assert sprite.image.shape == (12, 20, 4)
    assert (sprite.left, sprite.top) == (3, 4)
    assert sprite.image[..., 3].max() > 200


def test_colour_is_multiplied_by_opacity():
    slate = Slate(9, 9)
    slate.disc(4.5, 4.5, radius=3.0, colour=(255, 100, 0))
    image = slate.sprite(0, 0, has_halo=False).image.astype(int)
    assert image[4, 4].tolist() == [255, 100, 0, 255]
    assert (image[..., :3].max(axis=2) <= image[..., 3]).all()
    assert image[0, 0].tolist() == [0, 0, 0, 0]


def test_the_parts_of_a_caption_lie_in_their_corners():
    caption = Caption("Title", "8 h", "showing all", (("alive", (255, 0, 0, 255)),))
    top, note, legend = caption_sprites(caption, WIDTH, height=HEIGHT, density=1.0)
    assert top.left < 30
    assert top.top < 30
    assert note.left < 30
    assert HEIGHT - 60 < note.top + note.image.shape[0] <= HEIGHT
    assert WIDTH - 40 < legend.left + legend.image.shape[1] <= WIDTH
    assert caption_sprites(Caption(), WIDTH, height=HEIGHT, density=1.0) == ()


def test_letters_grow_with_the_pixels_of_the_screen():
    caption = Caption(title="Title")
    (small,) = caption_sprites(caption, WIDTH, height=HEIGHT, density=1.0)
    (large,) = caption_sprites(caption, 2 * WIDTH, height=2 * HEIGHT, density=2.0)
    # Eight pixels are room around it.
    assert abs((large.image.shape[1] - 8) / (small.image.shape[1] - 8) - 2.0) < 0.25


def test_the_triad_turns_with_the_body():
    def red_side(azimuth: float) -> float:
        view = viewpoint_of(Look((0, 0, 0), azimuth=azimuth), WIDTH, height=HEIGHT)
        image = triad_sprite(view, 1.0).image.astype(int)
        # The axis from right to left is reddish: how far it reaches to the sides.
        reddish = (image[..., 0] - image[..., 2] > 60).any(axis=0)
        return float(np.count_nonzero(reddish))

    assert red_side(0.0) > 2 * red_side(80.0)
