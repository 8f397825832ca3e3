import numpy as np
import pytest

from ctc.errors import InputError
from ctc.vessels.calibre import load_calibre_law, tree_radii
from ctc.vessels.grow import (
    depth_first_places,
    grow_forest,
    load_growth_rules,
    place_junctions,
)
from ctc.vessels.network import tube_volume
from ctc.vessels.terminals import share_terminals

COUNTS = (1, 2, 7, 64, 133)


def starts(counts=COUNTS):
    return np.concatenate([[0], np.cumsum(counts)])


@pytest.fixture
def points():
    return np.random.default_rng(4).random((sum(COUNTS), 3))


@pytest.fixture
def forest(points):
    return grow_forest(points, starts(), rules=load_growth_rules(), seed=9)


def test_every_tree_is_binary_and_ends_at_its_own_terminals(forest):
    assert forest.n_nodes == 2 * sum(COUNTS) - len(COUNTS)
    inner = ~forest.is_leaf
    first = forest.first_daughter[inner]
    assert np.array_equal(forest.count[inner], forest.count[first] + forest.count[first + 1])
    assert np.array_equal(forest.parent[first], np.flatnonzero(inner))
    assert np.array_equal(forest.parent[first + 1], np.flatnonzero(inner))
    assert forest.count[: forest.n_trees].tolist() == list(COUNTS)
    leaf = forest.is_leaf
    assert sorted(forest.terminal[leaf]) == list(range(sum(COUNTS)))
    region = np.searchsorted(starts(), forest.terminal[leaf], side="right") - 1
    assert np.array_equal(region, forest.tree[leaf])


def test_growth_depends_on_points_and_seed_alone(points):
    rules = load_growth_rules()
    one, two = (grow_forest(points, starts(), rules=rules, seed=9) for _ in range(2))
    other = grow_forest(points, starts(), rules=rules, seed=10)
    assert np.array_equal(one.terminal, two.terminal)
    assert not np.array_equal(one.count, other.count)


def test_centroid_is_the_mean_of_the_terminals_below(forest, points):
    for tree, (low, high) in enumerate(zip(starts()[:-1], starts()[1:], strict=True)):
        assert forest.centroid[tree] == pytest.approx(points[low:high].mean(axis=0))


def test_junctions_keep_roots_and_terminals_and_shorten_the_tree(forest, points):
    rules = load_growth_rules()
    root = np.zeros((forest.n_trees, 3))
    position = place_junctions(forest, root, points, rules=rules)
    leaf = forest.is_leaf
    is_lone = forest.count[: forest.n_trees] == 1
    assert (position[: forest.n_trees][~is_lone] == 0.0).all()
    assert np.array_equal(position[leaf], points[forest.terminal[leaf]])


@pytest.mark.parametrize("extra", [0, 1])
def test_depth_first_places_are_a_permutation_with_sisters_side_by_side(forest, extra):
    place, below = depth_first_places(forest, extra_per_leaf=extra)
    for tree, count in enumerate(COUNTS):
        own = forest.tree == tree
        taken = place[own]
        if extra:
            taken = np.concatenate([taken, below[own & forest.is_leaf]])
        assert sorted(taken) == list(range((2 + extra) * count - 1))
    first = forest.first_daughter[~forest.is_leaf]
    assert np.array_equal(place[first + 1], place[first] + 1)
    # Depth first: all of the first daughter's branch comes before the second daughter's.
    for node in np.flatnonzero(~forest.is_leaf)[:20]:
        a = forest.first_daughter[node]
        if not forest.is_leaf[a] and not forest.is_leaf[a + 1]:
            assert below[a] < below[a + 1]


def test_radii_obey_the_law_by_calibre_and_hold_the_volume(forest):
    law = load_calibre_law()
    length = np.linspace(1e-3, 5e-2, forest.n_nodes)
    volume = np.array([1e-9, 1e-8, 1e-7, 1e-5, 1e-4])
    pulmonary = np.array([False, False, False, False, True])
    radius = tree_radii(forest, length, volume, is_pulmonary=pulmonary, law=law)
    held = np.bincount(forest.tree, weights=tube_volume(radius, length))
    assert held == pytest.approx(volume, rel=1e-12)
    inner = np.flatnonzero(~forest.is_leaf)
    first = forest.first_daughter[inner]
    exponent = law.exponent(radius[inner], pulmonary[forest.tree[inner]])
    summed = radius[first] ** exponent + radius[first + 1] ** exponent
    residual = np.abs(summed / radius[inner] ** exponent - 1.0)
    assert residual.max() < 1e-12


def test_a_volume_of_zero_is_refused(forest):
    with pytest.raises(InputError, match="volume must be > 0"):
        tree_radii(
            forest,
            np.ones(forest.n_nodes),
            np.zeros(forest.n_trees),
            is_pulmonary=np.zeros(forest.n_trees, dtype=bool),
            law=load_calibre_law(),
        )


def test_terminals_are_shared_by_flow_with_a_least_number():
    count = share_terminals(np.array([0.64, 0.16, 0.0001]), 100, power=0.5, fewest=5)
    assert count.sum() == 100
    assert count.min() >= 5
    assert count[0] == pytest.approx(5 + 85 * 0.8 / 1.21, abs=1)
    with pytest.raises(InputError, match="n_terminals must be >= 15"):
        share_terminals(np.ones(3), 14, power=0.5, fewest=5)


def test_region_without_terminal_is_refused():
    with pytest.raises(InputError, match="at region 1"):
        grow_forest(np.zeros((2, 3)), np.array([0, 2, 2]), rules=load_growth_rules(), seed=0)
