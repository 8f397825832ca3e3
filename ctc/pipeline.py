"""The conductor: scenario -> body -> vessels -> flow -> simulation -> record. No formulas.

The only module that imports every room; the commands of ``ctc`` and its Python interface call it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from ctc.analysis.blood_samples import sampled_blood
from ctc.backends.source import kernel_hash
from ctc.cohort.blood_response import blood_of_weighted
from ctc.epoch_by_epoch import follow_to_the_end
from ctc.epoch_rows import TALLIES, tallies
from ctc.errors import InputError
from ctc.formats.vtkhdf import write_vtkhdf
from ctc.inspection import inspect_run
from ctc.preparation import prepare, setting_of
from ctc.record.checkpoint import read_checkpoint
from ctc.record.counters import RecordPosition
from ctc.record.files import RunFiles, check_new_file, check_output, require_unused
from ctc.record.header import RunHeader
from ctc.record.layout import Compression, RunStatus
from ctc.record.provenance import collect_provenance
from ctc.record.reader import Run, open_run
from ctc.record.repair import complete_end
from ctc.record.vessels import vessels_hash
from ctc.record.writer import RunWriter
from ctc.recorder import Recorder
from ctc.scenario.load import load_scenario
from ctc.scenario.scenario import Scenario, restore_scenario
from ctc.simulation.epochs import Simulation
from ctc.simulation.prepare import nanoseconds
from ctc.stopping import checkpoint_interval
from ctc.summary import Progress, RunSummary
from ctc.timings import Stopwatch
from ctc.workforce import open_workforce

__all__ = ["inspect", "load_scenario", "open_run", "prepare", "report", "resume", "run"]

# What commands find here too, loaded when first asked for: a run needs none of it.
_ELSEWHERE = {
    "OwnSurface": "ctc.vessel_figures",
    "Selection": "ctc.export.selection",
    "check": "ctc.scenario_check",
    "export_run": "ctc.export.catalogue",
    "export_vessels": "ctc.vessel_exchange",
    "grow_vessels": "ctc.vessel_growth",
    "import_vessels": "ctc.vessel_exchange",
    "inspect_sweep": "ctc.sweep",
    "load_network": "ctc.record.network_file",
    "measure_vessels": "ctc.vessel_figures",
    "open_sweep": "ctc.sweep",
    "plan_sweep": "ctc.sweep",
    "replay": "ctc.rerun.replay",
    "repair_run": "ctc.record.repair",
    "report_sweep": "ctc.sweep_results",
    "run_sweep": "ctc.sweep",
    "verify": "ctc.verification",
    "vessel_folder": "ctc.vessel_cache",
    "vessel_info": "ctc.vessel_figures",
}
Report = Callable[[Progress], None]


def __getattr__(name: str) -> Any:
    """Load a function of another room when it is first asked for."""
    if name in _ELSEWHERE:
        return getattr(importlib.import_module(_ELSEWHERE[name]), name)
    message = f"module 'ctc.pipeline' has no attribute '{name}'"
    raise AttributeError(message)


def run(
    scenario: Scenario,
    output: Path,
    *,
    device: str = "auto",
    threads: int | None = None,
    shards: int | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    seed: int | None = None,
    overwrite: bool = False,
    progress: Report | None = None,
    max_epochs: int | None = None,
    chunk: int | None = None,
) -> RunSummary:
    """Run a scenario and write a run file.

    Parameters
    ----------
    scenario : Scenario
        From `load_scenario`.
    output : Path
        ``RUN.vtkhdf``.
    device, threads, shards, scheduler, workers
        Where the cells are followed: as `ctc.workforce.open_workforce`. Changes no result.
    seed : int, optional
        Instead of ``run.seed``.
    overwrite : bool
        Whether an older run of that name may go.
    progress : callable, optional
        Called with a `Progress` now and then.
    max_epochs : int, optional
        Stop with a checkpoint after so many epochs.
    chunk : int, optional
        Cells a launch, as many as suit the device when left out; no result depends on it.

    Returns
    -------
    RunSummary
        What ``ctc inspect`` shows.

    Raises
    ------
    InputError, MissingDeviceError
        Before any file is touched.
    StoppedEarly
        After Ctrl-C or ``max_epochs``; `resume` goes on.
    WorkerLostError
        If one of several workers is gone; `resume` goes on from the last checkpoint.
    """
    report, watch = progress or _silent, Stopwatch()
    duration = scenario.settings.run.duration
    check_output(output, overwrite)
    interval = checkpoint_interval()
    files = RunFiles.of(output)
    with ExitStack() as stack:
        force = stack.enter_context(
            open_workforce(
                device, threads=threads, n_shards=shards, scheduler=scheduler, n_workers=workers
            )
        )
        report(Progress("prepare", 0.0, 0.0, 0, 0, f"Preparing the body on {force.description}"))
        prepared = prepare(scenario, seed=seed)
        watch.lap("prepare")
        team = stack.enter_context(
            closing(force.shards(prepared.setting, chunk=chunk, folder=files.run.parent))
        )
        header = RunHeader(
            provenance=collect_provenance(
                device=team.description,
                kernel_hash=kernel_hash(),
                network_hash=prepared.network_hash,
                seed=prepared.setting.seed,
            ),
            scenario_text=scenario.text,
            scenario_json=scenario.resolved(),
            duration=nanoseconds(duration),
            class_cells=tuple(prepared.setting.tables.sizes["n_cells"].tolist()),
        )
        flow_rate = prepared.flow.flow_rate
        blood = blood_of_weighted(prepared.setting, flow_rate, threads=threads)
        simulation = Simulation(prepared.setting, team, blood=blood)
        writer = RunWriter.create(
            output,
            header=header,
            network=prepared.network,
            flow=prepared.flow,
            n_tracked=scenario.settings.record.tracked,
            tallies=TALLIES,
            compression=Compression(scenario.settings.record.compression),
            position_tolerance=scenario.settings.record.position_tolerance or 0.0,
            overwrite=overwrite,
        )
        recorder = Recorder(
            files,
            writer,
            prepared.setting,
            events=scenario.settings.record.events,
            named=prepared.network.fullest_segments(prepared.flow.flow_rate),
        )
        with recorder:
            write_vtkhdf(files.vessels, prepared.network, flow=prepared.flow, overwrite=True)
            watch.lap("open")
            follow_to_the_end(
                simulation,
                recorder,
                report=report,
                max_epochs=max_epochs,
                interval=interval,
                watch=watch,
            )
    return _summary(files, watch)


def resume(
    path: Path,
    *,
    device: str = "auto",
    threads: int | None = None,
    shards: int | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Report | None = None,
    max_epochs: int | None = None,
    chunk: int | None = None,
) -> RunSummary:
    """Go on with a stopped or killed run from its last checkpoint, to the same bits.

    Parameters
    ----------
    path : Path
        ``RUN.vtkhdf``; the other parameters are those of `run`.

    Raises
    ------
    InputError
        If the run is finished, in use or has no checkpoint, or ``ctc`` has other kernels now.
    """
    report, watch = progress or _silent, Stopwatch()
    files = RunFiles.of(path)
    interval = checkpoint_interval()
    require_unused(files)
    if complete_end(path):
        return _summary(files, watch)
    with open_run(path) as earlier:
        _require_unfinished(earlier)
        _require_same_kernels(earlier)
        scenario = restore_scenario(earlier.header.scenario_json, earlier.header.scenario_text)
        network, flow = earlier.network(), earlier.flow()
        if vessels_hash(network, flow) != earlier.provenance.network_hash:
            message = "vessels must be those that the run began with, got others: it is damaged."
            raise InputError(message, file=str(files.run))
        seed = earlier.provenance.seed
    checkpoint = read_checkpoint(files)
    with ExitStack() as stack:
        force = stack.enter_context(
            open_workforce(
                device, threads=threads, n_shards=shards, scheduler=scheduler, n_workers=workers
            )
        )
        report(Progress("prepare", 0.0, 0.0, 0, 0, f"Resuming on {force.description}"))
        state = dict(checkpoint.state)
        setting = setting_of(scenario, network, flow, near_organs={}, seed=seed, state=state)
        team = stack.enter_context(
            closing(force.shards(setting, chunk=chunk, folder=files.run.parent))
        )
        blood = blood_of_weighted(setting, flow.flow_rate, threads=threads)
        simulation = Simulation(setting, team, blood=blood)
        try:
            simulation.restore(state)
        except InputError as error:
            raise error.at(file=str(checkpoint.path)) from None
        wall_before, counts = float(state["wall_time"]), checkpoint.counts
        del state, checkpoint  # their cells are in the shards now
        watch.lap("prepare")
        writer = RunWriter.reopen(
            path,
            position=RecordPosition.of_counts(counts),
            tallies=tallies(simulation.organ_sums, simulation.passages()),
            device=team.description,
            position_tolerance=scenario.settings.record.position_tolerance or 0.0,
        )
        recorder = Recorder(
            files,
            writer,
            setting,
            events=scenario.settings.record.events,
            named=network.fullest_segments(flow.flow_rate),
        )
        watch.lap("open")
        with recorder:
            follow_to_the_end(
                simulation,
                recorder,
                report=report,
                max_epochs=max_epochs,
                interval=interval,
                watch=watch,
                wall_before=wall_before,
            )
    return _summary(files, watch)


def report(
    path: Path, output: Path | None = None, *, kind: str = "html", overwrite: bool = False
) -> Path:
    """Write the report of a run and return where it is.

    Parameters
    ----------
    path : Path
        ``RUN.vtkhdf``, finished, running or killed.
    output : Path, optional
        Page, or folder for ``png`` and ``csv``; beside the run by default.
    kind : str
        A `ReportFormat`.
    overwrite : bool
        Whether an older report may go.

    Raises
    ------
    InputError
        If the run cannot be read or the report not be written there.
    """
    from ctc.report.writing import (  # noqa: PLC0415 - only for this command
        ReportFormat,
        check_format,
        default_target,
        write_report,
    )
    from ctc.vessel_report import vessel_facts  # noqa: PLC0415 - only for this command

    form = ReportFormat(kind)
    with open_run(path) as finished:
        target = output or default_target(finished.path, form)
        check_format(target, form)
        if form is ReportFormat.HTML:
            check_new_file(target, overwrite=overwrite, source=finished.path)
        facts = vessel_facts(finished)
        write_report(finished, target, kind=form, vessels=facts, overwrite=overwrite)
    return target


def inspect(path: Path) -> dict[str, Any]:
    """Return what a run came to: the keys of ``ctc inspect --json``.

    Raises
    ------
    InputError
        If it is no run, or damaged.
    """
    with open_run(path) as run:
        return inspect_run(run) | {"blood": sampled_blood(run)}


def _summary(files: RunFiles, watch: Stopwatch) -> RunSummary:
    """Tell what a finished run came to."""
    figures = inspect(files.run)
    watch.lap("end")
    return RunSummary.from_mapping({**figures, "timings": watch.as_mapping()}, files.run)


def _require_unfinished(earlier: Run) -> None:
    if earlier.status == RunStatus.FINISHED.name.lower():
        message = "run must not be finished, got a finished one. Nothing is left to do."
        raise InputError(message, file=str(earlier.path))


def _require_same_kernels(earlier: Run) -> None:
    made_with = earlier.provenance.kernel_hash
    if made_with != kernel_hash():
        commit = earlier.provenance.commit
        commit = f" of commit {commit[:12]}" if commit else ""
        message = (
            f"run must go on with the kernels that it began with ({made_with[:12]}), "
            f"got {kernel_hash()[:12]}. Install ctc {earlier.provenance.version}{commit}, which "
            "began it, or start anew."
        )
        raise InputError(message, file=str(earlier.path))


def _silent(progress: Progress) -> None:
    del progress
