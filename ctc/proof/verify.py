"""Verify: all checks of a run file, one after another."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ctc.analysis.books import tallies_of
from ctc.backends.cpu import CpuBackend
from ctc.errors import StoppedEarly
from ctc.proof.check import Check, Verdict, asked, judged, unknown
from ctc.proof.origin import (
    GROWN,
    PROGRAM,
    SCENARIO,
    VESSELS,
    check_grown,
    check_program,
    check_scenario,
    check_vessels,
    is_other_program,
)
from ctc.proof.record import (
    BALANCE,
    COUNTERS,
    COURSES,
    FRAMES,
    LESIONS,
    ORDER,
    SUMS,
    check_balance,
    check_counters,
    check_events,
    check_frames,
    check_lesions,
)
from ctc.proof.sample import chosen_cells
from ctc.record.layout import LOGS
from ctc.record.reader import Run, open_run
from ctc.rerun.comparison import compare
from ctc.rerun.material import RunAgain
from ctc.scenario.scenario import Scenario, restore_scenario

CELLS, WHOLE = "cells followed again", "whole run again"
_PLAIN = {
    PROGRAM: check_program,
    SCENARIO: check_scenario,
    VESSELS: check_vessels,
    GROWN: check_grown,
    FRAMES: check_frames,
    BALANCE: check_balance,
    LESIONS: check_lesions,
}
_OF_EVENTS = (ORDER, COURSES, SUMS)
# What an extract, from which frames, cells or events were left out, cannot be asked.
_OF_ALL = (COUNTERS, COURSES, SUMS, LESIONS, CELLS, WHOLE)
# All but a second run, in the order in which they are told.
CHECKS = (
    *(PROGRAM, SCENARIO, VESSELS, GROWN, COUNTERS, FRAMES, BALANCE),
    *(ORDER, COURSES, SUMS, LESIONS, CELLS),
)
DEFAULT_CELLS = 300
# Runs a scenario into a file: `ctc.pipeline.run`.
RunScenario = Callable[..., Any]


@dataclass(frozen=True)
class Verification:
    """What came of all checks of a run.

    Attributes
    ----------
    run : Path
        The run file.
    checks : list of Check
        In order.
    n_cells, n_events, n_places : int
        Cells that were followed again, and what of them was compared.
    """

    run: Path
    checks: list[Check]
    n_cells: int = 0
    n_events: int = 0
    n_places: int = 0

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong; what cannot be told is not."""
        return all(check.verdict is not Verdict.WRONG for check in self.checks)

    def as_mapping(self) -> dict[str, Any]:
        """Return it as plain values: the keys of ``ctc verify --json``."""
        return {
            "run": str(self.run),
            "is_right": self.is_right,
            "cells_followed_again": self.n_cells,
            "events_compared": self.n_events,
            "places_compared": self.n_places,
            "checks": [
                {"check": check.name, "verdict": check.verdict.value, "told": check.told}
                for check in self.checks
            ],
        }


def verify_run(
    path: Path,
    *,
    n_cells: int = DEFAULT_CELLS,
    seed: int = 0,
    is_full: bool = False,
    run_again: RunScenario,
    threads: int | None = None,
    only: Collection[str] | None = None,
) -> Verification:
    """Check a run file from end to end.

    Parameters
    ----------
    path : Path
        ``RUN.vtkhdf``, finished, running or killed.
    n_cells : int
        Cells that are followed again.
    seed : int
        Which.
    is_full : bool
        Whether all of it is run again, too.
    run_again : callable
        Runs a scenario into a file.
    threads : int, optional
        All cores when left out.
    only : collection of str, optional
        Names of the checks that are wanted; all when left out.

    Raises
    ------
    InputError
        If it is no run file.
    """
    names = [
        name for name in (*CHECKS, *([WHOLE] if is_full else ())) if only is None or name in only
    ]
    with open_run(path) as run:
        # Once, and before the counts: what has finished by then has all its epochs.
        status = run.status
        run.refresh()
        ask = _Examiner(status, n_cells, seed, threads, run_again)
        found: dict[str, Check] = {}
        for name in names:
            if name not in found:
                found |= {check.name: check for check in ask.about(name, run)}
        checks = [found[name] for name in names]
        return Verification(run.path, checks, *ask.counts)


