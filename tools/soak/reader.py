"""Who looks at the run meanwhile, as `ctc view --live` does: ``python -m tools.soak.reader RUN``.

Twice a second it looks how far the run is and takes the newest frame, the lesions and, now and
then, the curves; beside that it plays older frames, round and round, so that the store of frames is
soon as full as it may be. Prints a line of JSON each time; ends when its input is closed.
"""

from __future__ import annotations

import json
import select
import sys
import time
from pathlib import Path

import ctc
from ctc.viewer.session import Session

INTERVAL = 0.5  # [s] between two looks, that of the window
_LOOKS_A_PLOT = 10
_FRAMES_A_LOOK = 16


def is_to_go_on(wait: float) -> bool:
    """Wait; returns false once whoever started this process has closed its input."""
    ready, _, _ = select.select([sys.stdin], [], [], wait)
    return not ready


def watch(path: Path) -> None:
    """Look at a run until told to end."""
    with ctc.open_run(path) as run:
        session = Session(run)
        n_looks = n_cells = played = 0
        try:
            while True:
                began = time.monotonic()
                session.refresh()
                seen = time.monotonic()
                n_looks += 1
                if session.times.size:
                    cloud = session.cells(session.times.size - 1)
                    n_cells = cloud.identity.size
                    for _ in range(_FRAMES_A_LOOK):
                        session.frame(played % session.times.size)
                        played += 1
                    session.lesions(session.end)
                if n_looks % _LOOKS_A_PLOT == 0:
                    session.plots()
                line = {
                    "time": seen,
                    "took": time.monotonic() - began,
                    "epochs": run.n_epochs,
                    "frames": run.n_frames,
                    "events": run.n_events,
                    "cells": n_cells,
                }
                print(json.dumps(line), flush=True)
                if not is_to_go_on(INTERVAL):
                    return
        finally:
            session.close()


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
