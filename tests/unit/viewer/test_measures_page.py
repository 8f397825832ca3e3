"""The page of charts, on a small body."""

import numpy as np
import pytest
from PIL import Image

from ctc.vessel_figures import vessel_figures
from ctc.vessels.morphometry import measure_network
from ctc.viewer.measures_page import draw_measures, measures_figure
from tests.unit.flow.loops import Builder, small_body


def page_of(network):
    measures = measure_network(network)
    spread = {name: side.distributions for name, side in measures.sides.items()}
    return vessel_figures(network, None), spread


def test_page_shows_orders_as_measured(tmp_path):
    figures, spread = page_of(small_body())
    figure = measures_figure(figures, spread, title="A small body")
    assert len(figure.axes) == 9
    counts = figures["trees"]["arteries"]["by_order"]["n_elements"]
    lines = [line.get_ydata() for line in figure.axes[0].lines]
    assert any(np.array_equal(line, counts) for line in lines)
    draw_measures(figures, spread, tmp_path / "a.png", title="A small body")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (1800, 1380)
        assert image.text["Title"] == "A small body"
        assert len(image.convert("RGB").getcolors(1 << 24)) > 20


@pytest.mark.parametrize("kind", ["one segment", "no tree"])
def test_page_of_almost_nothing(kind, tmp_path):
    from ctc.vessels.network import SegmentKind  # noqa: PLC0415 - for this test alone

    builder = Builder()
    builder.add("a", "b", kind=SegmentKind.ARTERY if kind == "one segment" else SegmentKind(5))
    figures, spread = page_of(builder.network())
    draw_measures(figures, spread, tmp_path / "a.png", title=kind)
    assert (tmp_path / "a.png").stat().st_size > 1000
