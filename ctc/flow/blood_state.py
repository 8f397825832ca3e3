"""Red cells and viscosities of a network while its flow is sought."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ctc.backends.host_blood import (
    BUNDLE,
    GIVEN,
    TUBE,
    Mixing,
    RedCellSweep,
    curve_viscosity,
    relax_viscosity,
    viscosity_curves,
)
from ctc.backends.host_flow import BoolArray, PressureFactor
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.conductance import segment_conductance
from ctc.flow.pumps import is_lymphatic, is_resistive
from ctc.flow.rheology import MICROMETRES, Blood
from ctc.flow.solve import resistive_flow
from ctc.vessels.network import SegmentKind, VesselNetwork, tube_volume

# A bed that holds more than this many of its capillaries is a bundle.
_ONE_TUBE = 1.5
# Multiplications of a factor from which on the last one is used again where it can be, and the
# error that is left then, over the square root of the power that the flow takes.
DEAR = 1e7
IMPROVED = 1e-11


class BloodState:
    """Haematocrit and viscosity of every segment, and the solver of their network.

    Viscosities and conductances are those of one another's last update: see
    `ctc.flow.fixed_point.settle`.

    Parameters
    ----------
    network : VesselNetwork
        Whose flow is sought.
    blood : Blood
        What flows.
    fixed_nodes : (n_fixed,) int64
        Nodes of known pressure.
    is_open : (n_nodes,) bool
        Nodes where blood of the systemic haematocrit may enter.
    given : mapping of segment to haematocrit
        Pumps whose blood is known beforehand; lymphatics carry none anyway.

    Raises
    ------
    InputError
        If a vessel is narrower than the blood's least diameter.
    """

    def __init__(
        self,
        network: VesselNetwork,
        blood: Blood,
        *,
        fixed_nodes: npt.NDArray[np.int64],
        is_open: BoolArray,
        given: Mapping[int, float],
    ) -> None:
        self.network = network
        self.blood = blood
        self.resistive = is_resistive(network)
        _require_passable(network, blood, self.resistive)
        is_fixed = np.zeros(network.n_nodes, dtype=bool)
        is_fixed[fixed_nodes] = True
        # A joint of a node with itself carries nothing.
        self._end_of_resistor = np.where(self.resistive, network.end_node, network.start_node)
        self._factor = PressureFactor(network.start_node, self._end_of_resistor, is_fixed=is_fixed)
        self._is_fixed = is_fixed
        self._is_dear = self._factor.size.core_products > DEAR
        self._guess: FloatArray | None = None
        lymphatic = is_lymphatic(network)
        role = segment_roles(network)
        role[lymphatic] = GIVEN
        role[list(given)] = GIVEN
        diameter = 2.0 * MICROMETRES * network.lumen_radius / blood.red_cell_size
        self.sweep = RedCellSweep(
            network.start_node, network.end_node, role=role, is_open=is_open, diameter=diameter
        )
        self._curves = viscosity_curves(blood.viscosity_law, diameter)
        # Blood begins mixed evenly.
        self.haematocrit = np.full(network.n_segments, blood.haematocrit)
        self.haematocrit[lymphatic] = 0.0
        self.viscosity = curve_viscosity(self._curves, self.haematocrit)
        self._pace = np.ones(network.n_segments)
        self._last_way = np.zeros(network.n_segments)
        for segment, haematocrit in given.items():
            self.haematocrit[segment] = haematocrit
        self.retune(network)
        self.conductance = self.base

    def retune(self, network: VesselNetwork) -> None:
        """Take over the resistance factors of a network that has the same segments."""
        self.network = network
        geometry = segment_conductance(network, self.blood.viscosity)
        self.base: FloatArray = np.where(self.resistive, geometry, 0.0)

    def pressures(
        self, known: FloatArray, *, inflow: FloatArray, is_last: bool = False
    ) -> FloatArray:
        """Return the pressures for the present viscosities, (n_nodes,) float64 [Pa].

        Where a factor is dear and this is not the last round, those of the round before are
        improved with the factor at hand.
        """
        self.conductance = self.base / self.viscosity
        pressure: FloatArray | None = None
        if self._guess is not None and not is_last:
            self._guess[self._is_fixed] = known[self._is_fixed]
            pressure = self._factor.improve(
                self._guess, conductance=self.conductance, inflow=inflow, tolerance=IMPROVED
            )
        if pressure is None:
            self._factor.refresh(self.conductance)
            pressure = self._factor.solve(known, inflow=inflow)
        if self._is_dear:
            self._guess = pressure.copy()
        return pressure

    def flows(self, pressure: FloatArray) -> FloatArray:
        """Return the flows of the last `pressures`, 0 in pumps, (n_segments,) [m^3/s]."""
        return resistive_flow(
            self.network.start_node, self._end_of_resistor, self.conductance, pressure=pressure
        )

    def follow_cells(self, flow_rate: FloatArray) -> int:
        """Set the haematocrits that flows bring about; return the nodes on loops of flow."""
        return self.sweep.sweep(
            flow_rate,
            self.haematocrit,
            separation=self.blood.separation_law,
            supply=self.blood.haematocrit,
            largest=self.blood.largest_haematocrit,
        )

    def relax(self, flow_rate: FloatArray, *, is_paced: bool) -> float:
        """Move viscosities towards those of the haematocrits; return the largest distance.

        All the way, or each at a pace of its own that it finds by the secant. A segment's
        relative distance counts by its share in the flow of its less busy end.
        """
        return self._relax(flow_rate, is_paced, None)

    def mix(self, flow_rate: FloatArray, mixing: Mixing) -> float:
        """Move each at its pace, mix that with earlier moves; return the largest distance."""
        before, weight = self.viscosity.copy(), np.empty_like(self.viscosity)
        distance = self._relax(flow_rate, False, weight)
        mixing.step(before, wanted=self.viscosity, weight=weight)
        self.viscosity = before
        return distance

    def _relax(self, flow_rate: FloatArray, is_paced: bool, weight: FloatArray | None) -> float:
        return relax_viscosity(
            self.viscosity,
            self._pace,
            self._last_way,
            curves=self._curves,
            haematocrit=self.haematocrit,
            start_node=self.network.start_node,
            end_node=self.network.end_node,
            flow_rate=flow_rate,
            through=self.sweep.through,
            is_paced=is_paced,
            weight=weight,
        )

    def set_pace(self, share: float) -> None:
        """Let every viscosity go this share of its way from now on."""
        self._pace[:] = share


def segment_roles(network: VesselNetwork) -> npt.NDArray[np.uint8]:
    """Return what each segment is to the red cells, (n_segments,) uint8.

    Phase separation is a law of two tubes that leave a third. A bed stands for many capillaries
    and the small vessels that feed them, and a heart chamber mixes: both are bundles, which take
    red cells in proportion to flow.
    """
    role = np.full(network.n_segments, TUBE, dtype=np.uint8)
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    one = tube_volume(network.lumen_radius[beds], network.length[beds])
    role[beds] = np.where(network.volume[beds] > _ONE_TUBE * one, BUNDLE, TUBE)
    role[network.is_kind(SegmentKind.HEART_CHAMBER)] = BUNDLE
    return role


def _require_passable(network: VesselNetwork, blood: Blood, resistive: BoolArray) -> None:
    narrow = resistive & (2.0 * network.lumen_radius < blood.least_diameter)
    if not narrow.any():
        return
    first = int(np.flatnonzero(narrow)[0])
    message = (
        f"lumen_radius must be >= {0.5 * blood.least_diameter:.3g} m for red cells to pass, got "
        f"{network.lumen_radius[first]:.3g} m at segment {first} ({int(narrow.sum())} of "
        f"{network.n_segments} segments). Mend the radii, or take rheology = 'constant'."
    )
    raise InputError(message)
