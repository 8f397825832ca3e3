"""How fast and how small, beside what a user would otherwise take.

    python -m tools.bench                           every row, one table, seven minutes
    python -m tools.bench --quick                   smaller problems, a minute and a half
    python -m tools.bench --only toy hedos          single rows

    python -m tools.bench flow|vessels|viewer       parts of their own, each with --help

Every row is run by us and by a peer in turn in the same processes. Figures are medians; what
stands beside them is half the distance of the quartiles. A goal that is missed is shown and changes
no exit code: 0 where everything ran, 1 where a row failed (the others are shown all the same), 2
after wrong input.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from ctc.errors import CtcError, InputError, near_name
from tools.bench import whole

_PARTS = ("flow", "vessels", "viewer")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and not words[0].startswith("-"):
            return _part(words[0])(words[1:])
        return whole.run(words, about=__doc__ or "")
    except CtcError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _part(word: str) -> Callable[[list[str]], int]:
    if word not in _PARTS:
        hint = near_name(word, _PARTS)
        message = f"first word must be an option or a part, got '{word}'. {hint}"
        raise InputError(message)
    part: Callable[[list[str]], int] = import_module(f"tools.bench.{word}").main
    return part


if __name__ == "__main__":
    sys.exit(main())
