"""How a command is killed: at a fault point, at a call to the system, or at a moment."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_LAST_OF_EPOCH, _OF_RESUME = "epoch.counted", ("run.unmarked", "run.again")
HOW = ("before", "inside", "after")


@dataclass(frozen=True)
class Attack:
    """What kills a command.

    Attributes
    ----------
    kind : str
        ``point``, ``call``, ``moment``, or ``full``: the disk is full from that call on.
    place : str
        Name of the point; before, inside or after the call, or inside the write of a block of an
        index; whom the moment meets; the disk.
    number : int
        Passage of the point, number of the call or of the block, from 1; which helper, by
        the remainder.
    share : float
        The moment, as a part of the time that the command takes.
    """

    kind: str
    place: str
    number: int = 0
    share: float = 0.0

    @property
    def name(self) -> str:
        """For a table of counts."""
        return f"{self.kind} {self.place}"


@dataclass(frozen=True)
class Span:
    """What a command does when nobody disturbs it.

    Attributes
    ----------
    points : mapping of str to int
        How often each fault point is passed, in the order of their first passages.
    n_calls : int
        Calls to the system that write, name or remove; 0 where they are not counted.
    n_blocks : int
        Of these, writes of blocks of HDF5's indices that a kill can divide.
    seconds : float
        Wall time.
    """

    points: Mapping[str, int]
    n_calls: int
    n_blocks: int
    seconds: float


def at_points(span: Span, dice: random.Random) -> list[Attack]:
    """Return an attack at each point that is passed, at one of its passages."""
    return [
        Attack("point", name, dice.randint(1, count)) for name, count in sorted(span.points.items())
    ]


def at_first_passages(span: Span) -> list[Attack]:
    """Return an attack at each point, for a chain of kills: what comes early is met first.

    Once an epoch counts a run is resumed, which passes two more.
    """
    names = list(span.points)
    if _LAST_OF_EPOCH in names:
        place = names.index(_LAST_OF_EPOCH) + 1
        names[place:place] = _OF_RESUME
    return [Attack("point", name, 1) for name in names]


def anywhere(
    span: Span, dice: random.Random, *, victims: tuple[str, ...] = ("writer",)
) -> Iterator[Attack]:
    """Yield attacks without end: calls, full disks and moments in turn."""
    while True:
        if span.n_calls:
            for how in HOW:
                yield Attack("call", how, dice.randint(1, span.n_calls))
            yield Attack("full", "disk", dice.randint(1, span.n_calls))
        if span.n_blocks:
            yield Attack("call", "index", dice.randint(1, span.n_blocks))
        # Commands begin with imports; what comes later is of more interest.
        for victim in victims:
            yield Attack("moment", victim, dice.randint(0, 99), dice.uniform(0.05, 1.0))


def early(span: Span, dice: random.Random) -> list[Attack]:
    """Return one attack of each kind but points, all so early that one run can meet them all."""
    number = max(1, span.n_calls // 8)
    calls = [Attack("call", how, dice.randint(1, number)) for how in HOW]
    calls.append(Attack("full", "disk", dice.randint(1, number)))
    moment = Attack("moment", "writer", share=dice.uniform(0.05, 0.2))
    return [*(calls if span.n_calls else ()), moment]
