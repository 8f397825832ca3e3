"""Files that a user hands in, read whole and within limits: bytes, text and TOML."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ctc.errors import InputError

MEBIBYTE = 2**20
# Scenarios, sweeps, views and parameter sets: the largest that is shipped has 40 kB.
LARGEST_TOML = MEBIBYTE
# Networks and tables of other programs: some ten million lines of text.
LARGEST_TEXT = 1024 * MEBIBYTE
LARGEST_BINARY = 4096 * MEBIBYTE
LONGEST_LINE = MEBIBYTE  # [characters], of what is read line by line
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
    with _opened(path, most=most, what=what) as file:
        return _whole(file, path, most=most, what=what)


@contextlib.contextmanager
def _opened(path: Path, *, most: int, what: str) -> Iterator[BinaryIO]:
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            about = os.fstat(file.fileno())
        except (OSError, ValueError) as error:
            raise _unreadable(path, error, what=what) from None
        if not (stat.S_ISREG(about.st_mode) or stat.S_ISFIFO(about.st_mode)):
            message = f"{what} must be a file or a pipe, got a device. Check the path."
            raise InputError(message, file=str(path))
        if about.st_size > most:
            raise _too_large(path, f"{about.st_size:,}", most=most, what=what)
        yield file


def _unreadable(path: Path, error: Exception, *, what: str) -> InputError:
    reason = getattr(error, "strerror", None) or error
    message = f"{what} must be a readable file, got '{path}' ({reason}). Check the path."
    return InputError(message, file=str(path))


def _too_large(path: Path, size: str, *, most: int, what: str) -> InputError:
    message = f"{what} must be of at most {most:,} bytes, got {size}. Split or thin it out."
    return InputError(message, file=str(path))


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


def _whole(file: BinaryIO, path: Path, *, most: int, what: str) -> bytes:
    """Return what an open file or pipe holds, with no more memory than it has bytes."""
    pieces = []
    left = most + 1
    try:
        while left > 0 and (piece := file.read(min(left, MEBIBYTE))):
            pieces.append(piece)
            left -= len(piece)
    except OSError as error:
        raise _unreadable(path, error, what=what) from None
    if left <= 0:
        raise _too_large(path, "more", most=most, what=what)
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
        mark = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
        text = str(memoryview(content)[mark:], "utf-8")
    except UnicodeDecodeError as error:
        position = mark + error.start
        line = content.count(b"\n", 0, position) + 1
        byte = content[position]
        raise _not_utf8(path, byte, position=position, line=line, what=what) from None
    if "\0" in text:
        raise _not_text(path, line=text.count("\n", 0, text.index("\0")) + 1, what=what)
    return text


def text_lines(path: Path, *, most: int = LARGEST_BINARY, what: str = "file") -> Iterator[str]:
    """Give the lines of a file with their ends, one by one, so that it need not fit into memory.

    Raises
    ------
    InputError
        As `read_text`, at the line where it is found.
    """
    with _opened(path, most=most, what=what) as file:
        # A pipe does not say how much is to come, so it is read within a limit first.
        is_plain = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        limit = min(most, LARGEST_TEXT)
        source = file if is_plain else io.BytesIO(_whole(file, path, most=limit, what=what))
        text = io.TextIOWrapper(source, encoding="utf-8", newline="")
        number = 0
        try:
            while line := text.readline(LONGEST_LINE + 1):
                number += 1
                line = line.removeprefix("\ufeff") if number == 1 else line
                if len(line) > LONGEST_LINE:
                    message = f"line must be of at most {LONGEST_LINE:,} characters, got more. "
                    raise at_line(path, number, message + "Check the file and its format.")
                if "\0" in line:
                    raise _not_text(path, line=number, what=what)
                yield line
        except UnicodeDecodeError:
            text.detach()
            raise _first_not_utf8(source, path, what=what) from None
        except OSError as error:
            raise _unreadable(path, error, what=what) from None


def _first_not_utf8(source: BinaryIO, path: Path, *, what: str) -> InputError:
    source.seek(0)
    position = number = 0
    for number, line in enumerate(source, 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            position += error.start
            byte = line[error.start]
            return _not_utf8(path, byte, position=position, line=number, what=what)
        position += len(line)
    message = f"{what} must stay as it is while it is read, got it changed. Read it again."
    return InputError(message, file=str(path))


def _not_utf8(path: Path, byte: int, *, position: int, line: int, what: str) -> InputError:
    message = f"{what} must be UTF-8 text, got byte {byte:#04x} at position {position}. "
    message += "Check the file and its format, or save it as UTF-8."
    return at_line(path, line, message)


def _not_text(path: Path, *, line: int, what: str) -> InputError:
    message = f"{what} must be text, got one with binary data. Check the file and its format."
    return at_line(path, line, message)


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
