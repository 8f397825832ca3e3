"""NumPy and its BLAS without vector code, in a process that is told so before it starts.

NumPy names its code by processor features, and those names change between versions (2.4 has
``X86_V3`` where 2.3 had ``AVX2``); a name that it does not know it passes over. So they are asked
of the NumPy that is here, and `is_plain` tells in the process whether it worked.
"""

from __future__ import annotations

import os
import platform

import numpy as np

VARIABLE = "NPY_DISABLE_CPU_FEATURES"
# The least that OpenBLAS has for this family of processors.
_PLAINEST_BLAS = {"x86_64": "Prescott", "aarch64": "ARMV8"}


def chosen_features() -> tuple[str, ...]:
    """Return the features beyond the least that NumPy has code for and uses in this process."""
    features = np.show_config(mode="dicts")["SIMD Extensions"]
    return tuple(features.get("found", ()))


def is_plain() -> bool:
    """Whether NumPy uses nothing beyond the least in this process."""
    return not chosen_features()


def plain_environment() -> dict[str, str]:
    """Return the environment of this process, for one in which NumPy has no vector code."""
    already = os.environ.get(VARIABLE, "").split()
    found = os.environ | {
        VARIABLE: " ".join(dict.fromkeys([*already, *chosen_features()])),
        "PYTHONWARNINGS": "ignore",
    }
    blas = _PLAINEST_BLAS.get(platform.machine())
    return found | ({"OPENBLAS_CORETYPE": blas} if blas else {})
