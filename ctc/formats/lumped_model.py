"""The named arteries of a body as a lumped model for svZeroDSolver, its organs as resistances."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.formats.mending import BoolArray
from ctc.record.new_file import new_file
from ctc.scenario.parameters import load_parameters
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind, VesselNetwork

# svZeroDSolver takes any units that agree; its users' are centimetre, gram and second.
_LENGTH, _FLOW, _PRESSURE = 1e2, 1e6, 10.0
_RESISTANCE, _COMPLIANCE, _INERTANCE = _PRESSURE / _FLOW, _FLOW / _PRESSURE, _PRESSURE / _FLOW
# Flow that leaves a node below this share of what passes is rounding.
_STAGNANT = 1e-9
MOST_VESSELS = 20_000


def write_lumped_model(
    path: Path, network: VesselNetwork, *, flow: FlowField | None, overwrite: bool = False
) -> dict[str, int]:
    """Write `lumped_model` as JSON.

    Returns
    -------
    dict of str to int
        How many vessels, junctions and outlets were written.

    Raises
    ------
    InputError
        As `lumped_model`.
    OutputError
        If the file cannot be written.
    """
    model = lumped_model(network, flow)
    with new_file(path, overwrite=overwrite) as partial:
        partial.write_text(json.dumps(model, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    conditions = model["boundary_conditions"]
    return {
        "vessels": len(model["vessels"]),
        "junctions": len(model["junctions"]),
        "outlets": sum(each["bc_type"] == "RESISTANCE" for each in conditions),
    }


def lumped_model(network: VesselNetwork, flow: FlowField | None) -> dict[str, Any]:
    """Return the named arteries of a network as an input of svZeroDSolver.

    A vessel is a resistance R, an inertance L and a compliance C in series (its
    ``BloodVessel``)::

        R = 8 mu f L^2 / (V r^2)    L = rho l / (pi r^2)    C = 3 pi r^2 l / (2 E h / r)

    with mu the apparent viscosity of the flow, f the resistance factor, V, r, l volume, radius
    and length, and E h / r = k1 exp(-k2 r) + k3. Where blood enters stands its flow, constant;
    where it leaves for an organ or a vessel without a name, a resistance to the pressure of the
    atrium, such that the steady state of the model is the flow of the network.

    Parameters
    ----------
    network : VesselNetwork
        With named arteries (all arteries of a network without a heart, where none is named).
    flow : FlowField
        Of that network.

    Returns
    -------
    dict
        For ``json.dumps``; centimetre, gram, second.

    Raises
    ------
    InputError
        If there is no flow, no artery, or more vessels than such a model can have.

    References
    ----------
    .. [1] Olufsen 1999, doi:10.1152/ajpheart.1999.276.1.H257 (compliance).
    .. [2] svZeroDSolver, https://simvascular.github.io/svZeroDSolver (format).
    """
    if flow is None:
        message = "network must have a flow for a lumped model, got none. Grow it, or solve it."
        raise InputError(message)
    chosen = _chosen(network)
    rows = np.flatnonzero(chosen).tolist()
    model = _Model()
    for i, (resistance, compliance, inertance) in zip(
        rows, _elements(network, flow, chosen).tolist(), strict=True
    ):
        name = network.vessel_names[network.name[i]] if network.name[i] >= 0 else "artery"
        model.add_vessel(
            f"{name} {i}",
            length=float(network.length[i]),
            values=(resistance, compliance, inertance),
        )
    exchange = _Exchange.of(network, flow, chosen)
    distal = _distal_pressure(network, flow, chosen)
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for vessel, i in enumerate(rows):
        starts.setdefault(int(network.start_node[i]), []).append(vessel)
        ends.setdefault(int(network.end_node[i]), []).append(vessel)
    for node in sorted({*starts, *ends}):
        into, out = list(ends.get(node, [])), list(starts.get(node, []))
        enters, leaves = exchange.inflow.get(node, 0.0), exchange.outflow.get(node, {})
        drop = float(flow.pressure[node] - distal[node])
        inlets = [model.add_inflow(f"at {node}", enters)] if enters else []
        outlets = [
            model.add_outlet(f"{label} at {node}", drop / rate, distal=float(distal[node]))
            for label, rate in leaves.items()
        ]
        if not into and not inlets:
            # Nothing comes here: a free end without flow, which is closed.
            inlets = [model.add_inflow(f"closed at {node}", 0.0)]
        if not out and not outlets:
            outlets = [model.add_inflow(f"closed at {node}", 0.0)]
        if len(inlets) + len(into) == 1 and len(outlets) + len(out) == 1:
            # One vessel begins or ends here, or one goes on from another.
            if not into:
                model.attach(out[0], "inlet", inlets[0])
                continue
            if not out:
                model.attach(into[0], "outlet", outlets[0])
                continue
        for name in inlets:
            into.append(model.port_vessel(name))
            model.attach(into[-1], "inlet", name)
        for name in outlets:
            out.append(model.port_vessel(name))
            model.attach(out[-1], "outlet", name)
        model.join(node, into, out)
    return model.document()


def _chosen(network: VesselNetwork) -> BoolArray:
    arteries = network.is_kind(SegmentKind.ARTERY, SegmentKind.ARTERIOLE)
    named = arteries & (network.name >= 0)
    has_heart = bool(network.is_kind(SegmentKind.HEART_CHAMBER).any())
    chosen = named if named.any() or has_heart else arteries
    n = int(chosen.sum())
    if n == 0:
        message = "network must have named arteries for a lumped model, got none. Export a body."
        raise InputError(message)
    if n > MOST_VESSELS:
        message = f"lumped model must have at most {MOST_VESSELS} vessels, got {n}. "
        raise InputError(message + "Name the large arteries.")
    return chosen


def _elements(network: VesselNetwork, flow: FlowField, chosen: BoolArray) -> FloatArray:
    """Return (n, 3): resistance [Pa s/m^3], compliance [m^3/Pa], inertance [Pa s^2/m^3]."""
    wall = load_parameters("arterial_wall")
    radius, length = network.lumen_radius[chosen], network.length[chosen]
    viscosity, factor = flow.apparent_viscosity[chosen], network.resistance_factor[chosen]
    resistance = 8.0 * viscosity * factor / network.volume[chosen] * np.square(length / radius)
    rise, decay, floor = (wall.value(f"stiffness.{key}") for key in ("rise", "decay", "floor"))
    stiffness = np.array([rise * math.exp(-decay * r) + floor for r in radius.tolist()])
    area = math.pi * np.square(radius)
    compliance = 1.5 * area * length / stiffness
    inertance = wall.value("density") * length / area
    return np.column_stack([resistance, compliance, inertance])


@dataclass(frozen=True)
class _Exchange:
    """What the chosen vessels get from the rest of the body and give to it.

    Attributes
    ----------
    inflow : dict of node to m^3/s
    outflow : dict of node to dict of region to m^3/s
    """

    inflow: dict[int, float]
    outflow: dict[int, dict[str, float]]

    @classmethod
    def of(cls, network: VesselNetwork, flow: FlowField, chosen: BoolArray) -> _Exchange:
        rate = flow.flow_rate
        start, end = network.start_node, network.end_node
        is_ours = np.zeros(network.n_nodes, dtype=bool)
        is_ours[start[chosen]] = is_ours[end[chosen]] = True
        passing = np.zeros(network.n_nodes)
        np.maximum.at(passing, start[chosen], rate[chosen])
        np.maximum.at(passing, end[chosen], rate[chosen])
        inflow: dict[int, float] = {}
        outflow: dict[int, dict[str, float]] = {}
        for i in np.flatnonzero(~chosen & is_ours[end] & (rate > _STAGNANT * passing[end])):
            node = int(end[i])
            inflow[node] = inflow.get(node, 0.0) + float(rate[i])
        for i in np.flatnonzero(~chosen & is_ours[start] & (rate > _STAGNANT * passing[start])):
            label = "outlet" if network.region[i] < 0 else network.region_names[network.region[i]]
            there = outflow.setdefault(int(start[i]), {})
            there[label] = there.get(label, 0.0) + float(rate[i])
        # At the open ends of a network blood comes from nowhere and goes there.
        n = network.n_nodes
        net = np.bincount(start, weights=rate, minlength=n) - np.bincount(
            end, weights=rate, minlength=n
        )
        for node in np.flatnonzero(is_ours & (np.abs(net) > _STAGNANT * passing)).tolist():
            if net[node] > 0:
                inflow[node] = inflow.get(node, 0.0) + float(net[node])
            else:
                there = outflow.setdefault(node, {})
                there["outlet"] = there.get("outlet", 0.0) - float(net[node])
        return cls(inflow, outflow)


def _distal_pressure(network: VesselNetwork, flow: FlowField, chosen: BoolArray) -> FloatArray:
    """Return (n_nodes,) [Pa]: of the atrium that drains what each artery feeds."""
    if not network.is_kind(SegmentKind.HEART_CHAMBER).any():
        return np.full(network.n_nodes, float(np.nanmin(flow.pressure)))
    heart = find_heart(network)
    distal = np.full(network.n_nodes, float(flow.pressure[heart.right_inlet]))
    reached = np.zeros(network.n_nodes, dtype=bool)
    reached[heart.pulmonary_root] = True
    start, end = network.start_node[chosen], network.end_node[chosen]
    while True:
        more = reached[start] & ~reached[end]
        if not more.any():
            break
        reached[end[more]] = True
    distal[reached] = flow.pressure[heart.left_inlet]
    return distal


@dataclass
class _Model:
    """The parts of the document as they are found."""

    vessels: list[dict[str, Any]] = field(default_factory=list)
    junctions: list[dict[str, Any]] = field(default_factory=list)
    conditions: list[dict[str, Any]] = field(default_factory=list)

    def add_vessel(self, name: str, *, length: float, values: tuple[float, float, float]) -> int:
        resistance, compliance, inertance = values
        self.vessels.append(
            {
                "vessel_id": len(self.vessels),
                # svZeroDSolver answers with a table that has these names between bare commas.
                "vessel_name": "".join(c for c in name if c.isprintable() and c not in ',"'),
                "vessel_length": length * _LENGTH,
                "zero_d_element_type": "BloodVessel",
                "zero_d_element_values": {
                    "R_poiseuille": resistance * _RESISTANCE,
                    "C": compliance * _COMPLIANCE,
                    "L": inertance * _INERTANCE,
                    "stenosis_coefficient": 0.0,
                },
            }
        )
        return len(self.vessels) - 1

    def port_vessel(self, name: str) -> int:
        """Add a vessel of no resistance: what joins a condition to a node where vessels meet."""
        # Names of vessels must differ: svZeroDSolver dies where two are the same.
        return self.add_vessel(f"port {name}", length=0.0, values=(0.0, 0.0, 0.0))

    def add_inflow(self, place: str, rate: float) -> str:
        q = rate * _FLOW
        return self._condition(f"inflow {place}", "FLOW", {"Q": [q, q], "t": [0.0, 1.0]})

    def add_outlet(self, place: str, resistance: float, *, distal: float) -> str:
        values = {"R": resistance * _RESISTANCE, "Pd": distal * _PRESSURE}
        return self._condition(place, "RESISTANCE", values)

    def attach(self, vessel: int, end: str, name: str) -> None:
        self.vessels[vessel].setdefault("boundary_conditions", {})[end] = name

    def join(self, node: int, into: list[int], out: list[int]) -> None:
        self.junctions.append(
            {
                "junction_name": f"J{node}",
                "junction_type": "NORMAL_JUNCTION",
                "inlet_vessels": into,
                "outlet_vessels": out,
            }
        )

    def document(self) -> dict[str, Any]:
        return {
            "description": {
                "made by": "ctc",
                "units": "centimetre, gram, second; vessels are named after their segment",
            },
            "simulation_parameters": {
                # Half a minute: what the walls take up at the start is gone by then.
                "number_of_cardiac_cycles": 30,
                "number_of_time_pts_per_cardiac_cycle": 101,
                "steady_initial": True,
            },
            "boundary_conditions": self.conditions,
            "vessels": self.vessels,
            "junctions": self.junctions,
        }

    def _condition(self, name: str, kind: str, values: dict[str, Any]) -> str:
        self.conditions.append({"bc_name": name, "bc_type": kind, "bc_values": values})
        return name
