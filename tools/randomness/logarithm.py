"""The logarithm of the kernels over every float that it may be given, and the host's functions.

The 2^23 - 1 subnormal floats are left out, as the logarithm is not made for them and never meets
one: it is taken of deviates alone, and the smallest of those is 2^-55 (`fine_deviate` of
kernels/core/deviate.h; 2^-24 for `uniform_deviate`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np

from ctc.backends import host_tables
from ctc.checks import FloatArray
from tools.randomness.native_code import LogarithmErrors, logarithm_errors

SMALLEST = 2.0**-126
N_FLOATS = 1_056_964_609  # from there to 1, both included
# As core/log.h and host/real.h state them, in units in the last place.
BOUND = 0.81
HOST_BOUNDS = {"log": 2.0, "exp": 2.0}
_DIGITS = 40


@dataclass(frozen=True)
class HostError:
    """Largest error of a float64 function of the host among some arguments, and where."""

    function: str
    largest: float
    at: float
    count: int


def every_float(threads: int) -> LogarithmErrors:
    """Try all normal floats in (0, 1], `N_FLOATS` of them: a minute or two on one core."""
    return logarithm_errors(SMALLEST, 1.0, threads=threads)


def is_proven(errors: LogarithmErrors) -> bool:
    """Is the bound kept, without a fall, by every one of the floats; a NaN keeps no bound."""
    return errors.largest <= BOUND and errors.falls == 0 and errors.count == N_FLOATS


def is_in_bounds(error: HostError) -> bool:
    """Is a function of the host as good as is stated of it; a NaN is not."""
    return error.largest <= HOST_BOUNDS[error.function]


def host_errors(n: int, *, seed: int = 1) -> Iterator[HostError]:
    """Try the host's log and exp on n arguments each, against 40 decimal digits.

    No proof, as there are 2^62 arguments: a sample over all magnitudes, with more of them where
    the sum that makes a logarithm loses most, near 1.
    """
    source = np.random.Generator(np.random.PCG64(seed))
    near_one = 1.0 + source.uniform(-0.5, 1.0, n // 2)
    spread = np.exp2(source.uniform(-1022, 1023, n - n // 2))
    yield _largest("log", host_tables.logarithm, Decimal.ln, np.append(near_one, spread))
    small = source.uniform(-1.0, 1.0, n // 2)
    large = source.uniform(-708.0, 709.0, n - n // 2)
    yield _largest("exp", host_tables.exponential, Decimal.exp, np.append(small, large))


def _largest(
    name: str,
    function: Callable[[FloatArray], FloatArray],
    exact_of: Callable[[Decimal], Decimal],
    arguments: FloatArray,
) -> HostError:
    largest, at = 0.0, math.nan
    with localcontext() as context:
        context.prec = _DIGITS
        for x, found in zip(arguments.tolist(), function(arguments).tolist(), strict=True):
            exact = exact_of(Decimal(x))
            error = abs(float((Decimal(found) - exact) / Decimal(math.ulp(float(exact)))))
            if not error <= largest and not math.isnan(largest):
                largest, at = error, x
    return HostError(name, largest, at, arguments.size)
