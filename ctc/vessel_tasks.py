"""What the ``ctc vessels`` commands do: grow, import, measure and save networks."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ctc.body.plan import BodyPlan, load_body_plan
from ctc.body.surface import length_unit, load_surface
from ctc.body.surface_territory import PlacedSurface, place_surface, regions_named
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.body_flow import flow_deviation, solve_body
from ctc.flow.field import FlowField
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.record.files import check_new_file
from ctc.record.network_file import load_network, save_network
from ctc.record.vessels import vessels_hash
from ctc.vessels.body_network import build_body_network
from ctc.vessels.fit import require_room
from ctc.vessels.imported import read_tables
from ctc.vessels.morphometry import measure_network
from ctc.vessels.network import Repair, VesselNetwork

# Fields of a flow that have a value a segment.
_OF_SEGMENTS = (
    "flow_rate",
    "transit_time",
    "discharge_haematocrit",
    "tube_haematocrit",
    "apparent_viscosity",
    "wall_shear_stress",
)


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


def grow_vessels(
    body: str,
    *,
    n_terminals: int,
    organ: str | None,
    seed: int,
    output: Path,
    overwrite: bool,
    surface: OwnSurface | None = None,
) -> dict[str, Any]:
    """Grow the vessels of a body, or of one organ of it, solve their flow, and save both.

    Parameters
    ----------
    body : str
        A body plan, such as ``human_male``.
    n_terminals : int
        Capillary beds: of the whole body, or of the organ alone.
    organ : str, optional
        An organ, a region, or what several regions begin with: only its trees are saved, with the
        flow that they have in the whole body.
    seed : int
        Of the growth.
    output : Path
        Network file to write.
    overwrite : bool
        Replace it if it exists.
    surface : OwnSurface, optional
        The organ's territory, instead of the plan's shape; the saved network lies in it.

    Returns
    -------
    dict
        As `vessel_figures`.

    Raises
    ------
    InputError
        If a name, the surface or the number of terminals does not do; nothing is written then.
    """
    plan = load_body_plan(body)
    try:
        regions = regions_named(plan, organ) if organ else ()
    except InputError as error:
        raise error.at(key="--organ") from None
    if surface is not None and not organ:
        message = "organ must be named for a surface, got none. Add --organ NAME."
        raise InputError(message, key="--mesh")
    check_new_file(output, overwrite=overwrite)
    placed, repairs = _placed(plan, organ or "", surface)
    try:
        grown = build_body_network(
            plan,
            n_terminals=n_terminals,
            seed=seed,
            territories=placed.territories,
            only=regions,
        )
    except InputError as error:
        raise error.at(key="--terminals") from None
    require_room(grown, placed.territories)
    network, flow = solve_body(grown, plan)
    deviation = max(abs(d) for d in flow_deviation(network, flow, plan=plan).values())
    if organ:
        network, flow = _part(network, flow, regions)
        origin = f"{network.origin}, {organ} alone"
        if surface is not None:
            content = hashlib.sha256(surface.path.read_bytes()).hexdigest()
            origin += f" in {surface.path.name} (SHA-256 {content[:16]})"
        network = network.replace(
            node_position=network.node_position - placed.offset, origin=origin, repairs=repairs
        )
    save_network(output, network, flow=flow, overwrite=overwrite)
    return vessel_figures(network, flow) | {"flow_deviation_max": deviation}


def _placed(
    plan: BodyPlan, organ: str, surface: OwnSurface | None
) -> tuple[PlacedSurface, tuple[Repair, ...]]:
    """Read a surface and put it into the body; nothing to put where there is none."""
    if surface is None:
        return PlacedSurface({}, np.zeros(3)), ()
    mesh = load_surface(surface.path, unit=surface.unit)
    hilum: FloatArray | None = None
    if surface.hilum is not None:
        hilum = np.array(surface.hilum) * length_unit(surface.unit)
    try:
        placed = place_surface(plan, organ, mesh, hilum=hilum)
    except InputError as error:
        raise error.at(file=str(surface.path)) from None
    return placed, tuple(Repair(r.rule, r.count, r.detail) for r in mesh.repairs)


def import_vessels(folder: Path, *, repair: bool, output: Path, overwrite: bool) -> dict[str, Any]:
    """Import a network from tables, solve it with its authors' pressures, and save both."""
    check_new_file(output, overwrite=overwrite)
    imported = read_tables(folder, repair=repair)
    network, flow = solve_imported(imported, mode=ImportedFlow.PRESSURES)
    save_network(output, network, flow=flow, overwrite=overwrite)
    return vessel_figures(network, flow)


def vessel_info(path: Path) -> dict[str, Any]:
    """Measure a saved network, or that of a run."""
    return vessel_figures(*load_network(path))


def vessel_figures(network: VesselNetwork, flow: FlowField | None) -> dict[str, Any]:
    """Return the measures of a network as plain values (None where one has no meaning)."""
    figures: dict[str, Any] = {"origin": network.origin, **measure_network(network).to_dict()}
    if flow is not None:
        figures["mass_residual"] = flow.mass_residual
        figures["momentum_residual"] = flow.momentum_residual
    figures["network_hash"] = vessels_hash(network, flow)
    plain: dict[str, Any] = _plain(figures)
    return plain


def _part(
    network: VesselNetwork, flow: FlowField, regions: tuple[str, ...]
) -> tuple[VesselNetwork, FlowField]:
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
