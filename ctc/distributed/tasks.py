"""Independent tasks on the workers of a cluster, given back as they are done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from ctc.distributed.losses import in_words, is_of_dask
from ctc.errors import CtcError, WorkerLostError

_REMEDY = "What is done is kept: the same command goes on."

Common = TypeVar("Common")
Item = TypeVar("Item")
Result = TypeVar("Result")


def each_item(
    client: Any,
    workers: Sequence[str],
    function: Callable[[Common, Item], Result],
    *,
    common: Common,
    items: Sequence[Item],
) -> Generator[tuple[Item, Result], None, None]:
    """Call a function for each item in some worker; see `ctc.distributed.cluster.Workers.each`."""
    from distributed import as_completed  # noqa: PLC0415 - slow to import, optional

    futures: dict[Any, Item] = {}
    try:
        # Hashed, it would be what an earlier call sent, and go from the workers with that.
        shared = client.scatter(common, broadcast=True, hash=False)
        for item in items:
            future = client.submit(function, shared, item, pure=False, workers=list(workers))
            futures[future] = item
        for future in as_completed(list(futures)):
            yield futures.pop(future), future.result()
    except CtcError:
        raise
    except Exception as error:
        if not is_of_dask(error):
            raise
        worker = "of the cluster"
        raise WorkerLostError(worker, in_words(error), remedy=_REMEDY) from error
    finally:
        client.cancel(list(futures))
