"""The one way in which a file or folder takes the place of another: whole, and for good."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ctc.fault_points import pass_point

# Said by file systems that keep folders in their own way, and of folders that may be written but
# not read: nothing more can be done there.
_NO_SUCH_THING = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF)


def put_in_place(fresh: Path, path: Path, *, what: str) -> None:
    """Give a complete file or folder its name, so that it survives a loss of power.

    What it holds is on the disk before it is renamed, else the name could outlive the content; the
    name is on the disk when this returns.

    Parameters
    ----------
    fresh : Path
        Closed, or at least flushed; in the folder of the other.
    path : Path
        The name to have. A file that is there is replaced at once; a folder must be empty.
    what : str
        One of `ctc.fault_points.PLACED`.

    Raises
    ------
    OSError
        If the system refuses.
    """
    pass_point(f"{what}.written")
    synchronise(fresh)
    pass_point(f"{what}.synchronised")
    os.replace(fresh, path)
    pass_point(f"{what}.renamed")
    synchronise_folder(path.parent)
    pass_point(f"{what}.placed")


def synchronise(path: Path) -> None:
    """Wait until a file, or a folder with all files and folders in it, is on the disk."""
    if not path.is_dir():
        _synchronise(path)
        return
    for each in path.iterdir():
        synchronise(each)
    synchronise_folder(path)


def synchronise_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where its file system can tell."""
    try:
        _synchronise(path)
    except OSError as error:
        if error.errno not in _NO_SUCH_THING:
            raise


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
