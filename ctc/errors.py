"""Exception classes and the exit code that each one means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

# Messages quote what the user wrote, which may be of any length.
LONGEST_MESSAGE = 800
_LONGEST_KEY = 120
_LONGEST_LIST = 400
_LONGEST_NAME = 80


class CtcError(Exception):
    """Any failure that the program explains in one message (exit code 1)."""

    exit_code = 1


class InputError(CtcError, ValueError):
    """Wrong input from the user (exit code 2).

    Parameters
    ----------
    message : str
        ``<name> must be <rule>, got <value> at <item> <index> (<why>). <what to do>``.
    file : str, optional
        The file that the value came from.
    key : str, optional
        The dotted key inside that file, or its line.
    """

    exit_code = 2

    def __init__(self, message: str, *, file: str | None = None, key: str | None = None) -> None:
        message = printable(message, most=LONGEST_MESSAGE)
        key = None if key is None else printable(key, most=_LONGEST_KEY)
        place = ": ".join(printable(part) for part in (file, key) if part)
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.file = file
        self.key = key

    def at(self, *, file: str | None = None, key: str | None = None) -> InputError:
        """Return the same error with the place filled in where it was missing."""
        return type(self)(self.message, file=self.file or file, key=self.key or key)

    def of_source(self, index: int, *, key: str | None = None) -> InputError:
        """Return the same error with its key, or the given one, in a source of a scenario."""
        inner = self.key or key
        place = f"source.{index}" + (f".{inner}" if inner else "")
        return type(self)(self.message, file=self.file, key=place)


class MissingDeviceError(CtcError):
    """A backend was asked for that this machine cannot provide (exit code 2)."""

    exit_code = 2


class StoppedEarly(CtcError):  # noqa: N818 - a stop is not an error
    """The run was stopped by the user and left a checkpoint (exit code 3)."""

    exit_code = 3


class DeviceFaultError(CtcError):
    """A kernel reported a fault while running (exit code 4).

    Parameters
    ----------
    kernel : str
        Name of the entry point.
    text : str
        What the fault code means.
    cell : int
        Lowest id of the cells that met it.
    place : str, optional
        Where that cell was, once known: its segment and time.
    """

    exit_code = 4

    def __init__(self, kernel: str, text: str, *, cell: int, place: str = "") -> None:
        where = f"cell {cell}, {place}" if place else f"cell {cell}"
        super().__init__(f"{kernel} stopped: {text} ({where}). Please report this bug in ctc.")
        self.kernel = kernel
        self.text = text
        self.cell = cell
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        # Faults of other processes arrive pickled.
        return partial(type(self), cell=self.cell, place=self.place), (self.kernel, self.text)

    def of_cell(self, cell: int) -> DeviceFaultError:
        """Return the same error with the whole identity of the cell."""
        return DeviceFaultError(self.kernel, self.text, cell=cell, place=self.place)

    def at(self, place: str) -> DeviceFaultError:
        """Return the same error with the place of the cell."""
        return DeviceFaultError(self.kernel, self.text, cell=self.cell, place=place)


class WorkerLostError(CtcError):
    """A worker on which cells were followed is gone (exit code 4).

    Parameters
    ----------
    worker : str
        Its address.
    why : str
        What is known of it.
    remedy : str, optional
        What to do.
    """

    exit_code = 4

    def __init__(self, worker: str, why: str, *, remedy: str = "") -> None:
        super().__init__(f"worker {worker} was lost ({why}). {remedy}".rstrip())
        self.worker = worker
        self.why = why
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), remedy=self.remedy), (self.worker, self.why)

    def with_remedy(self, remedy: str) -> WorkerLostError:
        """Return the same error with what to do."""
        return WorkerLostError(self.worker, self.why, remedy=remedy)


class OutputError(CtcError, OSError):
    """Output could not be written (exit code 5)."""

    exit_code = 5


def near_name(name: str, known: Iterable[str]) -> str:
    """Return a hint that suggests the known name nearest to a wrong one.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        The names that would have been right.

    Returns
    -------
    str
        ``Did you mean 'lung'?`` or, with no near name, the list of known ones.
    """
    return _hint(name, {each: each for each in known})


def near_file(path: Path, known: Iterable[str]) -> str:
    """Return the hint of `near_name` for a file: its name counts, not the folder that it is in."""
    by_name: dict[str, str] = {}
    for each in known:
        by_name.setdefault(Path(each).name, each)  # the first is the nearest
    return _hint(path.name, by_name)


def _hint(name: str, known: Mapping[str, str]) -> str:
    near = []
    if len(name) <= _LONGEST_NAME:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{known[near[0]]}'?"
    names = list(known.values())
    shown: list[str] = []
    for each in names[:40]:
        shown.append(f"'{each}'" if "," in each else each)
        if sum(map(len, shown)) > _LONGEST_LIST:
            break
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"Known: {', '.join(shown)}{more}."


def printable(text: str, *, most: int | None = None) -> str:
    r"""Return a text as one line that a terminal shows as it is.

    Parameters
    ----------
    text : str
        May hold anything that a file holds: ends of lines, control characters, half a character.
    most : int, optional
        Longer ones lose their middle, so that what they begin and end with is kept.

    Returns
    -------
    str
        With escapes such as ``\x1b`` for what cannot be shown.
    """
    if most is not None and len(text) > most:
        half = (most - 5) // 2
        text = f"{text[:half]} ... {text[-half:]}"
    if text.isprintable():
        return text
    text = " ".join(text.splitlines())
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
