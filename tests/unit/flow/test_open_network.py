"""Flow and red cells together: a bifurcation by hand, trees, meshes, more than two daughters."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow import blood_state, fixed_point
from ctc.flow.blood_state import BloodState
from ctc.flow.field import FlowField
from ctc.flow.open_network import solve_open
from ctc.flow.rheology import (
    Rheology,
    load_blood,
    red_cell_share,
    relative_viscosity,
)
from ctc.flow.solve import solve_network
from ctc.vessels.network import SegmentKind, VesselNetwork
from tests.unit.flow.loops import Builder

BLOOD = load_blood()


def fork(*radii: float) -> tuple[VesselNetwork, dict[int, float]]:
    """Return a vessel that divides into vessels of these radii, and its pressures."""
    builder = Builder()
    builder.add("in", "fork", radius=6e-6, length=2e-4)
    for k, radius in enumerate(radii):
        builder.add("fork", f"out {k}", radius=radius, length=(3 + k) * 1e-4)
    fixed = {builder.nodes["in"]: 4000.0} | {
        builder.nodes[f"out {k}"]: 1500.0 for k in range(len(radii))
    }
    return builder.network(), fixed


def mesh(n: int, seed: int) -> tuple[VesselNetwork, dict[int, float]]:
    """Return a cubic mesh of capillaries with a tenth of two opposite sides as ends."""
    rng = np.random.default_rng(seed)
    index = np.arange(n**3).reshape(n, n, n)
    ends = [
        np.column_stack(
            [index.take(range(n - 1), axis).ravel(), index.take(range(1, n), axis).ravel()]
        )
        for axis in range(3)
    ]
    pairs = np.vstack(ends)
    builder = Builder(nodes={str(k): k for k in range(n**3)})
    for a, b in pairs:
        radius, length = rng.uniform(2e-6, 5e-6), rng.uniform(3e-5, 9e-5)
        builder.add(str(a), str(b), radius=radius, length=length)
    fixed = {}
    for side, pressure in ((index[0], 4000.0), (index[-1], 2000.0)):
        for node in rng.choice(side.ravel(), max(1, side.size // 10), replace=False):
            fixed[int(node)] = pressure
    return builder.network(), fixed


def red_cells_in_and_out(network: VesselNetwork, flow: FlowField) -> tuple[FloatArray, FloatArray]:
    cells = flow.flow_rate * flow.discharge_haematocrit
    arriving = np.bincount(network.end_node, weights=cells, minlength=network.n_nodes)
    leaving = np.bincount(network.start_node, weights=cells, minlength=network.n_nodes)
    return arriving, leaving


def test_a_bifurcation_obeys_both_laws() -> None:
    """Haematocrits from the law of shares, flows from the law of viscosity, all at once."""
    network, fixed = fork(4e-6, 3e-6)
    _, flow = solve_open(network, BLOOD, fixed_pressure=fixed)
    q, h = flow.flow_rate, flow.discharge_haematocrit
    assert h[0] == BLOOD.haematocrit
    share = red_cell_share(
        [q[1] / q[0]], [h[0]], feed_diameter=12e-6, daughter_diameter=8e-6, sibling_diameter=6e-6
    )[0]
    assert h[1] * q[1] == pytest.approx(share * h[0] * q[0], rel=1e-12)
    assert h[1] != pytest.approx(h[2], rel=0.05)
    viscosity = BLOOD.viscosity * relative_viscosity(2 * network.lumen_radius, h)
    drop = flow.pressure[network.start_node] - flow.pressure[network.end_node]
    poiseuille = np.pi * network.lumen_radius**4 / (8 * viscosity * network.length) * drop
    np.testing.assert_allclose(q, poiseuille, rtol=1e-6)
    np.testing.assert_allclose(flow.apparent_viscosity, viscosity, rtol=1e-6)
    stress = 4 * flow.apparent_viscosity * q / (np.pi * network.lumen_radius**3)
    np.testing.assert_allclose(flow.wall_shear_stress, stress, rtol=1e-12)


def test_three_daughters_do_not_depend_on_their_order() -> None:
    network, fixed = fork(4e-6, 3e-6, 3.5e-6)
    _, flow = solve_open(network, BLOOD, fixed_pressure=fixed)
    order = np.array([3, 0, 2, 1])
    shuffled = network.replace(
        **{
            name: getattr(network, name)[order]
            for name in ("start_node", "end_node", "lumen_radius", "length", "volume")
        }
    )
    _, again = solve_open(shuffled, BLOOD, fixed_pressure=fixed)
    np.testing.assert_allclose(
        again.discharge_haematocrit, flow.discharge_haematocrit[order], rtol=1e-7
    )
    assert flow.red_cell_residual < 1e-14


def test_a_daughter_that_almost_stands_still_changes_nothing_for_the_others() -> None:
    """Its share of the flow is about 1e-8; three daughters then obey the law of two."""
    network, fixed = fork(4e-6, 3e-6)
    two = solve_open(network, BLOOD, fixed_pressure=fixed)[1]
    builder = Builder()
    builder.add("in", "fork", radius=6e-6, length=2e-4)
    for k, (radius, length) in enumerate([(4e-6, 3e-4), (3e-6, 4e-4), (3.5e-6, 1e4)]):
        builder.add("fork", f"out {k}", radius=radius, length=length)
    fixed = {builder.nodes["in"]: 4000.0} | {builder.nodes[f"out {k}"]: 1500.0 for k in range(3)}
    three = solve_open(builder.network(), BLOOD, fixed_pressure=fixed)[1]
    np.testing.assert_allclose(
        three.discharge_haematocrit[:3], two.discharge_haematocrit, rtol=1e-6
    )


def test_equal_daughters_get_equal_blood_however_many() -> None:
    builder = Builder()
    builder.add("in", "fork", radius=6e-6, length=2e-4)
    for k in range(5):
        builder.add("fork", f"out {k}", radius=3e-6, length=3e-4)
    fixed = {builder.nodes["in"]: 4000.0} | {builder.nodes[f"out {k}"]: 1500.0 for k in range(5)}
    _, flow = solve_open(builder.network(), BLOOD, fixed_pressure=fixed)
    np.testing.assert_allclose(flow.discharge_haematocrit, BLOOD.haematocrit, rtol=1e-12)


def test_no_daughter_gets_denser_blood_than_packed_cells() -> None:
    """Three forks in turn give the main branch ever denser blood; the cut keeps every cell."""
    dense = replace(BLOOD, largest_haematocrit=0.47)
    builder = Builder()
    builder.add("0", "1", radius=6e-6, length=2e-4)
    for k in (1, 2, 3):
        builder.add(str(k), f"side {k}", radius=2e-6, length=6e-4)
        builder.add(str(k), str(k + 1), radius=5e-6, length=2e-4)
    nodes = builder.nodes
    fixed = {nodes["0"]: 6000.0, nodes["4"]: 1500.0}
    fixed |= {nodes[f"side {k}"]: 1500.0 for k in (1, 2, 3)}
    free = solve_open(builder.network(), BLOOD, fixed_pressure=fixed)[1]
    cut = solve_open(builder.network(), dense, fixed_pressure=fixed)[1]
    assert free.discharge_haematocrit.max() > 0.47
    assert cut.discharge_haematocrit.max() == pytest.approx(0.47, rel=1e-12)
    assert cut.red_cell_residual < 1e-14


def test_what_one_of_three_daughters_cannot_hold_goes_to_the_others() -> None:
    """The cut at packed cells passes every cell on: the densest is at it, none is lost."""
    dense = replace(BLOOD, largest_haematocrit=0.452)
    network, fixed = fork(4.5e-6, 3e-6, 2e-6)
    free = solve_open(network, BLOOD, fixed_pressure=fixed)[1]
    cut = solve_open(network, dense, fixed_pressure=fixed)[1]
    assert free.discharge_haematocrit.max() > 0.46
    assert cut.discharge_haematocrit.max() == pytest.approx(0.452, rel=1e-12)
    cells = cut.flow_rate * cut.discharge_haematocrit
    assert cells[1:].sum() == pytest.approx(cells[0], rel=1e-14)


def test_a_dead_end_holds_what_its_node_was_filled_with() -> None:
    builder = Builder()
    builder.add("in", "fork", radius=6e-6, length=2e-4)
    builder.add("fork", "a", radius=4e-6, length=3e-4)
    builder.add("fork", "b", radius=3e-6, length=4e-4)
    builder.add("a", "out a", radius=4e-6, length=3e-4)
    dead = builder.add("a", "end", radius=4e-6, length=3e-4)
    nodes = builder.nodes
    fixed = {nodes["in"]: 4000.0, nodes["out a"]: 1500.0, nodes["b"]: 1500.0}
    _, flow = solve_open(builder.network(), BLOOD, fixed_pressure=fixed)
    assert flow.flow_rate[dead] == 0.0
    assert flow.discharge_haematocrit[1] != pytest.approx(BLOOD.haematocrit, rel=0.01)
    assert flow.discharge_haematocrit[dead] == flow.discharge_haematocrit[1]


def test_converging_vessels_mix() -> None:
    builder = Builder()
    builder.add("in", "fork", radius=6e-6, length=2e-4)
    builder.add("fork", "a", radius=4e-6, length=3e-4)
    builder.add("fork", "b", radius=3e-6, length=4e-4)
    builder.add("a", "join", radius=5e-6, length=1e-4)
    builder.add("b", "join", radius=5e-6, length=1e-4)
    last = builder.add("join", "out", radius=6e-6, length=2e-4)
    fixed = {builder.nodes["in"]: 4000.0, builder.nodes["out"]: 1500.0}
    _, flow = solve_open(builder.network(), BLOOD, fixed_pressure=fixed)
    assert flow.discharge_haematocrit[1] != pytest.approx(flow.discharge_haematocrit[2], rel=0.02)
    assert flow.discharge_haematocrit[last] == pytest.approx(BLOOD.haematocrit, rel=1e-14)


def test_two_feeding_vessels_change_over_without_a_jump() -> None:
    """Of two unequal feeding vessels neither is *the* one: where it was, a hair of flow decided.

    Both bring blood of one haematocrit; their flows differ by 1e-9 of themselves, once to the one
    and once to the other side. Shares follow a smooth law of the feeding diameter and the flows,
    of slope about 1, so they differ by about 1e-9 too.
    """
    found = []
    for change in (-1e-9, 1e-9):
        builder = Builder()
        builder.add("wide", "cross", radius=6e-6, length=2e-4)
        builder.add("narrow", "cross", radius=3e-6, length=2e-4)
        builder.add("cross", "a", radius=4e-6, length=3e-4)
        builder.add("cross", "b", radius=3e-6, length=4e-4)
        nodes = builder.nodes
        injected = {nodes["wide"]: 1e-14 * (1 + change), nodes["narrow"]: 1e-14 * (1 - change)}
        fixed = {nodes["a"]: 1000.0, nodes["b"]: 1000.0}
        _, flow = solve_open(builder.network(), BLOOD, fixed_pressure=fixed, injected_flow=injected)
        found.append(flow.discharge_haematocrit)
    assert found[0][2] != pytest.approx(found[0][3], rel=0.02)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7)


def test_a_bundle_takes_red_cells_as_it_takes_blood() -> None:
    builder = Builder()
    builder.add("in", "fork", radius=6e-6, length=2e-4)
    bed = {"kind": SegmentKind.CAPILLARY_BED, "n": 4}
    builder.add("fork", "a", radius=3e-6, length=3e-4, **bed)
    builder.add("fork", "b", radius=2e-6, length=4e-4, **bed)
    fixed = {builder.nodes["in"]: 4000.0, builder.nodes["a"]: 1000.0, builder.nodes["b"]: 1000.0}
    _, flow = solve_open(builder.network(), BLOOD, fixed_pressure=fixed)
    np.testing.assert_allclose(flow.discharge_haematocrit, BLOOD.haematocrit, rtol=1e-14)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_mesh_of_capillaries_settles(seed: int) -> None:
    """648 capillaries with loops: mass and red cells exact at every node, both laws obeyed."""
    network, fixed = mesh(6, seed)
    turned, flow = solve_open(network, BLOOD, fixed_pressure=fixed)
    arriving, leaving = red_cells_in_and_out(turned, flow)
    inner = np.ones(network.n_nodes, dtype=bool)
    inner[list(fixed)] = False
    np.testing.assert_allclose(arriving[inner], leaving[inner], rtol=1e-12, atol=1e-30)
    assert flow.mass_residual < 1e-12
    assert flow.red_cell_residual < 1e-12
    assert flow.momentum_residual < 1e-10
    assert np.ptp(flow.discharge_haematocrit) > 0.3
    wanted = BLOOD.viscosity * relative_viscosity(
        2 * network.lumen_radius, flow.discharge_haematocrit
    )
    # Where next to nothing flows viscosity decides nothing and may lag behind.
    through = np.zeros(network.n_nodes)
    np.maximum.at(through, turned.start_node, flow.flow_rate)
    np.maximum.at(through, turned.end_node, flow.flow_rate)
    least = np.minimum(through[turned.start_node], through[turned.end_node])
    busy = flow.flow_rate > 1e-3 * least
    np.testing.assert_allclose(flow.apparent_viscosity[busy], wanted[busy], rtol=1e-5)


def test_constant_blood_is_the_linear_problem() -> None:
    network, fixed = mesh(5, 3)
    blood = load_blood(Rheology.CONSTANT)
    _, flow = solve_open(network, blood, fixed_pressure=fixed)
    np.testing.assert_array_equal(flow.apparent_viscosity, blood.viscosity)
    moving = flow.flow_rate > 0
    np.testing.assert_allclose(flow.discharge_haematocrit[moving], blood.haematocrit, rtol=1e-12)


def test_the_same_bits_for_every_order_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    network, fixed = mesh(5, 4)
    found = []
    for cores in ({0}, {0, 1}, set(range(7))):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, cores=cores: cores)
        found.append(solve_open(network, BLOOD, fixed_pressure=fixed)[1])
    for other in found[1:]:
        np.testing.assert_array_equal(other.flow_rate, found[0].flow_rate)
        np.testing.assert_array_equal(other.discharge_haematocrit, found[0].discharge_haematocrit)


def test_vessels_too_narrow_for_red_cells_are_refused() -> None:
    network, fixed = fork(4e-6, 1e-6)
    with pytest.raises(InputError, match=r"lumen_radius must be >= 1\.35e-06 m .* segment 2"):
        solve_open(network, BLOOD, fixed_pressure=fixed)
    solve_open(network, load_blood(Rheology.CONSTANT), fixed_pressure=fixed)


def test_a_large_network_ends_with_a_solution_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds improve the pressures before, to 1e-11; the last one solves anew, to the rounding."""
    network, fixed = mesh(6, 1)
    plain = solve_open(network, BLOOD, fixed_pressure=fixed)[1]
    monkeypatch.setattr(blood_state, "DEAR", -1.0)
    found = solve_open(network, BLOOD, fixed_pressure=fixed)[1]
    assert found.momentum_residual < 1e-12
    scale = plain.flow_rate.max()
    np.testing.assert_allclose(found.flow_rate, plain.flow_rate, rtol=0, atol=1e-9 * scale)


