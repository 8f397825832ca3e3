"""When work in progress saves its state, and when it stops: Ctrl-C, signals, the environment."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from ctc.errors import InputError

# A checkpoint is written at the end of an epoch when the last one is this old [s].
_CHECKPOINT_INTERVAL = 30.0
# The environment may ask for more of them: a killed run loses less, and goes slower.
CHECKPOINT_VARIABLE = "CTC_CHECKPOINT_SECONDS"

_ENDINGS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # asked to end by another process, or the terminal has gone


class Terminated(BaseException):
    """Another process asked this one to end; not an error, so nothing but the end handles it."""


def checkpoint_interval() -> float:
    """Return the age at which a checkpoint is replaced [s]: ``CTC_CHECKPOINT_SECONDS``, or 30.

    Raises
    ------
    InputError
        If the variable holds no number >= 0.
    """
    text = os.environ.get(CHECKPOINT_VARIABLE, "")
    try:
        seconds = float(text or _CHECKPOINT_INTERVAL)
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        message = f"value must be a number of seconds >= 0, got '{text}'. Unset it for 30 s."
        raise InputError(message, key=CHECKPOINT_VARIABLE)
    return seconds


def _heard(endings: Iterable[signal.Signals]) -> list[signal.Signals]:
    """Return those that somebody wants to be heard: ``nohup`` has SIGHUP ignored."""
    return [each for each in endings if signal.getsignal(each) is not signal.SIG_IGN]


@contextmanager
def cleaning_up() -> Iterator[None]:
    """Let a signal to end leave the block by `Terminated`, so that what is unfinished is removed.

    Not for blocks of long calls into native code, which would delay the end.
    """

    def end(_number: int, _frame: object) -> None:
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_IGN)  # a second one must not disturb the cleaning
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {ending: signal.signal(ending, end) for ending in _heard(_ENDINGS)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a request to stop at the end of the epoch; the second aborts.

    SIGTERM counts as Ctrl-C does, and so does SIGHUP, but under ``nohup``.
    """
    requests: list[int] = []

    def note(number: int, _frame: object) -> None:
        if requests:
            raise KeyboardInterrupt
        requests.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: bool(requests)
        return
    before = {each: signal.signal(each, note) for each in (signal.SIGINT, *_heard(_ENDINGS))}
    try:
        yield lambda: bool(requests)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
