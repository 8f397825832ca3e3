"""The words of the kernels, in the orders in which runs draw them, are random enough."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.architecture.sources import KERNELS
from tests.reference.philox import philox_of_cell
from tools.randomness import __main__ as command
from tools.randomness import orderings
from tools.randomness.battery import LIMIT, run_battery, uniformity
from tools.randomness.generators import NOT_GOOD_ENOUGH, philox
from tools.randomness.logarithm import N_FLOATS, HostError
from tools.randomness.native_code import LogarithmErrors, logarithm_errors
from tools.randomness.orderings import OF_KERNELS
from tools.randomness.statistics import TESTS

N_WORDS = 1 << 15


def test_no_test_of_the_battery_finds_fault() -> None:
    """243 p-values of 32,768 words each: outside of 1e-6 from either end once in 2,000 batteries.

    They are even among themselves too (Kolmogorov and Smirnov, the same limit).
    """
    trials = list(run_battery(n_words=N_WORDS, n_flips=N_WORDS // 64))
    assert len(trials) == 243
    assert [trial for trial in trials if trial.is_fault] == []
    assert uniformity(trials) > LIMIT


@pytest.mark.parametrize("name", [n for n in NOT_GOOD_ENOUGH if n != "Philox, 6 rounds"])
def test_the_battery_finds_generators_that_are_not_good_enough(name: str) -> None:
    """Six rounds take more words: python -m tools.randomness --worse."""
    trials = run_battery(
        NOT_GOOD_ENOUGH[name], n_words=N_WORDS, n_flips=512, with_host=False, until_fault=True
    )
    assert any(trial.is_fault for trial in trials)


def test_the_battery_reads_the_generator_of_the_kernels() -> None:
    ids = np.arange(100, dtype=np.uint64) << np.uint64(33)
    draws = np.arange(100, dtype=np.uint32)
    wanted = philox_of_cell(ids, 5, draw=draws, seed=2**63 + 9)
    np.testing.assert_array_equal(philox(ids, 5, draws, 2**63 + 9), wanted)


@pytest.mark.parametrize("name", OF_KERNELS)
def test_a_longer_stream_begins_with_a_shorter_one(name: str) -> None:
    longer, shorter = (OF_KERNELS[name](philox, n) for n in (4000, 100))
    np.testing.assert_array_equal(longer[:100], shorter)
    assert np.unique(longer).size > 3990  # no block twice


def test_the_exhaustive_logarithm_tells_where_it_is_worst() -> None:
    """The largest error over all 1,056,964,609 normal floats in (0, 1] lies just below 1/sqrt(2).

    Found by ``python -m tools.randomness log``; here 65,432 floats around that place.
    """
    found = logarithm_errors(0.7015, 0.7054, threads=2)
    assert found.count == 65_432
    assert found.largest == pytest.approx(0.80309, abs=1e-5)
    assert found.at == np.float32(0.7033652067184448)
    assert found.falls == 0


@pytest.mark.parametrize("threads", [1, 3])
def test_one_logarithm_that_is_no_number_is_found(threads: int) -> None:
    """NaN compares false with everything; it is neither overlooked nor forgotten later."""
    found = logarithm_errors(0.25, 0.2501, threads=threads, spoilt=0.25005)
    assert math.isnan(found.largest)
    assert found.at == np.float32(0.25005)
    assert found.falls == 2  # to it and from it


@pytest.mark.parametrize(
    "change",
    [{"largest": 0.82}, {"largest": math.nan}, {"falls": 1}, {"count": N_FLOATS - 1}],
    ids=str,
)
def test_the_proof_wants_every_float_within_the_bound(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = LogarithmErrors(largest=0.8031, at=0.7, falls=0, count=N_FLOATS)
    monkeypatch.setattr(command, "host_errors", lambda n: [HostError("log", 0.9, 2.0, n)])
    monkeypatch.setattr(command, "every_float", lambda threads: proven)
    assert command.main(["log"]) == 0
    monkeypatch.setattr(command, "every_float", lambda threads: replace(proven, **change))
    assert command.main(["log"]) == 1


def test_the_streams_that_are_asked_are_those_of_the_kernels() -> None:
    text = (KERNELS / "core" / "streams.h").read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r"constexpr u32 STREAM_\w+ = (\d+);", text)]
    assert orderings.STREAMS.tolist() == sorted(numbers)
    assert numbers


def test_every_test_of_the_battery_gives_even_p_values() -> None:
    """P-values of streams of another generator, PCG64, are even: no reference law is wrong.

    120 streams of 32,768 words each; by Kolmogorov and Smirnov p < 1e-4 for one of 20 tests once
    in 500 such sets. A law that is 20 % too wide in its p-values is found.
    """
    source = np.random.Generator(np.random.PCG64(7))
    streams = [source.integers(0, 1 << 32, N_WORDS, dtype=np.uint32) for _ in range(120)]
    evenness = {
        name: float(stats.kstest([p_value_of(words) for words in streams], "uniform").pvalue)
        for name, p_value_of in TESTS.items()
    }
    assert {name: value for name, value in evenness.items() if value < 1e-4} == {}
