"""Resistances of the capillary beds that give every organ its planned flow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ctc.backends.host_flow import flow_sums
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.blood_state import BloodState
from ctc.flow.conductance import Haemodynamics
from ctc.flow.fixed_point import TUNING_TOLERANCE, Round, settle
from ctc.flow.loop import Loop
from ctc.flow.valves import Valve, Valves, find_valves
from ctc.units import convert
from ctc.vessels.network import VesselNetwork

# Rounds after which a valve that never carried its flow is given up.
MAX_ROUNDS = 60
# A bed whose resistance would have to fall below this share of its geometry's is no bed: the
# trees alone take all the pressure.
SMALLEST_FACTOR = 1e-6
FACTOR_DIGITS = 8


def tune_to_plan(
    network: VesselNetwork,
    targets: Mapping[str, float],
    *,
    haemodynamics: Haemodynamics,
    lymph_flow: FloatArray | None = None,
    tolerance: float = 1e-7,
) -> tuple[VesselNetwork, Loop]:
    """Set the resistance of the beds so that flows equal a plan.

    All capillary beds of a region share one factor f on their resistance. With the losses of
    the region, ``W = sum Q^2 R``, of which its beds take W_b, the region alone would have the
    wanted flow Q* after ``f <- f (1 + (Q / Q* - 1) W / W_b)``; repeated with the pressures of
    the whole loop solved in between, this converges as fast as the trunks are wide. Where a
    portal vein feeds the beds too, the wanted flow is the arterial one: it is set by the last
    arterioles, which get equal resistances (in blood mixed evenly), and the beds set the pressure
    of the portal vein. Red cells and viscosities settle in the same rounds.

    Parameters
    ----------
    network : VesselNetwork
        A closed loop, directed with the flow.
    targets : mapping of region or organ name to m^3/s
        Wanted flow, > 0, through the beds of that region or organ; in lungs the shares count,
        as their sum follows from the rest.
    haemodynamics : Haemodynamics
        Blood and pressures; lungs are tuned to the pressure of the pulmonary trunk.
    lymph_flow : (n_segments,) float64 [m^3/s], optional
        Given flow of the lymphatic segments, as in `ctc.flow.circulation.solve_circulation`.
    tolerance : float
        Largest relative deviation of a flow or pressure to stop at.

    Returns
    -------
    network : VesselNetwork
        With new resistance factors.
    loop : Loop
        With its red cells and viscosities, for `ctc.flow.circulation.solve_circulation` to go on
        from.

    Raises
    ------
    InputError
        If a name is unknown, a target is not positive, a region's trees alone use up the
        pressure that it has, or flow and red cells do not settle.
    """
    loop = Loop(network, haemodynamics, lymph_flow=lymph_flow)
    state = loop.state
    valves = find_valves(network, targets, haemodynamics)
    plain = state.base
    base = _evened(state, valves)
    # Started with half of the pressure in the beds, so that no trunk is overrun on the way.
    half = 0.5 * (max(loop.fixed.values()) - min(loop.fixed.values()))
    strength: FloatArray = np.bincount(
        valves.group, weights=base / state.viscosity, minlength=valves.n_groups
    ).astype(np.float64)
    factor = np.array([_first_factor(valve, strength, half) for valve in valves.valves])
    deviation = np.full(factor.size, np.inf)
    n_rounds = 0

    def solve(_: bool) -> Round:
        nonlocal n_rounds
        n_rounds += 1
        state.base = base / _factor_of_group(valves, factor)[valves.group]
        pressure = loop.pressures()
        flow_rate = loop.flows(pressure)
        flows, losses = flow_sums(
            network.start_node,
            network.end_node,
            group=valves.group,
            flow_rate=np.where(state.resistive, flow_rate, 0.0),
            pressure=pressure,
            n_groups=valves.n_groups,
        )
        worst = 0.0
        for k, valve in enumerate(valves.valves):
            change, deviation[k] = _step(valve, flows, losses=losses, pressure=pressure)
            worst = max(worst, abs(deviation[k]))
            if worst < tolerance:
                continue
            factor[k] *= float(np.clip(change, 0.1, 10.0))
            if factor[k] < SMALLEST_FACTOR:
                raise _used_up(valve, flows, losses)
        if n_rounds >= MAX_ROUNDS and worst >= tolerance:
            _give_up(valves, deviation, flows, losses=losses)
        return Round(pressure, flow_rate, worst / tolerance)

    settle(state, solve, tolerance=TUNING_TOLERANCE)
    resistance_factor = network.resistance_factor.copy()
    of_group = _factor_of_group(valves, factor)
    # Rounded, so that factors can be read, and typed in again.
    shared = np.array([float(f"{value:.{FACTOR_DIGITS}g}") for value in of_group])
    resistive = state.resistive
    resistance_factor[resistive] *= (
        shared[valves.group[resistive]] * plain[resistive] / base[resistive]
    )
    return network.replace(resistance_factor=resistance_factor), loop


def _evened(state: BloodState, valves: Valves) -> FloatArray:
    """Geometry's conductances, equal within the valves that ask for it."""
    base: FloatArray = state.base.copy()
    for valve in valves.valves:
        if valve.evened:
            own = np.flatnonzero(valve.groups[valves.group])
            mean = float(np.mean(state.viscosity[own] / base[own]))
            base[own] = state.viscosity[own] / mean
    return base


