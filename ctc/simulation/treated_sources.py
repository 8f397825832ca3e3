"""What treatment has made of the sources of a patient, as arrays for a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.simulation.shedding import SheddingSource

# In place of a mass that no treatment has changed.
_UNTREATED = -1.0


def source_state(sources: Sequence[SheddingSource]) -> dict[str, npt.NDArray[Any]]:
    """Return what treatment can change of sources, by name; (n_sources,) each.

    ``stop`` [ns] is when a source ends, ``removed`` [s] when its tumour was taken out, ``since``
    [ns] and ``base_mass`` [kg] from when on and from what it grows anew, ``vigour`` the factor on
    its shedding.
    """
    primaries = [source.primary for source in sources]
    return {
        "stop": np.array([source.stop for source in sources], dtype=np.int64),
        "removed": np.array([0.0 if p is None else p.tumour.stop for p in primaries]),
        "since": np.array([0 if p is None else p.since for p in primaries], dtype=np.int64),
        "base_mass": np.array(
            [_UNTREATED if p is None or p.base_mass is None else p.base_mass for p in primaries]
        ),
        "vigour": np.array([1.0 if p is None else p.vigour for p in primaries]),
    }


def restored_sources(
    sources: Sequence[SheddingSource], state: Mapping[str, npt.NDArray[Any]]
) -> list[SheddingSource]:
    """Return sources of a scenario as `source_state` says that treatment had made them."""
    restored = []
    for place, source in enumerate(sources):
        primary = source.primary
        if primary is not None:
            mass = float(state["base_mass"][place])
            primary = replace(
                primary,
                tumour=replace(primary.tumour, stop=float(state["removed"][place])),
                since=int(state["since"][place]),
                base_mass=None if mass == _UNTREATED else mass,
                vigour=float(state["vigour"][place]),
            )
        restored.append(replace(source, stop=int(state["stop"][place]), primary=primary))
    return restored
