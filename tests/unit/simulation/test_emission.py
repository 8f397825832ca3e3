"""Emission: litters as tables, and how they are split over shards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctc.backends.base import choose_backend
from ctc.simulation.emission import Emission, emission_of
from ctc.simulation.entry_sites import EntrySites, weighted_sites
from ctc.simulation.launches import Launches
from ctc.simulation.shedding import Litter, SheddingSource
from tests.physics.mixed import mixed_world

SITES = weighted_sites(np.array([0, 1, 2], dtype=np.uint32), np.array([1.0, 2.0, 3.0]))
OTHERS = weighted_sites(np.array([4], dtype=np.uint32), np.array([1.0]))


def made(counts: list[int], sites: EntrySites = SITES, first_id: int = 10) -> list[Litter]:
    """Return litters with ids one after another, each of a clone of its own."""
    found = []
    for clone, count in enumerate(counts):
        source = SheddingSource(sites, 0.0, 0, 0, 0, clone, "")
        found.append(Litter(source, first_id, count, 1000 * clone, 50 + clone))
        first_id += count
    return found


def ids_of(emission: Emission) -> list[int]:
    counts = np.diff(emission.litters["first_number"], append=np.uint64(emission.count))
    return [
        int(first) + i
        for first, count in zip(emission.litters["first_id"], counts, strict=True)
        for i in range(int(count))
    ]


def test_empty_litters_are_left_out_and_shared_sites_are_laid_down_once() -> None:
    litters = [*made([3, 0, 2]), *made([4], OTHERS, first_id=15)]
    emission = emission_of(litters)
    assert emission.litters["first_id"].tolist() == [10, 13, 15]
    assert emission.litters["first_number"].tolist() == [0, 3, 5]
    assert emission.litters["first_site"].tolist() == [0, 0, 3]
    assert emission.litters["n_sites"].tolist() == [3, 3, 1]
    assert emission.site_segment.tolist() == [0, 1, 2, 4]
    assert emission.count == 9


def test_nothing_is_an_emission_too() -> None:
    emission = emission_of([])
    assert emission.count == 0
    assert emission.part(0, 2).count == 0


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 7), st.integers(0, 2**63))
@settings(max_examples=100, deadline=None)
def test_the_parts_of_all_shards_are_all_cells(
    counts: list[int], n_parts: int, first_id: int
) -> None:
    whole = emission_of(made(counts, first_id=first_id))
    parts = [whole.part(number, n_parts) for number in range(n_parts)]
    assert sorted(i for part in parts for i in ids_of(part)) == ids_of(whole)
    for part in parts:
        own = np.diff(part.litters["first_number"], append=np.uint64(part.count))
        of_all = np.array(counts)[part.litters["clone"]]
        # Every litter is split evenly: a shard has its share of it or one cell more or less.
        assert (np.abs(own - of_all / n_parts) < 1).all()


def test_many_small_litters_are_split_evenly() -> None:
    """The odd cells of litters go to one shard after another: 1,000 litters of one cell."""
    whole = emission_of(made([1] * 1000))
    assert [whole.part(number, 3).count for number in range(3)] == [333, 334, 333]


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_one_launch_bears_the_same_cells_as_one_for_each_litter(chunk: int) -> None:
    world = mixed_world()
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 9, size=300).tolist()
    litters = [*made(counts[:200]), *made(counts[200:], OTHERS, first_id=10 + sum(counts[:200]))]
    one, many = (
        Launches(choose_backend("cpu", threads=2), world.hops, world.tables, seed=5, chunk=size)
        for size in (chunk, 10_000)
    )
    one.emit(emission_of(litters))
    for litter in litters:
        many.emit(emission_of([litter]))
    expected = many.population.on_host()
    assert expected["id"].size == sum(counts)
    for name, array in one.population.on_host().items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)
    np.testing.assert_array_equal(one.sums.born, many.sums.born)


def test_a_thousand_million_cells_are_split_without_one_of_them_being_made() -> None:
    """Sums of litters that no 32 bits hold, with ids beyond 2^40."""
    litters = made([1_200_000_000, 5, 3_000_000_007], first_id=2**40)
    whole = emission_of(litters)
    parts = [whole.part(number, 7) for number in range(7)]
    assert sum(part.count for part in parts) == whole.count == 4_200_000_012
    assert max(part.count for part in parts) - min(part.count for part in parts) <= 3
    last = parts[-1].litters[-1]
    size = parts[-1].count - int(last["first_number"])
    assert int(last["first_id"]) + size == 2**40 + whole.count


def test_cells_beyond_32_bits_are_born_with_their_ids() -> None:
    world = mixed_world()
    launches = Launches(choose_backend("cpu", threads=1), world.hops, world.tables, seed=5)
    bear = launches.midwife(emission_of(made([3_000_000_000, 3_000_000_000], first_id=2**33)))
    bear(2**32 - 3, 2**32 + 2)
    held = launches.population.on_host()
    assert held["id"].tolist() == [2**33 + 2**32 + i for i in range(-3, 2)]
    assert held["clone"].tolist() == [1] * 5
