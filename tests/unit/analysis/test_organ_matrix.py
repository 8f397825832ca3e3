"""Organ-to-organ matrices: summing, merging, comparing."""

import numpy as np
import pytest

from ctc.analysis.organ_matrix import (
    OrganMatrix,
    organ_matrix,
    rank_correlations,
    total_variations,
)
from ctc.errors import InputError


def test_cells_count_for_every_organ_beside_the_end_of_their_segment() -> None:
    cells = [[5, 0, 2, 1], [0, 7, 0, 0]]
    end_node = np.array([0, 1, 2, 3], dtype=np.int32)
    near = {"liver": np.array([0, 2]), "brain": np.array([2, 1])}
    matrix = organ_matrix(cells, end_node, origins=("brain", "liver"), near_organs=near)
    assert matrix.destinations == ("liver", "brain")
    np.testing.assert_array_equal(matrix.cells, [[7, 2], [0, 7]])
    np.testing.assert_allclose(matrix.shares, [[7 / 9, 2 / 9], [0, 1]])


def test_sides_are_added_up_in_rows_and_columns() -> None:
    names = ("left lung", "liver", "right lung")
    matrix = OrganMatrix(names, names, np.arange(9.0).reshape(3, 3))
    merged = matrix.merged(lambda name: name.split()[-1])
    assert merged.origins == merged.destinations == ("lung", "liver")
    np.testing.assert_array_equal(merged.cells, [[0 + 2 + 6 + 8, 1 + 7], [3 + 5, 4]])


def test_rows_without_cells_have_no_shares() -> None:
    matrix = OrganMatrix(("a", "b"), ("c",), np.array([[0.0], [3.0]]))
    np.testing.assert_array_equal(matrix.shares, [[0.0], [1.0]])


def test_arranging_reorders_and_refuses_what_is_not_there() -> None:
    matrix = OrganMatrix(("a", "b"), ("c", "d"), np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_array_equal(matrix.arranged(["b"], ["d", "c"]).cells, [[4.0, 3.0]])
    with pytest.raises(InputError, match="destination must be one of c, d; got 'e'"):
        matrix.arranged(["a"], ["e"])


def test_comparisons_go_row_by_row() -> None:
    names = ("a", "b"), ("c", "d", "e")
    one = OrganMatrix(*names, np.array([[1.0, 2.0, 7.0], [5.0, 3.0, 2.0]]))
    other = OrganMatrix(*names, np.array([[2.0, 3.0, 5.0], [2.0, 3.0, 5.0]]))
    np.testing.assert_allclose(rank_correlations(one, other), [1.0, -1.0])
    np.testing.assert_allclose(total_variations(one, other), [0.2, 0.3])
