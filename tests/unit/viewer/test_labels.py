"""Names beside the body, spread so that none covers another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ctc.viewer.labels import place_labels, spread

HEIGHTS = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


@given(HEIGHTS)
def test_spread_texts_keep_their_order_their_gap_and_the_bounds(heights):
    wanted = np.sort(np.array(heights))[::-1]
    got = spread(wanted, 0.0, high=1.0, gap=0.05)
    assert (np.diff(got) <= -0.05 + 1e-9).all()
    assert got[0] <= 1.0 + 1e-12
    assert got[-1] >= -1e-12


def test_texts_that_have_room_stay_where_they_are():
    wanted = np.array([0.9, 0.5, 0.2])
    np.testing.assert_allclose(spread(wanted, 0.0, high=1.0, gap=0.1), wanted)


def test_two_texts_at_one_height_move_apart_by_the_same():
    got = spread(np.array([0.5, 0.5]), 0.0, high=1.0, gap=0.1)
    np.testing.assert_allclose(got, [0.55, 0.45])


def test_names_go_to_their_side_and_point_at_the_spot_for_it():
    anchors = {
        "liver": np.array([[-0.3, 0.5], [-0.1, 0.5]]),
        "spleen": np.array([[0.1, 0.5], [0.3, 0.5]]),
    }
    labels = place_labels(anchors, 0.0, low=0.0, high=1.0, gap=0.1)
    assert [(label.text, label.is_right) for label in labels] == [
        ("liver", False),
        ("spleen", True),
    ]
    assert [label.anchor[0] for label in labels] == [-0.3, 0.3]


def test_columns_are_even_where_all_organs_lie_on_one_side():
    anchors = {str(i): np.full((2, 2), 0.5 + 0.01 * i) for i in range(8)}
    labels = place_labels(anchors, 0.0, low=0.0, high=1.0, gap=0.01)
    assert sum(label.is_right for label in labels) <= 5


def test_no_organ_needs_no_label():
    assert place_labels({}, 0.0, low=0.0, high=1.0, gap=0.1) == []
