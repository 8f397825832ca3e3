"""The plan meets every value of every axis on every scenario, and every pair where it says so."""

import itertools

import pytest

from tools.same_bits.plan import covering_ways, every_way, few_ways, file_ways, ways_along
from tools.same_bits.ways import MEMORY, Way, axes, way_of

KNOWN = axes(has_gpu=False)


def pairs(ways: list[Way], names: tuple[str, ...]) -> set[tuple[object, ...]]:
    return {
        (one, getattr(way, one), other, getattr(way, other))
        for way in ways
        for one, other in itertools.combinations(names, 2)
    }


@pytest.mark.parametrize("has_gpu", [False, True])
def test_every_value_meets_every_scenario(has_gpu: bool) -> None:
    ways = [Way(), *every_way(6, has_gpu=has_gpu)]
    for name, values in axes(has_gpu=has_gpu).items():
        if name != "company":
            assert {getattr(way, name) for way in ways} >= set(values), name
    assert {way.stop for way in ways} >= {1, 2, 3, 4, 5}


def test_every_value_meets_every_sweep() -> None:
    ways = [Way(), *every_way(1, is_sweep=True)]
    for name in ("variant", "threads", "chunk", "room", "place", "company", "numpy"):
        assert {getattr(way, name) for way in ways} >= set(KNOWN[name]), name


def test_in_memory_everything_meets_everything() -> None:
    names = ("variant", "threads", "chunk", "room", "place")
    found = {tuple(getattr(way, name) for name in names) for way in [Way(), *every_way(4)]}
    places = tuple(place for place in KNOWN["place"] if place != "dask")
    wanted = itertools.product(*(KNOWN[name] for name in names[:-1]), places)
    assert found >= set(wanted)


def test_through_files_every_pair_meets() -> None:
    names = ("variant", "threads", "chunk", "room", "place", "course", "recording", "numpy")
    found = pairs([way for way in every_way(4) if way.course != MEMORY], names)
    for one, other in itertools.combinations(names, 2):
        for a, b in itertools.product(KNOWN[one], KNOWN[other]):
            if MEMORY not in (a, b):
                assert (one, a, other, b) in found


def test_few_ways_have_each_value_and_file_ways_each_pair() -> None:
    few = [Way(), *few_ways()]
    for name in ("variant", "threads", "chunk", "room"):
        assert {getattr(way, name) for way in few} == set(KNOWN[name])
    names = ("variant", "threads", "chunk", "room")
    found = pairs(file_ways(), names)
    for one, other in itertools.combinations(names, 2):
        for a, b in itertools.product(KNOWN[one], KNOWN[other]):
            assert (one, a, other, b) in found


def test_ways_are_possible_different_and_come_back_from_their_text() -> None:
    ways = [*every_way(9, has_gpu=True), *every_way(1, is_sweep=True)]
    assert all(way.is_possible for way in ways)
    assert len(set(every_way(9))) == len(every_way(9))
    assert [way_of(way.text) for way in ways] == ways
    assert way_of(Way().text) == Way()


def test_one_axis_at_a_time() -> None:
    assert [way.threads for way in ways_along("threads", n_epochs=4)] == [2, 7]
    places = [way.text for way in ways_along("place", n_epochs=4)]
    assert places == ["place=two", "place=dask course=straight"]
    assert ways_along("company", n_epochs=4) == []
    assert ways_along("hops", n_epochs=1, is_sweep=True) == []
    assert [way.stop for way in ways_along("course", n_epochs=3)] == [None, None, 1, 2]


def test_a_covering_is_the_same_each_time_and_much_smaller_than_the_product() -> None:
    letters = {"threads": (1, 2, 7), "chunk": (0, 1, 2), "room": (0, 1, 2)}
    first = covering_ways(letters, 2)
    assert first == covering_ways(dict(letters), 2)
    assert 9 <= len(first) < 14
    assert len(covering_ways(letters, 1)) == 3
