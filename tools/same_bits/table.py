"""What came out, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from tools.same_bits.comparing import Compared
from tools.same_bits.ways import Value, Way

_WIDTHS = (32, 5, 8, 18, 10, 8)
_HEAD = ("scenario", "ways", "digests", "digest", "on record", "agree?")


class Lines:
    """Prints a line for each scenario as soon as it is done.

    Parameters
    ----------
    is_silent : bool
        Say nothing.
    """

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent
        self._began = time.monotonic()
        self._say(_line(_HEAD))

    def add(self, found: Compared, *, is_on_record: bool) -> None:
        """Tell what a scenario came to."""
        record = "none" if not is_on_record else "OTHER" if found.not_on_record else "the same"
        verdict = f"NO: {len(found.others)}" if found.others else "yes"
        digest = found.expected.state[:16]
        self._say(
            _line((found.name, found.n_ways, found.n_digests, digest, record, verdict))
            + f"{found.seconds:7.1f} s"
        )
        if found.not_on_record:
            self._say(f"    {found.not_on_record}")
        if found.others:
            way, what = next(iter(found.others.items()))
            self._say(f"    first on '{way.text}': {what}. Alone: {found.command}")

    def skipped(self, name: str, reason: str) -> None:
        """Tell that a scenario is left out."""
        self._say(f"{name:{_WIDTHS[0]}} left out: {reason}")

    def close(self, found: Sequence[Compared]) -> None:
        """Tell what all came to."""
        n_ways = sum(each.n_ways for each in found)
        n_digests = sum(each.n_digests for each in found)
        n_other = sum(len(each.others) for each in found)
        self._say(
            f"\n{len(found)} scenarios and sweeps, {n_ways:,} ways, {n_digests:,} digests compared "
            f"in {time.monotonic() - self._began:,.0f} s: "
            + (f"{n_other} ways with ANOTHER digest" if n_other else "one digest each")
            + f", {sum(bool(each.not_on_record) for each in found)} not as on record."
        )

    def _say(self, text: str) -> None:
        if not self._is_silent:
            print(text, flush=True)


def show_plan(axes: Mapping[str, tuple[Value, ...]], ways: Sequence[Way]) -> None:
    """Print the axes, and the ways of a scenario of four epochs."""
    for name, values in axes.items():
        print(f"{name:10} {', '.join(str(value) for value in values)}")
    print(f"\n{len(ways)} ways for a scenario of four epochs:")
    for way in ways:
        print(way.text)


def as_plain(found: Sequence[Compared], left_out: Sequence[str], *, kernels: str) -> dict[str, Any]:
    """Return everything as plain values, for JSON."""
    return {
        "kernels": kernels,
        "n_ways": sum(each.n_ways for each in found),
        "n_digests": sum(each.n_digests for each in found),
        "agrees": all(each.agrees for each in found),
        "left_out": list(left_out),
        "scenarios": [
            {
                "name": each.name,
                "digest": each.expected.state,
                "record_digest": each.expected.record,
                "network": each.expected.network,
                "n_ways": each.n_ways,
                "n_digests": each.n_digests,
                "others": [{"way": way.text, "found": what} for way, what in each.others.items()],
                "not_on_record": each.not_on_record,
                "seconds": each.seconds,
            }
            for each in found
        ],
    }


def _line(cells: Sequence[object]) -> str:
    return " ".join(f"{cell!s:{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
