"""What checks find: reports of sanitizers read from their logs, and rows of the table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_UNDEFINED = re.compile(r"^(\S+?):(\d+):(\d+): runtime error: (.*)$")
_SUMMARY = re.compile(r"^SUMMARY: (\w+): (.*)$")
# Leaks and undefined behaviour have lines of their own above their summary.
_SAID_ABOVE = re.compile(r"leaked|undefined-behavior")
_LEAK = re.compile(r"^(?:Direct|Indirect) leak of")
_OURS = re.compile(r"(?:kernels|native_checks)/\S+\.(?:cpp|h):\d+|libctc_host|libplanted")
# Numbers differ from run to run; what is the same without them is one report.
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?")


class CheckSkipped(Exception):  # noqa: N818
    """A check that this machine cannot make, and why."""

    def __init__(self, *, check: str, reason: str) -> None:
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason


@dataclass(frozen=True)
class Report:
    """One thing that a sanitizer saw.

    Attributes
    ----------
    place : str
        File and line, or what the sanitizer calls it.
    text : str
        What is wrong there.
    count : int
        How often it was told.
    """

    place: str
    text: str
    count: int = 1


@dataclass(frozen=True)
class Finding:
    """One row of the table.

    Attributes
    ----------
    check, compiler : str
        What was done, and by which compiler.
    done : str
        Counts in words.
    seconds : float
        Wall time.
    faults : tuple of str
        What is wrong; empty where all is well.
    counts : dict of str to int
        For programs.
    """

    check: str
    compiler: str
    done: str
    seconds: float
    faults: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def read_logs(logs: Iterable[Path]) -> tuple[Report, ...]:
    """Return the reports of some log files, each once, in the order of their places.

    Leaks count only where the memory was asked for by the library that is watched.
    """
    found: dict[tuple[str, str], int] = {}
    for log in logs:
        for place, text in _reports(log.read_text(encoding="utf-8", errors="replace")):
            key = (place, _NUMBER.sub("#", text))
            found[key] = found.get(key, 0) + 1
    return tuple(Report(place, text, n) for (place, text), n in sorted(found.items()))


def _reports(log: str) -> Iterable[tuple[str, str]]:
    for block in re.split(r"\n\s*\n", log):
        lines = block.splitlines()
        for i, line in enumerate(lines):
            undefined = _UNDEFINED.match(line)
            summary = _SUMMARY.match(line)
            if undefined:
                file, row, _, text = undefined.groups()
                yield f"{_short(file)}:{row}", text
            elif summary and not _SAID_ABOVE.search(line):
                kind, _, place = summary.group(2).partition(" ")
                yield _short(place), f"{summary.group(1)}: {kind}"
            elif _LEAK.match(line):
                frames = [place for each in lines[i + 1 :] if (place := _OURS.search(each))]
                if frames:
                    yield frames[0].group(), "LeakSanitizer: memory is never given back"


def _short(path: str) -> str:
    """Return a place without the folders above the checkout."""
    return re.sub(r"\S*/((?:kernels|native_checks)/)", r"\1", path)
