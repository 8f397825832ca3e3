"""Which segments share a factor on their resistance, and what that is to bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_flow import BoolArray
from ctc.checks import FloatArray, IntArray, require_positive
from ctc.errors import InputError, near_name
from ctc.flow.conductance import Haemodynamics
from ctc.vessels.network import SegmentKind, VesselNetwork

PORTAL_VEIN = "portal vein"
_OTHER, _BED, _LAST_ARTERIOLE, _ARTERY, _VEIN_FED_BED = range(5)


@dataclass(frozen=True)
class Valve:
    """Segments that share one factor on their resistance, and what that factor is to bring.

    Attributes
    ----------
    name : str
        Region or organ, for messages.
    groups : (n_groups,) bool
        Groups of segments whose resistance is changed, and whose flows add up to the valve's.
    branch : (n_groups,) bool
        Groups of the same tree pair, whose losses tell how much of the pressure the valve holds.
    evened : bool
        Give all segments the same resistance, as vessels that regulate flow have, whatever
        their lengths.
    flow : float [m^3/s]
        Wanted through the valve; NaN where a pressure is wanted instead.
    pressure_node : int
        Where that pressure is wanted, upstream; -1 for none.
    pressure : float [Pa]
        That pressure.
    """

    name: str
    groups: BoolArray
    branch: BoolArray
    evened: bool = False
    flow: float = np.nan
    pressure_node: int = -1
    pressure: float = np.nan

    def of(self, sums: FloatArray) -> float:
        """Return the sum over the valve's groups."""
        return float(np.sum(sums[self.groups]))

    def of_branch(self, sums: FloatArray) -> float:
        """Return the sum over its branch's groups."""
        return float(np.sum(sums[self.branch]))


@dataclass(frozen=True)
class Valves:
    """All valves of a network.

    Attributes
    ----------
    valves : tuple of Valve
        In the order of their targets.
    group : (n_segments,) int32
        Of every segment: what is of one organ, region and part lies in one group.
    n_groups : int
        How many.
    """

    valves: tuple[Valve, ...]
    group: IntArray
    n_groups: int


def find_valves(
    network: VesselNetwork, targets: Mapping[str, float], haemodynamics: Haemodynamics
) -> Valves:
    """Return the valves that can bring target flows about.

    Parameters
    ----------
    network : VesselNetwork
        Directed with the flow.
    targets : mapping of region or organ name to m^3/s
        Wanted flow, > 0.
    haemodynamics : Haemodynamics
        Pressure of the portal vein.

    Raises
    ------
    InputError
        If a name is unknown, a target is not positive, or beds or arterioles are missing.
    """
    group, key = _groups(network)
    n_parts = _VEIN_FED_BED + 1
    part = key % n_parts
    organ = key // n_parts % (len(network.organ_names) + 1) - 1
    region = key // n_parts // (len(network.organ_names) + 1) - 1
    is_bed = (part == _BED) | (part == _VEIN_FED_BED)
    is_arterial = (part == _LAST_ARTERIOLE) | (part == _ARTERY)
    valves = []
    for name, flow in targets.items():
        require_positive(f"target flow of '{name}'", flow, unit="m^3/s")
        branch = _members(network, name, region=region, organ=organ)
        beds = branch & is_bed
        if not beds.any():
            message = f"target '{name}' must have capillary beds, got none in the network."
            raise InputError(message)
        if not (branch & (part == _VEIN_FED_BED)).any():
            valves.append(Valve(name, beds, branch, flow=flow))
            continue
        leaves = branch & (part == _LAST_ARTERIOLE)
        if not leaves.any():
            message = f"region '{name}' has a portal vein and must have arterioles, got none."
            raise InputError(message)
        valves.append(Valve(name, leaves, branch & is_arterial, evened=True, flow=flow))
        portal = network.vessel_index(PORTAL_VEIN)
        node = int(network.start_node[np.flatnonzero(network.name == portal)[0]])
        valves.append(
            Valve(name, beds, branch, pressure_node=node, pressure=haemodynamics.portal_vein)
        )
    return Valves(tuple(valves), group, key.size)


def _groups(network: VesselNetwork) -> tuple[IntArray, npt.NDArray[np.int64]]:
    """Group of every segment, and what each group is: region, organ, part as one number."""
    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    venous = network.is_kind(SegmentKind.VENULE, SegmentKind.VEIN)
    arterial = network.is_kind(SegmentKind.ARTERIOLE, SegmentKind.ARTERY)
    touches_vein = np.zeros(network.n_nodes, dtype=bool)
    touches_vein[network.end_node[venous]] = True
    starts_bed = np.zeros(network.n_nodes, dtype=bool)
    starts_bed[network.start_node[is_bed]] = True
    part = np.full(network.n_segments, _OTHER, dtype=np.int64)
    part[is_bed] = np.where(touches_vein[network.start_node[is_bed]], _VEIN_FED_BED, _BED)
    part[arterial] = np.where(starts_bed[network.end_node[arterial]], _LAST_ARTERIOLE, _ARTERY)
    key = network.region.astype(np.int64) + 1
    key *= len(network.organ_names) + 1
    key += network.organ
    key += 1
    key *= _VEIN_FED_BED + 1
    key += part
    is_used = np.bincount(key) > 0
    number = np.cumsum(is_used) - 1
    return number[key].astype(np.int32), np.flatnonzero(is_used)


def _members(
    network: VesselNetwork,
    name: str,
    *,
    region: npt.NDArray[np.int64],
    organ: npt.NDArray[np.int64],
) -> BoolArray:
    if name in network.region_names:
        return np.equal(region, network.region_names.index(name))
    if name in network.organ_names:
        return np.equal(organ, network.organ_names.index(name))
    known = (*network.region_names, *network.organ_names)
    message = f"target must be a region or organ of the network, got '{name}'."
    hint = near_name(name, known)
    raise InputError(message + " " + hint)
