"""Flow and red cells made to agree: a damped fixed point over the whole network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ctc.backends.host_blood import Mixing
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.blood_state import BloodState
from ctc.flow.solve import place_name
from ctc.vessels.network import VesselNetwork

MAX_ROUNDS = 600
# Largest distance of a viscosity from what is asked for, weighed by its share of its node's flow:
# flows are then right to about that.
VISCOSITY_TOLERANCE = 1e-9
# The same while resistances are tuned: enough for organ flows within 1e-6.
TUNING_TOLERANCE = 1e-7
# Rounds that raise the distance after which something is changed.
PATIENCE = 3
# Distance from which on rounding of pressures may be what keeps viscosities from settling.
NEARLY = 1e-5
# Distance from which on moves are mixed; growth, or rounds without halving it, after which that
# is given up; and for how many rounds at first: four times as many every time.
CLOSE = 1e-3
ASTRAY = 30.0
STUCK = 20
N_BACK = 10
# Share of the way that all go from the second time on: paces that each found by itself can keep the
# whole at a distance for ever.
DAMPED = 0.3


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
    own from what its last move left of the way; and once they are close, moves are mixed.

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
    pace = _Pace(state)
    for n_rounds in range(1, MAX_ROUNDS + 1):
        found = solve(pace.is_balanced)
        state.follow_cells(found.flow_rate)
        before = state.viscosity.copy()
        distance = pace.move(found.flow_rate)
        if distance < tolerance and found.mismatch <= 1.0:
            return n_rounds
    change = np.abs(state.viscosity / before - 1.0)
    raise _unsettled(state, change, distance=distance, mismatch=found.mismatch, limit=tolerance)


class _Pace:
    """How viscosities move: all the way, each at its pace, or mixed."""

    def __init__(self, state: BloodState) -> None:
        self.is_balanced = False
        self._state = state
        self._is_paced = False
        self._last = np.inf
        self._n_worse = 0
        self._mixing: Mixing | None = None
        self._least_mixed = np.inf
        self._n_back = 0
        self._next_back = N_BACK
        self._is_damped = False
        self._n_stuck = 0

    def move(self, flow_rate: FloatArray) -> float:
        """Move the viscosities; return how far they were from what is asked for."""
        if self._mixing is not None and self._n_back == 0:
            distance = self._state.mix(flow_rate, self._mixing)
            self._n_stuck = 0 if distance < 0.5 * self._least_mixed else self._n_stuck + 1
            if self._n_stuck == 0:
                self._least_mixed = distance
            if distance > ASTRAY * self._least_mixed or self._n_stuck == STUCK:
                self._give_up_mixing(self._mixing)
            return distance
        distance = self._state.relax(flow_rate, is_paced=self._is_paced and not self._is_damped)
        self._n_back = max(self._n_back - 1, 0)
        if self._is_paced:
            if distance < CLOSE and self._mixing is None:
                self._mixing = Mixing(self._state.viscosity.size)
            return distance
        self._n_worse += distance > self._last
        self._last = distance
        if self._n_worse == PATIENCE:
            self._n_worse = 0
            if distance < NEARLY and not self.is_balanced:
                self.is_balanced = True
            else:
                self._is_paced = True
        return distance

    def _give_up_mixing(self, mixing: Mixing) -> None:
        mixing.forget()
        if self._next_back > N_BACK and not self._is_damped:
            self._is_damped = True
            self._state.set_pace(DAMPED)
        self._least_mixed, self._n_stuck = np.inf, 0
        self._n_back, self._next_back = self._next_back, 4 * self._next_back


def _unsettled(
    state: BloodState, change: FloatArray, *, distance: float, mismatch: float, limit: float
) -> InputError:
    network: VesselNetwork = state.network
    worst = np.flatnonzero(change >= 0.1 * change.max())
    first = worst[:1]
    place = f"segment {first[0]} ({place_name(network, first)})"
    also = (
        f"; flows are {mismatch:.3g} times their tolerance from their goals" if mismatch > 1 else ""
    )
    return InputError(
        f"flow and red cells must settle within {MAX_ROUNDS} rounds, got viscosities that still "
        f"change by {distance:.3g} (limit {limit:g}), in {worst.size} segments, the "
        f"first at {place}{also}. Widen vessels that almost nothing flows through there, or take "
        "them out, or take rheology = 'constant'."
    )
