"""Text files of other programs, read whole, and messages that name their lines."""

from __future__ import annotations

from pathlib import Path

from ctc.errors import InputError


def read_text(path: Path) -> str:
    """Return a file's text, in UTF-8.

    Raises
    ------
    InputError
        If it cannot be read or is no text.
    """
    # A device such as /dev/zero has no end.
    if path.is_char_device() or path.is_block_device():
        message = "file must be a file or a pipe, got a device. Check the path."
        raise InputError(message, file=str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        message = f"file must be readable text, got '{path}' ({reason}). Check the file."
        raise InputError(message, file=str(path)) from None
    if "\0" in text:
        message = "file must be text, got one with binary data. Check the file and its format."
        raise InputError(message, file=str(path))
    return text


def at_line(path: Path, line: int, message: str) -> InputError:
    """Return an error that names a line, counted from 1."""
    return InputError(message, file=str(path), key=f"line {line}")
