"""What became of the inputs of one target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tools.fuzz.judge import Verdict


@dataclass
class Report:
    """What became of the inputs of a target.

    Attributes
    ----------
    target : str
    seconds : float
        By the clock.
    outcomes : Counter
        Inputs by outcome.
    hostile : Counter
        Those of them that were changed: neither good ones nor odd things in place of a file.
    failures : dict of str to (int, Verdict)
        By signature: the first input that failed so.
    skipped : str
        Why nothing was tried, if so.
    """

    target: str
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    hostile: Counter[str] = field(default_factory=Counter)
    failures: dict[str, tuple[int, Verdict]] = field(default_factory=dict)
    skipped: str = ""

    @property
    def inputs(self) -> int:
        """How many inputs were judged."""
        return sum(self.outcomes.values())

    def add(self, index: int, verdict: Verdict, *, is_hostile: bool) -> None:
        """Count one verdict."""
        self.outcomes[verdict.outcome] += 1
        if is_hostile:
            self.hostile[verdict.outcome] += 1
        if verdict.signature:
            self.failures.setdefault(verdict.signature, (index, verdict))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers and text."""
        return {
            "target": self.target,
            "seconds": round(self.seconds, 1),
            "inputs": self.inputs,
            "outcomes": dict(sorted(self.outcomes.items())),
            "hostile": dict(sorted(self.hostile.items())),
            "failures": [
                {"input": index, **verdict.to_dict()} for index, verdict in self.failures.values()
            ],
            "skipped": self.skipped,
        }
