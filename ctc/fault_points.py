"""Named moments of writing at which a test can kill, stop or starve this program.

``CTC_FAULT=checkpoint.renamed:3:kill`` kills the process at its third passage of that point;
several faults are divided by commas. Unset, a point costs one look at the environment: a
microsecond, some ten times an epoch.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from ctc.errors import InputError, near_name

VARIABLE = "CTC_FAULT"

# What is put in place under its name when it is whole, see `ctc.durable`.
PLACED = {
    "run": "the new run file",
    "checkpoint": "the new checkpoint",
    "h5md": "the H5MD view",
    "block": "the rows of a block of patients",
    "note": "sweep.json",
    "output": "any other file: network, table, page, export, picture, movie, view, cache entry",
}
STAGES = {
    "written": "whole under its temporary name",
    "synchronised": "that name's content on the disk",
    "renamed": "under its own name, which the disk need not have yet",
    "placed": "the name on the disk too",
}
POINTS = {
    "run.begun": "a new run file is about to be made",
    "frames.stored": "frames are in the run file and do not count yet",
    "frames.counted": "they count",
    "epoch.stored": "rows, series and tallies of an epoch are in the run file and do not count yet",
    "epoch.counted": "they count",
    "run.unmarked": "the flag that a killed writer left is cleared, nothing else is changed yet",
    "run.again": "a resumed run is open for writing again",
    "run.ended": "the end of a run is in its file, which is still open",
    "run.closed": "the run file is closed, its H5MD view not there, its checkpoints still are",
    "run.tidied": "the checkpoints of a finished run are removed, which ends it",
    "checkpoint.begun": "the last checkpoint stands, the next is about to be written",
    "checkpoint.stored": "one more array of the state is in it",
    "checkpoint.rotated": "the last checkpoint has the name of the one before it, the new one none",
    "sweep.locked": "the folder of a sweep is there and locked, and says nothing yet",
    "sweep.cleared": "what an overwritten sweep had is gone, its sweep.json is still there",
    "sweep.followed": "every block is there, the table is not",
    **{
        f"{what}.{stage}": f"{thing}: {words}"
        for what, thing in PLACED.items()
        for stage, words in STAGES.items()
    },
}
_SIGNALS = {
    "kill": signal.SIGKILL,
    "stop": signal.SIGTERM,
    "hangup": signal.SIGHUP,
    "interrupt": signal.SIGINT,
}
_ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES", "ENOENT")
_SLEEP = 0.5  # [s]
_MOST_DIGITS = 18  # of a number of passages; no program lives longer
ACTIONS = (*_SIGNALS, *_ERRORS, "memory", "sleep")


@dataclass(frozen=True)
class Fault:
    """What happens at which passage of a point, counted from 1."""

    point: str
    passage: int
    action: str


def pass_point(name: str) -> None:
    """Let a fault happen here if the environment asks for it.

    Parameters
    ----------
    name : str
        One of `POINTS`.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return
    assert name in POINTS, name
    passage = _passages.count(name)
    for listener in _listeners:
        listener(name)
    for fault in planned(text):
        if (fault.point, fault.passage) == (name, passage):
            _act(fault)


def tell_passages(listener: Callable[[str], None]) -> None:
    """Let a listener have the name of every point that is passed, before its fault happens."""
    _listeners.append(listener)


def passages() -> dict[str, int]:
    """Return how often each point was passed by this process while the environment asked.

    A comma asks for no fault, and so for nothing but that.
    """
    return _passages.counts()


@cache
def planned(text: str) -> tuple[Fault, ...]:
    """Return the faults that a text asks for.

    Raises
    ------
    InputError
        If it is not ``point:passage:action`` with known names, a passage >= 1, and each point once.
    """
    return tuple(_read(text))


def check_faults() -> None:
    """Raise InputError unless the environment asks for no faults, or for such as there are."""
    planned(os.environ.get(VARIABLE, ""))


def _read(text: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for part in filter(None, text.split(",")):
        point, _, rest = part.partition(":")
        passage, _, action = rest.partition(":")
        if point not in POINTS:
            message = f"point must be a known one, got '{point}'. {near_name(point, POINTS)}"
        elif point in seen:
            message = f"point must be named once, got '{point}' again. Drop one."
        elif not passage.isdecimal() or len(passage) > _MOST_DIGITS or int(passage) < 1:
            message = f"passage must be a whole number >= 1, got '{passage[:_MOST_DIGITS]}'. "
            message += f"Write {point}:1:kill."
        elif action not in ACTIONS:
            message = f"action must be a known one, got '{action}'. {near_name(action, ACTIONS)}"
        else:
            seen.add(point)
            yield Fault(point, int(passage), action)
            continue
        raise InputError(message, key=VARIABLE)


class _Passages:
    """How often each point was passed by this process; threads may pass at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}

    def count(self, name: str) -> int:
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name]

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)


_passages = _Passages()
_listeners: list[Callable[[str], None]] = []


def _act(fault: Fault) -> None:
    if fault.action in _SIGNALS:
        os.kill(os.getpid(), _SIGNALS[fault.action])
    elif fault.action == "sleep":
        time.sleep(_SLEEP)
    elif fault.action == "memory":
        message = f"as asked for at {fault.point}"
        raise MemoryError(message)
    else:
        number = getattr(errno, fault.action)
        raise OSError(number, os.strerror(number))
