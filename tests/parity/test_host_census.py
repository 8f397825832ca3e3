"""Cells counted and sifted by the host library equal those by NumPy, for any threads."""

import numpy as np
import pytest

from ctc.backends.host_census import count_cells, sift_cells
from ctc.simulation.population import CELL_FIELDS

MANY = 300_000  # more than two of the library's blocks


def words(key: int, count: int) -> np.ndarray:
    return np.random.Philox(key=key).random_raw(count)


def cells(count: int, *, states: list[int], capacity: int | None = None) -> dict[str, np.ndarray]:
    fields = {}
    for number, field in enumerate(CELL_FIELDS):
        array = words(number, capacity or count).astype(field.dtype)
        fields[field.name] = array
    fields["state"][...] = np.array(states, dtype=np.uint8)[
        words(99, fields["id"].size) % len(states)
    ]
    return fields


STATES = {
    "all stay": [0, 1, 2],
    "all go": [4, 5],
    "few go": [0] * 999 + [4],
    "few stay": [4] * 999 + [0],
    "mixed": [0, 1, 2, 3, 4, 5, 6, 0x44, 0x30],
}


@pytest.mark.parametrize("kind", STATES)
@pytest.mark.parametrize("count", [0, 1, 1000, MANY])
@pytest.mark.parametrize("threads", [1, 3])
def test_sifted_cells_are_those_of_numpy(kind: str, count: int, threads: int) -> None:
    fields = cells(count, states=STATES[kind], capacity=count + 10)
    before = {name: array.copy() for name, array in fields.items()}
    state = before["state"][:count]
    n_kept, taken = sift_cells(fields, count, dropped=(4, 5, 6), taken=(3,), threads=threads)
    stays = ~np.isin(state, (3, 4, 5, 6))
    assert n_kept == stays.sum()
    # Those at the end that stay fill the holes before them, in order.
    slots = np.arange(n_kept)
    slots[~stays[:n_kept]] = n_kept + np.flatnonzero(stays[n_kept:])
    for name, array in before.items():
        np.testing.assert_array_equal(fields[name][:n_kept], array[slots], err_msg=name)
        np.testing.assert_array_equal(taken[name], array[:count][state == 3], err_msg=name)
        np.testing.assert_array_equal(fields[name][count:], array[count:], err_msg=name)


def test_what_is_both_dropped_and_taken_goes_once() -> None:
    fields = cells(100, states=[0, 3])
    wanted = fields["id"][fields["state"] == 3].copy()
    n_kept, taken = sift_cells(fields, 100, dropped=(3,), taken=(3,))
    assert n_kept == 100 - wanted.size
    np.testing.assert_array_equal(taken["id"], wanted)


def test_items_of_other_widths_are_refused() -> None:
    fields = {"state": np.full(3, 4, dtype=np.uint8), "wide": np.zeros(3, dtype="c16")}
    with pytest.raises(TypeError, match="must have items of"):
        sift_cells(fields, 3, dropped=(4,))


def test_numbers_by_place_are_those_of_numpy() -> None:
    state = (words(1, MANY) % 7 + (words(2, MANY) % 3 << 4)).astype(np.uint8)
    record = (words(3, MANY) % 1000).astype(np.uint32)
    organ_of = (words(4, 1000) % 31).astype(np.int16)
    counts, here = np.full((7, 31), 2), np.full(1000, 9)
    count_cells(state, record, organ_of=organ_of, counts=counts, here=here)
    np.testing.assert_array_equal(here - 9, np.bincount(record, minlength=1000))
    wanted = np.zeros((7, 31), dtype=np.int64)
    np.add.at(wanted, (state & 15, organ_of[record]), 1)
    np.testing.assert_array_equal(counts - 2, wanted)
