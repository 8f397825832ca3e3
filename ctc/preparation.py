"""From a scenario to a body with vessels and flow, laid out for the kernels; runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ctc.body.own_surfaces import OwnSurfaces, load_own_surfaces
from ctc.body.plan import BodyPlan, load_body_plan
from ctc.checks import IntArray
from ctc.errors import InputError
from ctc.flow.body_flow import solve_body
from ctc.flow.exercise import at_cardiac_output
from ctc.flow.field import FlowField
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.flow.rheology import Rheology
from ctc.record.network_file import load_near_organs, load_network
from ctc.record.vessels import vessels_hash
from ctc.recorder import sites_of_state
from ctc.scenario.overrides import place_of
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import BodySettings
from ctc.simulation.hop_table import HopTable
from ctc.simulation.prepare import build_setting
from ctc.simulation.setting import Setting
from ctc.simulation.tables import Tables
from ctc.vessel_cache import cached_vessels
from ctc.vessels.body_network import build_body_network
from ctc.vessels.fit import require_room
from ctc.vessels.imported import BODY_OF_TABLES, read_tables
from ctc.vessels.network import Repair, VesselNetwork
from ctc.vessels.terminals import TooFewTerminals


@dataclass(frozen=True)
class Prepared:
    """A scenario with its vessels, ready to run.

    Attributes
    ----------
    scenario : Scenario
        What was asked for.
    network, flow : VesselNetwork, FlowField
        The vessels, turned with their flow.
    network_hash : str
        SHA-256 of both.
    setting : Setting
        What the kernels will read.
    """

    scenario: Scenario
    network: VesselNetwork
    flow: FlowField
    network_hash: str
    setting: Setting


def prepare(scenario: Scenario, *, seed: int | None = None) -> Prepared:
    """Build body, vessels and flow of a scenario, and lay them out for the kernels.

    Parameters
    ----------
    scenario : Scenario
        From `load_scenario`.
    seed : int, optional
        Instead of ``run.seed``.

    Raises
    ------
    InputError
        If something in the scenario or in the files that it names cannot be used.
    """
    try:
        network, flow, near_organs = vessels_of(scenario)
        setting = setting_of(scenario, network, flow, near_organs=near_organs, seed=seed)
    except InputError as error:
        located = scenario.parameters.located(error)
        place = place_of(located.key, scenario.overrides, scenario.path)
        raise located.at(file=place) from None
    return Prepared(scenario, network, flow, vessels_hash(network, flow), setting)


def setting_of(
    scenario: Scenario,
    network: VesselNetwork,
    flow: FlowField,
    *,
    near_organs: Mapping[str, IntArray],
    seed: int | None,
    state: Mapping[str, object] | None = None,
    hops: HopTable | None = None,
    known: dict[str, Tables] | None = None,
    plan: BodyPlan | None = None,
) -> Setting:
    """Lay out a run on given vessels; entry sites as a checkpoint's state has them, if given.

    ``hops`` is the hop table of these very vessels where it is there already (`hop_table_of`),
    ``known`` tables that were laid out for it before, ``plan`` that of `plan_of`.
    """
    return build_setting(
        scenario,
        network,
        flow,
        plan=plan or plan_of(scenario),
        near_organs=near_organs,
        seed=scenario.settings.run.seed if seed is None else seed,
        sites=None if state is None else sites_of_state(state),
        hops=hops,
        known=known,
    )


def plan_of(scenario: Scenario) -> BodyPlan:
    """Return the plan of a scenario's body; for an imported network one that stands for it."""
    body = scenario.settings.body
    return load_body_plan(BODY_OF_TABLES if body.source == "tables" else body.plan)


def vessels_of(
    scenario: Scenario,
) -> tuple[VesselNetwork, FlowField, Mapping[str, IntArray]]:
    """Return the vessels of a scenario with their flow, and nodes beside organs where known."""
    network, flow, near_organs = _at_rest(scenario)
    return network, at_cardiac_output(flow, scenario.settings.host.exercise), near_organs


def _at_rest(
    scenario: Scenario,
) -> tuple[VesselNetwork, FlowField, Mapping[str, IntArray]]:
    body = scenario.settings.body
    if body.source == "tables":
        imported = read_tables(Path(body.folder), repair=body.repair)
        rheology = None if body.rheology is None else Rheology(body.rheology)
        network, flow = solve_imported(imported, mode=ImportedFlow(body.flow), rheology=rheology)
        return network, flow, imported.near_organs
    if body.source == "file":
        path = Path(body.path)
        loaded, flow_of_file = load_network(path)
        if flow_of_file is None:
            message = (
                f"file must hold a network with its flow, got '{path}' with none. "
                "Make it with ctc vessels grow."
            )
            raise InputError(message, key="body.path")
        _require_plan_of(loaded, body.plan)
        return loaded, flow_of_file, load_near_organs(path)
    plan = load_body_plan(body.plan)
    surfaces = load_own_surfaces(plan, body.surfaces)
    request = {
        "plan": body.plan,
        "terminals": body.terminals,
        "seed": body.seed,
        "rheology": body.rheology,
        "surfaces": dict(surfaces.hashes),
    }
    network, flow = cached_vessels(request, lambda: _grown(body, plan, surfaces))
    return network, flow, {}


def _require_plan_of(network: VesselNetwork, plan: str) -> None:
    """Raise InputError where a network was grown for another body than the scenario names."""
    start = f"grown: body {plan},"
    if network.origin.startswith("grown: body ") and not network.origin.startswith(start):
        own = network.origin.removeprefix("grown: body ").partition(",")[0]
        message = (
            f"plan must be that of the vessels in body.path, '{own}', got '{plan}'. "
            f"Write plan = '{own}'."
        )
        raise InputError(message, key="body.plan")


def _grown(
    body: BodySettings, plan: BodyPlan, surfaces: OwnSurfaces
) -> tuple[VesselNetwork, FlowField]:
    try:
        network = build_body_network(
            plan,
            n_terminals=body.terminals,
            seed=body.seed,
            territories=surfaces.territories,
        )
    except TooFewTerminals as error:
        raise error.at(key="body.terminals") from None
    except InputError as error:
        raise error.at(key="body.surfaces" if surfaces.hashes else "body.terminals") from None
    try:
        require_room(network, surfaces.territories)
    except InputError as error:
        raise error.at(key="body.surfaces") from None
    if surfaces.hashes:
        marks = ", ".join(f"{name} {sha[:16]}" for name, sha in surfaces.hashes.items())
        repairs = tuple(Repair(r.rule, r.count, r.detail) for r in surfaces.repairs)
        origin = f"{network.origin}, in surfaces (SHA-256 {marks})"
        network = network.replace(origin=origin, repairs=repairs)
    return solve_body(network, plan, rheology=Rheology(body.rheology or "pries"))
