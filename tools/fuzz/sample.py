"""A sample: the files of one input by name, as bytes, or as something that is no plain file."""

from __future__ import annotations

import enum
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Mapping
from pathlib import Path


class Odd(enum.Enum):
    """What may lie where a file is looked for."""

    MISSING = "nothing"
    FOLDER = "a folder"
    PIPE = "a pipe"
    DEVICE = "a device without end"
    LOOP = "a link to itself"
    DANGLING = "a link to nothing"
    LINK = "a link to the file"
    HUGE = "a file of a terabyte of holes"


Content = bytes | Odd
Sample = Mapping[str, Content]

_HUGE = 2**40
_LONGEST = 2**22


def lay_down(sample: Sample, folder: Path, *, whole: Sample | None = None) -> None:
    """Write a sample into a folder, which is emptied first.

    Parameters
    ----------
    sample : Sample
        Names may have folders in them.
    folder : Path
        Made if it is not there.
    whole : Sample, optional
        What a link or a pipe leads to, by the same names.
    """
    clear(folder)
    for name, content in sample.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            _lay_odd(content, path, (whole or {}).get(name, b""))


def _lay_odd(odd: Odd, path: Path, content: Content) -> None:
    data = content if isinstance(content, bytes) else b""
    if odd is Odd.FOLDER:
        path.mkdir()
    elif odd is Odd.PIPE:
        os.mkfifo(path)
        threading.Thread(target=_pour, args=(path, data), daemon=True).start()
    elif odd is Odd.DEVICE:
        path.symlink_to("/dev/zero")
    elif odd is Odd.LOOP:
        path.symlink_to(path.name)
    elif odd is Odd.DANGLING:
        path.symlink_to("not-there")
    elif odd is Odd.LINK:
        target = path.with_name("linked-" + path.name)
        target.write_bytes(data)
        path.symlink_to(target.name)
    elif odd is Odd.HUGE:
        with path.open("wb") as file:
            file.write(data)
            file.truncate(_HUGE)


def _pour(path: Path, data: bytes) -> None:
    """Write into a pipe once, as soon as somebody opens it."""
    try:
        with path.open("wb") as pipe:
            pipe.write(data)
    except OSError:
        pass  # the reader left, or the folder is gone


def clear(folder: Path) -> None:
    """Empty a folder; readers that still wait at a pipe in it are let go."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            shutil.rmtree(path)
            continue
        if stat.S_ISFIFO(mode):
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        path.unlink()


def gather(folder: Path) -> dict[str, Content]:
    """Return the plain files of a folder as a sample."""
    return {
        str(path.relative_to(folder)): path.read_bytes()[:_LONGEST]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def mark_of(sample: Sample) -> str:
    """Return eight letters that stand for a sample."""
    digest = hashlib.sha256()
    for name in sorted(sample):
        content = sample[name]
        digest.update(name.encode() + b"\0")
        digest.update(content if isinstance(content, bytes) else content.name.encode())
    return digest.hexdigest()[:8]
