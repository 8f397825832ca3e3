"""Lesions and primary tumours as spheres that hold their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.record.layout import NANOSECONDS, NO_FOUNDER, PRIMARY_IDENTITY
from ctc.states import GONE, CellState
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.drawables import LesionBodies
from ctc.viewer.palette import SOURCE_COLOUR, STATE_COLOURS, rgb

CELL_DIAMETER = 10e-6  # [m] of a cell in a lesion, as drawn
# Spheres shaken together fill this part of space: Bernal and Mason 1960, doi:10.1038/188910a0.
# With it a cubic centimetre holds 1.2e9 cells, near the usual 1e9: Del Monte 2009,
# doi:10.4161/cc.8.3.7608.
PACKING = 0.64
# A smaller lesion is drawn with this radius [m], so that it is seen.
SMALLEST_RADIUS = 1.5e-3
# Soft tissue [kg/m^3]: ICRU report 44 (1989), table 4.1.
TISSUE_DENSITY = 1060.0
_OPACITY, _PRIMARY_OPACITY = 255, 200


@dataclass(frozen=True)
class Primary:
    """A tumour that the scenario gives.

    Attributes
    ----------
    identity : int
        `PRIMARY_IDENTITY` less its number.
    organ : str
        Where it grows.
    mass : float [kg]
        Of it.
    start, stop : int [ns]
        When it sheds; it is shown so long.
    source : int
        Its place among the sources, which is the clone of its cells.
    """

    identity: int
    organ: str
    mass: float
    start: int
    stop: int
    source: int


def sphere_radius(cells: FloatArray) -> FloatArray:
    """Return the radius [m] of a ball of so many cells, ``(d / 2) (n / packing)^(1/3)``."""
    radius: FloatArray = 0.5 * CELL_DIAMETER * np.cbrt(cells / PACKING)
    return radius


def read_primaries(scenario: Mapping[str, Any], duration: int) -> tuple[Primary, ...]:
    """Return the tumours of a scenario with everything filled in; `duration` of the run [ns]."""
    found: list[Primary] = []
    for number, source in enumerate(scenario.get("source", ())):
        if source.get("kind") != "tumour":
            continue
        stop = source.get("stop")
        found.append(
            Primary(
                identity=PRIMARY_IDENTITY - len(found),
                organ=source["organ"],
                mass=float(source["mass"]),
                start=round(source["start"] * NANOSECONDS),
                stop=duration if stop is None else round(stop * NANOSECONDS),
                source=number,
            )
        )
    return tuple(found)


def lesion_bodies(
    rows: npt.NDArray[Any],
    network: VesselNetwork,
    *,
    primaries: Sequence[Primary],
    time: int,
    size: float = 1.0,
    found: npt.NDArray[np.uint32] | None = None,
) -> LesionBodies:
    """Return what is to be drawn at a moment.

    Parameters
    ----------
    rows : (n,) structured array
        One row a lesion: `ctc.viewer.lesion_rows.newest_rows`.
    network : VesselNetwork
        A lesion lies at the middle of its segment.
    primaries : sequence of Primary
        Shown while they shed, unless the rows hold a primary tumour of that organ.
    time : int [ns]
        The moment.
    size : float
        Of the body over a person's; the smallest lesion is drawn as much smaller.
    found : (m,) uint32, optional
        Identities of those that an examination has shown: they have a ring around them.
    """
    ends = network.node_position
    is_primary = rows["cell"] == np.uint64(NO_FOUNDER)
    recorded = {network.organ_names[i] for i in np.unique(rows["organ"][is_primary])}
    # The others were lost, or taken out.
    rows = rows[~np.isin(rows["state"], GONE)]
    is_primary = rows["cell"] == np.uint64(NO_FOUNDER)
    segment = rows["segment"].astype(np.int64)
    middle = 0.5 * (ends[network.start_node[segment]] + ends[network.end_node[segment]])
    shown = [
        (primary, place)
        for primary in primaries
        if primary.start <= time <= primary.stop and primary.organ not in recorded
        if (place := primary_place(network, primary.organ)) is not None
    ]
    masses = np.array([primary.mass for primary, _ in shown])
    radius = np.concatenate(
        [
            sphere_radius(rows["cells"].astype(np.float64)),
            np.cbrt(3.0 / (4.0 * np.pi) * masses / TISSUE_DENSITY),
        ]
    )
    tints = np.array([_tint(STATE_COLOURS[CellState.COLONY], _OPACITY)] * rows.size)
    tints = tints.reshape(-1, 4)
    tints[is_primary] = _tint(SOURCE_COLOUR, _PRIMARY_OPACITY)
    more = np.array([_tint(SOURCE_COLOUR, _PRIMARY_OPACITY)] * len(shown)).reshape(-1, 4)
    places = np.array([place for _, place in shown]).reshape(-1, 3)
    identities = np.array([primary.identity for primary, _ in shown], dtype=np.uint32)
    identity = np.concatenate([rows["lesion"].astype(np.uint32), identities])
    return LesionBodies(
        position=np.concatenate([middle, places]).astype(np.float32),
        radius=np.maximum(radius, SMALLEST_RADIUS * size).astype(np.float32),
        colour=np.concatenate([tints, more]).astype(np.uint8),
        identity=identity,
        is_ringed=None if found is None else np.isin(identity, found),
    )


def primary_place(network: VesselNetwork, organ: str) -> FloatArray | None:
    """Return where a tumour of an organ is drawn (3,) [m], or nothing where there is none.

    The vessel nearest to the middle of the organ's first region, so that it lies inside. The
    scenario names the organ only, and its cells enter all over it.
    """
    if organ not in network.organ_names:
        return None
    inside = network.organ == network.organ_names.index(organ)
    beds = inside & network.is_kind(SegmentKind.CAPILLARY_BED)
    chosen = np.flatnonzero(beds if beds.any() else inside)
    if not chosen.size:
        return None
    chosen = chosen[network.region[chosen] == network.region[chosen].min()]
    ends = network.node_position
    middle = 0.5 * (ends[network.start_node[chosen]] + ends[network.end_node[chosen]])
    away = np.square(middle - middle.mean(axis=0)).sum(axis=1)
    place: FloatArray = middle[int(np.argmin(away))]
    return place


def _tint(text: str, opacity: int) -> tuple[int, int, int, int]:
    red, green, blue = (round(255.0 * float(part)) for part in rgb(text))
    return red, green, blue, opacity
