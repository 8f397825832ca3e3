"""Independent tasks on workers: each with its answer, whatever ends them told as what it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ctc.errors import InputError, WorkerLostError

pytest.importorskip("distributed")
from distributed import Client

from ctc.distributed.tasks import each_item

# Workers are threads of this process, and functions go to them by their name.
BEGUN: list[int] = []
MAY_END = threading.Event()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(
        processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as client:
        yield client


def workers_of(client: Client) -> list[str]:
    return list(client.scheduler_info()["workers"])


def answers(client: Client, function: Any, items: list[int], *, common: int = 10) -> list[Any]:
    found = each_item(client, workers_of(client), function, common=common, items=items)
    return sorted(found)


def times(common: int, item: int) -> int:
    BEGUN.append(item)
    return common * item


def refuse(_: int, item: int) -> int:
    message = f"item must be even, got {item}"
    raise InputError(message)


def divide(_: int, item: int) -> float:
    return 1 / item


def lose(_: int, item: int) -> int:
    message = f"worker {item} hung up"
    raise ConnectionResetError(message)


def wait(_: int, item: int) -> int:
    BEGUN.append(item)
    if item:
        MAY_END.wait(60.0)
    return item


def test_every_item_has_its_own_answer(client: Client) -> None:
    assert answers(client, times, [3, 1, 2]) == [(1, 10), (2, 20), (3, 30)]
    assert answers(client, times, []) == []


def test_the_same_is_done_again_when_it_is_asked_again(client: Client) -> None:
    """Dask would keep the answer of a function that it takes for a pure one.

    What all share was once lost in the second call: the end of the first took it from the workers.
    """
    BEGUN.clear()
    for _ in range(2):
        assert answers(client, times, [7, 7]) == [(7, 70)] * 2
    assert BEGUN == [7] * 4


def test_an_error_of_ours_passes_as_it_is(client: Client) -> None:
    with pytest.raises(InputError, match="item must be even, got 1"):
        answers(client, refuse, [1])


def test_an_error_of_the_function_is_not_taken_for_a_loss(client: Client) -> None:
    with pytest.raises(ZeroDivisionError):
        answers(client, divide, [0])


def test_a_worker_that_is_gone_is_told_with_what_to_do(client: Client) -> None:
    text = r"\(worker 1 hung up\).* What is done is kept: the same command goes on\."
    with pytest.raises(WorkerLostError, match=text):
        answers(client, lose, [1])


def test_what_nobody_waits_for_any_more_is_not_begun(client: Client) -> None:
    BEGUN.clear()
    MAY_END.clear()
    found = each_item(client, workers_of(client), wait, common=0, items=list(range(20)))
    assert next(found) == (0, 0)
    found.close()
    MAY_END.set()
    assert answers(client, times, [21, 22]) == [(21, 210), (22, 220)]
    assert len(set(BEGUN) - {21, 22}) < 20
