"""Progress of a run on stderr: a bar with rate and time left, or plain lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ctc.cli.tables import duration_text
from ctc.summary import Progress

Report = Callable[[Progress], None]

# Seconds between two plain lines of the same phase, and until the first of all.
_QUIET = 5.0
_PATIENCE = 1.0


@contextmanager
def progress_report() -> Iterator[Report]:
    """Give a function that shows each `Progress` it is called with."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
        return
    lines = _Lines()
    try:
        yield lines.report
    finally:
        lines.close()


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import (  # noqa: PLC0415 - slow to import
        BarColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress  # noqa: PLC0415 - slow to import

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    rate = _Rate()
    with RichProgress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def report(progress: Progress) -> None:
            text = progress.message or progress.phase
            if progress.duration <= 0:
                bar.console.print(text, highlight=False, markup=False)
                return
            if progress.phase not in tasks:
                tasks[progress.phase] = bar.add_task(text, total=progress.duration, detail="")
            detail = _detail(progress, rate.of(progress.hops))
            bar.update(tasks[progress.phase], completed=progress.simulated, detail=detail)

        yield report


class _Lines:
    """Plain lines for a log.

    The first one waits a moment, so that wrong input is answered by its message alone.
    """

    def __init__(self) -> None:
        self._rate = _Rate()
        self._printed: dict[str, float] = {}  # when each phase had its last line
        self._share = 0.0  # of the simulated time, when the last line was printed
        self._first = _Delayed()

    def report(self, progress: Progress) -> None:
        """Print how far the run is, unless it did a moment ago."""
        now = time.monotonic()
        rate = self._rate.of(progress.hops) if progress.duration > 0 else 0.0
        since = now - self._printed.get(progress.phase, -_QUIET)
        is_end = progress.duration > 0 and progress.simulated >= progress.duration
        if since < _QUIET and not is_end:
            return
        text = progress.message or progress.phase
        if progress.duration > 0:
            share = progress.simulated / progress.duration
            text += f": {share:.0%}, {_detail(progress, rate)}"
            if self._share and self._share < share < 1:
                left = since * (1 - share) / (share - self._share)
                text += f", about {duration_text(round(left))} left"
            self._share = share
        if self._printed:
            self._first.say_now()
            _say(text)
        else:
            self._first.say_later(text)
        self._printed[progress.phase] = now

    def close(self) -> None:
        """Forget a line that still waits."""
        self._first.forget()


class _Delayed:
    """A line that is printed after a moment, or when it is asked for, or never."""

    def __init__(self) -> None:
        self._text = ""
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def say_later(self, text: str) -> None:
        self._text = text
        self._timer = threading.Timer(_PATIENCE, self.say_now)
        self._timer.daemon = True
        self._timer.start()

    def say_now(self) -> None:
        with self._lock:
            if self._text:
                _say(self._text)
            self._text = ""

    def forget(self) -> None:
        with self._lock:
            self._text = ""
        if self._timer is not None:
            self._timer.cancel()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Rate:
    """Hops a second since the first call."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._first = 0

    def of(self, hops: int) -> float:
        """Return the rate so far, 0 at the first call."""
        if self._start is None:
            self._start, self._first = time.monotonic(), hops
        seconds = time.monotonic() - self._start
        return (hops - self._first) / seconds if seconds > 0 else 0.0


def _detail(progress: Progress, rate: float) -> str:
    if progress.detail:
        return progress.detail
    cells = f"{progress.n_cells:,} cells"
    return f"{cells}, {rate:.2g} hops/s" if rate > 0 else cells
