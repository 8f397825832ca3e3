"""Every instruction set of the host library gives the same bits as one cell at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ctc.backends.cpu import CpuBackend, cpu_variants
from tests.physics.mixed import digest_of_run, mixed_setting
from tests.physics.probe import Laws, probe

N = 4_000_000
BLOCK = 500_000
# Lengths around the lanes of a pack: full packs and what is left over.
AWKWARD = (1, 3, 4, 5, 15, 16, 17, 33)
PACKS = tuple(variant for variant in cpu_variants() if variant != "scalar")

EDGES = np.array(
    [0.0, 2.0**-126, 0.5, 0.79999995, 0.8, 0.8000001, 1.0, 2.0**22, 2.0**50, 1e38], dtype=np.float32
)


def require_equal_bits(found: Laws, wanted: Laws) -> None:
    bits = wanted.bits()
    for name, array in found.bits().items():
        np.testing.assert_array_equal(array, bits[name], err_msg=name)


@pytest.mark.parametrize("variant", PACKS)
def test_laws_have_the_same_bits_on_four_million_inputs(variant: str) -> None:
    scalar = CpuBackend(threads=1, variant="scalar")
    packs = CpuBackend(threads=1, variant=variant)
    source = np.random.Philox(key=81)
    for _ in range(0, N, BLOCK):
        words = source.random_raw(2 * BLOCK)
        word, low = (words[:BLOCK] >> np.uint64(32)).astype("u4"), words[:BLOCK].astype("u4")
        ratio = (words[BLOCK:] & np.uint64(0xFF_FFFF)).astype(np.float32) * np.float32(2.0**-24)
        # Values of every magnitude from 2^-40 to 2^60, so that the cut at 2^52 is met too.
        power = ((words[BLOCK:] >> np.uint64(32)) % np.uint64(101)).astype(np.int32) - 40
        value = np.ldexp(np.float32(1.0) + ratio, power).astype(np.float32)
        seed = int(words[0])
        given_numbers = {"size_ratio": ratio, "value": value, "seed": seed}
        require_equal_bits(
            probe(word, low, backend=packs, **given_numbers),
            probe(word, low, backend=scalar, **given_numbers),
        )


@pytest.mark.parametrize("variant", PACKS)
@given(
    numbers=st.sampled_from(AWKWARD).flatmap(
        lambda n: st.tuples(
            hnp.arrays(np.uint32, n, elements=st.integers(0, 2**32 - 1)),
            hnp.arrays(np.uint32, n, elements=st.integers(0, 2**32 - 1)),
            hnp.arrays(np.float32, n, elements=st.floats(0.0, 1.0, width=32)),
            hnp.arrays(np.float32, n, elements=st.sampled_from(EDGES.tolist())),
        )
    ),
    seed=st.integers(0, 2**64 - 1),
)
@settings(max_examples=100, deadline=None)
def test_laws_have_the_same_bits_on_found_inputs(
    variant: str, numbers: tuple[np.ndarray, ...], seed: int
) -> None:
    word, low, ratio, value = numbers
    given_numbers = {"size_ratio": ratio, "value": value, "seed": seed}
    require_equal_bits(
        probe(word, low, backend=CpuBackend(threads=1, variant=variant), **given_numbers),
        probe(word, low, backend=CpuBackend(threads=1, variant="scalar"), **given_numbers),
    )


@pytest.mark.parametrize("variant", PACKS)
@pytest.mark.parametrize("cells", [1, 7, 40, 5000])
def test_runs_have_the_same_digest(variant: str, cells: int) -> None:
    """Few cells leave lanes empty; many refill them."""
    setting = mixed_setting(cells=cells)
    expected = digest_of_run(setting, CpuBackend(threads=1, variant="scalar"))
    assert digest_of_run(setting, CpuBackend(threads=2, variant=variant)) == expected


@pytest.mark.parametrize("max_hops", [1, 2, 7, 1000])
def test_launches_of_few_hops_have_the_same_digest(max_hops: int) -> None:
    """As on a GPU, where a launch ends after a number of hops and the next one goes on."""
    setting = mixed_setting(cells=300)
    expected = digest_of_run(setting, CpuBackend(threads=1, variant="scalar"))
    short = CpuBackend(threads=2, variant="scalar", max_hops=max_hops)
    assert digest_of_run(setting, short) == expected
