"""Published figures to print beside those of a network, with their sources."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.scenario.parameters import ParameterSet, load_parameters
from ctc.vessels.network import VesselNetwork

_RATIOS = {"RB": "branching", "RD": "diameter", "RL": "length"}


@dataclass(frozen=True)
class PublishedFigure:
    """A range from the literature; low equals high where one number was given.

    Attributes
    ----------
    low, high : float
        In SI.
    source : str
        Citation.
    """

    low: float
    high: float
    source: str


def published_figures(network: VesselNetwork) -> dict[str, dict[str, PublishedFigure]]:
    """Return what is known of the organs that a network has.

    Parameters
    ----------
    network : VesselNetwork
        Of lungs alone it is compared with lungs, of a heart alone with coronary casts, else with
        organ trees in general.

    Returns
    -------
    dict of str to dict of str to PublishedFigure
        By side (``arteries``, ``veins``, ``portal veins``) ``RB``, ``RD``, ``RL``, ``angle``, of
        hearts ``symmetry`` and ``area_ratio``; under ``network`` ``coverage_max`` and
        ``systemic_small_vessels``.
    """
    numbers = load_parameters("morphometry")
    in_regions = network.organ[network.region >= 0] + 1
    count = np.bincount(in_regions, minlength=len(network.organ_names) + 1)
    organs = {name for name, n in zip(network.organ_names, count[1:], strict=True) if n}
    found: dict[str, dict[str, PublishedFigure]] = {}
    for side in ("arteries", "veins", "portal veins"):
        prefix = f"lung.{side}" if organs == {"lung"} and side != "portal veins" else "tree"
        found[side] = {key: _figure(numbers, f"{prefix}.{name}") for key, name in _RATIOS.items()}
        found[side]["angle"] = _figure(numbers, "bifurcation.angle")
    if organs == {"heart"}:
        for key in ("symmetry", "area_ratio"):
            found["arteries"][key] = _figure(numbers, f"bifurcation.{key}")
    coverage = numbers["coverage.largest"]
    found["network"] = {
        "coverage_max": PublishedFigure(0.0, coverage.value, coverage.source),
        "systemic_small_vessels": _figure(numbers, "blood.systemic_small_vessels"),
    }
    return found


def _figure(numbers: ParameterSet, name: str) -> PublishedFigure:
    if name in numbers:
        one = numbers[name]
        return PublishedFigure(one.value, one.value, one.source)
    low, high = numbers[f"{name}.low"], numbers[f"{name}.high"]
    texts = dict.fromkeys([low.source, high.source])
    return PublishedFigure(low.value, high.value, "; ".join(texts))
