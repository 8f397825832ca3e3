"""Change small things in the code, one at a time, and ask whether a test notices.

python -m tools.mutation                             300 changes in scenario, flow and record
python -m tools.mutation --sample 90 --room record   some in one room
python -m tools.mutation --json                      for programs
python -m tools.mutation --again FILE                what lived in the JSON of an earlier call

Exit code: 0 if every change was noticed or judged in judged.toml, 1 if one was not or none tried.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tools.mutation.following import NOT_RUN, follow, try_mutant
from tools.mutation.judgement import judgements, reason
from tools.mutation.mutants import Mutant, count_places, sample
from tools.mutation.rooms import ROOMS, Room
from tools.mutation.trial import CRASHED, NOTICED, SURVIVED, TIMED_OUT, Trial, copy_checkout

_OUTCOMES = (NOTICED, CRASHED, TIMED_OUT, SURVIVED, NOT_RUN)


@dataclass(frozen=True)
class Judged:
    """A mutant, what became of it, and why it may live."""

    room: str
    mutant: Mutant
    trial: Trial
    why: str

    @property
    def is_open(self) -> bool:
        """Whether nobody noticed and nobody said why."""
        return self.trial.outcome in {SURVIVED, NOT_RUN} and not self.why


def try_room(room: Room, mutants: Sequence[Mutant], *, n_jobs: int, work: Path) -> list[Judged]:
    """Try mutants of a room in as many copies of the checkout as there are jobs."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for job in range(n_jobs):
        copies.put(copy_checkout(work / f"{room.name}_{job}"))
    checkout = copies.get()
    following = follow(room, checkout)
    copies.put(checkout)
    known = judgements()

    def attempt(mutant: Mutant) -> Judged:
        checkout = copies.get()
        try:
            trial = try_mutant(mutant, following, checkout)
        finally:
            copies.put(checkout)
        judged = Judged(room.name, mutant, trial, reason(mutant, known))
        _say(f"{trial.outcome:9} {trial.seconds:6.1f} s  {mutant}")
        return judged

    with ThreadPoolExecutor(n_jobs) as pool:
        return list(pool.map(attempt, mutants))


def table(found: Sequence[Judged], rooms: Sequence[Room]) -> str:
    """Return the counts of every room as Markdown, and below it the changes nobody noticed."""
    lines = ["| room | places | tried | " + " | ".join(_OUTCOMES) + " | of them judged |"]
    lines.append("|---" * (len(_OUTCOMES) + 4) + "|")
    for room in rooms:
        ours = [one for one in found if one.room == room.name]
        counts = Counter(one.trial.outcome for one in ours)
        cells = [count_places(room), len(ours), *(counts[outcome] for outcome in _OUTCOMES)]
        n_judged = sum(bool(one.why) for one in ours if one.trial.outcome in {SURVIVED, NOT_RUN})
        lines.append(f"| {room.name} | " + " | ".join(map(str, [*cells, n_judged])) + " |")
    for one in found:
        if one.is_open:
            lines.append(f"\n{one.trial.outcome}: {one.mutant}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sample", type=int, default=300, help="changes in all (300)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    names = [room.name for room in ROOMS]
    parser.add_argument("--room", choices=names, action="append", help="one room; may be repeated")
    parser.add_argument("--again", type=Path, help="only what lived in this JSON of before")
    parser.add_argument("--match", default="", help="only changes whose text holds this")
    parser.add_argument("--jobs", type=int, default=1, help="at a time (1)")
    parser.add_argument("--json", action="store_true", help="print for programs")
    options = parser.parse_args(arguments)
    rooms = [room for room in ROOMS if room.name in (options.room or names)]
    found: list[Judged] = []
    with tempfile.TemporaryDirectory() as work:
        for room in rooms:
            mutants = sample(room, -(-options.sample // len(rooms)), seed=options.seed)
            mutants = [mutant for mutant in mutants if options.match in str(mutant)]
            if options.again:
                alive = _alive(options.again)
                mutants = [mutant for mutant in mutants if _key(asdict(mutant)) in alive]
            found += try_room(room, mutants, n_jobs=options.jobs, work=Path(work))
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        print(table(found, rooms))
    return 1 if not found or any(one.is_open for one in found) else 0


def _alive(page: Path) -> set[tuple[str, str, str]]:
    found = json.loads(page.read_text(encoding="utf-8"))
    lived = (SURVIVED, NOT_RUN)
    return {_key(one["mutant"]) for one in found if one["trial"]["outcome"] in lived}


def _key(mutant: dict[str, Any]) -> tuple[str, str, str]:
    return mutant["module"], mutant["before"], mutant["after"]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
