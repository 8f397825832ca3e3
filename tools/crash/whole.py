"""Whether what a killed command left is whole, beside what an undisturbed one wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.cohort.table import open_table
from ctc.errors import CtcError
from ctc.inspection import inspect_run
from ctc.record.checkpoint import has_checkpoints, read_checkpoint
from ctc.record.files import RunFiles, is_locked
from ctc.record.layout import CELL_FIELDS
from ctc.record.reader import Run, open_run
from ctc.record.sweep_files import read_block
from ctc.sweep import inspect_sweep
from tools.crash.promised import Promise, broken_of_run, broken_of_sweep

# All that a killed run may leave beside its own files, each at most once.
_RUN_REST = re.compile(
    r"case\.lock|\.case\.(vtkhdf|checkpoint\.h5|h5md)\.new|\.case\.vessels\.\d+\.new\.vtkhdf"
)
_SWEEP_REST = re.compile(
    r"sweep\.lock|\.sweep\.json\.new|\.(sweep|report)\.\d+\.new\.(h5|csv|html)"
)
_MOST_ASIDE = 2  # the new one and the old one
_MOST_LEFT = 4  # a lock, a note, a block of each of two processes
_BLOCK_REST = re.compile(r"\.arm\d+-patients\d+-\d+\.h5\.\d+\.new")
# Of an epoch's row: not the same twice, and no part of any digest.
_CLOCK = "wall_time"


@dataclass(frozen=True)
class Whole:
    """What an undisturbed run holds.

    Attributes
    ----------
    digest, record_digest : str
        Its two digests.
    frames : list of dict
        Columns of each frame.
    series, logs : dict of str to array
        Row for row.
    names : frozenset of str
        Of the files that it leaves.
    """

    digest: str
    record_digest: str
    frames: list[dict[str, npt.NDArray[Any]]]
    series: dict[str, npt.NDArray[Any]]
    logs: dict[str, npt.NDArray[Any]]
    names: frozenset[str]


def read_whole(path: Path) -> Whole:
    """Read all of a finished run."""
    with open_run(path) as run:
        return Whole(
            run.end.digest,
            run.end.record_digest,
            [_columns(run, number) for number in range(run.n_frames)],
            _series(run),
            _logs(run),
            names_in(path.parent),
        )


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files below a folder, by name; none where it is not there."""
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


def aside(path: Path) -> list[Path]:
    """Return the temporary folders beside a folder."""
    return sorted(path.parent.glob(f".{path.name}.*.new*"))


def problems_of_folder(path: Path, wholes: tuple[dict[str, bytes], ...]) -> list[str]:
    """Return what is wrong with a folder that another was to replace.

    Parameters
    ----------
    path : Path
        For a moment it may be gone, if what it held stands aside to be put back.
    wholes : tuple of dict
        What it may hold, all of one of them: the new, and the old while that is not done.
    """
    beside = aside(path)
    most = _MOST_ASIDE if len(wholes) > 1 else 0
    found = [] if len(beside) <= most else [f"temporary folders are left: {beside}"]
    if path.exists():
        return found if contents(path) in wholes else [*found, "it is neither the old nor the new"]
    # Only what is named so is put back.
    is_kept = any(contents(each) == wholes[-1] for each in beside if each.suffix == ".old")
    return found if is_kept else [*found, "it is gone, and the old one does not stand aside"]


def names_in(folder: Path) -> frozenset[str]:
    """Return the names of all files below a folder."""
    return frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def other_names(found: frozenset[str], expected: frozenset[str]) -> list[str]:
    """Return which files are too many and which are missing."""
    # The lock of a process that was killed when all was done means nothing.
    too_many = sorted(name for name in found - expected if not name.endswith(".lock"))
    return [f"left over: {name}" for name in too_many] + [
        f"lacking: {name}" for name in sorted(expected - found)
    ]


def problems_of_run(
    path: Path, wholes: tuple[Whole, ...], promise: Promise | None = None
) -> list[str]:
    """Return what is wrong with a run that was killed: nothing, if all is well.

    Parameters
    ----------
    path : Path
        ``RUN.vtkhdf``, which need not be there yet.
    wholes : tuple of Whole
        The runs that it may be a part of.
    promise : Promise, optional
        What must be there.
    """
    promise = promise or Promise()
    files = RunFiles.of(path)
    found: list[str] = []
    if is_locked(files):
        found.append("the lock is still held")
    own = {each.name for each in (files.run, *files.derived)}
    rest = [name for name in names_in(path.parent) if name not in own and not name.endswith("toml")]
    found += [f"left over: {name}" for name in rest if not _RUN_REST.fullmatch(name)]
    if len([name for name in rest if "vessels" in name]) > 1:
        found.append(f"temporary files pile up: {sorted(rest)}")
    try:
        if files.vessels.exists():
            _read_vessels(files.vessels)
        if files.h5md.exists() and not files.run.exists():
            found.append("a view without its run")
        if not files.run.exists():
            return found + broken_of_run(promise, 0, 0)
        with open_run(path) as run:
            inspect_run(run)
            tried = [_differences(run, whole) for whole in wholes]
            found += sorted(tried, key=len)[0]
            n_epochs, n_frames, status = run.n_epochs, run.n_frames, run.status
        found += broken_of_run(promise, n_epochs, n_frames)
        if status == "finished":
            return found
        if promise.has_checkpoint and not has_checkpoints(files):
            found.append("a checkpoint was placed and none is there")
        found += _problems_of_checkpoints(files, n_epochs, n_frames)
    except (CtcError, OSError, KeyError, ValueError, RuntimeError, AssertionError) as error:
        found.append(f"{type(error).__name__}: {error}")
    return found