def test_rounds_are_counted() -> None:
    distances = [0.5, 0.1, 1e-3, 1e-10]
    state = SimpleNamespace(
        viscosity=np.ones(1),
        follow_cells=lambda _: 0,
        relax=lambda *_, **__: distances[len(asked) - 1],
    )
    asked: list[bool] = []

    def solve(is_balanced: bool) -> fixed_point.Round:
        asked.append(is_balanced)
        return fixed_point.Round(np.zeros(2), np.zeros(1))

    assert fixed_point.settle(state, solve) == 4  # type: ignore[arg-type] - all that is asked of it
    assert asked == [False] * 4


def test_what_does_not_settle_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """After as many rounds as it says; it once counted segments that were at rest by then."""
    rounds = []
    follow = BloodState.follow_cells
    monkeypatch.setattr(
        BloodState, "follow_cells", lambda *given: (rounds.append(1), follow(*given))[1]
    )
    monkeypatch.setattr(fixed_point, "MAX_ROUNDS", 3)
    network, fixed = mesh(5, 5)
    text = r"must settle within 3 rounds, got .* still change by .*, in (\d+) segments"
    with pytest.raises(InputError, match=text) as told:
        solve_open(network, BLOOD, fixed_pressure=fixed)
    assert len(rounds) == 3
    found = re.search(text, str(told.value))
    assert found is not None
    assert 1 <= int(found[1]) < network.n_segments / 2


