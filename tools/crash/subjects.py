"""What is killed: a new run, one that goes on, one that takes another's place; sweeps; folders."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ctc.errors import InputError
from ctc.record.checkpoint import has_checkpoints
from ctc.record.files import RunFiles
from ctc.record.reader import open_run
from tools.crash import cases
from tools.crash.attacks import Attack, Span
from tools.crash.children import Child, Ending, measure, time_of_new
from tools.crash.promised import Promise
from tools.crash.whole import (
    Whole,
    WholeSweep,
    aside,
    contents,
    names_in,
    other_names,
    problems_of_folder,
    problems_of_run,
    problems_of_sweep,
    read_whole,
    read_whole_sweep,
)

Words = tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A command to be killed, and how to see that nothing was lost.

    Attributes
    ----------
    name : str
        For the table.
    start : Path
        Folder to begin in; copied.
    span : Span
        What the first command does undisturbed.
    next_words : callable
        The command that a user gives now, seeing the folder; None where all is done.
    problems : callable
        What is wrong in the folder after a kill, also beside what must be there.
    differences : callable
        What is wrong in it at the end.
    is_new : bool
        Whether each command is a process of its own, with helpers.
    """

    name: str
    start: Path
    span: Span
    next_words: Callable[[Path], Words | None]
    problems: Callable[[Path, Promise], list[str]]
    differences: Callable[[Path], list[str]]
    is_new: bool = False


def undisturbed(folder: Path, words: Words) -> Span:
    """Run a command that must end well."""
    ending, span = measure(folder, words)
    _require_good(ending, words)
    assert span is not None
    return span


def _require_good(ending: Ending, words: Words) -> None:
    if ending.code != 0:
        message = f"command must work undisturbed, ended with {ending.code}: {ending.said}"
        raise InputError(message, key=" ".join(words))


def new_run(work: Path) -> Subject:
    """Make a run that has not begun yet."""
    span = undisturbed(_made(work, "whole"), cases.run_command())
    whole = read_whole(work / "starts" / "whole" / cases.RUN)
    return _run("run", _made(work, "run"), span, (whole,))


def subjects_of_runs(work: Path) -> list[Subject]:
    """Make the runs: new, killed in its middle, and over an older one."""
    new = new_run(work)
    whole = read_whole(work / "starts" / "whole" / cases.RUN)
    older = _made(work, "older")
    undisturbed(older, cases.run_command("--seed", "5"))
    old = read_whole(older / cases.RUN)
    replaced = _tried(older, cases.run_command("--overwrite"))
    return [
        new,
        _half_run(work, "resume", whole, 4),
        run_of_many_frames(work),
        _run("run --overwrite", older, replaced, (whole, old)),
    ]


def run_of_many_frames(work: Path) -> Subject:
    """Make a run that was killed in its middle and has 533 of 1,000 frames."""
    made = _made(work, "whole of many frames")
    undisturbed(made, cases.run_command(*cases.MANY_FRAMES))
    whole = read_whole(made / cases.RUN)
    return _half_run(work, "resume, many frames", whole, cases.MANY_EPOCHS, cases.MANY_FRAMES)


def _half_run(work: Path, name: str, whole: Whole, n_epochs: int, more: Words = ()) -> Subject:
    half = _made(work, f"half of {name}")
    middle = Attack("point", "epoch.counted", n_epochs)
    assert Child(half, cases.run_command(*more), middle).end().is_killed
    return _run(name, half, _tried(half, cases.resume_command()), (whole,), more=more)


def _run(
    name: str, start: Path, span: Span, wholes: tuple[Whole, ...], *, more: Words = ()
) -> Subject:
    older = {each.digest for each in wholes[1:]}
    return Subject(
        name,
        start,
        span,
        lambda folder: _next_of_run(folder, older, more),
        lambda folder, promise: problems_of_run(folder / cases.RUN, wholes, promise),
        lambda folder: _other_run(wholes[0], folder),
    )


def _next_of_run(folder: Path, older: set[str], more: Words) -> Words | None:
    """Return what a user does with a run that was killed, seeing its files."""
    files = RunFiles.of(folder / cases.RUN)
    if not files.run.exists():
        return cases.run_command(*more)
    with open_run(files.run) as run:
        status, digest = run.status, run.end.digest
    if status == "finished" and digest not in older:
        return cases.resume_command() if has_checkpoints(files) else None
    if status != "finished" and (files.checkpoint.exists() or files.previous_checkpoint.exists()):
        return cases.resume_command()
    return cases.run_command("--overwrite", *more)


