"""Check: one question to a run, and its answer."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from ctc.errors import InputError

_MOST_TOLD = 3


class Verdict(enum.StrEnum):
    """What came of a check."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One answer.

    Attributes
    ----------
    name : str
        What was asked.
    verdict : Verdict
        What came of it.
    told : str
        What was found, in words.
    """

    name: str
    verdict: Verdict
    told: str


def right(name: str, told: str) -> Check:
    """Return an answer that is as it should be."""
    return Check(name, Verdict.RIGHT, told)


def unknown(name: str, told: str) -> Check:
    """Return that it cannot be told, and why."""
    return Check(name, Verdict.UNKNOWN, told)


def judged(name: str, wrong: list[str], *, told: str) -> Check:
    """Return the answer of a check that found these faults, or none."""
    if not wrong:
        return right(name, told)
    more = f"; and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
    return Check(name, Verdict.WRONG, "; ".join(wrong[:_MOST_TOLD]) + more)


def asked(name: str, ask: Callable[[], Check]) -> Check:
    """Return the answer; what cannot be read, or holds what no run can, is wrong."""
    try:
        return ask()
    except InputError as error:
        return Check(name, Verdict.WRONG, error.message)
    except MemoryError as error:
        return unknown(name, f"it needs more memory than there is here ({error})")
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        told = f"it holds what no run can ({type(error).__name__}: {error})"
        return Check(name, Verdict.WRONG, told)
