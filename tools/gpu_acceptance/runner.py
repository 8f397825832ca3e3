"""One step in a process of its own: ``python -m tools.gpu_acceptance.runner MODULE ...``.

A kernel that faults takes its process with it, and a step that hangs can be ended; neither harms
the next.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from tools.gpu_acceptance.findings import CUT, FAILED, PASSED, SKIPPED, CannotRunError
from tools.gpu_acceptance.scene import Scene


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step; how it ended is in its output file, the exit code is 0 either way."""
    parser = argparse.ArgumentParser(prog="python -m tools.gpu_acceptance.runner")
    parser.add_argument("module")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args(arguments)
    scene = Scene(options.gpu, options.short, options.seconds, options.output, options.work)
    scene.save(state=FAILED, reason="the process ended on its own")
    try:
        left_out = importlib.import_module(options.module).run(scene)
    except CannotRunError as word:
        scene.save(state=SKIPPED, reason=str(word))
    except Exception as error:
        lines = traceback.format_exception(error)
        print("".join(lines), file=sys.stderr)
        scene.save(state=FAILED, reason=f"{type(error).__name__}: {error}")
    else:
        scene.save(state=CUT if left_out else PASSED, reason=left_out or "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
