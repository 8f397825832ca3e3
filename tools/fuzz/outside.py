"""A file or folder that nobody may touch: the kernel tells of every opening, by whatever library.

An audit hook hears Python alone, and times of reading do not move on every file system; HDF5 opens
what links lead to by itself.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ACCESS, _MODIFY, _ATTRIB, _OPEN = 0x1, 0x2, 0x4, 0x20
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_OVERFLOW = 0x4000
_EVENTS = _ACCESS | _MODIFY | _ATTRIB | _OPEN | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_WORDS = {
    _ACCESS: "read", _MODIFY: "written", _ATTRIB: "changed", _OPEN: "opened",
    _MOVED_FROM: "moved away", _MOVED_TO: "put there", _CREATE: "made", _DELETE: "taken away",
    _OVERFLOW: "touched very often",
}  # fmt: skip
# Of inotify_event: the watch, the mask, a cookie, the length of the name that follows.
_HEAD = struct.Struct("iIII")
_LIBC = ctypes.CDLL(None, use_errno=True)


class TouchedOutsideError(Exception):
    """A reader touched a file that a damaged file led to."""


@contextmanager
def untouched(path: Path) -> Iterator[None]:
    """Raise TouchedOutsideError at the end where somebody touched a file, or a file of a folder.

    Parameters
    ----------
    path : Path
        Of a folder, what lies in it directly is watched.
    """
    watch = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if watch < 0 or _LIBC.inotify_add_watch(watch, os.fsencode(path), _EVENTS) < 0:
        raise OSError(ctypes.get_errno(), f"cannot watch {path}")
    try:
        try:
            yield
        finally:
            found = _told(watch)
            if found:
                message = f"{path}: {', '.join(found)}"
                raise TouchedOutsideError(message)
    finally:
        os.close(watch)


def _told(watch: int) -> list[str]:
    """Return what happened, in words, each once."""
    try:
        data = os.read(watch, 2**16)
    except BlockingIOError:
        return []
    found: dict[str, None] = {}
    while data:
        _, mask, _, length = _HEAD.unpack_from(data)
        name = data[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode("utf-8", "replace")
        for bit, word in _WORDS.items():
            if mask & bit:
                found[f"{name} {word}".strip()] = None
        data = data[_HEAD.size + length :]
    return list(found)
