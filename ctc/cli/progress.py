"""Progress of a run on stderr: a bar with rate and time left, or plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ctc.summary import Progress

Report = Callable[[Progress], None]

# Seconds between two plain lines of the same phase.
_QUIET = 5.0


@contextmanager
def progress_report() -> Iterator[Report]:
    """Give a function that shows each `Progress` it is called with."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


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
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    rate = _Rate()
    with RichProgress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, int] = {}

        def report(progress: Progress) -> None:
            if progress.phase not in tasks:
                for earlier in tasks.values():
                    bar.update(TaskID(earlier), total=1.0, completed=1.0)
                tasks[progress.phase] = bar.add_task(progress.phase, total=None, detail="")
            has_end = progress.duration > 0
            bar.update(
                TaskID(tasks[progress.phase]),
                description=progress.message or progress.phase,
                total=progress.duration if has_end else None,
                completed=progress.simulated,
                detail=_detail(progress, rate.of(progress.hops)) if has_end else "",
            )

        yield report


def _lines() -> Report:
    rate = _Rate()
    last: dict[str, float] = {}

    def report(progress: Progress) -> None:
        now = time.monotonic()
        is_end = progress.duration > 0 and progress.simulated >= progress.duration
        if not is_end and now - last.get(progress.phase, -_QUIET) < _QUIET:
            return
        last[progress.phase] = now
        text = progress.message or progress.phase
        if progress.duration > 0:
            share = progress.simulated / progress.duration
            text += f": {share:.0%}, {_detail(progress, rate.of(progress.hops))}"
            if 0 < share < 1 and rate.seconds > 1:
                left = rate.seconds * (1 - share) / share
                text += f", {left:.0f} s left"
        print(text, file=sys.stderr, flush=True)

    return report


class _Rate:
    """Hops a second since the first call."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._first = 0

    @property
    def seconds(self) -> float:
        return 0.0 if self._start is None else time.monotonic() - self._start

    def of(self, hops: int) -> float:
        if self._start is None:
            self._start, self._first = time.monotonic(), hops
        seconds = self.seconds
        return (hops - self._first) / seconds if seconds > 0 else 0.0


def _detail(progress: Progress, rate: float) -> str:
    return f"{progress.n_cells:,} cells, {rate:.2g} hops/s"
