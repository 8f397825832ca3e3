"""Events in sorted runs: the same order however many runs, blocks and files there are."""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ctc.backends.records import EVENT
from ctc.errors import OutputError
from ctc.simulation import event_runs
from ctc.simulation.event_runs import EventRuns, OrderedEvents, merged
from ctc.simulation.events import in_order


def made(count: int, *, n_times: int, seed: int = 1) -> np.ndarray:
    """Return events in any order; few times make many ties."""
    rng = np.random.default_rng(seed)
    events = np.zeros(count, dtype=EVENT)
    events["time"] = rng.integers(0, n_times, count)
    events["cell"] = np.arange(count)
    return rng.permutation(events)


def stream_of(events: np.ndarray) -> Callable[[int], Iterator[np.ndarray]]:
    def read(rows: int) -> Iterator[np.ndarray]:
        for first in range(0, events.size, rows):
            yield events[first : first + rows]

    return read


@pytest.mark.parametrize("n_times", [1, 5, 100, 10**9])
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_merged_streams_are_all_events_in_order(n_times: int, rows: int) -> None:
    events = made(600, n_times=n_times)
    cuts = [0, 10, 10, 250, 600]
    streams = [stream_of(in_order(events[a:b])) for a, b in itertools.pairwise(cuts)]
    blocks = list(merged(streams, rows=rows, block=50))
    assert np.concatenate(blocks).tobytes() == in_order(events).tobytes()
    assert all(block.size >= 50 for block in blocks[:-1])


def test_no_streams_give_no_events() -> None:
    assert list(merged([], rows=3)) == []
    assert OrderedEvents([]).whole().size == 0


@pytest.mark.parametrize("in_memory", [40, 10**6])
def test_runs_in_a_file_give_what_runs_in_memory_do(in_memory: int, tmp_path: Path) -> None:
    events = made(1000, n_times=30)
    runs, colonies = EventRuns(tmp_path, in_memory=in_memory), EventRuns()
    for part in np.array_split(events[:-5], 23):
        runs.add(part)
    colonies.add(events[-5:])
    ordered = OrderedEvents([runs, colonies], in_memory=in_memory)
    assert ordered.size == 1000
    assert list(tmp_path.iterdir()) == []
    expected = in_order(events).tobytes()
    # As often as asked: once to settle them, once to record them.
    for _ in range(2):
        assert np.concatenate(list(ordered.blocks())).tobytes() == expected
    assert ordered.whole().tobytes() == expected
    assert np.concatenate(runs.unordered()).size in (995, 0)


def test_memory_holds_no_more_than_it_may(tmp_path: Path) -> None:
    runs = EventRuns(tmp_path, in_memory=1000)
    for seed in range(50):
        runs.add(made(100, n_times=10**6, seed=seed))
    ordered = OrderedEvents([runs], in_memory=1000)
    sizes = [block.size for block in merged(runs.streams(), rows=100, block=500)]
    assert sum(sizes) == ordered.size == 5000
    # A block is what was ready before and one more round: a stream's rows from each of them.
    assert max(sizes) < 500 + 100 * 6


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    runs = EventRuns(tmp_path / "missing", in_memory=10)
    with pytest.raises(OutputError, match=r"missing: events of an epoch could not be put aside"):
        runs.add(made(20, n_times=5))
    assert event_runs.EVENTS_IN_MEMORY * EVENT.itemsize <= 2**26


def test_a_piece_is_sorted_once_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    n_sorted = 0

    def slowly(*blocks: np.ndarray, threads: int | None = None) -> np.ndarray:
        nonlocal n_sorted
        n_sorted += 1
        time.sleep(0.01)
        return in_order(*blocks, threads=threads)

    monkeypatch.setattr(event_runs, "in_order", slowly)
    events = made(1000, n_times=30)
    (piece,) = OrderedEvents([runs_of(events)]).pieces()
    assert np.concatenate(piece.in_any_order()).tobytes() == events.tobytes()
    with ThreadPoolExecutor(4) as threads:
        found = [job.result() for job in [threads.submit(piece.in_order) for _ in range(4)]]
    assert n_sorted == 1
    assert {id(each) for each in found} == {id(piece.in_order())}
    assert found[0].tobytes() == in_order(events).tobytes()


def test_all_pieces_are_one_where_memory_holds_them() -> None:
    ordered = OrderedEvents([runs_of(made(100, n_times=5))])
    assert [*ordered.pieces()] == [*ordered.pieces()]
    many = OrderedEvents([runs_of(made(100, n_times=50), in_memory=10)], in_memory=10)
    parts = [part for piece in many.pieces() for part in piece.in_any_order()]
    assert np.concatenate(parts).tobytes() == many.whole().tobytes()


def runs_of(events: np.ndarray, **options: int) -> EventRuns:
    runs = EventRuns(**options)
    for part in np.array_split(events, 10):
        runs.add(part)
    return runs
