"""Orders, ratios and paths of trees made by hand."""

import numpy as np
import pytest

from ctc.vessels.strahler import diameter_orders, strahler_orders, strahler_table
from ctc.vessels.tree_side import TreeSide, levels_from_leaves, path_lengths, tree_sides
from tests.reference_data import require_reference
from tests.unit.flow.loops import Builder, small_body


def side_of(start, end, radius=None, length=None):
    start, end = np.array(start), np.array(end)
    n_nodes = int(max(start.max(), end.max())) + 1
    ones = np.ones(start.size)
    return TreeSide(
        "arteries",
        np.arange(start.size),
        start,
        end,
        n_nodes,
        ones if radius is None else np.array(radius, dtype=float),
        ones if length is None else np.array(length, dtype=float),
        levels_from_leaves(start, end, n_nodes=n_nodes),
    )


def test_orders_of_a_symmetric_and_of_a_herringbone_tree():
    # Root 0-1, daughters 1-2 and 1-3, then 2 splits again: orders 2 below, no rise at the root.
    side = side_of([0, 1, 1, 2, 2], [1, 2, 3, 4, 5])
    assert strahler_orders(side).tolist() == [2, 2, 1, 1, 1]


def test_a_herringbone_has_two_orders_however_long():
    n = 500
    spine = np.arange(n)
    side = side_of([*spine, *spine[1:]], [*(spine + 1), *range(n + 1, 2 * n)])
    order = strahler_orders(side)
    # The last spine segment is a leaf; every other one meets a leaf below.
    assert order[: n - 1].tolist() == [2] * (n - 1)
    assert len(side.levels) == n


def test_three_daughters_of_one_order_raise_it_once():
    assert strahler_orders(side_of([0, 1, 1, 1], [1, 2, 3, 4])).tolist() == [2, 1, 1, 1]


def test_a_cycle_has_no_order_and_no_path():
    side = side_of([0, 1, 2, 3], [1, 2, 0, 4])
    assert strahler_orders(side).tolist() == [0, 0, 0, 1]
    assert diameter_orders(side).tolist() == [0, 0, 0, 1]
    assert np.isnan(path_lengths(side)[:3]).all()
    loop = side_of([0, 1, 2], [1, 2, 0])
    assert not diameter_orders(loop).any()
    assert strahler_table(loop, strahler_orders(loop)).n_orders == 0


def random_tree(n, seed):
    rng = np.random.default_rng(seed)
    start = np.array([0] + [int(rng.integers(0, i + 1)) for i in range(1, n)])
    return start, np.arange(1, n + 1)


@pytest.mark.parametrize("seed", range(5))
def test_orders_are_those_of_a_plain_recursion(seed):
    start, end = random_tree(400, seed)
    below = {}
    for i, node in enumerate(start):
        below.setdefault(int(node), []).append(i)

    def order_of(i):
        orders = sorted((order_of(j) for j in below.get(int(end[i]), [])), reverse=True)
        if not orders:
            return 1
        return orders[0] + (len(orders) > 1 and orders[0] == orders[1])

    shuffled = np.random.default_rng(seed).permutation(start.size)
    side = side_of(start[shuffled], end[shuffled])
    assert strahler_orders(side).tolist() == [order_of(i) for i in shuffled]


def test_paths_add_up_from_the_root():
    start, end = random_tree(300, 7)
    length = np.random.default_rng(7).random(300)
    path = path_lengths(side_of(start, end, length=length))
    to_node = {0: 0.0}
    for i in range(300):
        to_node[int(end[i])] = to_node[int(start[i])] + length[i]
    assert path == pytest.approx([to_node[int(node)] for node in end], rel=1e-12)


def horton_tree(*, branching, ratio, n_orders):
    """Each element of an order is one segment with that many daughters of the order below."""
    start, end, radius = [0], [1], [ratio ** (n_orders - 1.0)]
    level = [1]
    for order in range(n_orders - 2, -1, -1):
        below = []
        for node in level:
            for _ in range(branching):
                start.append(node)
                end.append(len(end) + 1)
                radius.append(ratio**order)
                below.append(end[-1])
        level = below
    return side_of(start, end, radius, np.array(radius) ** 0.5)


