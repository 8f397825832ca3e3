"""What a network measures, as plain values: for ``ctc vessels info`` and after every change."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ctc.body.plan import load_body_plan
from ctc.body.surface import load_surface
from ctc.body.surface_shape import surface_shape
from ctc.body.territory import Territory, load_territories
from ctc.errors import InputError, near_name
from ctc.flow.field import FlowField
from ctc.flow.lymph_flow import lymph_figures
from ctc.record.network_file import load_network
from ctc.record.vessels import vessels_hash
from ctc.vessels.morphometry import Morphometry, measure_network
from ctc.vessels.network import VesselNetwork
from ctc.vessels.published import published_figures
from ctc.vessels.strahler import Ordering

# Fields of a flow that have a value a segment.
_OF_SEGMENTS = (
    "flow_rate",
    "transit_time",
    "discharge_haematocrit",
    "tube_haematocrit",
    "apparent_viscosity",
    "wall_shear_stress",
)

# How the origin of a network tells its body, and that a surface took the place of its shape.
_GROWN = re.compile(r"grown: body (\w+),")
SURFACE_MARK = " (SHA-256 "


@dataclass(frozen=True)
class OwnSurface:
    """A closed surface to grow vessels in, as the user names it.

    Attributes
    ----------
    path : Path
        STL or OBJ file.
    unit : str
        Of its coordinates.
    hilum : tuple of float, optional
        Where the vessels enter, in that unit.
    """

    path: Path
    unit: str = "mm"
    hilum: tuple[float, float, float] | None = None


def vessel_info(
    path: Path,
    *,
    organ: str | None = None,
    ordering: str = Ordering.STRAHLER.value,
    surface: OwnSurface | None = None,
) -> dict[str, Any]:
    """Measure a saved network, or that of a run; see `measure_vessels`."""
    return measure_vessels(path, organ=organ, ordering=ordering, surface=surface)[0]


def measure_vessels(
    path: Path,
    *,
    organ: str | None = None,
    ordering: str = Ordering.STRAHLER.value,
    surface: OwnSurface | None = None,
) -> tuple[dict[str, Any], Morphometry]:
    """Measure a saved network, or that of a run.

    Parameters
    ----------
    path : Path
        Network file or run.
    organ : str, optional
        Only these regions; see `ctc.body.surface_territory.regions_named`.
    ordering : str
        ``strahler``, or ``diameter`` for diameter-defined orders.
    surface : OwnSurface, optional
        That the organ was grown in, for coverage; its hilum is not read.

    Returns
    -------
    figures : dict
        Plain values, None where one has no meaning.
    measures : Morphometry
        The same with what charts need.

    Raises
    ------
    InputError
        If the file is no network, or holds no such organ.
    """
    network, flow = load_network(path)
    if organ is not None:
        try:
            regions = _regions_in(network, organ)
        except InputError as error:
            raise error.at(key="--organ") from None
        network, flow = part_of_network(network, flow, regions)
    return figures_of(network, flow, territories_of(network, surface), Ordering(ordering))


def vessel_figures(network: VesselNetwork, flow: FlowField | None) -> dict[str, Any]:
    """Return the measures of a network as plain values (None where one has no meaning)."""
    return figures_of(network, flow, territories_of(network, None), Ordering.STRAHLER)[0]


def figures_of(
    network: VesselNetwork,
    flow: FlowField | None,
    territories: Mapping[str, Territory],
    ordering: Ordering,
) -> tuple[dict[str, Any], Morphometry]:
    """Return the measures of a network in these territories, as plain values and whole."""
    measures = measure_network(network, territories=territories, ordering=ordering)
    figures: dict[str, Any] = {"origin": network.origin, "ordering": ordering.value}
    figures |= measures.to_dict()
    figures["published"] = {
        side: {key: dataclasses.asdict(each) for key, each in figures_of_side.items()}
        for side, figures_of_side in published_figures(network).items()
    }
    if flow is not None:
        figures["mass_residual"] = flow.mass_residual
        figures["red_cell_residual"] = flow.red_cell_residual
        figures["momentum_residual"] = flow.momentum_residual
        figures["lymph"] = lymph_figures(network, flow.flow_rate)
    figures["network_hash"] = vessels_hash(network, flow)
    plain: dict[str, Any] = _plain(figures)
    return plain, measures


def _regions_in(network: VesselNetwork, organ: str) -> tuple[str, ...]:
    """Return the regions of a network that a name stands for, in any body or none."""
    regions, first = np.unique(network.region, return_index=True)
    names = {
        network.region_names[region]: network.organ_names[network.organ[segment]]
        for region, segment in zip(regions.tolist(), first.tolist(), strict=True)
        if region >= 0
    }
    found = tuple(
        region
        for region, its_organ in names.items()
        if organ in (region, its_organ) or region.startswith(f"{organ}, ")
    )
    if not found:
        known = dict.fromkeys([*names.values(), *names])
        message = f"organ must be one of this network's, got '{organ}'. {near_name(organ, known)}"
        raise InputError(message)
    return found


def territories_of(network: VesselNetwork, surface: OwnSurface | None) -> Mapping[str, Territory]:
    """Return the space of each region: of a surface, or of the body that the network was grown for.

    A network that was grown in a surface lies there, so the body's own shapes say nothing of it.
    """
    count = np.bincount(network.region + 1, minlength=len(network.region_names) + 1)
    present = [name for name, n in zip(network.region_names, count[1:], strict=True) if n]
    if surface is not None:
        mesh = load_surface(surface.path, unit=surface.unit)
        if len(present) != 1:
            message = f"surface must hold one region, got a network of {len(present)}. Name one."
            raise InputError(message, key="--organ")
        _require_own_surface(network, surface.path)
        return {present[0]: Territory(present[0], surface_shape(mesh), np.zeros(3))}
    grown = _GROWN.match(network.origin)
    if not grown or SURFACE_MARK in network.origin:
        return {}
    return load_territories(load_body_plan(grown[1]))


def _require_own_surface(network: VesselNetwork, path: Path) -> None:
    """Refuse a surface that a grown network was not grown in; others may lie in any."""
    if not _GROWN.match(network.origin):
        return
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    if f"{SURFACE_MARK}{content[:16]})" in network.origin:
        return
    got = "another" if SURFACE_MARK in network.origin else "no surface"
    message = f"surface must be the one that the network was grown in, got {got} in its file "
    message += f"({network.origin}). Leave --mesh out, or name that surface."
    raise InputError(message, file=str(path))


def part_of_network(
    network: VesselNetwork, flow: FlowField | None, regions: tuple[str, ...]
) -> tuple[VesselNetwork, FlowField | None]:
    """Return some regions' segments as a network of their own, with their flow."""
    own = [network.region_names.index(region) for region in regions]
    chosen = np.flatnonzero(np.isin(network.region, own))
    ends = np.concatenate([network.start_node[chosen], network.end_node[chosen]])
    nodes, local = np.unique(ends, return_inverse=True)
    arrays = ("lumen_radius", "length", "volume", "resistance_factor")
    labels = ("kind", "organ", "region", "name")
    part = network.replace(
        node_position=network.node_position[nodes],
        start_node=local[: chosen.size],
        end_node=local[chosen.size :],
        **{name: getattr(network, name)[chosen] for name in (*arrays, *labels)},
    )
    if flow is None:
        return part, None
    field = dataclasses.replace(
        flow,
        pressure=flow.pressure[nodes],
        **{name: getattr(flow, name)[chosen] for name in _OF_SEGMENTS},
    )
    return part, field


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
