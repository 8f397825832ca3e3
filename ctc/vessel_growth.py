"""What ``ctc vessels grow`` does: the vessels of a body, or of one organ, with their flow."""

from __future__ import annotations

import hashlib
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
from ctc.record.files import check_new_file
from ctc.record.network_file import save_network
from ctc.vessel_figures import (
    SURFACE_MARK,
    OwnSurface,
    figures_of,
    part_of_network,
    territories_of,
)
from ctc.vessels.body_network import build_body_network
from ctc.vessels.fit import require_room
from ctc.vessels.network import Repair
from ctc.vessels.strahler import Ordering
from ctc.vessels.terminals import TooFewTerminals


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
        regions = regions_named(plan, organ) if organ is not None else ()
    except InputError as error:
        raise error.at(key="--organ") from None
    if surface is not None and not organ:
        message = "organ must be named for a surface, got none. Add --organ NAME."
        raise InputError(message, key="--mesh")
    check_new_file(output, overwrite=overwrite, source=surface.path if surface else None)
    placed, repairs = _placed(plan, organ or "", surface)
    try:
        grown = build_body_network(
            plan,
            n_terminals=n_terminals,
            seed=seed,
            territories=placed.territories,
            only=regions,
        )
    except TooFewTerminals as error:
        raise error.at(key="--terminals") from None
    except InputError as error:
        place = {"key": "--terminals"} if surface is None else {"file": str(surface.path)}
        raise error.at(**place) from None
    try:
        require_room(grown, placed.territories)
    except InputError as error:
        raise error.at(file=str(surface.path) if surface else None) from None
    network, flow = solve_body(grown, plan)
    deviation = max(abs(d) for d in flow_deviation(network, flow, plan=plan).values())
    saved: FlowField | None = flow
    if organ:
        network, saved = part_of_network(network, flow, regions)
        origin = f"{network.origin}, {organ} alone"
        if surface is not None:
            content = hashlib.sha256(surface.path.read_bytes()).hexdigest()
            origin += f" in {surface.path.name}{SURFACE_MARK}{content[:16]})"
        network = network.replace(
            node_position=network.node_position - placed.offset, origin=origin, repairs=repairs
        )
    save_network(output, network, flow=saved, overwrite=overwrite)
    territories = placed.in_own_axes() if surface else territories_of(network, None)
    figures, _ = figures_of(network, saved, territories, Ordering.STRAHLER)
    return figures | {"flow_deviation_max": deviation}


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
