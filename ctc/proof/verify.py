"""Verify: all checks of a run file, one after another."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ctc.backends.cpu import CpuBackend
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
)
from ctc.proof.record import (
    BALANCE,
    COUNTERS,
    FRAMES,
    LESIONS,
    ORDER,
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
DEFAULT_CELLS = 300
# Runs a scenario into a file: `ctc.pipeline.run`.
Rerun = Callable[..., Any]


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
    run_again: Rerun,
    threads: int | None = None,
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

    Raises
    ------
    InputError
        If it is no run file.
    """
    with open_run(path) as run:
        checks = [
            asked(name, lambda check=check: check(run))  # type: ignore[misc]
            for name, check in (
                (PROGRAM, check_program),
                (SCENARIO, check_scenario),
                (VESSELS, check_vessels),
                (GROWN, check_grown),
                (COUNTERS, check_counters),
                (FRAMES, check_frames),
                (BALANCE, check_balance),
            )
        ]
        checks += _events(run)
        cells, counts = _cells(run, n_cells=n_cells, seed=seed, threads=threads)
        checks += cells
        if is_full:
            checks.append(asked(WHOLE, lambda: check_whole(run, run_again, threads=threads)))
        return Verification(run.path, checks, *counts)


def _events(run: Run) -> list[Check]:
    found: list[Check] = []

    def ask() -> Check:
        found.extend(check_events(run))
        return found[0]

    first = asked(ORDER, ask)
    return found or [first]


def _cells(
    run: Run, *, n_cells: int, seed: int, threads: int | None
) -> tuple[list[Check], tuple[int, int, int]]:
    """Follow a sample of cells again; lesions are asked here, for the setting tells of them."""
    counts = [0, 0, 0]
    lesions: list[Check] = []

    def ask() -> Check:
        again = RunAgain(run)
        is_every = again.births.setting.overt.is_every
        lesions.append(asked(LESIONS, lambda: check_lesions(run, is_every=is_every)))
        cells = chosen_cells(again, n_cells, seed=seed)
        if not cells.size:
            return unknown(CELLS, "no cell was born")
        found = compare(again, cells, again.retrace(cells, CpuBackend(threads=threads)))
        counts[:] = found.n_cells, found.n_events, found.n_places
        told = (
            f"{found.n_cells:,} of {again.births.count:,} cells, {found.n_events:,} events and "
            f"{found.n_places:,} places in frames equal, bit for bit"
        )
        if found.n_different and not again.has_same_kernels:
            return unknown(CELLS, f"they differ, by other kernels: {found.differences[0]}")
        wrong = found.differences + ["..."] * (found.n_different - len(found.differences))
        return judged(CELLS, wrong, told=told)

    cells = asked(CELLS, ask)
    if not lesions:
        lesions = [asked(LESIONS, lambda: check_lesions(run, is_every=False))]
    return [*lesions, cells], (counts[0], counts[1], counts[2])


def check_whole(run: Run, run_again: Rerun, *, threads: int | None) -> Check:
    """Run all of a run again and say whether every digest, row and series is the same."""
    header = run.header
    scenario: Scenario = restore_scenario(header.scenario_json, header.scenario_text)
    with tempfile.TemporaryDirectory(prefix="ctc-verify-") as folder:
        target = Path(folder) / "again.vtkhdf"
        is_finished = run.status == "finished"
        run_again(
            scenario,
            target,
            seed=header.provenance.seed,
            threads=threads,
            max_epochs=None if is_finished else run.n_epochs,
        )
        with open_run(target) as other:
            wrong = differences(run, other)
            digest = other.end.digest
    same = f"digest {digest[:12]}" if digest else f"{run.n_epochs} epochs, no digest yet"
    return judged(WHOLE, wrong, told=f"{same}; every event, lesion, litter, series and frame")


def differences(run: Run, other: Run) -> list[str]:
    """Return in words what differs between two runs."""
    wrong = [
        f"{name} is {getattr(run.end, name)[:12]}, again {getattr(other.end, name)[:12]}"
        for name in ("digest", "record_digest")
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
        for name, values in run.tallies().items()
        if not np.array_equal(values, tallies.get(name))
    ]
    if not np.array_equal(run.frame_digests, other.frame_digests):
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
