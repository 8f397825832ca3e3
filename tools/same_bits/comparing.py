"""One scenario on all its ways: how many digests were compared, and which are other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ctc.errors import CtcError
from tools.same_bits.following import AnyCase, Digests, Follow
from tools.same_bits.on_record import Entry, entry_of, why_other
from tools.same_bits.sweep_cases import SweepCase
from tools.same_bits.ways import PLAIN, STRAIGHT, Way

_FILED = Way(course=STRAIGHT)


@dataclass
class Compared:
    """What came out of a scenario.

    Attributes
    ----------
    name : str
        Of the scenario or sweep.
    expected : Digests
        Of the plainest way, in memory and through files.
    entry : Entry
        The same as it would stand on record.
    n_ways, n_digests : int
        How many ways were gone, and digests found on them and compared; the first of a kind is what
        others are compared with, and does not count.
    others : dict of Way to str
        Ways that came to something else, and to what.
    not_on_record : str
        Why the digest is not the one on record; empty where it is.
    seconds : float [s]
        How long it took.
    """

    name: str
    expected: Digests
    entry: Entry
    n_ways: int = 0
    n_digests: int = 0
    others: dict[Way, str] = field(default_factory=dict)
    not_on_record: str = ""
    seconds: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether there is one digest, and it is the one on record."""
        return not self.others and not self.not_on_record

    @property
    def command(self) -> str:
        """What goes the first way that differs alone."""
        way = next(iter(self.others))
        return f"python -m tools.same_bits --scenario {self.name} --way '{way.text}'"


def compare(
    case: AnyCase,
    ways: Sequence[Way],
    follow: Follow,
    *,
    on_record: Entry | None = None,
    filed: Way = _FILED,
) -> Compared:
    """Follow a case on the plainest way and on others, and compare what they come to.

    Parameters
    ----------
    case : Case or SweepCase
        What is followed.
    ways : sequence of Way
        How.
    follow : Follow
        By whom.
    on_record : Entry, optional
        What it came to before.
    filed : Way
        A run goes this one through files before all others, for the digest of what is stored.
    """
    began = time.monotonic()
    expected = follow(case, Way())
    found = Compared(case.name, expected, entry_of(case, expected), 1)
    for way in ways if isinstance(case, SweepCase) else dict.fromkeys([filed, *ways]):
        found.n_ways += 1
        try:
            digests = follow(case, way)
        except CtcError as error:
            found.others[way] = f"{type(error).__name__}: {error}"
            continue
        found.n_digests += digests.count
        if expected.record is None and digests.record is not None:
            found.n_digests -= 1
            expected = found.expected = replace(expected, record=digests.record)
            found.entry = entry_of(case, expected)
        if not digests.agrees(expected):
            found.others[way] = _what(digests, expected)
    if on_record is not None:
        found.not_on_record = why_other(found.entry, on_record)
    found.seconds = time.monotonic() - began
    return found


def _what(found: Digests, expected: Digests) -> str:
    """Return what is other, the cause before its consequence."""
    if found.network != expected.network:
        return f"network {found.network[:16]}"
    if found.state != expected.state:
        return f"digest {found.state[:16]}"
    return f"record digest {(found.record or '')[:16]}"


def in_order_of_cost(ways: Sequence[Way]) -> list[Way]:
    """Return ways with those of another process last, so that what is cheap fails first."""
    return sorted(ways, key=lambda way: way.numpy == PLAIN)