def test_red_cells_that_get_lost_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A billionth of those in one vessel is more than rounding."""
    follow = BloodState.follow_cells

    def lose(state: BloodState, flow_rate: FloatArray) -> int:
        found = follow(state, flow_rate)
        state.haematocrit[1] *= 1.0 - 1e-9
        return found

    monkeypatch.setattr(BloodState, "follow_cells", lose)
    network, fixed = fork(4e-6, 3e-6)
    with pytest.raises(InputError, match=r"red cells must be conserved to 1e-10 at every node"):
        solve_open(network, BLOOD, fixed_pressure=fixed)


def test_blood_stays_for_volume_over_flow_and_for_ever_where_it_stands_still() -> None:
    network, fixed = fork(4e-6, 3e-6, 5e-6)
    del fixed[network.end_node[2]]  # a closed end
    turned, flow = solve_open(network, BLOOD, fixed_pressure=fixed)
    moves = np.array([True, True, False, True])
    assert (flow.flow_rate > 0).tolist() == moves.tolist()
    stay = turned.volume[moves] / flow.flow_rate[moves]
    np.testing.assert_allclose(flow.transit_time[moves], stay, rtol=1e-15)
    assert np.isposinf(flow.transit_time[2])


@pytest.mark.parametrize(
    ("pressure", "injected", "message"),
    [
        ({9: 1.0}, {}, r"fixed_pressure must be at nodes 0 \.\. 2, got node 9"),
        ({-1: 1.0}, {}, r"fixed_pressure must be at nodes 0 \.\. 2, got node -1"),
        ({2: float("nan")}, {}, "fixed_pressure must be finite, got nan Pa at node 2"),
        ({}, {7: 1e-15}, r"injected_flow must be at nodes 0 \.\. 2, got node 7"),
        ({}, {1: float("inf")}, r"injected_flow must be finite, got inf m\^3/s at node 1"),
    ],
)
def test_ends_that_are_not_there_or_no_number_are_refused(
    pressure: dict[int, float], injected: dict[int, float], message: str
) -> None:
    network, _ = fork(4e-6)
    fixed = {0: 4000.0} | pressure
    with pytest.raises(InputError, match=message):
        solve_open(network, BLOOD, fixed_pressure=fixed, injected_flow=injected)
    with pytest.raises(InputError, match=message):
        solve_network(network, np.ones(2), fixed_pressure=fixed, injected_flow=injected)


@pytest.mark.parametrize("haematocrit", [-0.01, 0.99, float("nan")])
def test_blood_has_a_share_of_red_cells(haematocrit: float) -> None:
    with pytest.raises(InputError, match=r"haematocrit must be in 0 \.\. 0\.\d+, got"):
        load_blood(haematocrit=haematocrit)
    assert load_blood(haematocrit=0.0).haematocrit == 0.0
