"""Colours rise with values, for every eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.record.reader import Frame
from ctc.viewer.colour_scale import ColourScale, colour_table
from ctc.viewer.colouring import DISTINCT, OTHER, by_clone, by_cluster_size, by_organ, colour
from tests.unit.viewer.test_palette import SIMULATIONS


def linear(colours):
    value = np.asarray(colours, dtype=np.float64) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("eye", SIMULATIONS)
def test_more_is_brighter_for_every_eye(eye):
    seen = linear(colour_table()[:, :3]) @ SIMULATIONS[eye].T
    luminance = seen @ [0.2126, 0.7152, 0.0722]
    steps = np.diff(luminance[::8])
    assert (steps > 0).all()


@given(
    low=st.floats(1e-6, 1e3),
    ratio=st.floats(1.5, 1e6),
    is_log=st.booleans(),
    values=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20),
)
def test_codes_rise_with_values_and_span_the_map(low, ratio, is_log, values):
    scale = ColourScale(low, low * ratio, is_log)
    codes = scale.codes(np.array(sorted(values))).astype(int)
    assert (np.diff(codes) >= 0).all()
    assert scale.codes(np.array([low, low * ratio])).tolist() == [0, 255]
    assert scale.codes(np.array([np.nan, -np.inf, np.inf])).tolist() == [0, 0, 255]
    rungs = scale.rungs()
    assert rungs[0] == pytest.approx(low)
    assert rungs[-1] == pytest.approx(low * ratio)
    np.testing.assert_allclose(scale.codes(np.array(rungs)), [0, 64, 127.5, 191, 255], atol=1)


@pytest.mark.parametrize("is_log", [False, True])
def test_a_scale_spans_values_but_not_their_outliers(is_log):
    values = np.r_[np.linspace(1.0, 2.0, 1000), 1e9, np.nan, np.inf, -5.0]
    scale = ColourScale.spanning(values, is_log=is_log)
    assert scale.low == pytest.approx(1.0, abs=0.02)
    assert scale.high == pytest.approx(2.0, abs=0.02)
    for odd in ([], [np.nan], [3.0], [0.0, 0.0]):
        scale = ColourScale.spanning(np.array(odd), is_log=is_log)
        assert scale.low < scale.high
        assert scale.low > 0 or not is_log


def test_the_first_organs_stand_out_and_the_others_are_grey():
    names = [f"organ {i}" for i in range(30)]
    colours = by_organ(names, list(range(29, -1, -1)))
    legend = dict(colours.legend)
    assert legend["organ 29"] == colour(DISTINCT[0])
    assert legend["organ 22"] == colour(DISTINCT[7])
    assert "organ 21" not in legend
    assert legend["other organs"] == colour(OTHER)
    assert tuple(colours.palette[colours.row[21 + 1]]) == colour(OTHER)
    assert tuple(colours.palette[colours.row[0]]) == legend["between organs"]


def test_clones_beyond_the_distinct_ones_are_grey():
    colours = by_clone(20, ["from lung"])
    assert colours.legend[0] == ("from lung", colour(DISTINCT[0]))
    assert colours.legend[1][0] == "clone 1"
    assert len(colours.legend) == len(DISTINCT) + 1
    for clone in (len(DISTINCT), 19, 2**16 - 1):
        assert tuple(colours.palette[colours.row[clone]]) == colour(OTHER)


def test_cluster_size_colours_the_number_of_cells():
    """Classes 0 and 3 are single cells and look alike; more cells are brighter; 50 is the top."""
    colours = by_cluster_size((1, 2, 50, 1))
    frame = sample_frame(np.array([0, 1, 2, 3, 2], dtype=np.uint16))
    codes = colours.codes(frame)
    assert codes[0] == codes[3] == 0
    assert 0 < codes[1] < codes[2] == codes[4] == 255
    labels = [label for label, _ in colours.legend]
    assert labels[0] == "single cell"
    assert labels[-1] == "50 cells"


def test_a_run_that_does_not_say_has_single_cells():
    frame = sample_frame(np.array([0, 7, 65535], dtype=np.uint16))
    assert (by_cluster_size(()).codes(frame) == 0).all()


def sample_frame(size_class):
    n = size_class.size
    return Frame(
        time=0,
        position=np.zeros((n, 3), dtype=np.float32),
        id=np.arange(n, dtype=np.uint64),
        state=np.zeros(n, dtype=np.uint8),
        organ=np.zeros(n, dtype=np.int16),
        segment=np.zeros(n, dtype=np.uint32),
        age=np.zeros(n, dtype=np.float32),
        size_class=size_class,
    )
