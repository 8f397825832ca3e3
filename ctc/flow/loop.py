"""One closed loop while its flow is sought: heart, lymph, pressures, and the blood in it."""

from __future__ import annotations

import numpy as np

from ctc.checks import FloatArray
from ctc.flow.balance import balance_flow
from ctc.flow.blood_state import BloodState
from ctc.flow.conductance import Haemodynamics
from ctc.flow.pumps import checked_lymph_flow, is_lymphatic, lymph_inflow
from ctc.flow.solve import require_connected
from ctc.vessels.heart import find_heart
from ctc.vessels.network import VesselNetwork


class Loop:
    """A closed loop between fixed pressures, with its pumps.

    The left ventricle is where the loop is cut for the red cells: its haematocrit is the blood's,
    and what returns to it has the same, because no red cell is lost on the way.

    Parameters
    ----------
    network : VesselNetwork
        Closed by four heart chambers.
    haemodynamics : Haemodynamics
        Blood and pressures.
    lymph_flow : (n_segments,) float64 [m^3/s] or None
        Given flow of lymphatics.
    """

    def __init__(
        self,
        network: VesselNetwork,
        haemodynamics: Haemodynamics,
        *,
        lymph_flow: FloatArray | None,
    ) -> None:
        self.network = network
        self.heart = find_heart(network)
        self.lymph_flow = checked_lymph_flow(network, lymph_flow)
        self._from_lymph = lymph_inflow(network, self.lymph_flow)
        fixed = {
            self.heart.aortic_root: haemodynamics.aortic_root,
            self.heart.right_inlet: haemodynamics.right_atrium,
            self.heart.left_inlet: haemodynamics.left_atrium,
            self.heart.pulmonary_root: haemodynamics.pulmonary_trunk,
        }
        self.fixed = fixed
        fixed_nodes = np.fromiter(sorted(fixed), dtype=np.int64, count=len(fixed))
        left_ventricle = self.heart.chambers[3]
        self.state = BloodState(
            network,
            haemodynamics.blood,
            fixed_nodes=fixed_nodes,
            is_open=np.zeros(network.n_nodes, dtype=bool),
            given={left_ventricle: haemodynamics.blood.haematocrit},
        )
        require_connected(network, self.state.resistive, fixed_nodes)
        self._known = np.zeros(network.n_nodes)
        for node, pressure in fixed.items():
            self._known[node] = pressure
        self._at_inlets = [
            np.flatnonzero(
                self.state.resistive & ((network.start_node == node) | (network.end_node == node))
            )
            for node in (self.heart.right_inlet, self.heart.pulmonary_root, self.heart.left_inlet)
        ]

    def follows(self, network: VesselNetwork) -> bool:
        """Whether a network has the segments that this loop was made for."""
        arrays = ("start_node", "end_node", "volume", "lumen_radius", "length", "kind")
        return network.n_nodes == self.network.n_nodes and all(
            np.array_equal(getattr(network, name), getattr(self.network, name)) for name in arrays
        )

    def retune(self, network: VesselNetwork) -> None:
        """Take over the resistance factors of a network that has the same segments."""
        self.network = network
        self.state.retune(network)

    def set_pulmonary_trunk(self, pressure: float) -> None:
        """Drive the lungs by another pressure [Pa] of their trunk."""
        self.fixed[self.heart.pulmonary_root] = pressure
        self._known[self.heart.pulmonary_root] = pressure

    def pressures(self, *, is_last: bool = False) -> FloatArray:
        """Return the pressures for the present viscosities, (n_nodes,) float64 [Pa].

        Between atrium and ventricle, where only chambers end, that of the atrium; 0 where only
        lymphatics meet.
        """
        pressure = self.state.pressures(self._known, inflow=self._from_lymph, is_last=is_last)
        right_atrium, _, left_atrium, _ = self.heart.chambers
        pressure[self.network.end_node[right_atrium]] = self.fixed[self.heart.right_inlet]
        pressure[self.network.end_node[left_atrium]] = self.fixed[self.heart.left_inlet]
        return pressure

    def flows(self, pressure: FloatArray) -> FloatArray:
        """Return the flows for pressures, those of lymphatics and chambers included."""
        flow_rate = self.state.flows(pressure)
        lymphatic = self.lymph_flow > 0.0
        flow_rate[lymphatic] = self.lymph_flow[lymphatic]
        right, _, left = (self.heart.right_inlet, self.heart.pulmonary_root, self.heart.left_inlet)
        flow_rate[list(self.heart.chambers[:2])] = self._arriving(flow_rate, 0, right)
        flow_rate[list(self.heart.chambers[2:])] = self._arriving(flow_rate, 2, left)
        return flow_rate

    def into_lungs(self, flow_rate: FloatArray) -> float:
        """Return what the pulmonary trunk takes [m^3/s]."""
        return -self._arriving(flow_rate, 1, self.heart.pulmonary_root)

    def _arriving(self, flow_rate: FloatArray, which: int, node: int) -> float:
        """Flow of vessels and lymphatics into a node that a chamber joins."""
        segments = self._at_inlets[which]
        sign = np.where(self.network.end_node[segments] == node, 1.0, -1.0)
        return float(np.sum(sign * flow_rate[segments])) + float(self._from_lymph[node])

    def balanced(self, flow_rate: FloatArray) -> FloatArray:
        """Return flows that conserve mass at every node; chambers carry what that asks of them."""
        network = self.network
        ends = np.where(is_lymphatic(network), network.start_node, network.end_node)
        return balance_flow(
            network.start_node,
            ends.astype(np.int32),
            flow_rate=flow_rate,
            conductance=np.where(self.state.resistive, self.state.conductance, np.inf),
            inflow=self._from_lymph,
            is_open=np.zeros(network.n_nodes, dtype=bool),
        )
