"""Labels: names beside what they name, in two columns, spread so that none covers another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray


@dataclass(frozen=True)
class Label:
    """A name and its place.

    Attributes
    ----------
    text : str
        What to write.
    anchor : tuple of float [m]
        Right and up of what it names.
    height : float [m]
        Up, of the middle of the text.
    is_right : bool
        Whether it stands in the right column.
    """

    text: str
    anchor: tuple[float, float]
    height: float
    is_right: bool


def place_labels(
    anchors: Mapping[str, FloatArray], middle: float, *, low: float, high: float, gap: float
) -> list[Label]:
    """Return labels in two columns, as near to the height of their anchors as fits.

    Parameters
    ----------
    anchors : mapping of str to (2, 2) float64 [m]
        Right and up of what each text names: a spot for a text on the left, and on the right.
    middle : float [m]
        Anchors right of it go to the right column, until that holds more than its half.
    low, high : float [m]
        The lowest and the highest place of a text.
    gap : float [m]
        The least distance between two texts of a column.

    Returns
    -------
    list of Label
        Column by column, from the top.
    """
    by_side: dict[bool, list[tuple[str, FloatArray]]] = {False: [], True: []}
    ordered = sorted(anchors.items(), key=lambda item: (item[1][:, 0].mean(), item[0]))
    n_left = sum(place[:, 0].mean() < middle for _, place in ordered)
    # The middle ones may change sides to even the columns out, by one label at the most.
    half = len(ordered) // 2
    n_left = int(np.clip(n_left, half - 1, half + 1))
    for index, item in enumerate(ordered):
        is_right = index >= n_left
        by_side[is_right].append((item[0], item[1][int(is_right)]))
    labels = []
    for is_right, items in by_side.items():
        items.sort(key=lambda item: (-item[1][1], item[0]))
        wanted = np.array([place[1] for _, place in items])
        heights = spread(wanted, low, high=high, gap=gap)
        labels += [
            Label(text, (float(place[0]), float(place[1])), float(height), is_right)
            for (text, place), height in zip(items, heights, strict=True)
        ]
    return labels


def spread(wanted: FloatArray, low: float, *, high: float, gap: float) -> FloatArray:
    """Return falling heights at least a gap apart, near to those wanted, within the bounds.

    Groups that would overlap are moved apart around their mean (pool adjacent violators), which
    is the least sum of squared shifts; then the whole is pushed within the bounds.

    Parameters
    ----------
    wanted : (n,) float64
        Falling.
    low, high : float
        Bounds; where n gaps do not fit, the lowest ones lie below `low`.
    gap : float
        > 0.

    Returns
    -------
    (n,) float64
        Falling.
    """
    n = wanted.size
    shifted = wanted + gap * np.arange(n)  # must not rise
    groups: list[tuple[float, int]] = []
    for value in shifted:
        mean, count = float(value), 1
        while groups and groups[-1][0] < mean:
            before, weight = groups.pop()
            mean = (before * weight + mean * count) / (weight + count)
            count += weight
        groups.append((mean, count))
    heights = np.concatenate([np.full(k, mean) for mean, k in groups] or [np.zeros(0)])
    heights = np.maximum(heights, low + gap * (n - 1))
    heights = np.minimum(heights, high)
    spaced: FloatArray = heights - gap * np.arange(n)
    return spaced
