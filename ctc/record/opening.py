"""Opening run files: finished, still being written, or left by a killed process."""

from __future__ import annotations

import time
from pathlib import Path

import h5py

from ctc.errors import InputError
from ctc.record.contents import check_contents
from ctc.record.failure import DAMAGE
from ctc.record.files import RunFiles
from ctc.record.header import check_format
from ctc.record.layout import FORMAT_NAME, FORMAT_VERSION
from ctc.record.left_open import open_followed, whole_after_kill
from ctc.record.superblock import is_marked_open

# VTK and older tools read this; "latest" writes what they cannot.
LIBRARY_VERSION = "v110"
# A process can be killed in a write between two pages of the system, 4096 bytes at the least, and
# what it left of an object's header could not be opened. So none crosses one: HDF5 places them in
# pages of its own, which have room for each header and cost 3 % of the file.
WHOLE_IN_PAGES = {"fs_strategy": "page", "fs_page_size": 1024}


def open_for_reading(files: RunFiles) -> h5py.File:
    """Open a run file for reading.

    Parameters
    ----------
    files : RunFiles
        Of the run.

    Returns
    -------
    h5py.File
        Opened as one that may grow if a writer has it, or had it when it was killed.

    Raises
    ------
    InputError
        If it does not exist, is no run file, is truncated, or of a newer format.
    """
    path = files.run
    if not path.is_file():
        bare = path.with_suffix("")
        if bare.is_file():
            message = f"run must be a file that ends in .vtkhdf, got '{bare}'. Name a run."
            raise InputError(message, file=str(bare))
        message = "run must be an existing file. Check the name, or make it with 'ctc run'."
        raise InputError(message, file=str(path))
    file = open_file(path)
    try:
        check_format(file, path, name=FORMAT_NAME, version=FORMAT_VERSION)
    except InputError:
        file.close()
        raise
    except DAMAGE as error:
        file.close()
        message = f"file must be whole, its format could not be read ({error})."
        raise InputError(message + " Copy it or make it again.", file=str(path)) from error
    return file


def open_file(path: Path) -> h5py.File:
    """Open an HDF5 file of any format that ctc writes, as `open_for_reading` does.

    Raises
    ------
    InputError
        If it is no whole HDF5 file, or as `ctc.record.contents.check_contents`.
    """
    file = _open_hdf5(path)
    try:
        check_contents(file)
        return whole_after_kill(file, path)
    except InputError as error:
        file.close()
        raise error.at(file=str(path)) from None
    except DAMAGE as error:
        file.close()
        message = f"file must be whole, its contents could not be listed ({error})."
        raise InputError(message + " Copy it or make it again.", file=str(path)) from error


def _open_hdf5(path: Path) -> h5py.File:
    if path.exists() and not path.is_file():
        message = "file must be a plain file, got a folder, a pipe or a device. Name another."
        raise InputError(message, file=str(path))
    for attempt in range(10):
        has_writer = is_marked_open(path)
        try:
            return open_followed(path) if has_writer else h5py.File(path, "r")
        except BlockingIOError as error:  # a writer holds it for a moment when it starts
            reason: Exception = error
        except (OSError, RuntimeError) as error:  # h5py says the same by either
            # A writer may have finished or begun since we looked: then look again.
            reason = error
            if is_marked_open(path) == has_writer and attempt > 0:
                break
        time.sleep(0.05)
    message = f"file must be a whole HDF5 file, could not be opened ({reason})."
    hint = " It was damaged or cut short: copy it or make it again."
    raise InputError(message + hint, file=str(path)) from None
