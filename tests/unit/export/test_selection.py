"""Which frames and cells are exported: fair, the same in every frame, never empty."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctc.errors import InputError
from ctc.export.selection import Extract, Selection, is_among, mixed
from ctc.states import CellState

whatever = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ends = st.none() | st.integers(-15, 15)


@whatever
@given(
    first=ends,
    stop=ends,
    every=st.integers(1, 6),
    n_cells=st.none() | st.integers(1, 250),
    states=st.sets(st.sampled_from(list(CellState)[:4])),
)
def test_a_selection_is_what_plain_python_selects(small, *, first, stop, every, n_cells, states):
    chosen = Selection((first, stop), every, n_cells, tuple(sorted(states)))
    numbers = list(range(small.n_frames))[first:stop][::every]
    frames = [small.frame(number) for number in numbers]
    wanted = [f.id[np.isin(f.state, list(states))] if states else f.id for f in frames]
    there = sorted({int(each) for ids in wanted for each in ids})
    if n_cells is not None:
        order = mixed(np.array(there, dtype=np.uint64)).tolist()
        there = [each for _, each in sorted(zip(order, there, strict=True))[:n_cells]]
    if not there:
        with pytest.raises(InputError, match=r"must (select|hold) at least one"):
            Extract(small, chosen)
        return
    extract = Extract(small, chosen)
    assert list(extract.numbers) == numbers
    for number, ids, (found_number, frame) in zip(numbers, wanted, extract.frames(), strict=True):
        kept = ids[np.isin(ids, there)]
        assert found_number == number
        np.testing.assert_array_equal(frame.id, kept)
        np.testing.assert_array_equal(extract.identities(number), kept)
        rows = np.searchsorted(small.frame(number).id, kept)
        for name in ("position", "state", "organ", "segment", "age", "size_class"):
            whole = getattr(small.frame(number), name)
            np.testing.assert_array_equal(getattr(frame, name), whole[rows])
    np.testing.assert_array_equal(extract.all_identities(), sorted(there))


@whatever
@given(fewer=st.integers(1, 150), more=st.integers(1, 150))
def test_a_smaller_sample_is_part_of_a_larger_one(small, fewer, more):
    fewer, more = sorted((fewer, more))
    small_one = set(Extract(small, Selection(n_cells=fewer)).all_identities().tolist())
    large_one = set(Extract(small, Selection(n_cells=more)).all_identities().tolist())
    assert len(small_one) == fewer
    assert small_one <= large_one


def test_mixed_identities_are_fair():
    """Among 10^5 ids in a row, 10^4 sampled ones are spread evenly.

    A tenth of the ids falls to each of 20 equal stretches: 500 expected in each, standard error
    sqrt(5000 * 0.1 * 0.9) = 21; limit at five of those.
    """
    ids = np.arange(100_000, dtype=np.uint64)
    order = mixed(ids)
    assert np.unique(order).size == ids.size
    sample = ids[np.argsort(order)[:10_000]]
    counts = np.histogram(sample, bins=20, range=(0, 100_000))[0]
    assert np.abs(counts - 500).max() < 5 * 21.3
    # Tracked cells are every n-th id: that must be as good as ids in a row.
    odd = np.sort(sample % np.uint64(2))
    assert abs(int(odd.sum()) - 5000) < 5 * 50


def test_events_of_a_sample_are_those_of_its_cells(small):
    extract = Extract(small, Selection(n_cells=10))
    found = np.concatenate(list(extract.events()))
    events = small.events()
    np.testing.assert_array_equal(found, events[np.isin(events["cell"], extract.chosen)])
    assert 0 < found.size < events.size


def test_nothing_is_among_nothing():
    assert not is_among(np.arange(3, dtype=np.uint64), np.empty(0, dtype=np.uint64)).any()


@pytest.mark.parametrize(("name", "value"), [("every", 0), ("n_cells", 0), ("n_cells", -3)])
def test_numbers_below_one_are_refused(name, value):
    with pytest.raises(InputError, match=r"must be >= 1, got"):
        Selection(**{name: value})


def test_a_selection_is_said_in_words():
    assert Selection().in_words() == ""
    chosen = Selection((None, -2), 3, 10, (CellState.ARRESTED, CellState.DORMANT))
    assert chosen.in_words() == "frames :-2; every 3; cells 10; states arrested,dormant"
