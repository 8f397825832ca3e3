"""Files and folders that appear only when they are complete."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import h5py

from ctc.durable import put_in_place, synchronise
from ctc.errors import InputError, OutputError
from ctc.record.failure import failure_reason
from ctc.record.files import check_new_file
from ctc.record.whole_hdf5 import whole_hdf5


@contextlib.contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary name to write to, renamed when the block ends well and removed when not.

    The name is this process's own, so two that write one file do not disturb each other; what a
    killed one left is removed by the next.

    Parameters
    ----------
    path : Path
        The file to be.
    overwrite : bool
        Replace a file that exists.

    Raises
    ------
    InputError
        As `ctc.record.files.check_new_file`, which asks again before the name changes: another
        program may have been faster.
    OutputError
        If the system refuses to write.
    """
    path = Path(path)
    _put_back(path)
    check_new_file(path, overwrite=overwrite)
    partial = _own_name(path)
    try:
        yield partial
        check_new_file(path, overwrite=overwrite)
        put_in_place(partial, path, what="output")
    except OutputError:
        raise
    except (OSError, RuntimeError) as error:  # HDF5 reports a full disk as either
        raise _failure(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def new_hdf5(path: Path, *, overwrite: bool) -> Iterator[h5py.File]:
    """Open an HDF5 file under a temporary name; see `new_file`."""
    with new_file(path, overwrite=overwrite) as partial, whole_hdf5(partial) as file:
        yield file


@contextlib.contextmanager
def new_folder(path: Path, *, names: tuple[str, ...], overwrite: bool) -> Iterator[Path]:
    """Give a temporary folder to write to, moved to its place when the block ends well.

    The folder that it replaces is never lost: where a program was killed between the two changes
    of names, the next puts it back.

    Parameters
    ----------
    path : Path
        The folder to be.
    names : tuple of str
        Of the files that may come to lie in it.
    overwrite : bool
        Replace those files in a folder that exists; it may hold no others.

    Raises
    ------
    InputError
        If it exists and may not be replaced, holds other files, or cannot be made there; asked
        again before it is moved.
    OutputError
        If the system refuses to write.
    """
    _put_back(path)
    check_new_folder(path, names, overwrite)
    partial = _own_name(path)
    old = partial.with_name(f"{partial.name}.old")
    try:
        partial.mkdir()
        yield partial
        check_new_folder(path, names, overwrite)
        synchronise(partial)  # now, so that there is next to no time without either folder
        if path.is_dir():
            os.replace(path, old)
        put_in_place(partial, path, what="output")
    except OutputError:
        raise
    except OSError as error:
        raise _failure(path, error) from error
    finally:
        if old.is_dir() and not path.exists():
            os.replace(old, path)
        for left in (partial, old):
            shutil.rmtree(left, ignore_errors=True)


def check_new_folder(path: Path, names: tuple[str, ...], overwrite: bool) -> None:
    """Raise InputError unless `new_folder` may make that folder; touches nothing."""
    if not path.is_dir():
        check_new_file(path, overwrite=overwrite)
        if path.exists():
            message = "output must be a folder, got a file. Choose another name with -o."
            raise InputError(message, file=str(path))
    elif any(path.iterdir()):
        if not overwrite:
            message = "output must not exist yet, got a folder that is not empty. "
            message += "Choose another with -o, or add --overwrite."
            raise InputError(message, file=str(path))
        others = sorted(each.name for each in path.iterdir() if each.name not in names)
        if others:
            message = (
                f"folder to overwrite must hold what ctc wrote alone, got '{others[0]}' in it. "
            )
            raise InputError(message + "Choose another with -o.", file=str(path))


def _own_name(path: Path) -> Path:
    """Return this process's temporary name, after the removal of what dead processes left."""
    with contextlib.suppress(OSError):
        for each in _left_behind(path):
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)
            else:
                each.unlink(missing_ok=True)
    # The suffix stays: some writers go by it.
    return path.with_name(f".{path.stem}.{os.getpid()}.new{path.suffix}")


def _put_back(path: Path) -> None:
    """Give a folder its name again that a dead process moved aside and did not replace."""
    with contextlib.suppress(OSError):
        aside = [each for each in _left_behind(path) if each.name.endswith(".old")]
        if aside and not path.exists():
            os.replace(max(aside, key=lambda each: each.stat().st_mtime_ns), path)


def _left_behind(path: Path) -> list[Path]:
    """Return what dead processes left that were writing to that path."""
    name = re.compile(rf"\.{re.escape(path.stem)}\.(\d+)\.new{re.escape(path.suffix)}(\.\w+)?")
    return [
        each
        for each in path.parent.iterdir()
        if (found := name.fullmatch(each.name)) and not _is_alive(int(found[1]))
    ]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _failure(path: Path, error: Exception) -> OutputError:
    message = f"{path}: output could not be written ({failure_reason(error)})."
    return OutputError(message + " Check folder and space.")
