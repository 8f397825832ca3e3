"""An audit hook: what a reader writes, starts or unpickles while it is fed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Places of each event's arguments that hold a path which is made, changed or taken away, and the
# open folder that it starts from.
_PATHS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "shutil.rmtree": ((0, None),),
    "shutil.move": ((0, None), (1, None)),
    "shutil.copyfile": ((1, None),),
}
_NEVER = (
    "pickle.find_class",
    "marshal.loads",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.connect",
    "socket.bind",
    "urllib.Request",
    "ftplib.connect",
)
# Modules are read, and their code compiled and unmarshalled, when they are first needed.
_IMPORTS = ("importlib", "zipimport")


class Trespass(BaseException):
    """A reader did what no reader may."""


class _State:
    folder: str = ""
    found: str = ""
    is_hooked: bool = False


def _inside(path: Any) -> bool:
    if isinstance(path, int):
        return True
    text = os.path.abspath(os.fsdecode(path))
    if os.path.realpath(text) == _State.folder:
        return True  # as a file without a name in it
    # The folder above may be a link; what lies in it must not lead out.
    real = os.path.join(os.path.realpath(os.path.dirname(text)), os.path.basename(text))
    return f"{real}{os.sep}".startswith(_State.folder + os.sep) or text in ("/dev/null", "/dev/tty")


def _whole_path(arguments: tuple[Any, ...], place: int, folder_place: int | None) -> Any:
    path = arguments[place]
    folder = -1 if folder_place is None else arguments[folder_place]
    if isinstance(path, int) or not isinstance(folder, int) or folder < 0:
        return path
    return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _State.folder:
        return
    wrong = ""
    if event == "open":
        path, mode, flags = arguments
        is_write = bool((flags or 0) & _WRITES) or (
            isinstance(mode, str) and any(letter in mode for letter in "wax+")
        )
        if is_write and path is not None and not _inside(path):
            wrong = f"wrote {path!r}"
    elif event in _PATHS:
        paths = [_whole_path(arguments, *places) for places in _PATHS[event]]
        if not all(_inside(path) for path in paths):
            wrong = f"{event} {paths!r}"
    elif event in _NEVER and not _is_of_program(event, arguments):
        wrong = f"{event} {arguments!r:.200}"
    if wrong and not _is_import():
        _State.found = _State.found or wrong
        raise Trespass(wrong)


def _is_of_program(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether no input asks for it: a module is read, or git is asked what commit runs."""
    if event == "subprocess.Popen":
        return list(arguments[1])[:4:3] == ["git", "describe"]
    return event == "marshal.loads" and _is_import()


def _is_import() -> bool:
    frame = sys._getframe(1)
    while frame is not None:
        if any(name in frame.f_code.co_filename for name in _IMPORTS):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


@contextmanager
def watched(folder: Path) -> Iterator[None]:
    """Raise Trespass at what a reader may not do, and at the end if it was caught on the way.

    Parameters
    ----------
    folder : Path
        Writing is allowed below it; folders for the moment are made there.
    """
    if not _State.is_hooked:
        sys.addaudithook(_hook)  # stays for good; asks `folder` first
        _State.is_hooked = True
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    _State.folder, _State.found = os.path.realpath(folder), ""
    try:
        yield
    finally:
        _State.folder = ""
        tempfile.tempdir = before
    if _State.found:
        raise Trespass(_State.found)
