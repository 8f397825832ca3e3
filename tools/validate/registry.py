"""All rows of the validation table, in order."""

from __future__ import annotations

from collections.abc import Sequence

from ctc.errors import InputError, near_name
from tools.validate.rows import Row

ROWS: tuple[Row, ...] = ()


def find_rows(names: Sequence[str], *, option: str) -> tuple[Row, ...]:
    """Return the rows of these names, or numbers, in the order of the table; ``all`` is all.

    Raises
    ------
    InputError
        If there is no row of a name.
    """
    known = {row.name for row in ROWS} | {str(row.number) for row in ROWS} | {"all"}
    for name in names:
        if name not in known:
            hint = near_name(name, [row.name for row in ROWS])
            message = f"{option} must name a row, got '{name}'. {hint}"
            raise InputError(message)
    wanted = set(names)
    return tuple(row for row in ROWS if wanted & {"all", row.name, str(row.number)})
