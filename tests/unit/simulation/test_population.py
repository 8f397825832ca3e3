"""Population: arrays that grow, newborns, removal, and what goes into a checkpoint."""

import numpy as np

from ctc.backends.base import choose_backend
from ctc.simulation.population import BYTES_PER_CELL, CELL_FIELDS, Population
from ctc.states import CellState


def filled(states: list[int], *, first_id: int = 0, capacity: int = 4) -> Population:
    population = Population(choose_backend("cpu"), capacity=capacity)
    population.make_room(len(states))
    fields = population.add(len(states))
    for number, field in enumerate(CELL_FIELDS):
        fields[field.name][...] = np.arange(len(states)) + number
    fields["id"][...] = first_id + np.arange(len(states))
    fields["state"][...] = states
    return population


def test_a_cell_takes_at_most_64_bytes() -> None:
    assert BYTES_PER_CELL <= 64


def test_room_is_made_without_losing_cells() -> None:
    population = filled([0, 1, 2])
    before = population.on_host()
    population.make_room(10_000)
    assert population.capacity >= 10_003
    newborn = population.add(5)
    assert all(array.size == 5 for array in newborn.values())
    newborn["id"][...] = 100 + np.arange(5)
    after = population.on_host()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name][:3], array)
    assert after["id"].tolist() == [0, 1, 2, 100, 101, 102, 103, 104]


def test_room_grows_by_an_eighth_at_least() -> None:
    population = filled([0] * 100, capacity=100)
    population.make_room(1)
    assert population.capacity == 112


def test_the_finished_are_removed_and_the_others_are_whole() -> None:
    every = [int(state) for state in CellState] * 2
    population = filled(every)
    population.remove_finished()
    held = population.on_host()
    assert population.count == 8
    assert held["id"].tolist() == [0, 1, 2, 3, 7, 8, 9, 10]
    assert held["state"].tolist() == [0, 1, 2, 3] * 2
    assert held["draw"].tolist() == [i + 5 for i in held["id"]]


def test_the_dormant_are_taken_out_and_the_finished_dropped() -> None:
    population = filled([int(state) for state in CellState] * 2)
    taken = population.take_dormant(("id", "draw"))
    assert taken["id"].tolist() == [3, 10]
    assert taken["draw"].tolist() == [8, 15]
    assert population.on_host()["id"].tolist() == [0, 1, 2, 7, 8, 9]


def test_a_cell_with_an_event_to_write_is_not_finished() -> None:
    """Its state carries the event in the upper four bits until it is written."""
    population = filled([CellState.DIED | (4 << 4), CellState.DIED])
    population.remove_finished()
    assert population.count == 1


def test_host_copies_are_sorted_by_id() -> None:
    population = filled([0, 1, 2, 3])
    population.arrays()["id"][...] = [9, 3, 7, 1]
    found = population.on_host()
    assert found["id"].tolist() == [1, 3, 7, 9]
    assert found["state"].tolist() == [3, 1, 2, 0]


def test_restore_replaces_all_cells() -> None:
    source, target = filled([0, 1, 2], first_id=50), filled([0] * 9)
    target.restore(source.on_host())
    assert target.count == 3
    for name, array in source.on_host().items():
        np.testing.assert_array_equal(target.on_host()[name], array)


def test_views_write_through() -> None:
    population = filled([0, 0, 0])
    population.arrays(1, 2)["draw"][...] = 77
    assert population.arrays()["draw"].tolist()[1] == 77
