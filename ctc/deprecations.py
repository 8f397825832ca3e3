"""What goes in a later version, and what takes its place: told one release before it goes."""

from __future__ import annotations

import logging
import warnings
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctc.errors import InputError

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deprecation:
    """A name that goes.

    Attributes
    ----------
    name : str
        A dotted key of scenarios (numbers of entries left out: ``source.mass``), or a public name
        of ``ctc``.
    replacement : str
        The key or name that takes its place and means the same, in the same unit.
    since : str
        First version that warns.
    removed_in : str
        First version without it; a test fails in that version until it is gone from here.
    """

    name: str
    replacement: str
    since: str
    removed_in: str

    def warning(self, what: str) -> str:
        """Return what there is to say."""
        return (
            f"{what} '{self.name}' goes in ctc {self.removed_in}. Write '{self.replacement}' "
            f"instead, which means the same."
        )


# Nothing is on its way out. A new row has `removed_in` at the next minor version or later.
SCENARIO_KEYS: tuple[Deprecation, ...] = ()
PUBLIC_NAMES: tuple[Deprecation, ...] = ()


def settle_keys(
    tree: MutableMapping[str, Any], file: Path, *, table: Sequence[Deprecation] | None = None
) -> None:
    """Move values of keys that go to those that take their place, in place, and warn.

    Parameters
    ----------
    tree : mapping
        A scenario as it was read.
    file : Path
        Its file, for the warning.
    table : sequence of Deprecation, optional
        Instead of `SCENARIO_KEYS`.

    Raises
    ------
    InputError
        If both keys are given.
    """
    for each in SCENARIO_KEYS if table is None else table:
        *_, old = each.name.split(".")
        *_, new = each.replacement.split(".")
        for place, here in _tables(tree, each.name.split(".")[:-1]):
            if old not in here:
                continue
            where = ".".join((*place, old))
            home = _home(tree, here, each)
            if new in home:
                message = f"key must be given once, got it as '{each.replacement}' too. Drop this."
                raise InputError(message, file=str(file), key=where)
            home[new] = here.pop(old)
            message = f"{file}: {where}: {each.warning('key')}"
            _LOG.warning("%s", message)
            warnings.warn(message, FutureWarning, stacklevel=2)


def current_name(name: str, *, table: Sequence[Deprecation] | None = None) -> str | None:
    """Return the public name that takes the place of one that goes, and warn; None for others."""
    for each in PUBLIC_NAMES if table is None else table:
        if each.name == name:
            warnings.warn(each.warning("ctc name"), DeprecationWarning, stacklevel=3)
            return each.replacement
    return None


def _tables(
    tree: MutableMapping[str, Any], parts: Sequence[str], place: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], MutableMapping[str, Any]]]:
    """Return the tables that a path leads to, all entries where it leads through a list."""
    if not parts:
        return [(place, tree)]
    below = tree.get(parts[0])
    entries = list(enumerate(below)) if isinstance(below, list) else [(None, below)]
    return [
        found
        for number, entry in entries
        if isinstance(entry, dict)
        for found in _tables(
            entry, parts[1:], (*place, parts[0], *(() if number is None else (str(number),)))
        )
    ]


def _home(
    tree: MutableMapping[str, Any], here: MutableMapping[str, Any], change: Deprecation
) -> MutableMapping[str, Any]:
    """Return the table of the new key: the same one, or one by its path from the top."""
    above, new_above = (name.split(".")[:-1] for name in (change.name, change.replacement))
    if above == new_above:
        return here
    home = tree
    for part in new_above:
        home = home.setdefault(part, {})
    return home
