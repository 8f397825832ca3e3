"""Which files a run has, whether they may be written, and the lock against a second writer."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ctc.errors import InputError

RUN_SUFFIX = ".vtkhdf"


@dataclass(frozen=True)
class RunFiles:
    """The files of one run, all in one folder.

    Attributes
    ----------
    run : Path
        ``RUN.vtkhdf``.
    checkpoint, previous_checkpoint : Path
        ``RUN.checkpoint.h5`` and the one before it.
    h5md : Path
        ``RUN.h5md``, the view for molecular viewers.
    vessels : Path
        ``RUN.vessels.vtkhdf``, the network for ParaView.
    lock : Path
        ``RUN.lock``, there while a writer has the run.
    """

    run: Path
    checkpoint: Path
    previous_checkpoint: Path
    h5md: Path
    vessels: Path
    lock: Path

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> RunFiles:
        """Return the files of the run that is named with or without ``.vtkhdf``."""
        text = os.fspath(path)
        stem = text[: -len(RUN_SUFFIX)] if text.endswith(RUN_SUFFIX) else text
        return cls(
            run=Path(stem + RUN_SUFFIX),
            checkpoint=Path(stem + ".checkpoint.h5"),
            previous_checkpoint=Path(stem + ".checkpoint.previous.h5"),
            h5md=Path(stem + ".h5md"),
            vessels=Path(stem + ".vessels.vtkhdf"),
            lock=Path(stem + ".lock"),
        )

    @property
    def derived(self) -> tuple[Path, ...]:
        """What belongs to the run file and is worthless without it."""
        return (self.checkpoint, self.previous_checkpoint, self.h5md, self.vessels)


def check_output(path: str | os.PathLike[str], overwrite: bool) -> RunFiles:
    """Check that a new run may be written there, and touch nothing.

    Parameters
    ----------
    path : path
        The run file to be.
    overwrite : bool
        Whether an older run of that name may go.

    Returns
    -------
    RunFiles
        The files that the run will have.

    Raises
    ------
    InputError
        If the folder does not exist or cannot be written, if the run exists and may not be
        overwritten, or if a program is writing it now.
    """
    files = RunFiles.of(path)
    _check_place(files.run)
    require_unused(files)
    if not overwrite:
        for there in (files.run, *files.derived):
            if there.exists():
                raise _exists(there)
    return files


def check_new_file(path: Path, *, overwrite: bool, source: Path | None = None) -> None:
    """Check that a file beside any run, such as a network, may be written; touches nothing.

    Parameters
    ----------
    path : Path
        The file to be.
    overwrite : bool
        Replace a file that exists.
    source : Path, optional
        What is read to make it, which is never replaced.

    Raises
    ------
    InputError
        If its folder does not exist or cannot be written, or it exists and may not be replaced.
    """
    if source is not None and path.exists() and source.exists() and path.samefile(source):
        message = "output must be another file than the one that is read, got the same. "
        raise InputError(message + "Choose another with -o.", file=str(path))
    _check_place(path)
    if path.exists() and not overwrite:
        raise _exists(path)


class RunLock:
    """Exclusive right to write a run, held until `release` or the end of the process.

    The kernel frees it when the process dies, so a killed run leaves a file but no lock. On a
    file system without locks nothing is held.
    """

    def __init__(self, files: RunFiles) -> None:
        self._files = files
        self._descriptor = _acquire(files)

    def release(self) -> None:
        """Give the right back and remove the lock file."""
        if self._descriptor is None:
            return
        # Another's, if ours was removed by hand.
        if _is_same_file(self._descriptor, self._files.lock):
            self._files.lock.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def keep(self) -> None:
        """Take the lock again where its file was removed; InputError if another was faster."""
        if self._descriptor is None or _is_same_file(self._descriptor, self._files.lock):
            return
        old, self._descriptor = self._descriptor, None
        os.close(old)
        self._descriptor = _acquire(self._files)


def require_unused(files: RunFiles) -> None:
    """Raise InputError if a live process of this machine is writing the run."""
    if is_locked(files):
        raise _in_use(files)


def is_locked(files: RunFiles) -> bool:
    """Return whether a live process of this machine is writing the run."""
    try:
        descriptor = os.open(files.lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _acquire(files: RunFiles) -> int | None:
    # A reader that asks `is_locked` holds a shared lock for a moment: try a few times.
    for _ in range(20):
        descriptor = os.open(files.lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN):
                files.lock.unlink(missing_ok=True)
                return None
            time.sleep(0.02)
            continue
        # The one before us may have removed the file that we opened: then the lock is void.
        if _is_same_file(descriptor, files.lock):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            return descriptor
        os.close(descriptor)
    raise _in_use(files)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _check_place(path: Path) -> None:
    folder = path.parent
    if not folder.is_dir():
        what = "which is a file" if folder.exists() else "which does not exist"
        message = f"output must lie in an existing folder, got '{folder}', {what}. "
        message += "Make it first, or choose another with -o."
        raise InputError(message, file=str(path))
    try:
        # A file without a name: asks the file system, which knows more than the rights do.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"output must lie in a folder that you may write to, got '{folder}' "
        message += f"({error.strerror}). Choose another with -o."
        raise InputError(message, file=str(path)) from None
    if path.is_dir():
        message = "output must be a file, got a folder. Choose another name with -o."
        raise InputError(message, file=str(path))


def _exists(path: Path) -> InputError:
    message = "output must not exist yet, got a file. Choose another with -o, or add --overwrite."
    return InputError(message, file=str(path))


def _in_use(files: RunFiles) -> InputError:
    try:
        owner = files.lock.read_text().strip() or "unknown"
    except OSError:
        owner = "unknown"
    message = f"run must not be in use, got one that process {owner} is writing."
    return InputError(f"{message} Wait for it, or stop it.", file=str(files.run))
