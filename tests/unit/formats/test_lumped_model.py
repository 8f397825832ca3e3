"""The lumped model of the arteries has the steady state that the network has."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import load_haemodynamics
from ctc.flow.field import FlowField
from ctc.formats.catalogue import write_vessels
from ctc.formats.lumped_model import lumped_model
from ctc.scenario.parameters import load_parameters
from ctc.vessels.network import SegmentKind, VesselNetwork
from tests.unit.flow.loops import small_body


@pytest.fixture(scope="module")
def solved() -> tuple[VesselNetwork, FlowField]:
    """Return a body whose arteries between heart and organs have names."""
    body = small_body()
    trunk = (body.kind == SegmentKind.ARTERY) & (body.region < 0)
    names = (*body.vessel_names, "aorta")
    body = body.replace(name=np.where(trunk, len(names) - 1, body.name), vessel_names=names)
    return solve_circulation(body, load_haemodynamics())


def steady_state(model: dict[str, Any]) -> dict[str, tuple[float, float, float]]:
    """Flow, and pressure at both ends, of every vessel: Kirchhoff's laws as a dense system.

    Unknown are the flow and both pressures of a vessel. Equations: p_in - p_out = R Q; at a
    junction all pressures are one and the flows add to zero; FLOW sets Q, RESISTANCE sets
    p = R Q + Pd. Compliance and inertance do nothing in a steady state.
    """
    vessels, n = model["vessels"], len(model["vessels"])
    conditions = {each["bc_name"]: each for each in model["boundary_conditions"]}
    rows: list[dict[int, float]] = []
    right: list[float] = []

    def add(row: dict[int, float], value: float) -> None:
        rows.append(row)
        right.append(value)

    for i, vessel in enumerate(vessels):
        resistance = vessel["zero_d_element_values"]["R_poiseuille"]
        add({n + i: 1.0, 2 * n + i: -1.0, i: -resistance}, 0.0)
        for end, name in vessel.get("boundary_conditions", {}).items():
            values = conditions[name]["bc_values"]
            if conditions[name]["bc_type"] == "FLOW":
                assert values["Q"][0] == values["Q"][1]
                add({i: 1.0}, values["Q"][0])
            else:
                assert end == "outlet"
                add({2 * n + i: 1.0, i: -values["R"]}, values["Pd"])
    for junction in model["junctions"]:
        into, out = junction["inlet_vessels"], junction["outlet_vessels"]
        pressures = [2 * n + i for i in into] + [n + i for i in out]
        for first, second in itertools.pairwise(pressures):
            add({first: 1.0, second: -1.0}, 0.0)
        add({**dict.fromkeys(into, 1.0), **dict.fromkeys(out, -1.0)}, 0.0)
    assert len(rows) == 3 * n, "every vessel has one condition or junction at each end"
    matrix = np.zeros((3 * n, 3 * n))
    for i, row in enumerate(rows):
        for column, value in row.items():
            matrix[i, column] = value
    found = np.linalg.solve(matrix, np.array(right))
    names = [vessel["vessel_name"] for vessel in vessels]
    return {name: (found[i], found[n + i], found[2 * n + i]) for i, name in enumerate(names)}


def assert_as_network(
    states: dict[str, tuple[float, float, float]], network: VesselNetwork, flow: FlowField
) -> int:
    """Assert flows and pressures of all real vessels, in centimetre, gram and second."""
    n_found = 0
    for name, (rate, inlet, outlet) in states.items():
        if name.startswith("port "):
            continue
        i = int(name.rsplit(" ", 1)[-1])
        n_found += 1
        assert rate == pytest.approx(flow.flow_rate[i] * 1e6, rel=1e-9)
        assert inlet == pytest.approx(flow.pressure[network.start_node[i]] * 10, rel=1e-9)
        assert outlet == pytest.approx(flow.pressure[network.end_node[i]] * 10, rel=1e-9)
    return n_found


def test_steady_state_is_that_of_the_network(solved: tuple[VesselNetwork, FlowField]) -> None:
    """Rounding of a dense solve of some ten vessels: far below 1e-9."""
    network, flow = solved
    states = steady_state(lumped_model(network, flow))
    named = network.is_kind(SegmentKind.ARTERY) & (network.name >= 0)
    assert assert_as_network(states, network, flow) == named.sum()


def test_svzerodsolver_runs_it(solved: tuple[VesselNetwork, FlowField], tmp_path: Path) -> None:
    """Its own steady start is solved to 1e-8."""
    svzerod = pytest.importorskip("svzerod", reason="pip install svzerod")
    network, flow = solved
    figures = write_vessels(tmp_path / "a.json", network, flow=flow)
    assert figures["format"] == "svzerod"
    result = svzerod.simulate(json.loads((tmp_path / "a.json").read_text()))
    for name, rows in result.groupby("name"):
        if not name.startswith("port "):
            i = int(name.rsplit(" ", 1)[-1])
            assert rows.flow_in.iloc[-1] == pytest.approx(flow.flow_rate[i] * 1e6, rel=1e-6)
            wanted = flow.pressure[network.end_node[i]] * 10
            assert rows.pressure_out.iloc[-1] == pytest.approx(wanted, rel=1e-6)


def test_elements_of_a_vessel(solved: tuple[VesselNetwork, FlowField]) -> None:
    """Poiseuille, rho l / A, and 3 A l / (2 E h / r) by hand, in centimetre, gram, second."""
    network, flow = solved
    vessel = lumped_model(network, flow)["vessels"][0]
    i = int(vessel["vessel_name"].rsplit(" ", 1)[-1])
    r, length = network.lumen_radius[i] * 100, network.length[i] * 100
    viscosity = flow.apparent_viscosity[i] * 10
    values = vessel["zero_d_element_values"]
    expected = 8 * viscosity * length / (math.pi * r**4) * network.resistance_factor[i]
    assert values["R_poiseuille"] == pytest.approx(expected, rel=1e-12)
    density = load_parameters("arterial_wall").value("density") * 1e-3
    assert values["L"] == pytest.approx(density * length / (math.pi * r**2), rel=1e-12)
    stiffness = 2e7 * math.exp(-22.53 * r) + 8.65e5
    expected = 1.5 * math.pi * r**2 * length / stiffness
    assert values["C"] == pytest.approx(expected, rel=1e-12)
    assert vessel["vessel_length"] == pytest.approx(length)


def test_outlets_are_resistances_to_the_atria(solved: tuple[VesselNetwork, FlowField]) -> None:
    network, flow = solved
    model = lumped_model(network, flow)
    outlets = [e for e in model["boundary_conditions"] if e["bc_type"] == "RESISTANCE"]
    inlets = [e for e in model["boundary_conditions"] if e["bc_type"] == "FLOW"]
    assert len(outlets) == 3  # kidney, gut and liver; the lungs hang on no named artery
    assert len(inlets) == 1
    assert all(each["bc_values"]["R"] > 0 for each in outlets)
    right_atrium = load_haemodynamics().right_atrium * 10
    for each in outlets:
        assert each["bc_values"]["Pd"] == pytest.approx(right_atrium)
    assert [each["bc_name"].split(" at ")[0] for each in outlets] == ["kidney", "gut", "liver"]
    names = [each["vessel_name"] for each in model["vessels"]]
    assert len(set(names)) == len(names), "svZeroDSolver needs names that differ"


def test_networks_that_make_no_model(
    solved: tuple[VesselNetwork, FlowField], tmp_path: Path
) -> None:
    network, flow = solved
    with pytest.raises(InputError, match="must have a flow"):
        write_vessels(tmp_path / "a.json", network)
    bare = network.replace(name=np.full(network.n_segments, -1))
    with pytest.raises(InputError, match="must have named arteries"):
        write_vessels(tmp_path / "a.json", bare, flow=flow)
    assert list(tmp_path.iterdir()) == []
