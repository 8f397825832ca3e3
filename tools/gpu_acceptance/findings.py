"""What was found: figures of a step, the outcome of each, all of it as JSON.

Standard library only.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PASSED, FAILED, SKIPPED, CUT, NOT_RUN = "passed", "failed", "skipped", "cut short", "not run"


class CannotRunError(Exception):
    """A step that cannot be done on this machine; the text says why."""


@dataclass(frozen=True)
class Finding:
    """One figure.

    Attributes
    ----------
    name : str
        What was asked.
    value : float, int or str
        What was found.
    unit : str
        Empty for a number or a word of its own.
    ok : bool or None
        Whether it is as it must be; None where nothing is demanded.
    note : str
        What a reader must know.
    is_met : bool or None
        Whether it comes to a goal, which no step fails by; None where there is none.
    """

    name: str
    value: float | int | str
    unit: str = ""
    ok: bool | None = None
    note: str = ""
    is_met: bool | None = None


@dataclass
class Outcome:
    """How a step ended.

    Attributes
    ----------
    step, state : str
        Its name; one of the words above.
    reason : str
        Why it did not pass.
    seconds : float [s]
        What it took.
    findings : list of Finding
        In the order in which they were found.
    has_asked_gpu : bool
        Whether work was put to a GPU.
    """

    step: str
    state: str = PASSED
    reason: str = ""
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    has_asked_gpu: bool = False

    def judged(self) -> Outcome:
        """Return it as failed if one of its findings is not as it must be."""
        wrong = [finding.name for finding in self.findings if finding.ok is False]
        if wrong and self.state != FAILED:
            self.state, self.reason = FAILED, f"{len(wrong)} wrong, first: {wrong[0]}"
        return self


@dataclass
class Acceptance:
    """A whole run of the command.

    Attributes
    ----------
    about : dict
        Device, commit, date, versions.
    outcomes : list of Outcome
        In order.
    """

    about: dict[str, Any] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 if all that ran passed, else 1."""
        return int(any(outcome.state == FAILED for outcome in self.outcomes))

    @property
    def has_asked_gpu(self) -> bool:
        """Whether any step put work to a GPU."""
        return any(outcome.has_asked_gpu for outcome in self.outcomes)

    def as_json(self) -> str:
        """Return everything as JSON."""
        verdict = {"has_asked_gpu": self.has_asked_gpu, "exit_code": self.exit_code}
        return json.dumps(asdict(self) | verdict, indent=1) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write a file under another name and rename it, so that it is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def read_findings(path: Path) -> tuple[list[Finding], dict[str, str]]:
    """Return what a step wrote down so far, and how it says that it ended."""
    if not path.is_file():
        return [], {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return [Finding(**row) for row in found["findings"]], found["ended"]
