"""What is left on disk after a soak: whole, and the same as without all that went on beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

import ctc
from ctc.errors import StoppedEarly
from ctc.record.checkpoint import Checkpoint, read_checkpoint
from ctc.record.files import RunFiles
from ctc.record.reader import Run, open_run
from tools.soak.course import Course, early, late
from tools.soak.verdict import Finding

STOPPED = 3
_BLOCK = 1 << 20  # events compared at once
# What a run knows of its wall time, and of the cells that it tracks.
_TIMES = {"wall_time"}
_TRACKING = _TIMES | {"born", "setting"}
_TRACKED = "dormant_tracked_"  # and of those among the dormant


def file_findings(files: RunFiles, course: Course) -> tuple[Finding, ...]:
    """Return what is found in the folder of a run that was stopped."""
    ends = f"writer {course.writer_code}, reader {course.reader_code}"
    is_good = (course.writer_code, course.reader_code) == (STOPPED, 0)
    found = [Finding("exit codes", is_good, f"{ends} (3 is stopped with a checkpoint)", {})]
    with open_run(files.run) as run:
        found += [_frames(run, course), _conservation(run)]
    expected = {files.run, files.checkpoint, files.previous_checkpoint, files.vessels, files.lock}
    expected |= {early(files).checkpoint, late(files).checkpoint}
    odd = sorted(
        path.name
        for path in files.run.parent.iterdir()
        if path not in expected and path.suffix != ".jsonl"
    )
    found.append(Finding("folder", not odd, f"nothing left over, but {odd}" if odd else "tidy", {}))
    return tuple(found)


def again_findings(
    files: RunFiles, scenario: Path | str, *, threads: int, overrides: Sequence[str]
) -> tuple[Finding, ...]:
    """Return whether the beginning and the end of a run come out the same again."""
    if not (early(files).checkpoint.exists() and late(files).checkpoint.exists()):
        return (Finding("again", False, "no checkpoints were there to go on from", {}),)
    return (
        _beginning_again(files, scenario, overrides=overrides),
        _end_again(files, threads=threads),
    )


def _frames(run: Run, course: Course) -> Finding:
    damaged = run.damaged_frames()
    seen = [(look["epochs"], look["frames"], look["events"]) for look in course.looks]
    is_rising = all(a <= b for one, two in pairwise(seen) for a, b in zip(one, two, strict=True))
    is_all = seen[-1] == (run.n_epochs, run.n_frames, run.n_events)
    text = (
        f"{run.n_frames:,} frames, {len(damaged)} damaged; {run.n_epochs:,} epochs, "
        f"{run.n_events:,} events, {os.path.getsize(run.path) / 1e9:.2f} GB; the reader "
        + ("saw all of them" if is_all and is_rising else f"saw {seen[-1]}, rising: {is_rising}")
    )
    figures = {"frames": run.n_frames, "damaged": len(damaged), "events": run.n_events}
    return Finding("file", not damaged and is_all and is_rising, text, dict(figures))


def _conservation(run: Run) -> Finding:
    series = run.series()
    odd = int((series["cells_by_state"].sum(axis=1) != series["shed"]).sum())
    lost = int(series["shed"][-1]) if odd else 0
    text = f"{int(series['shed'][-1]):,} cells in states at the end, {odd} epochs that lose one"
    return Finding("cells", not odd and not lost, text, {"shed": float(series["shed"][-1])})


def _beginning_again(files: RunFiles, scenario: Path | str, *, overrides: Sequence[str]) -> Finding:
    wanted = read_checkpoint(early(files))
    n_epochs = int(wanted.state["n_epochs_done"])
    again = RunFiles.of(files.run.with_name("first_again.vtkhdf"))
    bare = [*overrides, "record.tracked=0", "record.events='none'"]
    try:
        ctc.run(
            ctc.load_scenario(scenario, overrides=bare),
            again.run,
            device="cpu",
            threads=1,
            max_epochs=n_epochs,
        )
    except StoppedEarly:
        odd = _difference(wanted, read_checkpoint(again), without=_TRACKING)
        odd = [name for name in odd if not name.startswith(_TRACKED)]
    else:
        odd = ["it ended"]
    text = f"the first {n_epochs} epochs without reader, windows and events, on one thread: "
    return Finding("beginning", not odd, text + _same(odd, wanted), {"epochs": n_epochs})


def _end_again(files: RunFiles, *, threads: int) -> Finding:
    again = RunFiles.of(files.run.with_name("last_again.vtkhdf"))
    shutil.copyfile(files.run, again.run)
    begin = read_checkpoint(late(files))
    os.link(late(files).checkpoint, again.checkpoint)
    wanted = read_checkpoint(files)
    n_epochs = int(wanted.state["n_epochs_done"]) - int(begin.state["n_epochs_done"])
    try:
        ctc.resume(again.run, device="cpu", threads=threads, max_epochs=n_epochs)
    except StoppedEarly:
        odd = _difference(wanted, read_checkpoint(again), without=_TIMES)
        odd += _file_difference(files.run, again.run)
    else:
        odd = ["it ended"]
    text = f"the last {n_epochs} epochs again from a checkpoint, file and all: "
    return Finding("end", not odd, text + _same(odd, wanted), {"epochs": n_epochs})


def _difference(one: Checkpoint, two: Checkpoint, *, without: set[str]) -> list[str]:
    names = (one.state.keys() | two.state.keys()) - without
    return sorted(
        name
        for name in names
        if name not in one.state
        or name not in two.state
        or not np.array_equal(one.state[name], two.state[name])
    )


def _file_difference(one: Path, two: Path) -> list[str]:
    """Return what two runs do not hold alike: frames by their digests, rows, series."""
    with h5py.File(one, "r") as first, h5py.File(two, "r") as second:
        digests = [file["frames/digest"][()] for file in (first, second)]
    with open_run(one) as first, open_run(two) as second:
        odd = []
        if not np.array_equal(digests[0][: first.n_frames], digests[1][: second.n_frames]):
            odd.append("frames")
        if second.damaged_frames():
            odd.append("damaged frames")
        for start in range(0, max(first.n_events, second.n_events), _BLOCK):
            stop = start + _BLOCK
            if not np.array_equal(first.events(start, stop), second.events(start, stop)):
                odd.append(f"events from {start}")
        ours, theirs = first.series(), second.series()
        odd += [
            name for name in ours.keys() - _TIMES if not np.array_equal(ours[name], theirs[name])
        ]
    return sorted(odd)


def _same(odd: Sequence[str], wanted: Checkpoint) -> str:
    if odd:
        return f"not the same: {', '.join(odd)}"
    return (
        f"the same state, {len(wanted.state)} values of it, chain {str(wanted.state['chain'])[:12]}"
    )
