"""The run that is watched, in a process of its own: ``python -m tools.soak.writer RUN SCENARIO``.

Prints a line of JSON for each epoch. Ctrl-C (SIGINT) ends it with a checkpoint and exit code 3, as
`ctc run`. ``--plant`` makes it worse than `ctc run`, so that the verdict can be tried.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import ctc
from ctc.errors import CtcError
from ctc.summary import Progress

FAULTS = ("memory", "handles", "rate")
_LEAK = 2 << 20  # [bytes] a second
_DOUBLING = 60.0  # [s] after which an epoch takes twice its processor time


class Writer:
    """Tells how far the run is, and does what is planted."""

    def __init__(self, fault: str | None) -> None:
        self._fault = fault
        self._kept: list[object] = []
        self._n_epochs = 0
        self._began = self._last = time.monotonic()
        self._spent = time.process_time()

    def report(self, progress: Progress) -> None:
        """Print a line at the end of an epoch."""
        if progress.phase != "simulate":
            return
        self._n_epochs += 1
        now = time.monotonic()
        if self._fault == "memory":
            self._kept.append(bytearray(b"\1") * round(_LEAK * (now - self._last)))
        elif self._fault == "handles":
            self._kept.append(Path("/dev/null").open("rb"))  # noqa: SIM115 - never closed
        elif self._fault == "rate":
            own = time.process_time() - self._spent
            end = time.process_time() + own * (now - self._began) / _DOUBLING
            while time.process_time() < end:
                pass
        self._last, self._spent = now, time.process_time()
        line = {
            "epoch": self._n_epochs,
            "time": time.monotonic(),
            "processor": time.process_time(),
            "hops": progress.hops,
            "cells": progress.n_cells,
            "simulated": progress.simulated,
        }
        print(json.dumps(line), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns the exit code of `ctc run`."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak.writer")
    parser.add_argument("run", type=Path)
    parser.add_argument("scenario")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--plant", choices=FAULTS)
    options = parser.parse_args(arguments)
    try:
        ctc.run(
            ctc.load_scenario(options.scenario, overrides=options.overrides),
            options.run,
            device="cpu",
            threads=options.threads,
            progress=Writer(options.plant).report,
        )
    except CtcError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
