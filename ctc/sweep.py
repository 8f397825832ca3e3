"""What ``ctc sweep`` does: plan, follow what is not done, put it in one table; no formulas."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from ctc.cohort.block import follow_block
from ctc.cohort.crew import Result
from ctc.cohort.deviates import require_salib
from ctc.cohort.folder import Block, SweepFolder, missing_blocks
from ctc.cohort.member import Follow
from ctc.cohort.outcomes import known_outcomes
from ctc.cohort.plan import Plan, check_members
from ctc.cohort.plan_text import describe_plan
from ctc.cohort.planning import make_plan
from ctc.cohort.sensitivity import check_outcomes
from ctc.cohort.table import SweepTable, open_table
from ctc.errors import InputError, StoppedEarly
from ctc.fault_points import pass_point
from ctc.preparation import prepare
from ctc.stopping import Terminated
from ctc.summary import Progress, SweepPlan, SweepSummary
from ctc.sweep_crew import Crew
from ctc.sweep_results import summarise, write_results

# Patients of each arm whose values are tried together before any work: all, up to so many.
_TRIED = 100

Report = Callable[[Progress], None]


def plan_sweep(
    path: Path,
    output: Path | None = None,
    *,
    overrides: Sequence[str] = (),
    n_patients: int | None = None,
) -> SweepPlan:
    """Read a sweep, draw and check every patient, and tell what would be done; writes nothing.

    Parameters
    ----------
    path : Path
        SWEEP.toml; the other parameters are those of `run_sweep`.
    """
    plan = make_plan(path, overrides=overrides, n_patients=n_patients)
    _check_outcomes(plan)
    check_members(plan)
    folder = SweepFolder(output or default_folder(path))
    done = {arm: np.zeros(plan.n_patients, dtype=bool) for arm in range(len(plan.arms))}
    if folder.path.is_dir():
        folder.check(plan, overwrite=False)
        done = folder.finished(plan)
    blocks = missing_blocks(done, size=plan.settings.block)
    n_done = plan.n_members - sum(block.count for block in blocks)
    return describe_plan(plan, n_done=n_done, n_blocks=len(blocks))


def run_sweep(
    path: Path,
    output: Path | None = None,
    *,
    overrides: Sequence[str] = (),
    n_patients: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    device: str = "auto",
    threads: int | None = None,
    overwrite: bool = False,
    progress: Report | None = None,
    follow: Follow | None = None,
) -> SweepSummary:
    """Follow all patients of a sweep that are not done yet, and write table and report.

    Parameters
    ----------
    path : Path
        SWEEP.toml.
    output : Path, optional
        The folder; by default that of the sweep's name in the working folder.
    overrides : sequence of str
        ``key=value`` texts as after ``--set``, of the scenario of every arm.
    n_patients : int, optional
        Instead of ``sweep.patients``.
    workers, scheduler : int, str
        Processes of this machine, one a core or GPU by default; or Dask workers of a scheduler.
    device, threads : str, int
        As `choose_backend`, of each worker.
    overwrite : bool
        Start anew where the folder holds a sweep.
    progress : callable, optional
        Called with a `Progress` now and then.
    follow : Follow, optional
        What follows a block; the engine by default.

    Returns
    -------
    SweepSummary
        What it came to.

    Raises
    ------
    InputError, MissingDeviceError
        Before any file is touched.
    StoppedEarly
        After Ctrl-C or SIGTERM: finished blocks are kept, and the same call goes on.
    WorkerLostError
        If a process is gone; likewise.
    """
    report = progress or _silent
    plan = make_plan(path, overrides=overrides, n_patients=n_patients)
    _check_outcomes(plan)
    folder = SweepFolder(output or default_folder(path))
    folder.check(plan, overwrite=overwrite)
    report(Progress("prepare", 0.0, 0.0, 0, 0, f"Preparing {plan.n_members:,} patients"))
    check_members(plan, at_most=_TRIED)
    if follow is None:
        report(Progress("prepare", 0.0, 0.0, 0, 0, "Preparing the body"))
        for arm in range(len(plan.arms)):
            # Grown once, for all workers; what cannot be run is told before any file is touched.
            prepare(plan.scenario(0, arm))
    with ExitStack() as stack:
        crew = Crew(stack, device=device, threads=threads, workers=workers, scheduler=scheduler)
        stack.enter_context(folder.opened(plan, overwrite=overwrite))
        stack.enter_context(_kept(plan, folder))
        # Small sweeps are cut so that every worker has some.
        share = -(-plan.n_members // crew.n_workers)
        size = min(plan.settings.block, share)
        blocks = missing_blocks(folder.finished(plan), size=size)
        rate = None
        if blocks:
            results = crew.results(
                plan, follow or follow_block, blocks, folder=folder.path.absolute()
            )
            rate = _follow_all(plan, folder, blocks, results=results, report=report)
            pass_point("sweep.followed")
        return write_results(plan, folder, rate=rate, device=crew.device)


def inspect_sweep(path: Path) -> SweepSummary:
    """Return what a sweep came to, or how far it is.

    Parameters
    ----------
    path : Path
        Its folder, or its table.

    Raises
    ------
    InputError
        If it is neither, or damaged.
    """
    folder = SweepFolder(path if path.is_dir() else path.parent)
    if path.is_file():
        return summarise(open_table(path), folder, rate=None)
    note = folder.note()
    n_members = int(note.get("patients", 0)) * len(note.get("arms", ()))
    if folder.table.is_file():
        table = open_table(folder.table)
        # Another number: the sweep goes on with more patients than the table has.
        if table.n_rows == n_members:
            return summarise(table, folder, rate=None)
    return SweepSummary(
        title=str(note.get("title", "")),
        status="unfinished",
        digest=None,
        n_members=n_members,
        n_done=min(folder.n_finished(), n_members),
        arms={},
        notes=("Give the command of the sweep again to go on.",),
    )


def open_sweep(path: Path) -> SweepTable:
    """Read the table of a sweep, by its folder or its file; as `ctc.cohort.table.open_table`."""
    return open_table(path)


def default_folder(path: Path) -> Path:
    """Return the folder in the working folder that is named after the sweep."""
    return Path(f"{Path(path).stem}.sweep")


def _follow_all(
    plan: Plan,
    folder: SweepFolder,
    blocks: Sequence[Block],
    *,
    results: Iterator[Result],
    report: Report,
) -> float:
    """Keep blocks as they come and return the patients an hour."""
    left = sum(block.count for block in blocks)
    before = done = plan.n_members - left
    began = time.monotonic()
    rate = 0.0

    def tell() -> None:
        detail = f"{done:,} of {plan.n_members:,} patients"
        detail += f", {rate:,.0f} patients/h" if rate else ""
        report(Progress("follow", float(done), float(plan.n_members), 0, 0, "Patients", detail))

    tell()
    for block, rows in results:
        folder.keep(block, rows)
        done += block.count
        rate = (done - before) / max(time.monotonic() - began, 1e-9) * 3600.0
        tell()
    return rate


@contextmanager
def _kept(plan: Plan, folder: SweepFolder) -> Iterator[None]:
    """Say how to go on when a sweep is told to end."""
    try:
        yield
    except (KeyboardInterrupt, Terminated):
        message = (
            f"interrupted; {min(folder.n_finished(), plan.n_members):,} of {plan.n_members:,} "
            f"patients are done and kept in {folder.path}. The same command goes on."
        )
        raise StoppedEarly(message) from None


def _check_outcomes(plan: Plan) -> None:
    settings = plan.settings
    if settings.outcomes and settings.design != "sobol":
        message = f"key must be left out unless design = 'sobol', got it with '{settings.design}'."
        raise InputError(message + " Drop it.", file=str(plan.sweep.path), key="sweep.outcomes")
    if settings.design == "sobol":
        require_salib()
        try:
            check_outcomes(settings.outcomes, known_outcomes())
        except InputError as error:
            raise error.at(file=str(plan.sweep.path)) from None


def _silent(progress: Progress) -> None:
    del progress
