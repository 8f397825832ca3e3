"""Losses: what Dask raises when a worker is gone, told as one error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ctc.errors import CtcError, WorkerLostError


@contextlib.contextmanager
def starting(workers: str, *, remedy: str) -> Iterator[None]:
    """Tell whatever ends the start of workers, before they have any cells, as a loss.

    Parameters
    ----------
    workers : str
        Which, behind the word worker.
    remedy : str
        What to do.

    Raises
    ------
    WorkerLostError
        If one did not start; other errors of ours pass as they are.
    """
    try:
        yield
    except WorkerLostError as error:
        raise error.with_remedy(remedy) from error
    except CtcError:
        raise
    except Exception as error:
        why = f"it did not start: {in_words(error)}"
        raise WorkerLostError(workers, why, remedy=remedy) from error


def is_of_dask(error: Exception) -> bool:
    """Whether an error is about a connection or an actor rather than from our own code."""
    is_lost_actor = isinstance(error, (RuntimeError, ValueError)) and "Actor" in str(error)
    origin = type(error).__module__.partition(".")[0]
    return is_lost_actor or isinstance(error, OSError) or origin in {"distributed", "tornado"}


def in_words(error: Exception) -> str:
    """Return what an error says, its class at least."""
    return str(error).rstrip(".") or type(error).__name__
