"""The battery: every test on every ordering, and a verdict over all p-values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scipy import stats

from tools.randomness.crossing import CROSSINGS, INPUTS, budgets
from tools.randomness.generators import Generator, philox
from tools.randomness.orderings import OF_KERNELS, OF_THE_HOST, Ordering
from tools.randomness.statistics import TESTS

# A p-value outside of [LIMIT, 1 - LIMIT] is a fault: two in a million tests of a good generator.
LIMIT = 1e-6


@dataclass(frozen=True)
class Trial:
    """One test: which, on what, how many words, and its p-value."""

    ordering: str
    test: str
    n_words: int
    p_value: float

    @property
    def is_fault(self) -> bool:
        """Is the p-value one that good words hardly give."""
        return not LIMIT <= self.p_value <= 1.0 - LIMIT


def run_battery(
    generator: Generator = philox,
    *,
    n_words: int,
    n_flips: int,
    with_host: bool = True,
    until_fault: bool = False,
) -> Iterator[Trial]:
    """Run all tests and yield them as they end.

    Parameters
    ----------
    generator : Generator
        Words by key and counter; the kernels' own by default.
    n_words : int
        Words of each ordering.
    n_flips : int
        Tries for each bit that is flipped.
    with_host : bool
        Ask the words of the host and the budgets of the kernels too.
    until_fault : bool
        End at the first fault.
    """
    for trial in _all_trials(generator, n_words, n_flips, with_host):
        yield trial
        if until_fault and trial.is_fault:
            return


def uniformity(trials: list[Trial]) -> float:
    """Return the chance that so many p-values lie as unevenly as these."""
    return float(stats.kstest([trial.p_value for trial in trials], "uniform").pvalue)


def _all_trials(
    generator: Generator, n_words: int, n_flips: int, with_host: bool
) -> Iterator[Trial]:
    orderings: Mapping[str, Ordering] = OF_KERNELS | (OF_THE_HOST if with_host else {})
    for name, ordering in orderings.items():
        words = ordering(generator, n_words)
        for test, p_value_of in TESTS.items():
            yield Trial(name, test, words.size, p_value_of(words))
    sizes: dict[str, int] = {"next": n_words, "flip": n_flips}
    crossing: Callable[[Generator, str, int], dict[str, float]]
    for kind, crossing in CROSSINGS.items():
        for which in INPUTS:
            for test, p_value in crossing(generator, which, sizes[kind]).items():
                n = sizes[kind] if kind == "next" else 4 * sizes[kind] * INPUTS[which][1]
                yield Trial(f"{kind} {which}", test, n, p_value)
    if with_host:
        for seed in (1, 2, 3):
            yield Trial(
                f"budgets, seed {seed}", "law of exponentials", n_words, budgets(n_words, seed=seed)
            )
