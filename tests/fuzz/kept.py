"""What failing inputs are kept as: a small sample, and what its refusal must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.fuzz.judge import Outcome, judge
from tools.fuzz.registry import TARGETS
from tools.fuzz.sample import Content


@dataclass(frozen=True)
class Kept:
    """An input that once failed.

    Attributes
    ----------
    target : str
        Of `tools.fuzz.registry`.
    files : dict of str to bytes or text
        What differs from the first good sample of the target.
    phrases : sequence of str
        That the refusal must hold; none where the sample is to be read.
    """

    target: str
    files: dict[str, Content | str]
    phrases: Sequence[str] = ()

    def check(self, folder: Path) -> None:
        """Feed it and compare."""
        target = TARGETS[self.target]
        files = {k: v.encode() if isinstance(v, str) else v for k, v in self.files.items()}
        verdict = judge(target, {**target.samples()[0], **files}, folder)
        assert verdict.is_clean, f"{verdict.signature}\n{verdict.text}"
        wanted = Outcome.REFUSED if self.phrases else Outcome.ACCEPTED
        assert verdict.outcome is wanted, verdict.text
        for phrase in self.phrases:
            assert phrase in verdict.text, verdict.text