class _Examiner:
    """Asks a run; remembers how many cells were followed again."""

    def __init__(
        self, status: str, n_cells: int, seed: int, threads: int | None, run_again: RunScenario
    ) -> None:
        self._status, self._n_cells, self._seed, self._threads = status, n_cells, seed, threads
        self._run_again = run_again
        self.counts = (0, 0, 0)

    def about(self, name: str, run: Run) -> list[Check]:
        """Return the answers to a check; those about events come together."""
        if run.selection and name in _OF_ALL:
            return [unknown(name, f"an extract of a run: {run.selection}")]
        if name in _OF_EVENTS:
            found = _about_events(run)
            return [each for each in found if not run.selection or each.name not in _OF_ALL]
        if name == COUNTERS:
            return [asked(COUNTERS, lambda: check_counters(run, self._status))]
        if name == CELLS:
            return [asked(CELLS, lambda: self._cells(run))]
        if name == WHOLE:
            return [asked(WHOLE, lambda: self._whole(run))]
        return [asked(name, lambda: _PLAIN[name](run))]

    def _whole(self, run: Run) -> Check:
        is_finished = self._status == "finished"
        return check_whole(run, self._run_again, is_finished=is_finished, threads=self._threads)

    def _cells(self, run: Run) -> Check:
        """Follow a sample of cells again."""
        again = RunAgain(run)
        cells = chosen_cells(again, self._n_cells, seed=self._seed)
        if not cells.size:
            return unknown(CELLS, "none was asked for, or born")
        found = compare(again, cells, again.retrace(cells, CpuBackend(threads=self._threads)))
        self.counts = found.n_cells, found.n_events, found.n_places
        told = (
            f"{found.n_cells:,} of {again.births.count:,} cells, {found.n_events:,} events and "
            f"{found.n_places:,} places in frames equal, bit for bit"
        )
        if found.n_different and is_other_program(run):
            return unknown(CELLS, f"they differ, by another ctc: {found.differences[0]}")
        wrong = found.differences + ["..."] * (found.n_different - len(found.differences))
        return judged(CELLS, wrong, told=told)


def _about_events(run: Run) -> list[Check]:
    """Return the answers to all checks of events; what stops the pass stops all of them."""
    found: list[Check] = []

    def ask() -> Check:
        found.extend(check_events(run))
        return found[0]

    first = asked(ORDER, ask)
    return found or [replace(first, name=name) for name in _OF_EVENTS]


def check_whole(
    run: Run, run_again: RunScenario, *, is_finished: bool, threads: int | None
) -> Check:
    """Run all of a run again and say whether every digest, row and series is the same."""
    if not run.n_epochs:
        return unknown(WHOLE, "no epoch was done yet")
    header = run.header
    scenario: Scenario = restore_scenario(header.scenario_json, header.scenario_text)
    with tempfile.TemporaryDirectory(prefix="ctc-verify-") as folder:
        target = Path(folder) / "again.vtkhdf"
        stopped: StoppedEarly | None = None
        try:
            run_again(
                scenario,
                target,
                seed=header.provenance.seed,
                threads=threads,
                max_epochs=None if is_finished else run.n_epochs,
            )
        except StoppedEarly as error:
            stopped = error
        with open_run(target) as other:
            if stopped is not None and (is_finished or other.n_epochs < run.n_epochs):
                raise stopped  # by the user, and not by the number of epochs
            wrong = differences(run, other, is_finished=is_finished)
            digest = other.end.digest if is_finished else ""
    if wrong and is_other_program(run):
        return unknown(WHOLE, f"it differs, by another ctc: {wrong[0]}")
    same = f"digest {digest[:12]}" if digest else f"{run.n_epochs} epochs, no digest yet"
    return judged(WHOLE, wrong, told=f"{same}; every event, lesion, litter, series and frame")


def differences(run: Run, other: Run, *, is_finished: bool) -> list[str]:
    """Return in words what differs between two runs, up to the epoch of the first."""
    wrong = [
        f"{name} is {getattr(run.end, name)[:12]}, again {getattr(other.end, name)[:12]}"
        for name in ("digest", "record_digest") * is_finished
        if getattr(run.end, name) != getattr(other.end, name)
    ]
    for log in LOGS:
        if run.has_column(log, "time") or log == "litters":
            wrong += _log_differs(run, other, log)
    series, again = run.series(), other.series()
    wrong += [
        f"series {name}"
        for name in series
        if name != "wall_time" and not np.array_equal(series[name], again[name])
    ]
    tallies = other.tallies()
    wrong += [
        f"tally {name}"
        for name, values in tallies_of(run).items()
        if name not in tallies or not np.array_equal(values, tallies[name])
    ]
    # Frames of the epoch that a killed run was in count; it was not done again.
    n_frames = other.n_frames if not is_finished else None
    if not np.array_equal(run.frame_digests[:n_frames], other.frame_digests):
        wrong.append("digests of frames")
    return wrong


def _log_differs(run: Run, other: Run, log: str) -> list[str]:
    if run.n_rows(log) != other.n_rows(log):
        return [f"{run.n_rows(log):,} rows of {log}, again {other.n_rows(log):,}"]
    block = 1 << 20
    for start in range(0, run.n_rows(log), block):
        stop = min(start + block, run.n_rows(log))
        for field in LOGS[log]:
            if not run.has_column(log, field.name):
                continue
            one, two = (
                each.log_column(log, field.name, start=start, stop=stop) for each in (run, other)
            )
            if one.tobytes() != two.tobytes():
                row = start + int(np.flatnonzero(one != two)[0]) if (one != two).any() else start
                return [f"{field.name} of row {row} of {log}"]
    return []
