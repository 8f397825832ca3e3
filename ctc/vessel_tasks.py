"""What the ``ctc vessels`` commands do: grow, import, export, measure and save networks."""

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
from ctc.formats.catalogue import AUTO, read_vessels, write_vessels
from ctc.formats.csv_pair import is_csv_pair
from ctc.formats.length_unit import parse_unit
from ctc.formats.source_graph import ReadOptions
from ctc.record.files import check_new_file
from ctc.record.network_file import load_network, save_network
from ctc.record.vessels import vessels_hash
from ctc.vessels.body_network import build_body_network
from ctc.vessels.imported import read_tables
from ctc.vessels.morphometry import measure_network
from ctc.vessels.network import SegmentKind, VesselNetwork

# Tables of a whole body, with heart and beds, which are more than a format of networks.
TABLES = "tables"


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


def import_vessels(
    path: Path,
    *,
    repair: bool,
    output: Path,
    overwrite: bool,
    format_name: str = AUTO,
    unit: str | None = None,
    kind: str | None = None,
    radius_name: str | None = None,
) -> dict[str, Any]:
    """Import a network from a file or folder, and save it.

    Tables of a whole body are solved with their authors' pressures; the network of any other
    file is of plain vessels, with a flow only where ctc wrote one.
    """
    check_new_file(output, overwrite=overwrite)
    if _is_body(path, format_name):
        for key, value in (("unit", unit), ("kind", kind), ("radius-name", radius_name)):
            if value is not None:
                message = f"{key} must be left out for tables of a body, got '{value}'. Drop it."
                raise InputError(message, key=f"--{key}")
        imported = read_tables(path, repair=repair)
        network, flow = solve_imported(imported, mode=ImportedFlow.PRESSURES)
        save_network(
            output, network, flow=flow, overwrite=overwrite, near_organs=imported.near_organs
        )
        return vessel_figures(network, flow)
    options = ReadOptions(
        unit=None if unit is None else parse_unit(unit),
        kind=SegmentKind.ARTERY if kind is None else SegmentKind[kind.upper()],
        radius_name=radius_name,
        repair=repair,
    )
    plain, stored_flow = read_vessels(path, options, format_name=format_name)
    save_network(output, plain, flow=stored_flow, overwrite=overwrite)
    return vessel_figures(plain, stored_flow)


def export_vessels(
    path: Path, *, output: Path, format_name: str = AUTO, unit: str | None = None, overwrite: bool
) -> dict[str, Any]:
    """Write the network of a network file or a run in another format; says what was written."""
    network, flow = load_network(path)
    return write_vessels(
        output,
        network,
        flow=flow,
        format_name=format_name,
        unit=None if unit is None else parse_unit(unit),
        overwrite=overwrite,
    )


def _is_body(path: Path, format_name: str) -> bool:
    if format_name != AUTO:
        return format_name == TABLES
    return not path.suffix if not path.exists() else path.is_dir() and not is_csv_pair(path)


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
