"""Files that a user hands in, read whole and within limits: bytes, text and TOML."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ctc.errors import InputError

MEBIBYTE = 2**20
# Scenarios, sweeps, views and parameter sets: the largest that is shipped has 40 kB.
LARGEST_TOML = MEBIBYTE
# Networks and tables of other programs: some ten million lines of text.
LARGEST_TEXT = 1024 * MEBIBYTE
LARGEST_BINARY = 4096 * MEBIBYTE
DEEPEST_TOML = 32
# Seeds are unsigned integers of 64 bits, which TOML itself does not ask of anyone.
LARGEST_INTEGER = 2**64 - 1
# Reading a dotted key takes time with the square of its parts.
_LONG_KEY = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{DEEPEST_TOML}}}")


def read_bytes(path: Path, *, most: int, what: str = "file") -> bytes:
    """Return a file's bytes.

    Parameters
    ----------
    path : Path
        A file or a pipe; not a device, which may have no end.
    most : int
        How many bytes it may have.
    what : str
        How messages call it.

    Raises
    ------
    InputError
        If it cannot be read, is no file, or is larger.
    """
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if not (stat.S_ISREG(about.st_mode) or stat.S_ISFIFO(about.st_mode)):
                message = f"{what} must be a file or a pipe, got a device. Check the path."
                raise InputError(message, file=str(path))
            size = about.st_size
            content = _first(file, most + 1) if size <= most else b""
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or error
        message = f"{what} must be a readable file, got '{path}' ({reason}). Check the path."
        raise InputError(message, file=str(path)) from None
    if max(size, len(content)) > most:
        got = f"{max(size, len(content)):,}" if size > most else "more"
        message = f"{what} must be of at most {most:,} bytes, got {got}. Split or thin it out."
        raise InputError(message, file=str(path))
    return content


def is_file(path: Path) -> bool:
    """Return whether there is a file or pipe; a name that no file can have is none."""
    try:
        return path.is_file() or path.is_fifo()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Return whether there is a folder; a name that no folder can have is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _first(file: BinaryIO, count: int) -> bytes:
    """Return the first bytes of a file or pipe, with no more memory than it has bytes."""
    pieces = []
    while count > 0 and (piece := file.read(min(count, MEBIBYTE))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def read_text(path: Path, *, most: int = LARGEST_TEXT, what: str = "file") -> str:
    """Return a file's text in UTF-8, without the mark that some editors put before it.

    Raises
    ------
    InputError
        As `read_bytes`, and if it is no text.
    """
    return decode_text(read_bytes(path, most=most, what=what), path, what=what)


def decode_text(content: bytes, path: Path, *, what: str = "file") -> str:
    """Return the text that the bytes of a file stand for, as `read_text` does."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{what} must be UTF-8 text, got byte {content[error.start]:#04x} at position "
        message += f"{error.start}. Check the file and its format, or save it as UTF-8."
        raise InputError(message, file=str(path), key=f"line {line}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        message = f"{what} must be text, got one with binary data. Check the file and its format."
        raise InputError(message, file=str(path), key=f"line {line}")
    return text


def read_toml(path: Path, *, what: str = "file") -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML file and its tables.

    Raises
    ------
    InputError
        As `read_text`, and `parse_toml`; names the file.
    """
    text = read_text(path, most=LARGEST_TOML, what=what)
    try:
        return text, parse_toml(text, what=what)
    except InputError as error:
        raise error.at(file=str(path)) from None


def parse_toml(text: str, *, what: str = "file") -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises
    ------
    InputError
        If it is none, is nested deeper than `DEEPEST_TOML` or holds an integer that no 64 bits
        hold.
    """
    long = _LONG_KEY.search(text)
    if long is not None:
        line = text.count("\n", 0, long.start()) + 1
        message = f"{what} must have keys of at most {DEEPEST_TOML} parts, got more. Correct it."
        raise InputError(message, key=f"line {line}")
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{what} must be valid TOML, got: {error}. Correct it."
        raise InputError(message) from None
    except RecursionError:
        message = f"{what} must be valid TOML of at most {DEEPEST_TOML} levels, got more. "
        raise InputError(message + "Correct it.") from None
    except ValueError:
        # Of dates beyond the calendar, and integers of thousands of digits.
        message = f"{what} must be valid TOML, got a date or a number that is none. Correct it."
        raise InputError(message) from None
    _require_bounded(tree, (), what)
    return tree


def _require_bounded(value: Any, place: tuple[str, ...], what: str) -> None:
    if isinstance(value, Mapping | list):
        if len(place) > DEEPEST_TOML:
            message = f"{what} must have at most {DEEPEST_TOML} levels, got more. Correct it."
            raise InputError(message, key=".".join(place[:4]))
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, each in inner:
            _require_bounded(each, (*place, str(name)), what)
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        message = f"value must be at most {LARGEST_INTEGER}, got a number of "
        message += f"{len(str(abs(value)))} digits. Correct it."
        raise InputError(message, key=".".join(place))


def at_line(path: Path, line: int, message: str) -> InputError:
    """Return an error that names a line, counted from 1."""
    return InputError(message, file=str(path), key=f"line {line}")


def shown(value: object, *, most: int = 60) -> str:
    """Return a value as messages quote it: as Python writes it, cut after some characters."""
    # Of a list or text only what is shown is written out.
    if isinstance(value, str | bytes):
        value = value[: most + 1]
    elif isinstance(value, Sequence):
        value = list(value[: most // 2])
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."
