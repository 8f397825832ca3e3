"""Row `cohort`: virtual patients of a trial an hour, pooled in blocks and one by one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.bench.children import ROOT, run_child
from tools.bench.rows import Conditions, Figure, Goal, Outcome, figure_of
from tools.bench.timing import in_turn

_SWEEP = ROOT / "scenarios" / "sweeps" / "adjuvant_chemotherapy.toml"
_HOUR = 3600.0
# 1,000 patients in two arms within ten minutes, on two cores.
_CORES = 2
_GOAL = Goal(low=12_000.0)
_CACHE = "CTC_CACHE"

Found = dict[str, Any]


@dataclass(frozen=True)
class Cohort:
    """The first patients of a trial in all arms, from their first millimetre to their end.

    Attributes
    ----------
    n_patients, n_quick : int
        In each arm; if quick.
    n_rounds : int
        Of both ways in turn; two at most if quick.
    overrides : tuple of str
        Changes of the scenario.
    """

    name: str = field(default="cohort", init=False)
    what: str = field(default="patients of adjuvant_chemotherapy.toml from end to end", init=False)
    n_patients: int = 24
    n_quick: int = 4
    n_rounds: int = 3
    overrides: tuple[str, ...] = ()

    def measure(self, conditions: Conditions) -> Outcome:
        """Follow them by one process, pooled and one by one, and by two, in turn."""
        n_patients = self.n_quick if conditions.is_quick else self.n_patients
        n_cores = len(os.sched_getaffinity(0))
        with tempfile.TemporaryDirectory() as cache:

            def follow(n_workers: int, *, is_alone_too: bool, n: int = n_patients) -> list[Found]:
                words: dict[str, Any] = {"sweep": str(_SWEEP), "n_patients": n}
                words |= {"overrides": self.overrides, "is_alone_too": is_alone_too}
                return _at_once(n_workers, words, {_CACHE: cache})

            # Vessels are grown once and kept: growth has a time and a peak of its own.
            follow(1, is_alone_too=False, n=1)
            jobs: dict[str, Callable[[], list[Found]]] = {
                "one": lambda: follow(1, is_alone_too=True)
            }
            if n_cores >= _CORES:
                jobs["two"] = lambda: follow(_CORES, is_alone_too=False)
            found = in_turn(jobs, min(2, self.n_rounds) if conditions.is_quick else self.n_rounds)
        return outcome_of(found, goal=conditions.of_whole(_GOAL))


def _at_once(n_workers: int, words: Mapping[str, Any], environment: dict[str, str]) -> list[Found]:
    """Let processes of their own do the same at the same time; returns what each found."""
    with tempfile.TemporaryDirectory() as meeting, ThreadPoolExecutor(n_workers) as pool:
        text = json.dumps({**words, "n_workers": n_workers, "meeting": meeting})
        todo = [
            pool.submit(run_child, "patients", [text], environment=environment)
            for _ in range(n_workers)
        ]
        return [each.result() for each in todo]


def outcome_of(found: Mapping[str, Sequence[list[Found]]], *, goal: Goal | None) -> Outcome:
    """Return the row of what processes found, round by round, by how many there were."""
    ones = [each[0] for each in found["one"]]
    figures: list[Figure] = []
    for clock, name in enumerate(("an hour", "an hour of a core")):
        pooled, alone = (
            np.array([_HOUR * each["patients"] / each[way][clock] for each in ones])
            for way in ("pooled", "alone")
        )
        figures.append(
            figure_of(
                f"one process, one thread, {name}",
                "patients",
                ours=pooled,
                peer=alone,
                peer_name="one by one",
            )
        )
    if "two" in found:
        one = np.array([_HOUR * each["patients"] / each["pooled"][0] for each in ones])
        figures.append(
            figure_of(
                "two processes, an hour",
                "patients",
                ours=np.array([_rate(each) for each in found["two"]]),
                peer=one,
                peer_name="one process",
                goal=goal,
            )
        )
    peaks = np.array([float(each["peak"]) for each in ones])
    figures.append(
        figure_of("peak resident size of a process", "bytes", ours=peaks, is_less_better=True)
    )
    return Outcome(tuple(figures), _notes(ones, has_two="two" in found), _shares(ones))


def _rate(workers: list[Found]) -> float:
    """Return patients an hour of processes that began together."""
    n_patients = sum(int(each["patients"]) for each in workers)
    return _HOUR * n_patients / max(float(each["pooled"][0]) for each in workers)


def _notes(ones: Sequence[Found], *, has_two: bool) -> tuple[str, ...]:
    first = ones[0]
    n = first["patients"]
    same = "equal" if all(each["is_same"] for each in ones) else "DIFFERENT"
    what = (
        f"{n} patients of two arms, {first['cells'] / n:,.0f} cells followed and "
        f"{first['hops'] / n:,.0f} hops each; rows of what became of them, pooled and one by "
        f"one: {same}. Loading of scenarios and growth of vessels are left out."
    )
    return (what,) if has_two else (what, "One core only: no two processes were measured.")


def _shares(ones: Sequence[Found]) -> dict[str, float]:
    share = float(np.median([each["kernels"] / each["pooled"][1] for each in ones]))
    return {"kernels": share, "host": 1.0 - share}
