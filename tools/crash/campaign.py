"""Which attacks are made on what, in which order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from ctc.fault_points import POINTS
from tools.crash.attacks import Attack, anywhere, at_first_passages, at_points, early
from tools.crash.episodes import Tally, run_episode
from tools.crash.subjects import (
    Subject,
    new_run,
    new_sweep,
    replaced_tables,
    subjects_of_runs,
    subjects_of_sweeps,
)

_PER_COHORT = 12  # of so many kills one more is that of a sweep in two processes, which is slow
# Only a sweep that takes the place of another passes it, and none is made in short.
NOT_IN_SHORT = frozenset({"sweep.cleared"})
_ROUNDS = 4  # a point that was not met, as a kill before it left nothing to do, is tried again


def in_short(work: Path, seed: int, tally: Tally) -> None:
    """Kill one run and one sweep at every point, once after the other, and elsewhere a few times.

    Parameters
    ----------
    work : Path
        Folder for it.
    seed : int
        Of what is drawn.
    tally : Tally
        Told of all.
    """
    tally.wanted = frozenset(POINTS) - NOT_IN_SHORT
    dice = random.Random(seed)
    for subject in (new_run(work), new_sweep(work)):
        # The last point ends all, so that what is elsewhere needs an episode of its own.
        elsewhere = early(subject.span, dice)
        for chain in (at_first_passages(subject.span), elsewhere):
            missed = chain
            for _ in range(_ROUNDS):
                missed = run_episode(subject, missed, tally, work=work, dice=dice, again=0.0)
                if not missed:
                    break


def in_full(
    work: Path, seed: int, tally: Tally, *, n_kills: int, tell: Callable[[Tally], None]
) -> None:
    """Kill every subject at every point, and so many times elsewhere; as `in_short`."""
    tally.wanted = frozenset(POINTS)
    dice = random.Random(seed)
    subjects = [*subjects_of_runs(work), *subjects_of_sweeps(work), replaced_tables(work)]
    for subject, attack in plan(subjects, n_kills, dice):
        run_episode(subject, [attack], tally, work=work, dice=dice)
        tell(tally)
    subject = new_sweep(work, n_workers=2)
    blows = anywhere(subject.span, dice, victims=("writer", "helper"))
    for attack in islice(blows, n_kills // _PER_COHORT):
        run_episode(subject, [attack], tally, work=work, dice=dice)
        tell(tally)


def plan(
    subjects: Sequence[Subject], n_kills: int, dice: random.Random
) -> Iterator[tuple[Subject, Attack]]:
    """Yield every point of every subject, and so many other attacks."""
    for subject in subjects:
        for attack in at_points(subject.span, dice):
            yield subject, attack
    blows = {subject.name: anywhere(subject.span, dice) for subject in subjects}
    for number in range(n_kills):
        subject = subjects[number % len(subjects)]
        yield subject, next(blows[subject.name])
