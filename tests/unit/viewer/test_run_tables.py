"""Series and lesions of a run that goes on: only what has come since is read."""

import threading
import time

import numpy as np
import pytest

from ctc.record.reader import open_run
from ctc.viewer.run_tables import RunTables
from tests.unit.record import samples


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.vtkhdf"


def wait_for(run, n_epochs):
    """Wait for a writer that writes in a thread of its own."""
    for _ in range(10_000):
        run.refresh()
        if run.n_epochs == n_epochs:
            return
        time.sleep(0.01)
    raise AssertionError


def require_all(tables, run):
    """Tables hold what the run holds, whole."""
    wanted = run.series()
    assert sorted(tables.series) == sorted(wanted)
    for name, values in wanted.items():
        np.testing.assert_array_equal(tables.series[name], values, err_msg=name)
    np.testing.assert_array_equal(tables.lesion_rows, run.lesion_history())


def test_what_has_come_since_is_read_on(path, monkeypatch):
    read = []
    with samples.create(path) as writer, open_run(path) as run:
        tables = RunTables(run, lock=threading.RLock())
        require_all(tables, run)  # nothing yet
        for first, last in ((0, 1), (1, 4), (4, 9)):
            samples.write_epochs(writer, first, last)
            wait_for(run, last)
            n_rows = tables.lesion_rows.size
            tables.read_on()
            with monkeypatch.context() as watched:
                for name in ("series", "lesion_history"):
                    watched.setattr(run, name, noted(getattr(run, name), read))
                for _ in range(2):  # the second time nothing is read
                    assert tables.series["time"].size == last
                    assert tables.lesion_rows.size > n_rows
            assert read[-2:] == [first, n_rows]
            require_all(tables, run)
    assert len(read) == 6


def noted(read_from, starts):
    """Return a way to read that notes where it starts."""

    def read(start=0):
        starts.append(start)
        return read_from(start=start)

    return read


class Shortened:
    """A run that is cut at an epoch, as one taken up again from a checkpoint."""

    def __init__(self, run):
        self._run = run
        self.n_epochs = run.n_epochs

    @property
    def n_lesion_rows(self):
        return sum(epoch + 1 for epoch in range(self.n_epochs))

    def series(self, start=0):
        return {name: rows[start : self.n_epochs] for name, rows in self._run.series().items()}

    def lesion_history(self, start=0):
        return self._run.lesion_history()[start : self.n_lesion_rows]


def test_a_run_that_has_less_than_before_is_read_anew(path):
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 9)
    with open_run(path) as run:
        cut = Shortened(run)
        tables = RunTables(cut, lock=threading.RLock())
        require_all(tables, cut)
        for n_epochs in (4, 6):
            cut.n_epochs = n_epochs
            tables.read_on()
            require_all(tables, cut)
            assert tables.series["time"].size == n_epochs
