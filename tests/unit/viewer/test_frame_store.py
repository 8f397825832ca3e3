"""Frames read ahead are those that reading finds, and no more of them are kept than may be."""

import threading
import time

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.viewer.frame_store import FrameStore, frame_bytes
from tests.unit.viewer.test_scene import frame

N_FRAMES = 12


class SlowRun:
    """Frames that take a moment to read, by one reader at a time."""

    n_frames = N_FRAMES

    def __init__(self, broken=()):
        self.read = []
        self.columns = []
        self.readers = set()
        self.busy = threading.Lock()
        self.broken = broken

    def frame_column(self, index, name):
        self.columns.append(name)
        return getattr(frame(index, [index % 4] * 10), name)

    def frame(self, index):
        assert self.busy.acquire(blocking=False), "two threads read at once"
        try:
            time.sleep(0.002)
            self.read.append(index)
            self.readers.add(threading.current_thread())
            if index in self.broken:
                message = "run must be whole"
                raise InputError(message)
            return frame(index, [index % 4] * 10)
        finally:
            self.busy.release()


def wait_until(holds):
    """Wait for the thread that reads ahead, also where the machine has better to do."""
    for _ in range(10_000):
        if holds():
            return
        time.sleep(0.002)
    raise AssertionError


def settle(store, wanted):
    wait_until(lambda: set(wanted) <= set(store.kept))


@pytest.mark.parametrize("n_prefetch", [0, 1, 3])
def test_frames_are_the_same_with_and_without_reading_ahead(n_prefetch):
    run = SlowRun()
    store = FrameStore(run, n_prefetch=n_prefetch)
    for index in (0, 1, 2, 7, 6, 5, 11, 0, 3):
        found = store.frame(index)
        direct = frame(index, [index % 4] * 10)
        for name, values in vars(direct).items():
            np.testing.assert_array_equal(getattr(found, name), values)
    if n_prefetch:
        wait_until(lambda: run.readers != {threading.main_thread()})
    store.close()
    assert len(run.read) == len(set(run.read)), "no frame is read twice"
    assert n_prefetch or run.readers == {threading.main_thread()}


def test_the_frames_that_follow_are_read_ahead_in_the_way_we_go():
    run = SlowRun()
    store = FrameStore(run, n_prefetch=2)
    store.frame(4)
    settle(store, {4, 5, 6})
    store.frame(11)
    store.frame(10)
    settle(store, {9, 8})
    store.close()
    assert 7 not in run.read


def test_no_more_is_kept_than_may_be():
    one = frame_bytes(frame(0, [0] * 10))
    store = FrameStore(SlowRun(), n_prefetch=2, most_bytes=3 * one)
    for index in range(N_FRAMES):
        store.frame(index)
        assert store.allocated_bytes() <= 3 * one
    small = FrameStore(SlowRun(), n_prefetch=2, most_bytes=one // 2)
    small.frame(3)
    small.frame(4)
    assert small.kept == (4,)
    store.close()
    small.close()
    assert small.kept == (4,), "nothing is read ahead where it has no room"


def test_a_broken_frame_is_reported_to_who_asks_for_it_and_to_nobody_else():
    run = SlowRun(broken=(5,))
    store = FrameStore(run, n_prefetch=1)
    store.frame(4)
    wait_until(lambda: 5 in run.read)
    with pytest.raises(InputError, match="must be whole"):
        store.frame(5)
    assert store.frame(6).time == frame(6, []).time
    store.close()


def test_the_place_of_a_cell_is_found_without_keeping_or_reading_more():
    run = SlowRun()
    store = FrameStore(run, n_prefetch=2)
    wanted = frame(3, [3] * 10).position[4]
    np.testing.assert_array_equal(store.place_of(3, 4), wanted)
    assert store.place_of(3, 10) is None
    assert store.kept == ()
    assert (run.read, run.columns) == ([], ["id", "position", "id"])
    store.frame(3)
    np.testing.assert_array_equal(store.place_of(3, 4), wanted)
    assert store.place_of(3, 10) is None
    assert len(run.columns) == 3
    store.close()
    store.close()
