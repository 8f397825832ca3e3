"""Whether the file of a run is whole, and its books close."""

from __future__ import annotations

from typing import Any

import numpy as np

from ctc.analysis.books import lesions_without_colony, not_as_events, unbalanced
from ctc.analysis.event_sequences import Sequences, check_sequences, memory_of_sequences
from ctc.errors import InputError
from ctc.memory import available_memory
from ctc.proof.check import Check, judged, unknown
from ctc.record.frames import record_digest
from ctc.record.layout import NANOSECONDS, NO_FOUNDER
from ctc.record.reader import Run
from ctc.scenario.scenario import restore_scenario
from ctc.simulation.overt import overt_shares
from ctc.simulation.prepare import nanoseconds

COUNTERS, FRAMES, BALANCE = "counters and epochs", "frames", "conservation of cells"
ORDER, COURSES, SUMS, LESIONS = "order of events", "courses of cells", "sums of events", "lesions"


def check_counters(run: Run, status: str) -> Check:
    """Say whether epochs, frames and end are those of the scenario, in a run of that status."""
    settings = restore_scenario(run.header.scenario_json, run.header.scenario_text).settings
    times = run.series()["time"]
    duration = nanoseconds(settings.run.duration)
    epoch = max(1, nanoseconds(settings.run.epoch))
    n_ends = -(-duration // epoch)
    wrong = []
    # Python's own integers: numbers of a file may be larger than 64 bits hold.
    wanted_ends = [min(epoch * number, duration) for number in range(1, times.size + 1)]
    if times.size > n_ends or times.tolist() != wanted_ends:
        wrong.append("epochs do not end when the scenario says")
    if status == "finished":
        is_dead = bool(run.milestones().size) and times.size < n_ends
        if times.size != n_ends and not is_dead:
            wrong.append(f"{times.size} of {n_ends} epochs, and yet finished")
        if not run.end.digest:
            wrong.append("no digest, and yet finished")
    until = int(times[-1]) if times.size else 0
    wrong += _frames_wrong(run, settings.record, until=until, next_end=until + epoch, end=duration)
    told = f"{times.size} epochs, {run.n_frames} frames, {run.n_events:,} events; {status}"
    return judged(COUNTERS, wrong, told=told)


def _frames_wrong(run: Run, record: Any, *, until: int, next_end: int, end: int) -> list[str]:
    """Return what is wrong with when frames were taken.

    Frames count before the epoch that they are of: those of one more may be there.
    """
    frames = run.frame_times
    wrong = [] if (np.diff(frames) > 0).all() else ["frames do not rise in time"]
    found: set[int] = set()
    for window in record.window if record.tracked else ():
        start, step = nanoseconds(window.start), max(1, nanoseconds(window.interval))
        n_frames = nanoseconds(window.duration) // step + 1
        # One more than there are says enough: no list is longer than the file.
        found.update(start + i * step for i in range(min(n_frames, frames.size + 1)))
    due = sorted(time for time in found if time < until or time == until == end)
    soon = sorted(time for time in found if until < end and until <= time <= min(next_end, end))
    wanted = due + soon[: max(0, frames.size - len(due))]
    if frames.tolist() != wanted:
        wrong.append(f"{frames.size} frames where the scenario asks for {len(due)}, or at others")
    return wrong


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
    _require_litters_of(run)
    needed, free = memory_of_sequences(run), available_memory()
    if needed > free:
        why = f"it takes {needed / 2**30:.1f} GiB of memory, and {free / 2**30:.1f} GiB are free"
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


def _require_litters_of(run: Run) -> None:
    """Raise InputError where more cells were shed than born: room is made for each of them."""
    if not run.has_column("litters", "count"):
        return
    shed, born = run.series()["shed"], sum(run.litters()["count"].tolist())
    if shed.size and int(shed[-1]) > born:
        message = f"cells shed must be those of the litters, {born:,}, got {int(shed[-1]):,}."
        raise InputError(message, file=str(run.path))


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
