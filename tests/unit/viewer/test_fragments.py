"""Blending of translucent pieces by depth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ctc.viewer.fragments import Fragments, blend, join

RED, GREEN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


def pieces(*rows):
    """Return fragments of (pixel, depth, colour, opacity)."""
    pixel, depth, colour, opacity = zip(*rows, strict=True)
    return Fragments(
        pixel=np.array(pixel, dtype=np.int64),
        depth=np.array(depth, dtype=np.float32),
        colour=np.array(colour, dtype=np.float32),
        opacity=np.array(opacity, dtype=np.float32),
    )


def test_the_nearer_piece_hides_its_part_of_the_farther_one():
    seen = blend(pieces((3, 2.0, RED, 0.5), (3, 1.0, GREEN, 0.5)), 2, height=2)
    np.testing.assert_allclose(seen.light[1, 1], [0.25, 0.5, 0.0])
    np.testing.assert_allclose(seen.passed, [[1.0, 1.0], [1.0, 0.25]])
    np.testing.assert_allclose(seen.weight, [0.25, 0.5])


def test_nothing_leaves_the_background():
    seen = blend(join([]), 3, height=2)
    assert seen.light.shape == (2, 3, 3)
    assert not seen.light.any()
    assert (seen.passed == 1.0).all()


@given(st.integers(0, 2**32 - 1))
def test_order_does_not_matter_and_weights_account_for_all_light(seed):
    random = np.random.default_rng(seed)
    n = 60
    given_order = pieces(
        *zip(
            random.integers(0, 6, n),
            random.permutation(n),
            random.random((n, 3)),
            0.5 * random.random(n),
            strict=True,
        )
    )
    order = random.permutation(n)
    mixed = Fragments(*(getattr(given_order, f)[order] for f in Fragments.__dataclass_fields__))
    one, other = blend(given_order, 3, height=2), blend(mixed, 3, height=2)
    np.testing.assert_array_equal(one.light, other.light)
    np.testing.assert_array_equal(one.weight[order], other.weight)
    total = np.bincount(given_order.pixel, weights=one.weight, minlength=6)
    np.testing.assert_allclose(total + one.passed.reshape(-1), 1.0, atol=2e-6)
