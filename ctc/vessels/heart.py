"""Where the four chambers of the heart join the vessels of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.errors import InputError
from ctc.vessels.network import SegmentKind, VesselNetwork

CHAMBERS = ("right atrium", "right ventricle", "left atrium", "left ventricle")


@dataclass(frozen=True)
class Heart:
    """The chambers of a network and the nodes at which vessels end or begin.

    Attributes
    ----------
    chambers : tuple of int
        Segments of right atrium, right ventricle, left atrium and left ventricle.
    right_inlet, pulmonary_root, left_inlet, aortic_root : int
        Nodes: start of the right atrium, end of the right ventricle, start of the left
        atrium, end of the left ventricle.
    """

    chambers: tuple[int, int, int, int]
    right_inlet: int
    pulmonary_root: int
    left_inlet: int
    aortic_root: int


def find_heart(network: VesselNetwork) -> Heart:
    """Return the heart of a network.

    Parameters
    ----------
    network : VesselNetwork
        With one segment named after each of `CHAMBERS`, directed with the flow.

    Raises
    ------
    InputError
        If a chamber is missing or double, or atrium and ventricle are not in series.
    """
    is_chamber = network.is_kind(SegmentKind.HEART_CHAMBER)
    found = []
    for chamber in CHAMBERS:
        named = np.zeros(network.n_segments, dtype=bool)
        if chamber in network.vessel_names:
            named = network.name == network.vessel_index(chamber)
        segments = np.flatnonzero(is_chamber & named)
        if segments.size != 1:
            message = (
                f"network must have one heart chamber '{chamber}', got {segments.size}. "
                "Close the loop through the four chambers."
            )
            raise InputError(message)
        found.append(int(segments[0]))
    right_atrium, right_ventricle, left_atrium, left_ventricle = found
    for atrium, ventricle in ((right_atrium, right_ventricle), (left_atrium, left_ventricle)):
        if network.end_node[atrium] != network.start_node[ventricle]:
            message = (
                f"heart chambers must be in series, got atrium {atrium} and ventricle "
                f"{ventricle} apart. End the atrium where the ventricle starts."
            )
            raise InputError(message)
    return Heart(
        chambers=(right_atrium, right_ventricle, left_atrium, left_ventricle),
        right_inlet=int(network.start_node[right_atrium]),
        pulmonary_root=int(network.end_node[right_ventricle]),
        left_inlet=int(network.start_node[left_atrium]),
        aortic_root=int(network.end_node[left_ventricle]),
    )
