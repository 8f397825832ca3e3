"""Whether the file of a run is whole, and its books close."""

from __future__ import annotations

import numpy as np

from ctc.analysis.books import lesions_without_colony, not_as_events, unbalanced
from ctc.analysis.event_sequences import Sequences, check_sequences
from ctc.proof.check import Check, judged, unknown
from ctc.record.frames import record_digest
from ctc.record.layout import NANOSECONDS, NO_FOUNDER
from ctc.record.reader import Run
from ctc.scenario.scenario import restore_scenario
from ctc.simulation.overt import overt_shares
from ctc.simulation.prepare import nanoseconds

COUNTERS, FRAMES, BALANCE = "counters and epochs", "frames", "conservation of cells"
ORDER, COURSES, SUMS, LESIONS = "order of events", "courses of cells", "sums of events", "lesions"


def check_counters(run: Run) -> Check:
    """Say whether epochs, frames and end are those of the scenario."""
    settings, series = run.scenario()["run"], run.series()
    duration, epoch = nanoseconds(settings["duration"]), nanoseconds(settings["epoch"])
    ends = np.array([*range(epoch, duration, epoch), duration], dtype=np.int64)
    times = series["time"]
    wrong = []
    if times.size > ends.size or (times != ends[: times.size]).any():
        wrong.append("epochs do not end when the scenario says")
    if run.status == "finished":
        is_dead = bool(run.milestones().size) and times.size < ends.size
        if times.size != ends.size and not is_dead:
            wrong.append(f"{times.size} of {ends.size} epochs, and yet finished")
        if not run.end.digest:
            wrong.append("no digest, and yet finished")
    frames = run.frame_times
    if (np.diff(frames) <= 0).any():
        wrong.append("frames do not rise in time")
    wanted = _frame_times(run, int(times[-1]) if times.size else 0, duration)
    if not np.array_equal(frames, wanted):
        wrong.append(
            f"{frames.size} frames where the scenario asks for {wanted.size}, or at others"
        )
    told = f"{times.size} epochs, {run.n_frames} frames, {run.n_events:,} events; {run.status}"
    return judged(COUNTERS, wrong, told=told)


def _frame_times(run: Run, until: int, duration: int) -> np.ndarray:
    """Return when frames were to be taken up to a time [ns]; at it only where the run ends."""
    record = run.scenario()["record"]
    found: set[int] = set()
    for window in record["window"] if record["tracked"] else ():
        start, step = nanoseconds(window["start"]), nanoseconds(window["interval"])
        n_frames = nanoseconds(window["duration"]) // step + 1
        found.update(start + i * step for i in range(n_frames))
    is_last = until == duration
    chosen = sorted(time for time in found if time < until or (is_last and time == until))
    return np.array(chosen, dtype=np.int64)


def check_frames(run: Run) -> Check:
    """Say whether every frame has the content of its SHA-256, and all of them that of the run."""
    wrong = [f"frame {number} has another content" for number in run.damaged_frames()]
    n_places = 0
    for number in range(run.n_frames):
        ids = run.frame_column(number, "id")
        n_places += ids.size
        if (ids[1:] <= ids[:-1]).any():
            wrong.append(f"cells of frame {number} do not rise")
    stored = run.end.record_digest
    if stored and record_digest(run.frame_digests) != stored:
        wrong.append("record_digest is not that of the frames")
    return judged(FRAMES, wrong, told=f"{n_places:,} places in {run.n_frames} frames")


def check_balance(run: Run) -> Check:
    """Say whether cells shed are those in flight and those with a fate, at every epoch."""
    series = run.series()
    shed = int(series["shed"][-1]) if series["shed"].size else 0
    told = f"{shed:,} shed = in flight + fates at each of {run.n_epochs} epochs"
    return judged(BALANCE, unbalanced(run), told=told)


def check_events(run: Run) -> list[Check]:
    """Say whether events are in order, possible, and what the series add up to."""
    stored = run.scenario()["record"]["events"]
    if stored == "none":
        why = "the run was asked to store no events"
        return [unknown(name, why) for name in (ORDER, COURSES, SUMS)]
    are_all = stored == "all"
    found: Sequences = check_sequences(run, are_all_stored=are_all)
    hours = int(run.series()["time"][-1]) / NANOSECONDS / 3600.0 if run.n_epochs else 0.0
    of = "all events" if are_all else "fates; arrests and releases were not stored"
    return [
        judged(
            ORDER,
            found.out_of_order,
            told=f"{found.n_events:,} rise in time, cell and number within {hours:,.4g} h",
        ),
        judged(COURSES, found.impossible, told=f"each event can follow on the one before ({of})"),
        judged(
            SUMS,
            not_as_events(run, found, are_all_stored=are_all),
            told="series of organs, states and causes at every epoch",
        ),
    ]


def check_lesions(run: Run) -> Check:
    """Say whether lesions are colonies of the events."""
    if run.scenario()["record"]["events"] == "none":
        return unknown(LESIONS, "the run was asked to store no events")
    rows = run.lesions()
    n_lesions = np.count_nonzero(rows["cell"] != np.uint64(NO_FOUNDER))
    scenario = restore_scenario(run.header.scenario_json, run.header.scenario_text)
    is_every = overt_shares(scenario, run.organ_names).is_every
    told = f"each of {n_lesions:,} was a colony, with the parent of its founder"
    return judged(LESIONS, lesions_without_colony(run, is_every=is_every), told=told)
