"""How fast, how small: ``python -m tools.bench [cells|flow|vessels|viewer]``; cells by default."""

from __future__ import annotations

import sys

from tools.bench import cells, flow, vessels, viewer

_PARTS = {"cells": cells.main, "flow": flow.main, "vessels": vessels.main, "viewer": viewer.main}


def main(arguments: list[str]) -> int:
    """Run one part with the arguments after its name; returns its exit code."""
    if arguments and arguments[0] in _PARTS:
        return _PARTS[arguments[0]](arguments[1:])
    if arguments and not arguments[0].startswith("-"):
        print(f"part must be one of {', '.join(_PARTS)}, got '{arguments[0]}'.", file=sys.stderr)
        return 2
    return cells.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
