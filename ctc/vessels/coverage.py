"""How evenly terminals fill a territory, and how much of it vessels take up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ctc.body.territory import Territory
from ctc.vessels.network import SegmentKind, VesselNetwork

N_POINTS = 200_000


@dataclass(frozen=True)
class Coverage:
    """Of one region.

    Attributes
    ----------
    n_terminals : int
        N.
    volume : float [m^3]
        V of the territory, by counting points.
    median, p95, largest : float
        Distance of the territory's points to the nearest terminal, over ``(V / N)^(1/3)``.
    vessel_fraction : float
        Volume of the tubes over V.
    bed_fraction : float
        Volume of the capillary beds over V.
    """

    n_terminals: int
    volume: float
    median: float
    p95: float
    largest: float
    vessel_fraction: float
    bed_fraction: float


def measure_coverage(
    network: VesselNetwork, territories: Mapping[str, Territory], *, n_points: int = N_POINTS
) -> dict[str, Coverage]:
    """Measure the regions of a network whose territories are known.

    Parameters
    ----------
    network : VesselNetwork
        Terminals are the upstream ends of its beds.
    territories : mapping of str to Territory
        By region; those that the network lacks are passed over.
    n_points : int
        Points in all, shared evenly.

    Returns
    -------
    dict of str to Coverage
        By region, in the order of the network.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import

    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    # Place 0 is what lies in no region.
    n_places = len(network.region_names) + 1
    place = network.region + 1
    in_beds = np.bincount(place[is_bed], weights=network.volume[is_bed], minlength=n_places)
    in_all = np.bincount(place, weights=network.volume, minlength=n_places)
    bed = np.flatnonzero(is_bed)
    bed = bed[np.argsort(place[bed], kind="stable")]
    first = np.searchsorted(place[bed], np.arange(n_places + 1))
    known = [
        (i, territories[name])
        for i, name in enumerate(network.region_names, start=1)
        if name in territories and first[i] < first[i + 1]
    ]
    found = {}
    for i, territory in known:
        own = bed[first[i] : first[i + 1]]
        terminals = network.node_position[network.start_node[own]]
        points, volume = territory.sample_and_volume(max(n_points // len(known), 1), seed=0)
        gap = cKDTree(terminals).query(points)[0] / (volume / own.size) ** (1.0 / 3.0)
        found[territory.name] = Coverage(
            n_terminals=own.size,
            volume=volume,
            median=float(np.median(gap)),
            p95=float(np.percentile(gap, 95.0)),
            largest=float(gap.max()),
            vessel_fraction=float(in_all[i] - in_beds[i]) / volume,
            bed_fraction=float(in_beds[i]) / volume,
        )
    return found
