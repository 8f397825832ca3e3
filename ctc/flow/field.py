"""FlowField: the steady flow through a network, read-only; computes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray


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
    mass_residual : float
        Largest |sum Q| / sum |Q| over the nodes.
    momentum_residual : float
        Largest |Q - G dp| over the resistive segments, over the largest flow.
    viscosity : float [Pa s]
        That the conductances were made with.
    """

    pressure: FloatArray
    flow_rate: FloatArray
    transit_time: FloatArray
    mass_residual: float
    momentum_residual: float
    viscosity: float

    def __post_init__(self) -> None:
        for name in ("pressure", "flow_rate", "transit_time"):
            array = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
