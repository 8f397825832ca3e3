"""Values of a run as texts of a table: organs by name, exact times, nothing as nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def organ_texts(organs: tuple[str, ...]) -> npt.NDArray[np.object_]:
    """Return the names by index; the last, which index -1 finds, is empty."""
    return np.array([*organs, ""], dtype=object)


def number_texts(values: npt.NDArray[Any]) -> list[str]:
    """Return the shortest texts that give back the values in their own precision."""
    texts: list[str] = values.astype(np.str_).tolist()
    return texts


def all_but(values: npt.NDArray[Any], *nothing: int) -> list[Any]:
    """Return the values, each that stands for nothing as an empty text."""
    return ["" if value in nothing else value for value in values.tolist()]


def all_seconds(times: npt.NDArray[np.int64]) -> list[str]:
    """Return times [ns] as exact seconds."""
    return [exact_seconds(time) for time in times.tolist()]


def exact_seconds(time: int) -> str:
    """Return a time [ns] as exact seconds."""
    sign = "-" if time < 0 else ""
    whole, rest = divmod(abs(time), 10**9)
    return f"{sign}{whole}.{rest:09d}"
