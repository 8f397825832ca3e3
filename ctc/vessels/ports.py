"""Where blood enters and leaves each region of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import IntArray
from ctc.vessels.network import VesselNetwork


@dataclass(frozen=True)
class RegionPorts:
    """The nodes between one region's own segments and the rest of the body.

    Attributes
    ----------
    region : str
        Its name.
    inlet_nodes, outlet_nodes : (n,) int32
        Where its segments begin and end: an artery (and a portal vein), and a vein.
    """

    region: str
    inlet_nodes: IntArray
    outlet_nodes: IntArray


def region_ports(network: VesselNetwork) -> tuple[RegionPorts, ...]:
    """Find the inlets and outlets of every region.

    An inlet is a node where a segment of the region starts and none ends; an outlet the reverse.
    The segments between them are the region's own, so the mean transit of point tracers from
    inlets to outlets is the volume of its segments over the flow through it.

    Parameters
    ----------
    network : VesselNetwork
        Directed with the flow.

    Returns
    -------
    tuple of RegionPorts
        In the order of ``network.region_names``.
    """
    n_regions = len(network.region_names)
    own = network.region >= 0
    region = network.region[own].astype(np.int64)
    starts = np.unique(np.stack([region, network.start_node[own]], axis=1), axis=0)
    ends = np.unique(np.stack([region, network.end_node[own]], axis=1), axis=0)
    key_starts = starts[:, 0] * network.n_nodes + starts[:, 1]
    key_ends = ends[:, 0] * network.n_nodes + ends[:, 1]
    inlets = starts[~np.isin(key_starts, key_ends)]
    outlets = ends[~np.isin(key_ends, key_starts)]
    return tuple(
        RegionPorts(
            region=network.region_names[i],
            inlet_nodes=inlets[inlets[:, 0] == i, 1].astype(np.int32),
            outlet_nodes=outlets[outlets[:, 0] == i, 1].astype(np.int32),
        )
        for i in range(n_regions)
    )
