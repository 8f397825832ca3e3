"""Survivors that somebody has looked at: changes that no test can notice, and why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.mutation.mutants import Mutant

PAGE = Path(__file__).with_name("judged.toml")


@dataclass(frozen=True)
class Judgement:
    """One entry of `judged.toml`.

    Attributes
    ----------
    module, before, after : str
        As in `Mutant`; module `*` is any.
    why : str
        The change means the same, or what it costs that no test asks.
    """

    module: str
    before: str
    after: str
    why: str


def judgements() -> dict[tuple[str, str, str], str]:
    """Return the reason for each judged change by module, line before and line after."""
    entries = tomllib.loads(PAGE.read_text(encoding="utf-8")).get("equivalent", [])
    judged = [Judgement(**entry) for entry in entries]
    return {(entry.module, entry.before, entry.after): entry.why for entry in judged}


def reason(mutant: Mutant, judged: dict[tuple[str, str, str], str]) -> str:
    """Return why a survivor was let live, or ""."""
    of_any = judged.get(("*", mutant.before, mutant.after), "")
    return judged.get((mutant.module, mutant.before, mutant.after), of_any)
