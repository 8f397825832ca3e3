"""One thread that writes while the simulation goes on; what went wrong surfaces on the caller."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

Job = Callable[[], None]


class BackgroundWriter:
    """Does jobs in the order given, in a thread of its own.

    After a failed job all later ones are dropped, and every call raises what that job raised.

    Parameters
    ----------
    n_waiting : int
        How many jobs may wait; `submit` blocks beyond, so memory stays bounded.
    """

    def __init__(self, n_waiting: int = 4) -> None:
        self._jobs: queue.Queue[Job | None] = queue.Queue(maxsize=n_waiting)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="ctc-record", daemon=True)
        self._thread.start()

    @property
    def has_failed(self) -> bool:
        """Whether a job has raised."""
        return self._error is not None

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self._raise_error()
        self._jobs.put(job)

    def wait(self) -> None:
        """Return when every job is done."""
        self._jobs.join()
        self._raise_error()

    def stop(self) -> None:
        """End the thread after the jobs that wait; raises nothing."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if self._error is None:
                    job()
            except BaseException as error:  # handed to the caller
                self._error = error
            finally:
                self._jobs.task_done()
        with contextlib.suppress(ValueError):
            self._jobs.task_done()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
