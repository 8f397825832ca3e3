"""Events by the host library equal those by NumPy, for any threads and any blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctc.backends.host_events import count_events, event_rows, sort_events
from ctc.backends.records import EVENT
from ctc.record.layout import EVENT_DTYPE, NO_SEGMENT

RECORDS, ORGANS, COUNTED = 50, 7, 2**64 - 2


def words(key: int, count: int) -> np.ndarray:
    return np.random.Philox(key=key).random_raw(count)


def made(count: int, *, times: np.ndarray, key: int = 1) -> np.ndarray:
    """Events of those times, every one different from all others."""
    raw = words(key, 3 * count).reshape(3, count)
    events = np.zeros(count, dtype=EVENT)
    events["time"] = times
    events["cell"] = raw[0] % 5 + np.where(raw[0] % 11 == 0, COUNTED, 0).astype(np.uint64) % 2**63
    events["cell"][raw[0] % 13 == 0] = COUNTED
    events["number"] = np.random.Generator(np.random.Philox(key)).permutation(count)
    events["segment"] = raw[1] % RECORDS
    events["kind"] = raw[2] % 10
    events["cause"] = raw[1] % 7
    events["passes"], events["clone"] = raw[2] % 60_000, raw[1] % 3
    events["size_class"] = raw[0] % 9
    return events


def by_numpy(events: np.ndarray) -> np.ndarray:
    return events[np.lexsort((events["number"], events["cell"], events["time"]))]


def split(events: np.ndarray, n_blocks: int) -> list[np.ndarray]:
    return [block.copy() for block in np.array_split(events, n_blocks)]


EVEN = 3_600_000_000_000
TIMES = {
    "even": lambda n: words(7, n) % EVEN,
    "all at once": lambda n: np.full(n, 12_345),
    "few times": lambda n: words(7, n) % 3,
    "at the start, and one at the end": lambda n: np.where(np.arange(n) == n // 2, EVEN, 5),
    "crowded": lambda n: (words(7, n) % 1000) ** 4,
    "two crowds": lambda n: words(7, n) % 1000 + np.where(words(8, n) % 2, 0, EVEN).astype("u8"),
    "below zero": lambda n: (words(7, n) % EVEN).astype(np.int64) - EVEN // 2,
    "the whole range": lambda n: words(7, n).view(np.int64),
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("count", [1, 25, 300, 5_000, 120_000])
def test_sorted_events_are_those_of_numpy(kind: str, count: int) -> None:
    events = made(count, times=TIMES[kind](count))
    wanted = by_numpy(events)
    for threads, n_blocks in ((1, 1), (2, 3), (7, 200)):
        found = sort_events(split(events, n_blocks), threads=threads)
        np.testing.assert_array_equal(found, wanted)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=80), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_any_times_are_sorted(times: list[int], n_blocks: int) -> None:
    events = made(len(times), times=np.array(times, dtype=np.int64))
    found = sort_events(split(events, n_blocks), threads=2)
    np.testing.assert_array_equal(found, by_numpy(events))


def test_no_blocks_and_empty_blocks_are_no_events() -> None:
    assert sort_events([]).size == 0
    assert sort_events([np.zeros(0, dtype=EVENT)] * 2).size == 0


def test_other_records_are_refused() -> None:
    with pytest.raises(TypeError, match="must be one-dimensional of dtype"):
        sort_events([np.zeros(3, dtype=EVENT_DTYPE)])


def test_sums_are_those_of_numpy() -> None:
    events = made(20_000, times=TIMES["even"](20_000))
    organ_of = (words(3, RECORDS) % ORGANS).astype(np.int16)
    by_kind = np.full((10, ORGANS), 3)
    by_cause, ended = np.full(7, 5), np.full(RECORDS, 11)
    organ = count_events(
        events,
        organ_of,
        ending_kinds=(4, 7, 8),
        counted_cell=COUNTED,
        by_kind=by_kind,
        by_cause=by_cause,
        ended=ended,
    )
    np.testing.assert_array_equal(organ, organ_of[events["segment"]])
    wanted = np.zeros((10, ORGANS), dtype=np.int64)
    np.add.at(wanted, (events["kind"], organ), 1)
    np.testing.assert_array_equal(by_kind - 3, wanted)
    died = events["cause"][events["kind"] == 4]
    np.testing.assert_array_equal(by_cause - 5, np.bincount(died, minlength=7))
    is_last = np.isin(events["kind"], (4, 7, 8)) & (events["cell"] != COUNTED)
    assert 0 < is_last.sum() < np.isin(events["kind"], (4, 7, 8)).sum()
    last = np.bincount(events["segment"][is_last], minlength=RECORDS)
    np.testing.assert_array_equal(ended - 11, last)


@pytest.mark.parametrize("kinds", [set(), {4}, {1, 2, 9}, set(range(10))])
def test_rows_are_those_of_numpy(kinds: set[int]) -> None:
    events = made(5_000, times=TIMES["even"](5_000))
    organ = (events["segment"] % ORGANS).astype(np.int16)
    segment_of = (words(5, RECORDS) % 40).astype(np.int32) - 3
    rows = event_rows(
        events,
        organ,
        segment_of=segment_of,
        between_organs=ORGANS - 1,
        kinds=kinds,
        dtype=EVENT_DTYPE,
    )
    is_wanted = np.isin(events["kind"], list(kinds))
    wanted = np.zeros(int(is_wanted.sum()), dtype=EVENT_DTYPE)
    for name in ("time", "cell", "kind", "cause", "number", "passes", "clone", "size_class"):
        wanted[name] = events[name][is_wanted]
    wanted["organ"] = np.where(organ == ORGANS - 1, -1, organ)[is_wanted]
    segment = segment_of[events["segment"]].astype(np.int64)[is_wanted]
    wanted["segment"] = np.where(segment < 0, NO_SEGMENT, segment)
    np.testing.assert_array_equal(rows, wanted)
