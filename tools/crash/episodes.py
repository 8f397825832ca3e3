"""Episodes: a command is killed, what it left is judged, and the next one goes on, to the end."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ctc.record.repair import repair_run
from ctc.record.superblock import is_marked_open
from tools.crash import cases
from tools.crash.attacks import Attack
from tools.crash.children import Child, Ending, wait_until_gone
from tools.crash.promised import Promise, after, before
from tools.crash.subjects import Subject, Words

_AGAIN = 0.35  # how often what goes on after a kill is killed too
_REPAIRED = 0.2  # how often a copy is repaired
_MOST_MORE = 10  # commands beyond those that are attacked as planned
_CALM = 4  # the last of them
_LOST_WORKER, _NOT_WRITTEN = 4, 5


@dataclass
class Tally:
    """What was tried and what became of it.

    Attributes
    ----------
    tried, met : Counter
        Attacks by name, and those that came before the command had ended.
    commands : int
        That went on after a kill, or began anew.
    judged : int
        Times that all files of a folder were opened and compared.
    repaired : int
        Runs that were repaired for other tools.
    digests : int
        Ends that were the same as undisturbed ones.
    lost : list of str
        What was not.
    wanted : frozenset of str
        Points at which there must be a kill.
    is_interrupted : bool
        Whether it was ended before all was tried.
    """

    tried: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    judged: int = 0
    repaired: int = 0
    digests: int = 0
    lost: list[str] = field(default_factory=list)
    wanted: frozenset[str] = frozenset()
    is_interrupted: bool = False

    @property
    def full_disks(self) -> int:
        """How many commands met a full disk."""
        return sum(count for name, count in self.met.items() if name.endswith(": full disk"))

    @property
    def kills(self) -> int:
        """How many commands, or helpers of theirs, were killed."""
        return sum(self.met.values()) - self.full_disks

    @property
    def points_not_met(self) -> tuple[str, ...]:
        """Points at which nothing was killed and must have been."""
        met = {name.rpartition(": point ")[2] for name, count in self.met.items() if count}
        return tuple(sorted(self.wanted - met))

    @property
    def is_good(self) -> bool:
        """Whether all was tried and nothing was lost."""
        return not (self.lost or self.points_not_met or self.is_interrupted)


def run_episode(
    subject: Subject,
    attacks: Sequence[Attack],
    tally: Tally,
    *,
    work: Path,
    dice: random.Random,
    again: float = _AGAIN,
) -> list[Attack]:
    """Kill a subject once or more, judge after each, and let it end.

    Parameters
    ----------
    subject : Subject
        What is killed.
    attacks : sequence of Attack
        One for each command in turn.
    tally : Tally
        Told of all.
    work : Path
        Folder for it.
    dice : Random
        For what is drawn.
    again : float
        Chance of another attack after those.

    Returns
    -------
    list of Attack
        Those that were not made, because all was done before, or that came too late.
    """
    folder = Path(shutil.copytree(subject.start, work / "episode"))
    story = [subject.name]
    todo, missed = list(attacks), list[Attack]()
    most = len(todo) + _MOST_MORE
    found: list[str] = []
    words = subject.next_words(folder)
    for _ in range(most):
        if words is None or found:
            break
        attack = todo.pop(0) if todo else None
        start = before(folder, words, run=cases.RUN, sweep=cases.SWEEP)
        ending, promise = _attacked(subject, folder, words, attack, tally, start=start)
        story.append(f"{' '.join(words[:2])} -> {ending.code} ({attack})")
        found = _unexpected(ending, attack) + subject.problems(folder, promise)
        tally.judged += 1
        if attack is not None and ending.code == 0:
            missed.append(attack)
        if not found and ending.is_killed and dice.random() < _REPAIRED:
            found = _repaired(folder, tally)
        if not found:
            words = subject.next_words(folder)
            tally.commands += words is not None
        if not todo and len(story) < most - _CALM and dice.random() < again:
            todo.append(_another(subject, dice))
    if not found:
        found = [f"no end after {most} commands"] if words else subject.differences(folder)
        tally.digests += not found
    if found:
        tally.lost.append("; ".join([*story, *found]))
    shutil.rmtree(folder)
    return missed + todo


def _attacked(
    subject: Subject,
    folder: Path,
    words: Words,
    attack: Attack | None,
    tally: Tally,
    *,
    start: Promise,
) -> tuple[Ending, Promise]:
    child = Child(folder, words, attack, is_new=subject.is_new)
    if attack is None:
        ending = child.end()
    elif attack.kind == "moment":
        ending = _at_moment(subject, child, attack, tally)
    else:
        name = f"{subject.name}: {attack.name}"
        tally.tried[name] += 1
        ending = child.end()
        expected = _NOT_WRITTEN if attack.kind == "full" else -signal.SIGKILL
        tally.met[name] += ending.code == expected
    return ending, after(start, child.passed())


def _at_moment(subject: Subject, child: Child, attack: Attack, tally: Tally) -> Ending:
    early = child.wait(attack.share * subject.span.seconds)
    helpers = child.helpers() if early is None else []
    is_helper = attack.place == "helper" and bool(helpers)
    # Before it has helpers, and when they have gone, it is the writer that is killed.
    victim = "helper" if is_helper else "writer"
    name = f"{subject.name}: moment {victim}"
    tally.tried[name] += 1
    if early is not None:
        return early
    if is_helper:
        _kill(helpers[attack.number % len(helpers)])
        ending = child.end()
        tally.met[name] += ending.code == _LOST_WORKER
    else:
        child.signal(signal.SIGKILL)
        ending = child.end()
        tally.met[name] += ending.is_killed
    left = wait_until_gone(helpers)
    if left:
        return Ending(1, f"processes are still there: {left}")
    return ending


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def _unexpected(ending: Ending, attack: Attack | None) -> list[str]:
    right = {0}
    if attack is not None:
        right.add(_NOT_WRITTEN if attack.kind == "full" else -signal.SIGKILL)
    if attack is not None and attack.place == "helper":
        right.add(_LOST_WORKER)
    if ending.code not in right or "Traceback" in ending.said:
        return [f"ended with {ending.code}: {ending.said.strip()[-600:]}"]
    return []


def _repaired(folder: Path, tally: Tally) -> list[str]:
    """Repair a copy of a killed run and open it as other tools do."""
    if not (folder / cases.RUN).exists():
        return []
    copy = Path(shutil.copytree(folder, folder.with_name("repaired")))
    try:
        repair_run(copy / cases.RUN)
        tally.repaired += 1
        return ["repair left the mark of a writer"] if is_marked_open(copy / cases.RUN) else []
    finally:
        shutil.rmtree(copy)


def _another(subject: Subject, dice: random.Random) -> Attack:
    kind = dice.choice(("point", "call", "moment"))
    if kind == "point" and not subject.is_new:
        return Attack("point", dice.choice(sorted(subject.span.points)), dice.randint(1, 4))
    if kind == "call" and subject.span.n_calls and not subject.is_new:
        how = dice.choice(("before", "inside", "after"))
        return Attack("call", how, dice.randint(1, subject.span.n_calls // 2))
    return Attack("moment", "writer", share=dice.uniform(0.05, 1.0))
