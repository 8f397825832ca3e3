"""The story of a cell, and the table of its events."""

from __future__ import annotations

from typing import Any

from ctc.cli.tables import print_table
from ctc.states import DeathCause, EventKind

_MOST_EVENTS = 60


def print_replay(found: Any) -> None:
    """Print what ``ctc replay`` found: a `ctc.rerun.replay.Replay`."""
    print(f"\nCell {found.path.cell} of {found.title or found.run.name}")
    print(f"{found.facts()}.\n")
    story = found.story()
    width = max(len(time) for time, _ in story)
    for time, text in story:
        print(f"  {time:{width}}  {text}" if time else f"  {'':{width}}    {text}")
    events = found.path.events
    organs = (*found.network.organ_names, "between organs")
    rows = [
        (
            f"{event['time'] / 1e9:,.3f}",
            EventKind(int(event["kind"])).name.lower(),
            _cause(int(event["cause"])),
            organs[int(event["organ"])],
            str(int(event["segment"])),
            str(int(event["passes"])),
        )
        for event in events[:_MOST_EVENTS]
    ]
    if rows:
        more = f", the first {_MOST_EVENTS}" if events.size > _MOST_EVENTS else ""
        header = ("time [s]", "event", "cause", "organ", "segment", "beds passed")
        print_table(f"{events.size} events{more}", header, rows)
    print(_compared(found))


def _cause(code: int) -> str:
    return "" if code == DeathCause.NONE else DeathCause(code).name.lower()


def _compared(found: Any) -> str:
    """Return how this compares with what the run stored."""
    comparison, kernels = found.path.comparison, ""
    if not found.has_same_kernels:
        kernels = " This program has other kernels than the one that made the run."
    if comparison.n_different:
        told = "; ".join(comparison.differences)
        return f"\nIt differs from what the run stored: {told}.{kernels}"
    n_compared = comparison.n_events + comparison.n_places
    if not n_compared:
        return f"\nThe run stored nothing of this cell that it could be compared with.{kernels}"
    return (
        f"\nAs the run stored it, bit for bit: events {comparison.n_events}, "
        f"places in frames {comparison.n_places}.{kernels}"
    )
