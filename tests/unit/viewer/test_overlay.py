"""Words, scale bar and triad: what they say, and that they stand where they should."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctc.viewer.drawables import Caption, Look
from ctc.viewer.lettering import Slate, letter, wrapped
from ctc.viewer.overlay import (
    Sheet,
    bar_length,
    caption_sprites,
    scale_bar_sprite,
    triad_sprite,
)
from ctc.viewer.viewpoint import viewpoint_of

WIDTH, HEIGHT = 1280, 720
SHEET = Sheet(WIDTH, HEIGHT)
NOTE = "1,000 of 1,000 tracked cells shown; lesions under 6 mm are drawn that wide"
NAMES = ["circulating", "arrested", "extravasated", "dormant", "colony", "artery", "vein"]


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
    image = scale_bar_sprite(view, SHEET, caption=Caption()).image
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
    top, note, legend = caption_sprites(caption, SHEET)
    assert top.left < 30
    assert top.top < 30
    assert note.left < 30
    assert HEIGHT - 60 < note.top + note.image.shape[0] <= HEIGHT
    assert WIDTH - 40 < legend.left + legend.image.shape[1] <= WIDTH
    assert caption_sprites(Caption(), SHEET) == ()


def test_letters_grow_with_the_pixels_of_the_screen():
    caption = Caption(title="Title")
    (small,) = caption_sprites(caption, SHEET)
    (large,) = caption_sprites(caption, Sheet(2 * WIDTH, 2 * HEIGHT, 2.0))
    # Eight pixels are room around it.
    assert abs((large.image.shape[1] - 8) / (small.image.shape[1] - 8) - 2.0) < 0.25


def test_the_triad_turns_with_the_body():
    def red_side(azimuth: float) -> float:
        view = viewpoint_of(Look((0, 0, 0), azimuth=azimuth), WIDTH, height=HEIGHT)
        image = triad_sprite(view, SHEET).image.astype(int)
        # The axis from right to left is reddish: how far it reaches to the sides.
        reddish = (image[..., 0] - image[..., 2] > 60).any(axis=0)
        return float(np.count_nonzero(reddish))

    assert red_side(0.0) > 2 * red_side(80.0)


words = st.lists(st.text("abcmwW,.", min_size=1, max_size=25), max_size=12).map(" ".join)
sheets = st.tuples(st.integers(320, 1800), st.integers(240, 1800), st.sampled_from([1.0, 1.5]))
sheets = sheets.map(lambda of: Sheet(round(of[0] * of[2]), round(of[1] * of[2]), of[2]))


@settings(deadline=None, max_examples=60)
@given(title=words, note=words, names=st.lists(words, max_size=30), sheet=sheets)
@example(
    title="A title of some forty letters, not more", note=NOTE, names=NAMES, sheet=Sheet(640, 480)
)
@example(
    title="A title of some forty letters, not more", note=NOTE, names=NAMES, sheet=Sheet(900, 700)
)
def test_no_part_covers_another_or_leaves_the_picture(title, note, names, sheet):
    caption = Caption(title, "8 h", note, tuple((name, (255, 0, 0, 255)) for name in names))
    view = viewpoint_of(Look((0, 0, 0)), sheet.width, height=sheet.height)
    bar, triad = scale_bar_sprite(view, sheet, caption=caption), triad_sprite(view, sheet)
    parts = [*caption_sprites(caption, sheet), bar, triad]
    for one, other in itertools.combinations(parts, 2):
        is_apart = [
            a.left + a.image.shape[1] <= b.left or a.top + a.image.shape[0] <= b.top
            for a, b in ((one, other), (other, one))
        ]
        assert any(is_apart)
    for part in parts:
        height, width = part.image.shape[:2]
        assert 0 <= part.left <= sheet.width - width
        assert 0 <= part.top <= sheet.height - height


def test_a_text_is_wrapped_between_words_and_cut_at_the_end():
    words = "cells of a colon tumour in the liver, where they stay for a year"
    width = letter("cells of a colon tumour", 20)[0].shape[1]
    lines = wrapped(words, 20, width=width, n_most=9)
    assert " ".join(lines) == words
    assert lines[0] == "cells of a colon tumour"
    assert all(letter(line, 20)[0].shape[1] <= width for line in lines)
    first, second = wrapped(words, 20, width=width, n_most=2)
    assert first == lines[0]
    assert second.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert wrapped("", 20, width=width, n_most=2) == ()
