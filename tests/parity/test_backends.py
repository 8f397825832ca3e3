"""Every backend against the host's scalar loop, bit by bit, and against the NumPy reference."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctc.backends.base import Backend
from ctc.backends.cpu import CpuBackend
from ctc.simulation.epochs import Simulation
from tests.parity.test_variants import require_equal_bits
from tests.physics.mixed import digest_of_run, mixed_setting
from tests.physics.probe import probe
from tests.reference.laws import excluded_share, streamline_speed, uniform_deviate
from tests.reference.philox import STREAM_HOP, philox_of_cell

N = 1_000_000
# The backend is the same object in every example; nothing of it is changed by one.
SHARED_BACKEND = [HealthCheck.function_scoped_fixture]


def test_laws_have_the_same_bits(backend: Backend) -> None:
    words = np.random.Philox(key=82).random_raw(2 * N)
    word, low = (words[:N] >> np.uint64(32)).astype("u4"), words[:N].astype("u4")
    ratio = (words[N:] & np.uint64(0xFF_FFFF)).astype(np.float32) * np.float32(2.0**-24)
    value = np.ldexp(np.float32(1.0) + ratio, (words[N:] >> np.uint64(40)).astype(np.int32) % 60)
    given_numbers = {"size_ratio": ratio, "value": value, "seed": 2**63 + 17}
    require_equal_bits(
        probe(word, low, backend=backend, **given_numbers),
        probe(word, low, backend=CpuBackend(threads=1, variant="scalar"), **given_numbers),
    )


def test_runs_have_the_same_digest(backend: Backend) -> None:
    setting = mixed_setting(cells=1000, frames=[600.0, 4000.0], n_tracked=100)
    expected = digest_of_run(setting, CpuBackend(threads=1, variant="scalar"))
    assert digest_of_run(setting, backend) == expected
    assert digest_of_run(setting, backend, event_capacity=13) == expected


def test_frames_have_the_same_bits(backend: Backend) -> None:
    setting = mixed_setting(frames=[0.0, 10.5, 600.0, 7200.0], n_tracked=500, track_every=3)
    runs = [Simulation(setting, on) for on in (backend, CpuBackend(threads=1, variant="scalar"))]
    frames = [[frame for epoch in run.epochs() for frame in epoch.frames] for run in runs]
    assert [frame.time for frame in frames[0]] == list(setting.frames)
    for found, wanted in zip(*frames, strict=True):
        for name, array in wanted.cells.items():
            np.testing.assert_array_equal(found.cells[name], array, err_msg=name)


@given(
    word=st.integers(0, 2**32 - 1),
    ratio=st.floats(0.0, 1.0, width=32),
    seed=st.integers(0, 2**64 - 1),
)
@settings(max_examples=200, deadline=None, suppress_health_check=SHARED_BACKEND)
def test_laws_are_those_of_the_reference(
    backend: Backend, word: int, ratio: float, seed: int
) -> None:
    """Words exactly; the excluded share to 8.5e-7 of it; speeds, which are differences, to 2e-4.

    F u is good to 3e-7, so 2 sqrt(1 - F u) is good to 3e-7 / sqrt(1 - F u), and the last is 2^-12
    at least. At L = 0.8 itself the speed jumps to 1; float32 and float64 agree on either side.
    """
    found = probe(word, word ^ 0xFFFF, size_ratio=ratio, seed=seed, backend=backend)
    cell = ((word ^ 0xFFFF) << 32) | word
    wanted = philox_of_cell(cell, STREAM_HOP, draw=word, seed=seed)
    np.testing.assert_array_equal(found.random, wanted)
    np.testing.assert_allclose(
        found.excluded[0], excluded_share(ratio), rtol=8.5e-7, atol=2.0**-126
    )
    if ratio <= 0.8 and float(np.float32(0.8)) != ratio:
        deviate = uniform_deviate(word)
        error = 6e-7 / max(np.sqrt(1.0 - float(deviate)), 2.0**-12)
        np.testing.assert_allclose(
            found.speed[0], streamline_speed(deviate, ratio), atol=error + 3e-7
        )
