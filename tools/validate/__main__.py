"""Compare runs of ctc with published data and with closed forms.

    python -m tools.validate                                every row, one table, minutes
    python -m tools.validate --only portal_route            single rows, by name or number
    python -m tools.validate --ablate portal_route          without its law it must be missed

    python -m tools.validate --sweeps FOLDER                with the rows that need cohorts, long

    python -m tools.validate organ_matrix --tables FOLDER   organ-to-organ experiment, seconds
    python -m tools.validate circulation                    times of passage, organ flows, a minute
    python -m tools.validate transit                        lungs, arm, capillaries, blood, a minute
    python -m tools.validate autopsies                      organs of held-out cancers, a minute

Each with --json for programs. The table exits with 0 where every figure is met or missed with a
reason that stands below it, with 1 where one is missed without, and with 2 after wrong input.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ctc.errors import CtcError
from tools.validate import single, whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in single.COMMANDS:
            return single.run(words)
        return whole.run(words, about=__doc__ or "")
    except CtcError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