def _other_run(whole: Whole, folder: Path) -> list[str]:
    found = read_whole(folder / cases.RUN)
    same = (found.digest, found.record_digest) == (whole.digest, whole.record_digest)
    wrong = [] if same else ["the digests are others"]
    return (
        wrong
        + other_names(found.names, whole.names)
        + problems_of_run(folder / cases.RUN, (whole,))
    )


def new_sweep(work: Path, *, n_workers: int = 1) -> Subject:
    """Make a sweep that has not begun yet."""
    name = "sweep" if n_workers == 1 else f"sweep by {n_workers} processes"
    words = cases.sweep_command(n_workers)
    whole_folder = _made(work, f"whole {name}")
    span = undisturbed(whole_folder, words)
    whole = read_whole_sweep(whole_folder / cases.SWEEP)
    if n_workers > 1:  # its imports are a part of its time
        ending, seconds = time_of_new(_made(work, f"timed {name}"), words)
        _require_good(ending, words)
        span = replace(span, seconds=seconds)
    return _sweep(name, _made(work, name), span, words, (whole,), is_new=n_workers > 1)


def subjects_of_sweeps(work: Path) -> list[Subject]:
    """Make the sweeps of one process: new, and over an older one."""
    new = new_sweep(work)
    whole = read_whole_sweep(work / "starts" / "whole sweep" / cases.SWEEP)
    older = _made(work, "older sweep")
    undisturbed(older, cases.sweep_command(1, "--set", "source.shedding_rate=2e3 1/g/day"))
    old = read_whole_sweep(older / cases.SWEEP)
    words = cases.sweep_command(1, "--overwrite")
    replaced = _tried(older, words)
    return [new, _sweep("sweep --overwrite", older, replaced, words, (whole, old), is_new=False)]


def _sweep(
    name: str,
    start: Path,
    span: Span,
    words: Words,
    wholes: tuple[WholeSweep, ...],
    *,
    is_new: bool,
) -> Subject:
    whole = wholes[0]

    def next_of(folder: Path) -> Words | None:
        """Until its command has ended well a user gives it again."""
        sweep = folder / cases.SWEEP
        is_done = sweep.is_dir() and not other_names(names_in(sweep), whole.names)
        return None if is_done and not problems_of_sweep(sweep, (whole,)) else words

    def differences(folder: Path) -> list[str]:
        found = read_whole_sweep(folder / cases.SWEEP)
        wrong = [] if found.digest == whole.digest else ["the digest is another"]
        wrong += other_names(found.names, whole.names)
        return wrong + problems_of_sweep(folder / cases.SWEEP, (whole,))

    def problems(folder: Path, promise: Promise) -> list[str]:
        return problems_of_sweep(folder / cases.SWEEP, wholes, promise)

    return Subject(name, start, span, next_of, problems, differences, is_new=is_new)


def replaced_tables(work: Path) -> Subject:
    """Make a folder of tables that takes the place of an older one; the run is there already."""
    words = cases.export_command("mm")
    start, whole_folder = _made(work, "older tables"), _made(work, "whole tables")
    undisturbed(start, cases.run_command())
    undisturbed(start, cases.export_command("m"))
    shutil.copytree(start, whole_folder, dirs_exist_ok=True)
    span = undisturbed(whole_folder, words)
    whole, old = contents(whole_folder / cases.TABLES), contents(start / cases.TABLES)

    def problems(folder: Path, _promise: Promise) -> list[str]:
        return problems_of_folder(folder / cases.TABLES, (whole, old))

    def next_of(folder: Path) -> Words | None:
        """Until its command has ended well a user gives it again; it removes what others left."""
        is_done = contents(folder / cases.TABLES) == whole
        return None if is_done and not aside(folder / cases.TABLES) else words

    def differences(folder: Path) -> list[str]:
        return problems_of_folder(folder / cases.TABLES, (whole,))

    return Subject("tables --overwrite", start, span, next_of, problems, differences)


def _made(work: Path, name: str) -> Path:
    folder = work / "starts" / name
    folder.mkdir(parents=True)
    cases.write_texts(folder)
    return folder


def _tried(start: Path, words: Words) -> Span:
    """Return what a command does undisturbed, in a copy of where it begins."""
    with tempfile.TemporaryDirectory(dir=start.parent.parent) as folder:
        return undisturbed(Path(shutil.copytree(start, Path(folder, "trial"))), words)
