"""Deviates and the conversion to whole nanoseconds: exact ranges, exact chances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.physics.probe import probe
from tests.reference.laws import uniform_deviate

CUT = 2**52


def test_uniform_deviates_are_exact_and_never_0_or_1() -> None:
    word = np.concatenate(
        [np.arange(0, 2**32, 4093, dtype=np.uint64), [0, 511, 512, 2**32 - 1, 2**32 - 512]]
    ).astype(np.uint32)
    found = probe(word).uniform
    np.testing.assert_array_equal(found.astype(np.float64), uniform_deviate(word))
    assert found.min() == np.float32(2.0**-24)
    assert found.max() == np.float32(1.0 - 2.0**-24)


def test_fine_deviates_reach_down_to_2_to_the_minus_55_and_up_to_1() -> None:
    found = probe(np.array([0, 0, 1, 2, 0xFFFF_FFFF]), np.array([0, 0x200, 0, 0, 0xFFFF_FFFF])).fine
    wanted = [2.0**-55, 3 * 2.0**-55, 2.0**-55, 2.0**-31 + 2.0**-55, 1.0]
    np.testing.assert_allclose(found, wanted, rtol=2.0**-24)


@pytest.mark.parametrize("chance", [1e-9, 3e-9, 1e-8, 1e-7])
def test_tiny_chances_are_met_by_counting_every_deviate(chance: float) -> None:
    """Exact count of the 54-bit deviates below a small share: no statistics.

    Deviates are i 2^-31 + u 2^-31 with i of 31 and u of 23 bits. All u count for i below
    i0 = floor(chance 2^31), none above it, and those of i0 are tried one by one. Deviates near the
    chance are floats of 24 bits, so it is met to 2^-23 of itself; one u more or less is
    2^-54 / 1e-9 = 6e-8 of it.
    """
    share = np.float32(chance)
    boundary = int(float(share) * 2.0**31)
    below = 0
    for start in range(0, 1 << 23, 1 << 21):
        low = (np.arange(start, start + (1 << 21), dtype=np.uint64) << np.uint64(9)).astype("u4")
        below += int((probe(np.uint32(boundary << 1), low).fine < share).sum())
    edges = probe(np.array([boundary - 1, boundary + 1], dtype=np.uint32) << 1, [2**32 - 1, 0]).fine
    assert edges[0] < share <= edges[1]
    met = (boundary * 2.0**23 + below) * 2.0**-54
    assert met == pytest.approx(float(share), rel=2e-7)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.0, 0),
        (0.4999, 0),
        (0.5, 0),
        (0.5 + 2.0**-24, 1),
        (1.5, 2),
        (2.5, 2),
        (2.0**-126, 0),
        (2.0**22 - 0.5, 2**22),
        (2.0**22, 2**22),
        (2.0**22 + 0.5, 2**22),
        (2.0**22 + 1.5, 2**22 + 2),
        (2.0**24 + 2, 2**24 + 2),
        (2.0**49 + 2.0**26, 2**49 + 2**26),
        (2.0**52 - 2.0**28, 2**52 - 2**28),
        (2.0**52, CUT),
        (2.0**52 + 2.0**29, CUT),
        (1e30, CUT),
        (3.4e38, CUT),
        (np.inf, CUT),
    ],
)
def test_rounding_at_the_edges(value: float, wanted: int) -> None:
    assert probe(0, value=value).rounded[0] == wanted


@given(st.floats(min_value=0.0, max_value=2.0**52, width=32))
@settings(max_examples=300, deadline=None)
def test_rounding_is_to_the_nearest_and_from_halves_to_the_even(value: float) -> None:
    assert int(probe(0, value=value).rounded[0]) == round(value)


def test_whole_numbers_are_kept() -> None:
    words = np.random.Philox(key=3).random_raw(200_000)
    mantissa = (words & np.uint64(0xFF_FFFF)).astype(np.float64)
    whole = mantissa * 2.0 ** ((words >> np.uint64(40)) % np.uint64(27)).astype(np.float64)
    np.testing.assert_array_equal(probe(0, value=whole).rounded, whole.astype(np.int64))
