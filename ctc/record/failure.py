"""What is done when a file is damaged or cannot be written: full disks, lost folders."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import h5py

from ctc.errors import InputError, OutputError

# What h5py and we raise where a file holds what no writer wrote.
DAMAGE = (
    *(OSError, RuntimeError, LookupError, ValueError),
    *(TypeError, AttributeError, ArithmeticError),
)


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system and HDF5 raise inside the block into an OutputError for that file."""
    try:
        yield
    except InputError as error:
        if error.file is None:
            raise error.at(file=str(path)) from None
        raise
    except OutputError:
        raise
    except (OSError, RuntimeError) as error:  # HDF5 reports a full disk as either
        message = f"{path}: output could not be written ({failure_reason(error)})."
        hint = " Free some space; what was complete is kept, and 'ctc resume' goes on from it."
        raise OutputError(message + hint) from error


@contextlib.contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Turn what is raised inside the block, because a file holds what no writer wrote, into words.

    Raises
    ------
    InputError
        Instead.
    """
    try:
        yield
    except (InputError, OutputError):
        raise
    except DAMAGE as error:
        # HDF5 tells a read that the system refused as a lost key, among others.
        if "errno = " in str(error) or (isinstance(error, OSError) and error.errno is not None):
            raise OSError(failure_reason(error)) from error
        message = f"file must be as ctc wrote it, could not be taken up ({error}). "
        raise InputError(message + "It is damaged: start anew.", file=str(path)) from error


def failure_reason(error: Exception) -> str:
    """Return what the system said, out of the paragraph that HDF5 makes of it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = re.search(r"error message = '([^']*)'", str(error))
    return said[1] if said else (str(error) or type(error).__name__).splitlines()[0]


def let_go(file: h5py.File) -> None:
    """Keep HDF5 from writing to a file any more, after a write has failed.

    The file is readable as it lies, like that of a killed process. HDF5 would still write what it
    holds, in part, and so damage it; from now on that goes nowhere.
    """
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, file.id.get_vfd_handle())
        os.close(nowhere)


def close_quietly(file: h5py.File) -> None:
    """Close a file that HDF5 may be unable to close, because a write has failed."""
    with contextlib.suppress(OSError, RuntimeError):
        file.close()
