"""FlowField: the steady flow through a network, read-only; computes nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray

_SCALARS = ("mass_residual", "red_cell_residual", "momentum_residual", "exercise")


@dataclass(frozen=True)
class FlowField:
    """Steady flow of one network.

    Attributes
    ----------
    pressure : (n_nodes,) float64 [Pa]
        At the nodes.
    flow_rate : (n_segments,) float64 [m^3/s]
        Along each segment from its start to its end; >= 0 (the network is turned to fit).
    transit_time : (n_segments,) float64 [s]
        Mean over the flow, volume / flow_rate; infinite where nothing flows.
    discharge_haematocrit, tube_haematocrit : (n_segments,) float64
        Red cells in the blood that flows through, and in the blood that the segment holds.
    apparent_viscosity : (n_segments,) float64 [Pa s]
        That the conductances were made with.
    wall_shear_stress : (n_segments,) float64 [Pa]
        ``4 mu Q / (pi R^3)`` of a tube; of one of its equal capillaries in a bed.
    mass_residual : float
        Largest |sum Q| / sum |Q| over the nodes.
    red_cell_residual : float
        The same of the red-cell flux Q H.
    momentum_residual : float
        Largest |Q - G dp| over the resistive segments, over the largest flow.
    exercise : float
        Cardiac output over that at rest.
    """

    pressure: FloatArray
    flow_rate: FloatArray
    transit_time: FloatArray
    discharge_haematocrit: FloatArray
    tube_haematocrit: FloatArray
    apparent_viscosity: FloatArray
    wall_shear_stress: FloatArray
    mass_residual: float
    red_cell_residual: float
    momentum_residual: float
    exercise: float = 1.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if field.name in _SCALARS:
                continue
            array = np.ascontiguousarray(getattr(self, field.name), dtype=np.float64)
            array.flags.writeable = False
            object.__setattr__(self, field.name, array)
