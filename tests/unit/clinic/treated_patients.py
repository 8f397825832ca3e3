"""Made patients for the laws of treatment: lesions by hand, deviates by key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.clinic.disease import Disease

ORGANS = ("left breast", "lung", "liver", "lymph nodes", "red marrow")
DAY = 86400.0


@dataclass(frozen=True)
class KeyedDraws:
    """Uniform deviates by key and number: splitmix64 of both and a seed."""

    seed: int = 1

    def uniform(self, keys: npt.NDArray[np.uint64], number: int) -> FloatArray:
        """Return a deviate in (0, 1) for each key."""
        with np.errstate(over="ignore"):
            x = keys + np.uint64(0x9E3779B97F4A7C15) * np.uint64(1 + number + 1000 * self.seed)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            x ^= x >> np.uint64(31)
        return ((x >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def made_disease(
    cells: npt.ArrayLike,
    *,
    number: npt.ArrayLike | None = None,
    organ: npt.ArrayLike = 1,
    share: npt.ArrayLike = 0.0,
    pace: npt.ArrayLike = 1.0,
) -> Disease:
    """Return lesions of given cells that grow at a pace over 1 / 100 days at their reference."""
    count = np.atleast_1d(np.asarray(cells, dtype=np.float64))
    n = count.size
    numbers = np.arange(n) if number is None else np.asarray(number)
    reference = np.full(n, 1.0 / (100.0 * DAY))
    return Disease(
        number=numbers.astype(np.int64),
        key=(numbers + 17).astype(np.uint64),
        organ=np.broadcast_to(np.asarray(organ, dtype=np.int16), (n,)).copy(),
        cells=count,
        diameter=np.cbrt(count * 1e-15 * 6.0 / np.pi),
        growth_rate=reference * pace,
        reference_rate=reference,
        resistant_share=np.broadcast_to(np.asarray(share, dtype=np.float64), (n,)).copy(),
        organ_names=ORGANS,
    )
