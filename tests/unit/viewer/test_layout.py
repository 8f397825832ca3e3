"""Panels of a picture of any size."""

from hypothesis import given
from hypothesis import strategies as st

from ctc.viewer.layout import LARGEST, SMALLEST, lay_out

SIZES = st.integers(SMALLEST, LARGEST)


@given(SIZES, SIZES, st.floats(0.1, 0.6))
def test_panels_lie_in_the_picture_beside_one_another(width, height, aspect):
    layout = lay_out(width, height, body_aspect=aspect)
    panels = [layout.body, *([layout.close_up] if layout.close_up else []), layout.charts]
    edge = 0
    for panel in panels:
        assert panel.left >= edge
        assert panel.width > 0
        assert panel.height > 0
        assert panel.top > 0
        assert panel.top + panel.height <= height
        edge = panel.left + panel.width
    assert edge <= width


def test_a_wide_picture_has_a_close_up_and_a_narrow_one_gives_its_room_to_the_body():
    wide = lay_out(1800, 1300, body_aspect=0.33)
    narrow = lay_out(1200, 1800, body_aspect=0.33)
    assert wide.close_up is not None
    assert narrow.close_up is None
    whole = wide.without_close_up()
    assert whole.body.width == wide.close_up.left + wide.close_up.width - wide.body.left
    assert narrow.without_close_up() == narrow
