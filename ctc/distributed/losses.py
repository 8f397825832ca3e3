"""Losses: what Dask raises when a worker is gone, told as one error, and workers that freeze."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator

from ctc.errors import CtcError, WorkerLostError

# A worker that is at work shows a sign of life every few seconds; this long without is odd [s].
_LONG = 30.0

_LOG = logging.getLogger(__name__)


class Silence:
    """Warns of a worker that is waited for and shows no sign of life, once until it does.

    Parameters
    ----------
    worker : str
        Its address.
    """

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._sign: float | None = None
        self._since = time.monotonic()

    def note(self, sign: float) -> None:
        """Note the time of the last sign of life, by any clock; only its change counts."""
        now = time.monotonic()
        if sign != self._sign:
            self._sign, self._since = sign, now
        elif now - self._since > _LONG:
            self._since = float("inf")
            _LOG.warning(
                "worker %s is waited for, but was not heard of for %g s. The wait ends when it "
                "goes on or is killed, or when Dask gives it up (distributed.scheduler.worker-ttl, "
                "5 minutes by default).",
                self._worker,
                _LONG,
            )


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
