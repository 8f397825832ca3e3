"""A process that writes the sample run, for tests that kill it, follow it or starve it.

Arguments: the run file, the epoch to go on from (0 for a new file), the epoch to stop before, the
seconds to rest between epochs, the largest size that a file may have (0 for any).
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import samples

from ctc.errors import CtcError
from ctc.record.counters import RecordPosition
from ctc.record.writer import RunWriter


def main() -> int:
    """Write until done, killed or out of space; return an exit code."""
    path = Path(sys.argv[1])
    first, last = int(sys.argv[2]), int(sys.argv[3])
    rest, limit = float(sys.argv[4]), int(sys.argv[5])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        if first:
            writer = RunWriter.reopen(
                path,
                position=RecordPosition(**samples.position(first)),
                tallies=samples.tallies(first - 1),
                device="another device",
            )
        else:
            writer = samples.create(path)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with writer:
            for epoch in range(first, last):
                samples.write_epochs(writer, epoch, epoch + 1)
                time.sleep(rest)
            writer.close(digest="d" * 64)
    except CtcError as error:
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
