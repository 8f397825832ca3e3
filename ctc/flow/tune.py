"""Resistances of the capillary beds that give every organ its planned flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, require_positive
from ctc.errors import InputError, near_name
from ctc.flow.conductance import Haemodynamics, segment_conductance
from ctc.flow.pumps import checked_lymph_flow, is_resistive, lymph_inflow
from ctc.flow.solve import PressureProblem, require_connected
from ctc.units import convert
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind, VesselNetwork

MAX_ROUNDS = 60
# A bed whose resistance would have to fall below this share of its geometry's is no bed: the
# trees alone take all the pressure.
SMALLEST_FACTOR = 1e-6
FACTOR_DIGITS = 8
PORTAL_VEIN = "portal vein"


@dataclass(frozen=True)
class Valve:
    """Segments that share one factor on their resistance, and what that factor is to bring.

    Attributes
    ----------
    name : str
        Region or organ, for messages.
    segments : (n,) int64
        Whose resistance is changed, and whose flows add up to the valve's flow.
    branch : (n,) int64
        Segments of the same tree pair, whose losses tell how much of the pressure the valve
        holds.
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
    segments: npt.NDArray[np.int64]
    branch: npt.NDArray[np.int64]
    evened: bool = False
    flow: float = np.nan
    pressure_node: int = -1
    pressure: float = np.nan


def tune_to_plan(
    network: VesselNetwork,
    targets: Mapping[str, float],
    *,
    haemodynamics: Haemodynamics,
    lymph_flow: FloatArray | None = None,
    tolerance: float = 1e-7,
) -> VesselNetwork:
    """Set the resistance of the beds so that flows equal a plan.

    All capillary beds of a region share one factor f on their resistance. With the losses of
    the region, ``W = sum Q^2 R``, of which its beds take W_b, the region alone would have the
    wanted flow Q* after ``f <- f (1 + (Q / Q* - 1) W / W_b)``; repeated with the pressures of
    the whole loop solved in between, this converges as fast as the trunks are wide. Where a
    portal vein feeds the beds too, the wanted flow is the arterial one: it is set by the last
    arterioles, which get equal resistances, and the beds set the pressure of the portal vein.

    Parameters
    ----------
    network : VesselNetwork
        A closed loop, directed with the flow.
    targets : mapping of region or organ name to m^3/s
        Wanted flow, > 0, through the beds of that region or organ; in lungs the shares count,
        as their sum follows from the rest.
    haemodynamics : Haemodynamics
        Viscosity and pressures; lungs are tuned to the pressure of the pulmonary trunk.
    lymph_flow : (n_segments,) float64 [m^3/s], optional
        Given flow of the lymphatic segments, as in `ctc.flow.circulation.solve_circulation`.
    tolerance : float
        Largest relative deviation of a flow or pressure to stop at.

    Returns
    -------
    VesselNetwork
        With new resistance factors.

    Raises
    ------
    InputError
        If a name is unknown, a target is not positive, or a region's trees alone use up the
        pressure that it has.
    """
    heart = find_heart(network)
    valves = _valves(network, targets, haemodynamics)
    conductance = segment_conductance(network, haemodynamics.viscosity)
    plain = conductance.copy()
    for valve in valves:
        if valve.evened:
            conductance[valve.segments] = 1.0 / np.mean(1.0 / conductance[valve.segments])
    resistive = is_resistive(network)
    fixed = {
        heart.aortic_root: haemodynamics.aortic_root,
        heart.right_inlet: haemodynamics.right_atrium,
        heart.pulmonary_root: haemodynamics.pulmonary_trunk,
        heart.left_inlet: haemodynamics.left_atrium,
    }
    fixed_nodes = np.fromiter(sorted(fixed), dtype=np.int64, count=len(fixed))
    require_connected(network, resistive, fixed_nodes)
    problem = PressureProblem(
        network.start_node[resistive],
        network.end_node[resistive],
        n_nodes=network.n_nodes,
        fixed_nodes=fixed_nodes,
    )
    known = np.zeros(network.n_nodes)
    known[fixed_nodes] = [fixed[int(node)] for node in fixed_nodes]
    inflow = lymph_inflow(network, checked_lymph_flow(network, lymph_flow))
    # Started with half of the pressure in the beds, so that no trunk is overrun on the way.
    half = 0.5 * (max(fixed.values()) - min(fixed.values()))
    factor = np.array([_first_factor(valve, conductance, half) for valve in valves])
    scaled = conductance.copy()
    for k, valve in enumerate(valves):
        scaled[valve.segments] = conductance[valve.segments] / factor[k]
    deviation = np.full(len(valves), np.inf)
    for _ in range(MAX_ROUNDS):
        pressure = problem.solve(scaled[resistive], known, inflow=inflow)
        drop = pressure[network.start_node] - pressure[network.end_node]
        drop[~resistive] = 0.0
        loss = scaled * np.square(drop)
        for k, valve in enumerate(valves):
            change, deviation[k] = _step(valve, scaled * drop, loss=loss, pressure=pressure)
            factor[k] *= float(np.clip(change, 0.1, 10.0))
            if factor[k] < SMALLEST_FACTOR:
                raise _used_up(valve, scaled * drop, loss)
            scaled[valve.segments] = conductance[valve.segments] / factor[k]
        if np.max(np.abs(deviation), initial=0.0) < tolerance:
            break
    else:
        worst = int(np.argmax(np.abs(deviation)))
        if deviation[worst] < 0.0 or not np.isfinite(deviation[worst]):
            raise _used_up(valves[worst], scaled * drop, loss)
        message = (
            f"flows must reach their targets within {MAX_ROUNDS} rounds, got a deviation of "
            f"{deviation[worst]:.3g} in '{valves[worst].name}'. Check the targets and trunks."
        )
        raise InputError(message)
    resistance_factor = network.resistance_factor.copy()
    for k, valve in enumerate(valves):
        # Rounded, so that the network's hash does not hang on the last bits of a solve.
        shared = float(f"{factor[k]:.{FACTOR_DIGITS}g}")
        evening = plain[valve.segments] / conductance[valve.segments]
        resistance_factor[valve.segments] *= shared * evening
    return network.replace(resistance_factor=resistance_factor)