def _factor_of_group(valves: Valves, factor: FloatArray) -> FloatArray:
    of_group = np.ones(valves.n_groups)
    for k, valve in enumerate(valves.valves):
        of_group[valve.groups] *= factor[k]
    return of_group


def _first_factor(valve: Valve, strength: FloatArray, drop: float) -> float:
    """Factor at which a pressure drop over the valve alone brings its wanted flow."""
    if valve.pressure_node >= 0:
        return 1.0
    return valve.of(strength) * drop / valve.flow


def _step(
    valve: Valve, flows: FloatArray, *, losses: FloatArray, pressure: FloatArray
) -> tuple[float, float]:
    """Relative change of the valve's factor, and its deviation from the target."""
    flow, held = valve.of(flows), valve.of(losses)
    if not (flow > 0.0 and held > 0.0):
        # Others hold down the pressure before it; it opens until they have made room.
        return 0.5, np.inf
    if valve.pressure_node >= 0:
        upstream = float(pressure[valve.pressure_node])
        return 1.0 + (valve.pressure - upstream) * flow / held, upstream / valve.pressure - 1.0
    deviation = flow / valve.flow - 1.0
    return 1.0 + deviation * valve.of_branch(losses) / held, deviation


def _give_up(
    valves: Valves, deviation: FloatArray, flows: FloatArray, *, losses: FloatArray
) -> None:
    worst = int(np.argmax(np.abs(deviation)))
    if deviation[worst] < 0.0 or not np.isfinite(deviation[worst]):
        raise _used_up(valves.valves[worst], flows, losses)
    message = (
        f"flows must reach their targets within {MAX_ROUNDS} rounds, got a deviation of "
        f"{deviation[worst]:.3g} in '{valves.valves[worst].name}'. Check the targets and trunks."
    )
    raise InputError(message)


def _used_up(valve: Valve, flows: FloatArray, losses: FloatArray) -> InputError:
    flow = valve.of(flows)
    in_branch = valve.of_branch(losses)
    in_trees = in_branch - valve.of(losses)
    drop_in_trees = in_trees / flow if flow > 0.0 else 0.0
    remedy = "Widen the arteries and veins that lead there, or lower the flow."
    if not (drop_in_trees > 0.0 and valve.flow > flow):
        message = (
            f"pressure before the beds of '{valve.name}' must be > that behind them at the "
            f"planned flow of {valve.flow:.3g} m^3/s, got none left (without beds "
            f"{max(flow, 0.0):.3g} m^3/s pass; vessels shared with others use it up). {remedy}"
        )
        return InputError(message)
    available = convert(in_branch / flow, "Pa", "mmHg")
    lost = convert(drop_in_trees * valve.flow / flow, "Pa", "mmHg")
    message = (
        f"pressure lost in the trees of '{valve.name}' must be < the {available:.3g} mmHg that "
        f"reach it, got {lost:.3g} mmHg at its planned flow of {valve.flow:.3g} m^3/s "
        f"(without beds {flow:.3g} pass). {remedy}"
    )
    return InputError(message)
