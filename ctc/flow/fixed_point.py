"""Flow and red cells made to agree: a damped fixed point over the whole network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.blood_state import BloodState
from ctc.flow.solve import place_name
from ctc.vessels.network import VesselNetwork

MAX_ROUNDS = 500
# Rounds without a new least distance after which segments are damped.
PATIENCE = 3
# Distance from which on segments that lag may go farther than all the way, and how far.
CLOSE = 1e-2
FARTHEST = 1.6
# Distance from which on rounding of pressures may be what keeps viscosities from settling.
NEARLY = 1e-5
# Largest distance of a viscosity from what is asked for, weighed by its share of its node's flow.
VISCOSITY_TOLERANCE = 1e-9
# The same while resistances are tuned: enough for organ flows within 1e-6.
TUNING_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Round:
    """One solution of the linear problem.

    Attributes
    ----------
    pressure : (n_nodes,) float64 [Pa]
        For the present viscosities.
    flow_rate : (n_segments,) float64 [m^3/s]
        Signed along each segment, pumps included.
    mismatch : float
        How far whatever else is adjusted in a round is from its goal, over its tolerance.
    """

    pressure: FloatArray
    flow_rate: FloatArray
    mismatch: float = 0.0


def settle(
    state: BloodState,
    solve: Callable[[bool], Round],
    *,
    tolerance: float = VISCOSITY_TOLERANCE,
) -> int:
    """Repeat flow, red cells and viscosity until none of them changes.

    Each round solves the flow for the viscosities, sends the red cells through it, and moves the
    viscosities towards what the haematocrits ask for, all the way. Where that does not bring
    them nearer, as in meshes of capillaries, which oscillate, every segment finds a pace of its
    own from what its last move left of the way.

    Parameters
    ----------
    state : BloodState
        Changed; its viscosities end within the tolerance of its haematocrits.
    solve : callable
        Returns the flow for the state's present viscosities. Its argument asks for balanced
        flows: where wide vessels hide the difference of two pressures in its rounding, the
        red cells would never come to rest without.
    tolerance : float
        Largest distance of a viscosity to stop at.

    Returns
    -------
    int
        Rounds that were needed.

    Raises
    ------
    InputError
        If it does not settle: says by how much, and where.
    """
    farthest, least, n_idle, is_balanced = 0.0, np.inf, 0, False
    for n_rounds in range(1, MAX_ROUNDS + 1):
        found = solve(is_balanced)
        state.follow_cells(found.flow_rate)
        distance = state.relax(found.flow_rate, farthest=farthest)
        if distance < tolerance and found.mismatch <= 1.0:
            return n_rounds
        n_idle = 0 if distance < least else n_idle + 1
        least = min(distance, least)
        if n_idle > 0 and n_idle % PATIENCE == 0:
            if distance < NEARLY and not is_balanced:
                is_balanced = True
            else:
                farthest = 1.0
        if farthest > 0.0 and distance < CLOSE:
            farthest = FARTHEST
    raise _unsettled(state, distance, found.mismatch, tolerance)


def _unsettled(state: BloodState, distance: float, mismatch: float, tolerance: float) -> InputError:
    network: VesselNetwork = state.network
    worst = np.flatnonzero(state.distance() > 0.1 * distance)
    first = worst[:1] if worst.size else np.zeros(1, dtype=np.int64)
    place = f"segment {first[0]} ({place_name(network, first)})"
    also = (
        f"; flows are {mismatch:.3g} times their tolerance from their goals" if mismatch > 1 else ""
    )
    return InputError(
        f"flow and red cells must settle within {MAX_ROUNDS} rounds, got viscosities that still "
        f"change by {distance:.3g} (limit {tolerance:g}), in {worst.size} segments, the "
        f"first at {place}{also}. Widen vessels that almost nothing flows through there, or take "
        "them out, or take rheology = 'constant'."
    )
