"""SweepFolder: what of a sweep is done, on disk; blocks appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.source import kernel_hash
from ctc.cohort.plan import Plan
from ctc.cohort.table import TABLE_NAME
from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError
from ctc.fault_points import pass_point
from ctc.record.files import RunFiles, RunLock, is_locked
from ctc.record.sweep_files import read_block, write_block
from ctc.resources import program_version

REPORT_NAME = "report.html"
CSV_NAME = "sweep.csv"
_NOTE = "sweep.json"
_BLOCKS = "blocks"
_BLOCK = re.compile(r"arm(\d+)-patients(\d+)-(\d+)\.h5")
_FORMAT = 1
_WHOSE = ("arm", "patient")  # columns of a block
_LONGEST_NOTE = 1 << 24  # [characters]


@dataclass(frozen=True)
class Block:
    """Patients ``first`` .. ``first + count - 1`` of one arm: a unit of work."""

    arm: int
    first: int
    count: int

    @property
    def name(self) -> str:
        """Of its file."""
        last = self.first + self.count - 1
        return f"arm{self.arm}-patients{self.first:07d}-{last:07d}.h5"


class SweepFolder:
    """The folder of one sweep: ``sweep.json``, ``blocks/``, and at the end ``sweep.h5``.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._blocks = self.path / _BLOCKS
        self._note = self.path / _NOTE

    @property
    def table(self) -> Path:
        """Where the table is, or will be."""
        return self.path / TABLE_NAME

    def check(self, plan: Plan, *, overwrite: bool) -> None:
        """Raise InputError unless the sweep may begin or go on there; touches nothing."""
        self._check_place()
        if is_locked(self._lock_files()):
            message = "sweep must not be in use, got a folder that another process is writing. "
            raise InputError(message + "Wait for it, or stop it.", file=str(self.path))
        if not self.path.exists() or self._is_unused():
            return
        if not self._note.is_file():
            message = (
                "output must be a folder of this sweep, or a new one, got one with other files. "
                "Choose another with -o."
            )
            raise InputError(message, file=str(self.path))
        if not overwrite:
            self._check_same(plan)

    def _check_place(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            message = "output must be a folder, got a file. Choose another name with -o."
            raise InputError(message, file=str(self.path))
        beside = self.path.parent
        if not beside.is_dir() or not os.access(
            self.path if self.path.exists() else beside, os.W_OK
        ):
            message = f"output must lie in a folder that you may write to, got '{beside}'. "
            raise InputError(message + "Make it first, or choose another.", file=str(self.path))

    def _is_unused(self) -> bool:
        """Whether there is nothing but what a sweep killed in its first moment leaves."""
        left = {self._lock_files().lock, self._fresh_note(), self._blocks}
        is_ours = all(path in left for path in self.path.iterdir())
        return is_ours and not (self._blocks.is_dir() and any(self._blocks.iterdir()))

    def _fresh_note(self) -> Path:
        return self._note.with_name(f".{_NOTE}.new")

    def _check_same(self, plan: Plan) -> None:
        begun = self.note()
        for name, now in _origin(plan).items():
            if begun.get(name) != now:
                what = {
                    "plan": "sweep (its file, its scenario or the parameters that it reads)",
                    "kernels": "kernels",
                    "version": "version of ctc",
                    "format": "format of the folder",
                }[name]
                message = (
                    f"sweep must go on with the {what} that it began with, got another: "
                    f"{str(begun.get(name))[:12]} then, {str(now)[:12]} now. Start anew with "
                    "--overwrite, or choose another folder with -o."
                )
                raise InputError(message, file=str(self.path))

    def note(self) -> dict[str, Any]:
        """Return what the folder says of its sweep."""
        try:
            with self._note.open(encoding="utf-8") as file:
                content = json.loads(file.read(_LONGEST_NOTE))
        except (OSError, ValueError, RecursionError) as error:
            message = f"folder must be that of a sweep, its {_NOTE} could not be read ({error}). "
            raise InputError(message + "Name another.", file=str(self.path)) from None
        if not isinstance(content, dict):
            message = f"{_NOTE} must be what ctc wrote, got something else. Name another folder."
            raise InputError(message, file=str(self.path))
        return content

    @contextmanager
    def opened(self, plan: Plan, *, overwrite: bool) -> Iterator[None]:
        """Make the folder where it is missing, and keep other processes from writing there."""
        try:
            self.path.mkdir(exist_ok=True)
            lock = RunLock(self._lock_files())
        except OSError as error:
            raise self._failure(error) from error
        try:
            pass_point("sweep.locked")
            if overwrite:
                self._clear()
            self._begin(plan)
            yield
        finally:
            lock.release()

    def _begin(self, plan: Plan) -> None:
        content = _origin(plan) | {
            "title": plan.settings.title,
            "patients": plan.n_patients,
            "arms": [arm.name for arm in plan.arms],
        }
        fresh = self._fresh_note()
        try:
            self._blocks.mkdir(exist_ok=True)
            fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            put_in_place(fresh, self._note, what="note")
            for left in self._blocks.glob(".*.new"):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise self._failure(error) from error

    def _clear(self) -> None:
        """Remove what an earlier sweep left, and nothing else.

        Its note stays until the new one takes its place: without, the folder is no sweep's.
        """
        try:
            for path in self._blocks.glob("*.h5"):
                path.unlink(missing_ok=True)
            for name in (TABLE_NAME, REPORT_NAME, CSV_NAME):
                (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._failure(error) from error
        pass_point("sweep.cleared")

    def keep(self, block: Block, rows: npt.NDArray[Any]) -> None:
        """Store the rows of a block; on the disk when this returns.

        Raises
        ------
        OutputError
            If the system refuses to write.
        """
        write_block(self._blocks / block.name, rows)

    def finished(self, plan: Plan) -> dict[int, npt.NDArray[np.bool_]]:
        """Return by arm which patients are done, (n_patients,) bool each; damaged blocks are not.

        Blocks of another size, or of patients beyond the plan's, count as far as they go.

        Raises
        ------
        InputError
            If a folder has the name of a block.
        """
        done = {arm: np.zeros(plan.n_patients, dtype=bool) for arm in range(len(plan.arms))}
        for block, path in self._stored():
            if path.is_dir():
                message = "block of patients must be a file, got a folder. Move it away."
                raise InputError(message, file=str(path))
            if block.arm in done and _rows_of(block, path) is not None:
                done[block.arm][block.first : block.first + block.count] = True
        return done

    def n_finished(self) -> int:
        """Return how many patients of all arms are stored, by the names of the files."""
        n_found, last = 0, (-1, 0)
        for block in sorted((block for block, _ in self._stored()), key=attrgetter("arm", "first")):
            arm, end = last
            first = max(block.first, end) if block.arm == arm else block.first
            end = max(first, block.first + block.count)
            n_found += end - first
            last = (block.arm, end)
        return n_found

    def rows(self, plan: Plan) -> npt.NDArray[Any]:
        """Return the rows of all patients, in order of patient and arm, (n_members,) structured.

        Raises
        ------
        InputError
            If a block is gone or damaged since it was `finished`, or of another ctc.
        """
        n_arms = len(plan.arms)
        found: npt.NDArray[Any] | None = None
        is_filled = np.zeros(plan.n_members, dtype=bool)
        for block, path in self._stored():
            rows = _rows_of(block, path)
            if rows is None or block.arm >= n_arms:
                continue
            if found is None:
                found = np.zeros(plan.n_members, dtype=rows.dtype)
            if rows.dtype != found.dtype:
                message = "blocks must have the same columns, got others: another ctc wrote them. "
                raise InputError(message + "Start anew with --overwrite.", file=str(path))
            patients = np.arange(block.first, block.first + block.count)
            is_asked = patients < plan.n_patients
            places = patients[is_asked] * n_arms + block.arm
            found[places], is_filled[places] = rows[is_asked], True
        if found is None or not is_filled.all():
            patient, arm = divmod(int(np.argmin(is_filled)), n_arms)
            message = f"blocks must hold all patients, got none of patient {patient} in arm {arm}: "
            message += "another program damaged or removed it. Give the same command again."
            raise InputError(message, file=str(self._blocks))
        return found

    def _stored(self) -> Iterator[tuple[Block, Path]]:
        for path in sorted(self._blocks.glob("arm*.h5")):
            match = _BLOCK.fullmatch(path.name)
            if match is not None:
                arm, first, last = (int(number) for number in match.groups())
                yield Block(arm, first, last - first + 1), path

    def _lock_files(self) -> RunFiles:
        return RunFiles.of(self.path / "sweep")

    def _failure(self, error: OSError) -> OutputError:
        message = f"{self.path}: output could not be written ({error.strerror}). "
        return OutputError(message + "Check folder and space; the same command goes on.")


def missing_blocks(done: dict[int, npt.NDArray[np.bool_]], *, size: int) -> tuple[Block, ...]:
    """Return what is left to be followed, in blocks; patients in turn, all arms of each.

    Parameters
    ----------
    done : dict of int to (n_patients,) bool
        By arm, from `SweepFolder.finished`.
    size : int
        Most patients of a block.
    """
    blocks = []
    for arm, is_done in done.items():
        left = np.flatnonzero(~is_done)
        start = 0
        while start < left.size:
            first = int(left[start])
            count = 1
            # A block ends where it is full, and at multiples of its size, so that arms keep step.
            while (
                start + count < left.size
                and left[start + count] == first + count
                and (first + count) % size
            ):
                count += 1
            blocks.append(Block(arm, first, count))
            start += count
    return tuple(sorted(blocks, key=lambda block: (block.first, block.arm)))


def _rows_of(block: Block, path: Path) -> npt.NDArray[Any] | None:
    """Return the rows of a block, or None where the file is not whole or not what its name says."""
    rows = read_block(path)
    is_named = rows is not None and set(_WHOSE) <= set(rows.dtype.names or ())
    if rows is None or not is_named or rows.shape != (block.count,):
        return None
    if any(rows[name].ndim != 1 or rows[name].dtype.kind not in "iu" for name in _WHOSE):
        return None
    patients = np.arange(block.first, block.first + block.count)
    is_so = (rows["arm"] == block.arm).all() and (rows["patient"] == patients).all()
    return rows if is_so else None


def _origin(plan: Plan) -> dict[str, Any]:
    """Return what must be the same when a sweep goes on."""
    return {
        "format": _FORMAT,
        "version": program_version(),
        "kernels": kernel_hash(),
        "plan": plan.identity(),
    }