def test_ratios_of_a_horton_tree_are_exact_in_both_orders():
    side = horton_tree(branching=3, ratio=1.6, n_orders=6)
    for orders in (strahler_orders(side), diameter_orders(side)):
        table = strahler_table(side, orders)
        assert table.n_orders == 6
        assert table.branching == pytest.approx(3.0, rel=1e-12)
        assert table.diameter_ratio == pytest.approx(1.6, rel=1e-12)
        assert table.length_ratio == pytest.approx(1.6**0.5, rel=1e-12)
        assert table.n_elements.tolist() == [243, 81, 27, 9, 3, 1]


def test_the_highest_order_is_left_out_of_the_fit():
    side = horton_tree(branching=2, ratio=1.5, n_orders=5)
    thick = side.lumen_radius.copy()
    thick[0] *= 50.0
    table = strahler_table(side_of(side.start, side.end, thick), strahler_orders(side))
    assert table.diameter_ratio == pytest.approx(1.5, rel=1e-12)


def test_diameter_orders_raise_a_trunk_that_branching_alone_does_not():
    # A trunk that sheds single small branches keeps its Strahler order to the end; by diameter
    # its thick part is of a higher order.
    side = horton_tree(branching=2, ratio=2.0, n_orders=4)
    n = side.n_nodes
    start = [*side.start, n, n, n + 1, n + 1]
    end = [*side.end, n + 1, n + 2, 0, n + 3]
    wide = 40.0
    radius = [*side.lumen_radius, wide, 1.0, wide, 1.0]
    long_ = side_of(start, end, radius)
    assert strahler_orders(long_)[side.segment.size] == 4
    by_diameter = diameter_orders(long_)
    assert by_diameter[side.segment.size] >= 4
    assert (by_diameter[long_.is_leaf] == 1).all()


def test_elements_join_segments_of_one_order():
    # Order 2 runs through two segments, and both lie in one element of length 2.
    side = side_of([0, 1, 1, 2, 2], [1, 2, 3, 4, 5])
    table = strahler_table(side, strahler_orders(side))
    assert table.n_segments.tolist() == [3, 2]
    assert table.n_elements.tolist() == [3, 1]
    assert table.length.tolist() == [1.0, 2.0]


def test_published_ratios_of_the_lung_are_those_of_its_published_table():
    import csv  # noqa: PLC0415 - for this test alone

    from ctc.scenario.parameters import load_parameters  # noqa: PLC0415 - the same

    path = require_reference("reference", "data", "huang1996_pulmonary_morphometry.csv")
    numbers = load_parameters("morphometry")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for vessel in ("artery", "vein"):
        own = [row for row in rows if row["vessel"] == vessel]
        order = np.array([float(row["order"]) for row in own])
        for column, key, sign in (
            ("n_elements", "branching", -1),
            ("diameter_mm", "diameter", 1),
            ("length_mm", "length", 1),
        ):
            values = np.log([float(row[column]) for row in own])
            slope = np.exp(sign * np.polyfit(order, values, 1)[0])
            side = {"artery": "arteries", "vein": "veins"}[vessel]
            # Rounded table, fitted over all orders.
            assert numbers.value(f"lung.{side}.{key}") == pytest.approx(slope, rel=0.06)


def test_sides_of_a_body():
    network = small_body()
    sides = {side.name: side for side in tree_sides(network)}
    portal = sides["portal veins"]
    liver = network.region_names.index("liver")
    assert (network.region[portal.segment] == liver).all()
    # Turned round, veins end at the beds; those of the gut are reached through the portal vein.
    assert sides["veins"].is_leaf.sum() == 5 * 8
    for side in sides.values():
        assert sum(level.size for level in side.levels) == side.segment.size


def test_lone_segments():
    builder = Builder()
    builder.add("a", "b")
    (side,) = tree_sides(builder.network())
    assert strahler_orders(side).tolist() == [1]
    assert diameter_orders(side).tolist() == [1]
