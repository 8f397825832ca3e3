"""Events: their order and the digest that chains them."""

import threading
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctc.backends.records import EVENT
from ctc.simulation.events import START_OF_CHAIN, EventChain, chain_digest, in_order, no_events


def made(rows: list[tuple[int, int, int]]) -> np.ndarray:
    events = np.zeros(len(rows), dtype=EVENT)
    for index, (time, cell, number) in enumerate(rows):
        events[index]["time"], events[index]["cell"] = time, cell
        events[index]["number"], events[index]["segment"] = number, index
    return events


# Few values, so that ties in time, and in time and cell, are common.
ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)), unique=True, max_size=60
)


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_order_is_by_time_then_cell_then_number(rows: list[tuple[int, int, int]]) -> None:
    found = in_order(made(rows))
    assert [(e["time"], e["cell"], e["number"]) for e in found] == sorted(rows)
    assert sorted(found["segment"]) == list(range(len(rows)))


def test_order_does_not_depend_on_the_order_given() -> None:
    rows = [(t, c, n) for t in range(3) for c in range(5) for n in range(2)]
    events = made(rows)
    shuffled = events[np.argsort(np.random.Philox(key=1).random_raw(events.size))]
    np.testing.assert_array_equal(in_order(shuffled), in_order(events))


def test_nothing_is_in_order() -> None:
    assert in_order(no_events()).size == 0


def test_chain_depends_on_every_byte_and_on_what_came_before() -> None:
    first, second = made([(1, 2, 3)]), made([(1, 2, 4)])
    counts = np.arange(4)
    start = chain_digest(START_OF_CHAIN, first, counts)
    others = [
        chain_digest(START_OF_CHAIN, second, counts),
        chain_digest(START_OF_CHAIN, first, counts + 1),
        chain_digest(start, first, counts),
    ]
    assert len({start, *others}) == 4
    assert chain_digest(START_OF_CHAIN, first.copy(), counts.copy()) == start


def test_the_chain_of_a_thread_is_the_chain() -> None:
    blocks = [made([(time, 1, 0) for time in range(n)]) for n in (3, 0, 5, 2)]
    chain, wanted = EventChain(), START_OF_CHAIN
    for block in blocks:
        chain.add(block, np.arange(4))
        wanted = chain_digest(wanted, block, np.arange(4))
    assert chain.value == wanted
    chain.restart(START_OF_CHAIN)
    assert chain.value == START_OF_CHAIN


def test_events_may_be_put_in_order_in_the_thread_of_the_chain() -> None:
    blocks = [made([(time, 1, 0) for time in range(n)]) for n in (3, 5)]
    leader, asked = threading.current_thread(), []

    def asking(block: np.ndarray) -> np.ndarray:
        asked.append(threading.current_thread())
        return block

    chain = EventChain()
    for block in blocks:
        chain.feed(partial(asking, block))
    chain.add(np.arange(4))
    assert chain.value == chain_digest(START_OF_CHAIN, *blocks, np.arange(4))
    assert len(asked) == 2
    assert leader not in asked


def test_last_arrays_wait_for_nobody() -> None:
    """An epoch ends while its events are still being put in order."""
    may_go_on = threading.Event()

    def slowly() -> np.ndarray:
        assert may_go_on.wait(60.0)
        return made([(1, 2, 3)])

    chain = EventChain()
    chain.feed(slowly)
    chain.add(np.arange(4))
    may_go_on.set()
    assert chain.value == chain_digest(START_OF_CHAIN, made([(1, 2, 3)]), np.arange(4))


def test_what_goes_wrong_with_events_surfaces() -> None:
    def without_memory() -> np.ndarray:
        raise MemoryError

    chain = EventChain()
    chain.feed(without_memory)
    with pytest.raises(MemoryError):
        chain.feed(no_events)
    for follow_on in (lambda: chain.value, lambda: chain.feed(no_events)):
        chain.restart(START_OF_CHAIN)
        chain.feed(without_memory)
        chain.add(np.arange(4))
        with pytest.raises(MemoryError):
            follow_on()