def _valves(
    network: VesselNetwork, targets: Mapping[str, float], haemodynamics: Haemodynamics
) -> list[Valve]:
    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    venous = network.is_kind(SegmentKind.VENULE, SegmentKind.VEIN)
    arterial = network.is_kind(SegmentKind.ARTERIOLE, SegmentKind.ARTERY)
    touches_vein = np.zeros(network.n_nodes, dtype=bool)
    touches_vein[network.end_node[venous]] = True
    starts_bed = np.zeros(network.n_nodes, dtype=bool)
    starts_bed[network.start_node[is_bed]] = True
    valves = []
    for name, flow in targets.items():
        require_positive(f"target flow of '{name}'", flow, unit="m^3/s")
        member = _members(network, name)
        beds = np.flatnonzero(member & is_bed)
        if beds.size == 0:
            message = f"target '{name}' must have capillary beds, got none in the network."
            raise InputError(message)
        branch = np.flatnonzero(member)
        if not touches_vein[network.start_node[beds]].any():
            valves.append(Valve(name, beds, branch, flow=flow))
            continue
        leaves = np.flatnonzero(member & arterial & starts_bed[network.end_node])
        if leaves.size == 0:
            message = f"region '{name}' has a portal vein and must have arterioles, got none."
            raise InputError(message)
        valves.append(
            Valve(name, leaves, np.flatnonzero(member & arterial), evened=True, flow=flow)
        )
        portal = network.vessel_index(PORTAL_VEIN)
        node = int(network.start_node[np.flatnonzero(network.name == portal)[0]])
        valves.append(
            Valve(name, beds, branch, pressure_node=node, pressure=haemodynamics.portal_vein)
        )
    return valves


def _members(network: VesselNetwork, name: str) -> npt.NDArray[np.bool_]:
    if name in network.region_names:
        return np.equal(network.region, network.region_names.index(name))
    if name in network.organ_names:
        return np.equal(network.organ, network.organ_names.index(name))
    known = (*network.region_names, *network.organ_names)
    message = f"target must be a region or organ of the network, got '{name}'."
    hint = near_name(name, known)
    raise InputError(message + " " + hint)


def _first_factor(valve: Valve, conductance: FloatArray, drop: float) -> float:
    """Factor at which a pressure drop over the valve alone brings its wanted flow."""
    if valve.pressure_node >= 0:
        return 1.0
    return float(np.sum(conductance[valve.segments])) * drop / valve.flow


def _step(
    valve: Valve, flow_rate: FloatArray, *, loss: FloatArray, pressure: FloatArray
) -> tuple[float, float]:
    """Relative change of the valve's factor, and its deviation from the target."""
    flow = float(np.sum(flow_rate[valve.segments]))
    held = float(np.sum(loss[valve.segments]))
    if not (flow > 0.0 and held > 0.0):
        # Others hold down the pressure before it; it opens until they have made room.
        return 0.5, np.inf
    if valve.pressure_node >= 0:
        upstream = float(pressure[valve.pressure_node])
        return 1.0 + (valve.pressure - upstream) * flow / held, upstream / valve.pressure - 1.0
    deviation = flow / valve.flow - 1.0
    return 1.0 + deviation * float(np.sum(loss[valve.branch])) / held, deviation


def _used_up(valve: Valve, flow_rate: FloatArray, loss: FloatArray) -> InputError:
    flow = float(np.sum(flow_rate[valve.segments]))
    trees = np.setdiff1d(valve.branch, valve.segments)
    drop_in_trees = float(np.sum(loss[trees])) / flow if flow > 0.0 else 0.0
    remedy = "Widen the arteries and veins that lead there, or lower the flow."
    if not (drop_in_trees > 0.0 and valve.flow > flow):
        message = (
            f"pressure before the beds of '{valve.name}' must be > that behind them at the "
            f"planned flow of {valve.flow:.3g} m^3/s, got none left (without beds "
            f"{max(flow, 0.0):.3g} m^3/s pass; vessels shared with others use it up). {remedy}"
        )
        return InputError(message)
    available = convert(float(np.sum(loss[valve.branch])) / flow, "Pa", "mmHg")
    lost = convert(drop_in_trees * valve.flow / flow, "Pa", "mmHg")
    message = (
        f"pressure lost in the trees of '{valve.name}' must be < the {available:.3g} mmHg that "
        f"reach it, got {lost:.3g} mmHg at its planned flow of {valve.flow:.3g} m^3/s "
        f"(without beds {flow:.3g} pass). {remedy}"
    )
    return InputError(message)
