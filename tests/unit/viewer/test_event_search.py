"""Events are found as by a look through all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.record.layout import EVENT_DTYPE
from ctc.states import EventKind
from ctc.viewer import event_search
from ctc.viewer.cell_filter import NO_CLONE
from ctc.viewer.event_search import CloneBook, events_of_cell, first_after, next_event_time


class MadeUpRun:
    """As much of a run as a search reads; counts the rows that were read."""

    def __init__(self, rows):
        self.rows = np.zeros(len(rows), dtype=EVENT_DTYPE)
        for row, (time, cell, kind) in zip(self.rows, sorted(rows), strict=True):
            row["time"], row["cell"], row["kind"], row["clone"] = time, cell, kind, cell % 3
        self.n_read = 0

    @property
    def n_events(self):
        return self.rows.size

    def events(self, start=0, stop=None):
        found = self.rows[start:stop]
        self.n_read += found.size
        return found

    def log_column(self, log, name, *, start, stop):
        assert log == "events"
        return self.events(start, stop)[name]


KINDS = [int(kind) for kind in EventKind]
ROWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 12), st.sampled_from(KINDS)), max_size=60
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(event_search, "_BLOCK", 7)
    monkeypatch.setattr(event_search, "_FIRST_BLOCK", 2)


@given(rows=ROWS, time=st.integers(-1, 51), kinds=st.sets(st.sampled_from(list(EventKind))))
def test_the_next_event_is_the_first_later_one_of_these_kinds(rows, time, kinds):
    run = MadeUpRun(rows)
    later = sorted(t for t, _, kind in rows if t > time and kind in set(map(int, kinds)))
    assert next_event_time(run, time, kinds) == (later[0] if later else None)
    assert first_after(run, time) == sum(t <= time for t, _, _ in rows)


@given(rows=ROWS, cell=st.integers(0, 13))
def test_the_events_of_a_cell_are_all_of_them_in_order(rows, cell):
    run = MadeUpRun(rows)
    np.testing.assert_array_equal(events_of_cell(run, cell), run.rows[run.rows["cell"] == cell])


@given(rows=ROWS, every=st.integers(1, 4))
def test_clones_of_cells_are_those_of_their_events(rows, every):
    run = MadeUpRun(rows)
    cells = np.arange(0, 13, every, dtype=np.uint64)
    seen = set(run.rows["cell"].tolist())
    wanted = [int(cell) % 3 if int(cell) in seen else NO_CLONE for cell in cells]
    book = CloneBook(run, 3, every=every)
    assert book.clones(cells).tolist() == wanted
    n_read = run.n_read
    book.clones(cells)
    assert run.n_read == n_read, "the events are read once"


def test_one_source_needs_no_look_at_the_events():
    run = MadeUpRun([(0, 4, 1)])
    assert CloneBook(run, 1, every=1).clones(np.arange(3, dtype=np.uint64)).tolist() == [0, 0, 0]
    assert run.n_read == 0


def test_a_moment_is_found_without_reading_many_events():
    run = MadeUpRun([(time, 1, 1) for time in range(5000)])
    assert first_after(run, 3210) == 3211
    assert run.n_read <= 14
