"""The way through a run: epoch after epoch, each recorded, until its end or until it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ctc.errors import StoppedEarly, WorkerLostError
from ctc.recorder import Recorder
from ctc.simulation.epochs import Simulation
from ctc.stopping import stop_requests
from ctc.summary import Progress
from ctc.timings import Stopwatch


def follow_to_the_end(
    simulation: Simulation,
    recorder: Recorder,
    *,
    report: Callable[[Progress], None],
    max_epochs: int | None,
    interval: float,
    watch: Stopwatch,
    wall_before: float = 0.0,
) -> None:
    """Run epoch after epoch, record each, and close the file.

    Parameters
    ----------
    simulation : Simulation
        At its beginning, or as a checkpoint left it.
    recorder : Recorder
        Opened, with what was recorded up to there.
    report : callable
        Told how far it is.
    max_epochs : int or None
        Stop with a checkpoint after so many epochs.
    interval : float [s]
        Wall time between checkpoints.
    watch : Stopwatch
        Told what the time went for.
    wall_before : float [s]
        Wall time that the run took before.

    Raises
    ------
    StoppedEarly
        After Ctrl-C or ``max_epochs``, with a checkpoint.
    WorkerLostError
        If a worker is gone; the last checkpoint stands.
    """
    began = time.perf_counter()
    n_stop = len(simulation.setting.epochs)
    if max_epochs is not None:
        n_stop = min(simulation.n_epochs_done + max_epochs, n_stop)
    duration = simulation.setting.epochs[-1] * 1e-9
    last_checkpoint = began

    def wall() -> float:
        return wall_before + time.perf_counter() - began

    with _remedy(recorder), stop_requests() as is_stopped:
        if simulation.n_epochs_done == 0:
            # From here on there is always a checkpoint: a killed run can go on.
            recorder.checkpoint(simulation, wall_time=wall())
            watch.lap("record")
        while simulation.n_epochs_done < n_stop and not simulation.is_finished:
            epoch = simulation.step()
            watch.lap("settle")
            recorder.add(epoch, wall_time=wall())
            shed, hops = simulation.ledger.n_shed, simulation.hops
            report(Progress("simulate", simulation.time * 1e-9, duration, shed, hops, "Simulating"))
            if is_stopped():
                break
            now = time.perf_counter()
            if now - last_checkpoint > interval and not simulation.is_finished:
                recorder.checkpoint(simulation, wall_time=wall())
                last_checkpoint = now
            watch.lap("record")
            watch.note_epoch()
        if not simulation.is_finished:
            recorder.stop(simulation, wall_time=wall())
            message = (
                f"stopped at {simulation.time * 1e-9:g} s of {duration:g} s with a checkpoint. "
                f"Go on with: ctc resume {recorder.files.run}"
            )
            raise StoppedEarly(message)
        shards = simulation.shards
        watch.part(
            "kernels",
            of="settle",
            spent=shards.kernel_time(),
            is_of_this_process=shards.are_of_this_process,
        )
        report(Progress("write", 0.0, 0.0, 0, 0, "Writing the end"))
        recorder.finish(simulation)


@contextmanager
def _remedy(recorder: Recorder) -> Iterator[None]:
    """Say how to go on when a worker is lost."""
    try:
        yield
    except WorkerLostError as error:
        remedy = f"Its last checkpoint stands. Go on with: ctc resume {recorder.files.run}"
        raise error.with_remedy(remedy) from error
