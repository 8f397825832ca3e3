"""Kill runs and sweeps over and over, and see that nothing is lost.

    python -m tools.crash                      300 kills, some minutes
    python -m tools.crash --kills 2000         more of them
    python -m tools.crash --short              each fault point once, some other kills

Kills by -9 at every fault point, before, inside and after calls to the system that write, and at
moments; kills of what goes on after a kill. After each, every file is opened and compared with
that of an undisturbed run, row for row and frame for frame; at the end digests and names of files
must be the same. With --json for programs. Exit code 0 where nothing was lost
and a kill met every fault point, else 1, also after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.crash import calls

if TYPE_CHECKING:
    from tools.crash.episodes import Tally

_KILLS = 300
_MEMORY = Path("/dev/shm")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _options(words)
    if not calls.is_second_process():
        return calls.run_with_calls(["-m", "tools.crash", *words])
    # The first process needs none of it.
    from tools.crash.campaign import in_full, in_short  # noqa: PLC0415
    from tools.crash.episodes import Tally  # noqa: PLC0415
    from tools.crash.table import as_mapping, as_text  # noqa: PLC0415

    place = options.folder or (_MEMORY if os.access(_MEMORY, os.W_OK) else None)
    with tempfile.TemporaryDirectory(prefix="ctc-crash-", dir=place) as folder:
        os.environ["CTC_CACHE"] = str(Path(folder, "cache"))
        tally, began = Tally(), time.monotonic()
        try:
            if options.short:
                in_short(Path(folder), options.seed, tally)
            else:
                tell = _silent if options.json or not sys.stderr.isatty() else _tell
                in_full(Path(folder), options.seed, tally, n_kills=options.kills, tell=tell)
        except KeyboardInterrupt:  # ends it with what there is
            tally.is_interrupted = True
        seconds = time.monotonic() - began
    if options.json:
        print(json.dumps(as_mapping(tally, seconds), indent=1))
    else:
        print(as_text(tally, seconds))
    return 0 if tally.is_good else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.crash", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--kills", type=int, default=_KILLS, metavar="N", help="beside the points")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of what is drawn")
    parser.add_argument("--short", action="store_true", help="each point once, few other kills")
    parser.add_argument("--folder", type=Path, help="where; in memory by default")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args(arguments)


def _tell(tally: Tally) -> None:
    text = f"\r{sum(tally.met.values())} kills, {len(tally.lost)} lost"
    print(text, end="", file=sys.stderr, flush=True)


def _silent(_tally: Tally) -> None:
    return


if __name__ == "__main__":
    sys.exit(main())
