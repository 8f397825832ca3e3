"""What the ``ctc vessels`` commands do: grow, import, measure and save networks."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np

from ctc.body.plan import load_body_plan
from ctc.errors import InputError, near_name
from ctc.flow.body_flow import flow_deviation, solve_body
from ctc.flow.field import FlowField
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.record.files import check_new_file
from ctc.record.network_file import load_network, save_network
from ctc.record.vessels import vessels_hash
from ctc.vessels.body_network import build_body_network
from ctc.vessels.imported import read_tables
from ctc.vessels.morphometry import measure_network
from ctc.vessels.network import VesselNetwork


def grow_vessels(
    body: str, *, n_terminals: int, organ: str | None, seed: int, output: Path, overwrite: bool
) -> dict[str, Any]:
    """Grow the vessels of a body, solve their flow, and save both (one organ's part, if named)."""
    plan = load_body_plan(body)
    if organ is not None and organ not in {each.name for each in plan.organs}:
        hint = near_name(organ, [each.name for each in plan.organs])
        message = f"organ must be one of this body's, got '{organ}'. {hint}"
        raise InputError(message, key="--organ")
    check_new_file(output, overwrite=overwrite)
    try:
        grown = build_body_network(plan, n_terminals=n_terminals, seed=seed)
    except InputError as error:
        raise error.at(key="--terminals") from None
    network, flow = solve_body(grown, plan)
    deviation = max(abs(d) for d in flow_deviation(network, flow, plan=plan).values())
    if organ is not None:
        network, flow = _part(network, flow, organ)
    save_network(output, network, flow=flow, overwrite=overwrite)
    return vessel_figures(network, flow) | {"flow_deviation_max": deviation}


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


def _part(network: VesselNetwork, flow: FlowField, organ: str) -> tuple[VesselNetwork, FlowField]:
    """Return one organ's segments as a network of their own, with their flow."""
    chosen = np.flatnonzero(network.organ == network.organ_index(organ))
    ends = np.concatenate([network.start_node[chosen], network.end_node[chosen]])
    nodes, local = np.unique(ends, return_inverse=True)
    arrays = ("lumen_radius", "length", "volume", "resistance_factor")
    labels = ("kind", "organ", "region", "name")
    part = network.replace(
        node_position=network.node_position[nodes],
        start_node=local[: chosen.size],
        end_node=local[chosen.size :],
        origin=f"{network.origin}, {organ} alone",
        **{name: getattr(network, name)[chosen] for name in (*arrays, *labels)},
    )
    field = dataclasses.replace(
        flow,
        pressure=flow.pressure[nodes],
        **{
            name: getattr(flow, name)[chosen]
            for name in (
                "flow_rate",
                "transit_time",
                "discharge_haematocrit",
                "tube_haematocrit",
                "apparent_viscosity",
                "wall_shear_stress",
            )
        },
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
