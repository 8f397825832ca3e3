"""Drawings, their axes, and how they become SVG and PNG."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from ctc.report.axes import (
    Frame,
    Scale,
    count_text,
    duration_text,
    large_text,
    percent_text,
    time_unit,
)
from ctc.report.colours import COLOURS, LIGHT, css_classes, css_variables
from ctc.report.drawing import Drawing
from ctc.report.raster import write_raster
from ctc.report.svg import svg_text


def made():
    drawing = Drawing("one", 'a "<caption>" & more', 200.0, 100.0)
    drawing.box((10.0, 10.0), (50.0, 30.0), colour="colony", tip="<tip> & 'quote'")
    drawing.dot((100.0, 50.0), 8.0, colour="died")
    drawing.diamond((130.0, 50.0), 8.0, colour="autopsy")
    drawing.ribbon(
        (60.0, 10.0), (150.0, 60.0), thickness=20.0, colour="dormant", opacity=0.5, tip="band"
    )
    drawing.line([(0.0, 90.0), (200.0, 90.0)], is_dashed=True)
    drawing.line([(0.0, 95.0)])
    drawing.text((5.0, 80.0), "<script>alert('no')</script>", size=9.0)
    return drawing


def test_svg_is_well_formed_and_escapes_every_text():
    root = ET.fromstring(svg_text(made()))
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert kinds.count("path") == 5  # a line of one point is none
    assert "script" not in kinds
    texts = [element.text for element in root.iter() if element.tag.endswith(("text", "title"))]
    assert "<script>alert('no')</script>" in texts
    assert "<tip> & 'quote'" in texts
    assert root.get("aria-label") == 'a "<caption>" & more'


def test_every_colour_that_a_drawing_names_is_in_the_style_of_the_page():
    text = svg_text(made())
    for name in ("colony", "died", "autopsy", "dormant"):
        assert f'"f-{name}"' in text
        assert f".f-{name}{{fill:var(--{name})}}" in css_classes()
        assert f"--{name}:{COLOURS[name][LIGHT]};" in css_variables(LIGHT)


def test_png_has_twice_the_size_and_the_colours_at_their_places(tmp_path):
    target = tmp_path / "one.png"
    write_raster(made(), target)
    with Image.open(target) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (200, 400, 3)
    wanted = [int(COLOURS["colony"][LIGHT][i : i + 2], 16) for i in (1, 3, 5)]
    assert pixels[40, 60].tolist() == wanted
    assert pixels[2, 2].tolist() == [255, 255, 255]
    again = tmp_path / "again.png"
    write_raster(made(), again)
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(0.0, 3.0), (0.0, 1.0, 2.0, 3.0)),
        (Scale(0.7, 2e3, is_log=True), (1.0, 10.0, 100.0, 1000.0)),
        (Scale(1e-3, 1e9, is_log=True), (1e-3, 1.0, 1e3, 1e6, 1e9)),
    ],
)
def test_ticks_are_round_and_within(scale, ticks):
    assert scale.ticks(5 if scale.is_log else 3) == pytest.approx(ticks)


def test_what_lies_beyond_a_scale_is_held_at_its_end():
    frame = Frame(10.0, 20.0, 100.0, 50.0, Scale(0.0, 1.0), Scale(1.0, 100.0, is_log=True))
    assert frame.at(0.5, 10.0) == pytest.approx((60.0, 45.0))
    assert frame.at(-3.0, 1e9) == pytest.approx((10.0, 20.0))
    assert frame.at(2.0, 0.0) == pytest.approx((110.0, 70.0))


def test_numbers_read_well():
    assert duration_text(259200.0) == "3 days"
    assert duration_text(86400.0) == "1 day"
    assert duration_text(5400.0) == "1.5 h"
    assert duration_text(0.25) == "0.25 s"
    assert time_unit(7200.0) == ("h", 3600.0)
    assert count_text(1001712) == "1,001,712"
    assert large_text(999_999) == "999,999"
    assert large_text(99_980_000) == "1.00 \u00d7 10\u2078"
    assert large_text(1_324_265_520) == "1.32 \u00d7 10\u2079"
    assert percent_text(1279, 1001712) == "0.13 %"
    assert percent_text(948545, 1001712) == "94.7 %"
    assert percent_text(0, 0) == "0 %"
