"""Patients, laws and chances for tests of diagnosis."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from ctc.clinic.disease import Disease
from ctc.scenario.load import load_scenario
from ctc.scenario.parameters import ParameterSet
from tests.architecture.sources import ROOT

ORGANS = ("lung", "liver", "brain", "lymph nodes", "breast", "spongy bone", "kidney", "spleen")


class Hashed:
    """Deviates by seed, key and number, as independent as a hash of 64 bits makes them."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.asked: set[int] = set()

    def uniform(self, keys: npt.NDArray[np.uint64], number: int) -> npt.NDArray[np.float64]:
        self.asked.add(int(number))
        with np.errstate(over="ignore"):
            word = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            for salt in (self.seed, number, 7):
                word = word ^ np.uint64((salt * 0xBF58476D1CE4E5B9) % 2**64)
                word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                word = word ^ (word >> np.uint64(31))
        return ((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


class Constant:
    """The same deviate for all."""

    def __init__(self, deviate: float) -> None:
        self.deviate = deviate

    def uniform(self, keys: npt.NDArray[np.uint64], number: int) -> npt.NDArray[np.float64]:
        del number
        return np.full(keys.shape, self.deviate)


@functools.cache
def parameters(cancer: str = "breast") -> ParameterSet:
    return load_scenario(ROOT / "scenarios" / "cancers" / f"{cancer}.toml").parameters


def disease(
    diameter: npt.ArrayLike,
    *,
    organ: str | list[str] = "lung",
    number: npt.ArrayLike | None = None,
    first_key: int = 0,
) -> Disease:
    size = np.atleast_1d(np.asarray(diameter, dtype=np.float64))
    places = [organ] * size.size if isinstance(organ, str) else organ
    index = np.array([ORGANS.index(name) if name else -1 for name in places], dtype=np.int16)
    none = np.zeros(size.size)
    return Disease(
        number=np.arange(size.size) if number is None else np.asarray(number, dtype=np.int64),
        key=np.arange(size.size, dtype=np.uint64) + np.uint64(first_key),
        organ=index,
        cells=np.maximum(size**3 * 5e14, 1.0),
        diameter=size,
        growth_rate=none,
        reference_rate=none,
        resistant_share=none,
        organ_names=ORGANS,
    )
