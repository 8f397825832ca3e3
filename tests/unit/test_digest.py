"""digest_of: one text for one list of named values, whatever their layout in memory."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.digest import digest_of

# By hand: SHA-256 of each field as name, dtype and shape, each ended by a zero, and its bytes.
KNOWN = "a2bb04a5781eddf3bb1f7673ad3068d36ad409ebf6ab50b44ac1455380877af2"


def test_a_known_digest_is_kept() -> None:
    """Stored runs hold these texts: the rule by which they are made may not drift."""
    fields = [("id", np.arange(3, dtype=np.uint64)), ("mass", np.float64(0.5))]
    assert digest_of(fields) == KNOWN


@pytest.mark.parametrize(
    "other",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype="<i4").reshape(2, 3)),
        np.arange(12, dtype="<i4")[::2].reshape(2, 3) // 2,
    ],
)
def test_layout_in_memory_does_not_matter(other: np.ndarray) -> None:
    plain = np.arange(6, dtype="<i4").reshape(2, 3)
    assert digest_of([("a", other)]) == digest_of([("a", plain)])


@pytest.mark.parametrize(
    "other",
    [
        [("b", np.arange(6))],
        [("a", np.arange(6).reshape(2, 3))],
        [("a", np.arange(6).astype(np.uint64))],
        [("a", np.arange(7))],
        [("a", np.arange(3)), ("a", np.arange(3, 6))],
        [],
    ],
)
def test_name_shape_dtype_and_values_matter(other: list[tuple[str, np.ndarray]]) -> None:
    assert digest_of(other) != digest_of([("a", np.arange(6))])


def test_field_names_of_a_table_matter() -> None:
    rows = np.zeros(2, dtype=[("x", "<i4"), ("y", "<f4")])
    other = rows.view([("x", "<i4"), ("z", "<f4")])
    assert digest_of([("a", rows)]) != digest_of([("a", other)])


@pytest.mark.parametrize("values", [np.array(["text"]), np.array([object()])])
def test_values_without_fixed_bytes_are_refused(values: np.ndarray) -> None:
    with pytest.raises(TypeError, match="numbers or bytes"):
        digest_of([("a", values)])
