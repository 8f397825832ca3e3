"""Pictures of a small network: what is drawn, in which colours, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ctc.errors import InputError
from ctc.viewer.network_picture import Colouring, draw_network
from ctc.viewer.palette import BLOOD_COLOURS, rgb
from tests.unit.record import samples


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path), dtype=float) / 255.0


@pytest.mark.parametrize("colouring", list(Colouring))
def test_every_colouring_gives_a_picture_of_the_size(colouring: Colouring, tmp_path: Path) -> None:
    target = tmp_path / "network.png"
    draw_network(
        samples.network(),
        samples.flow(),
        target,
        title="A few tubes",
        colouring=colouring,
        size=(500, 400),
    )
    image = pixels(target)
    assert image.shape == (400, 500, 3)
    assert image.max() > 0.4


def test_arteries_are_drawn_in_their_colour(tmp_path: Path) -> None:
    target = tmp_path / "network.png"
    draw_network(samples.network(), None, target, title="Red", size=(500, 400))
    image = pixels(target)[60:360]
    hue = image / np.maximum(image.max(axis=2, keepdims=True), 1e-6)
    reds = [rgb(colour) / rgb(colour).max() for colour in set(BLOOD_COLOURS.values())]
    bright = image.max(axis=2) > 0.35
    found = [(np.abs(hue[bright] - red).max(axis=1) < 0.08).sum() for red in reds]
    assert sum(found) > 50


def test_a_flow_colouring_needs_a_flow(tmp_path: Path) -> None:
    target = tmp_path / "network.png"
    with pytest.raises(InputError, match="must have a flow"):
        draw_network(samples.network(), None, target, title="", colouring=Colouring.SHEAR)
    assert not target.exists()


def test_an_unknown_organ_names_the_nearest(tmp_path: Path) -> None:
    name = samples.network().organ_names[0]
    with pytest.raises(InputError, match=name):
        draw_network(samples.network(), None, tmp_path / "n.png", title="", organ=name[:-1] + "x")
