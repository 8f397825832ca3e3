"""Files and folders that appear only when they are complete."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from ctc.errors import InputError, OutputError
from ctc.record.failure import failure_reason
from ctc.record.files import check_new_file


@contextlib.contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary name to write to, renamed when the block ends well and removed when not.

    Parameters
    ----------
    path : Path
        The file to be.
    overwrite : bool
        Replace a file that exists.

    Raises
    ------
    InputError
        As `ctc.record.files.check_new_file`.
    OutputError
        If the system refuses to write.
    """
    check_new_file(path, overwrite=overwrite)
    # The suffix stays: some writers go by it.
    partial = path.with_name(f".{path.stem}.new{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise _failure(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: Path, *, names: tuple[str, ...], overwrite: bool) -> Iterator[Path]:
    """Give a temporary folder to write to, moved to its place when the block ends well.

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
        If it exists and may not be replaced, holds other files, or cannot be made there.
    OutputError
        If the system refuses to write.
    """
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
            message = f"folder to overwrite must hold a network alone, got '{others[0]}' in it. "
            raise InputError(message + "Choose another with -o.", file=str(path))
    partial = path.with_name(f".{path.name}.new")
    try:
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir()
        yield partial
        if path.is_dir():
            shutil.rmtree(path)
        partial.rename(path)
    except OutputError:
        raise
    except OSError as error:
        raise _failure(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _failure(path: Path, error: OSError) -> OutputError:
    message = f"{path}: output could not be written ({failure_reason(error)})."
    return OutputError(message + " Check folder and space.")