def _read_vessels(path: Path) -> None:
    """Read every dataset of the network for ParaView."""
    with h5py.File(path, "r") as file:
        file.visititems(_read_item)


def _read_item(_name: str, item: h5py.Group | h5py.Dataset) -> None:
    if isinstance(item, h5py.Dataset):
        item[()]


def _problems_of_checkpoints(files: RunFiles, n_epochs: int, n_frames: int) -> list[str]:
    found = []
    for path in (files.checkpoint, files.previous_checkpoint):
        if not path.exists():
            continue
        alone = replace(files, checkpoint=path, previous_checkpoint=files.run.with_name("none"))
        counts = read_checkpoint(alone).counts
        if counts["epochs"] > n_epochs or counts["frames"] > n_frames:
            found.append(f"{path.name} is of {dict(counts)}, the run holds {n_epochs} epochs")
    if n_epochs and not (files.checkpoint.exists() or files.previous_checkpoint.exists()):
        found.append(f"{n_epochs} epochs and no checkpoint")
    return found


def _differences(run: Run, whole: Whole) -> list[str]:
    found = [f"frame {number} is damaged" for number in run.damaged_frames()]
    if run.n_frames > len(whole.frames):
        found.append(f"{run.n_frames} frames, {len(whole.frames)} is all")
    if run.status == "finished" and run.n_frames < len(whole.frames):
        found.append(f"finished with {run.n_frames} of {len(whole.frames)} frames")
    for number in range(min(run.n_frames, len(whole.frames))):
        columns = _columns(run, number)
        same = all(np.array_equal(columns[name], whole.frames[number][name]) for name in columns)
        if not same:
            found.append(f"frame {number} is another")
    for name, rows in (_series(run) | _logs(run)).items():
        expected = (whole.series | whole.logs)[name]
        if not np.array_equal(rows, expected[: len(rows)], equal_nan=rows.dtype.kind == "f"):
            found.append(f"rows of {name} are others")
    if len(run.events()) and not run.n_epochs:
        found.append("events without an epoch")
    return found


def _columns(run: Run, number: int) -> dict[str, npt.NDArray[Any]]:
    frame = run.frame(number)
    return {field.name: np.array(getattr(frame, field.name)) for field in CELL_FIELDS}


def _series(run: Run) -> dict[str, npt.NDArray[Any]]:
    return {name: values for name, values in run.series().items() if name != _CLOCK}


def _logs(run: Run) -> dict[str, npt.NDArray[Any]]:
    logs = {"events": run.events(), "lesions": run.lesion_history(), "litters": run.litters()}
    return {
        f"{log}.{field}": rows[field]
        for log, rows in logs.items()
        for field in rows.dtype.names or ()
    }


@dataclass(frozen=True)
class WholeSweep:
    """What an undisturbed sweep holds."""

    digest: str
    blocks: dict[str, npt.NDArray[Any]]
    csv: bytes
    names: frozenset[str]


def read_whole_sweep(folder: Path) -> WholeSweep:
    """Read all of a finished sweep."""
    blocks = {path.name: read_block(path) for path in (folder / "blocks").glob("*.h5")}
    return WholeSweep(
        open_table(folder).digest,
        {name: rows for name, rows in blocks.items() if rows is not None},
        (folder / "sweep.csv").read_bytes(),
        names_in(folder),
    )


def problems_of_sweep(
    folder: Path, wholes: tuple[WholeSweep, ...], promise: Promise | None = None
) -> list[str]:
    """Return what is wrong with a sweep that was killed: nothing, if all is well."""
    promise = promise or Promise()
    if not folder.is_dir():
        return broken_of_sweep(promise, frozenset())
    blocks = sorted((folder / "blocks").glob("*.h5"))
    found = [problem for path in blocks for problem in _problems_of_block(path, wholes)]
    found += broken_of_sweep(promise, frozenset(path.name for path in blocks))
    rest = [Path(name).name for name in names_in(folder) - wholes[0].names]
    found += [
        f"left over: {name}"
        for name in rest
        if not _SWEEP_REST.fullmatch(name) and not _BLOCK_REST.fullmatch(name)
    ]
    if len(rest) > _MOST_LEFT:
        found.append(f"temporary files pile up: {sorted(rest)}")
    if is_locked(RunFiles.of(folder / "sweep")):
        found.append("the lock is still held")
    try:
        return found + _problems_of_results(folder, wholes)
    except (CtcError, OSError, KeyError, ValueError, RuntimeError) as error:
        return [*found, f"{type(error).__name__}: {error}"]


def _problems_of_block(path: Path, wholes: tuple[WholeSweep, ...]) -> list[str]:
    rows = read_block(path)
    if rows is None:
        return [f"block {path.name} is damaged"]
    known = [whole.blocks[path.name] for whole in wholes if path.name in whole.blocks]
    is_known = any(rows.tobytes() == one.tobytes() for one in known)
    return [] if is_known else [f"block {path.name} is another"]


def _problems_of_results(folder: Path, wholes: tuple[WholeSweep, ...]) -> list[str]:
    found = []
    if (folder / "sweep.json").exists():
        inspect_sweep(folder)
    table, text, page = (folder / name for name in ("sweep.h5", "sweep.csv", "report.html"))
    if table.exists() and open_table(table).digest not in {whole.digest for whole in wholes}:
        found.append("the table is another")
    if text.exists() and text.read_bytes() not in {whole.csv for whole in wholes}:
        found.append("sweep.csv is another")
    if page.exists() and not page.read_text(encoding="utf-8").rstrip().endswith("</html>"):
        found.append("report.html is cut")
    return found
