"""All rows of the benchmark table, in order."""

from __future__ import annotations

from collections.abc import Sequence

from ctc.errors import InputError, near_name
from tools.bench.cohort import Cohort
from tools.bench.growth import Growth
from tools.bench.hedos import Hedos
from tools.bench.hop_rate import HopRate
from tools.bench.memory import Memory
from tools.bench.output import Output
from tools.bench.quick_run import QuickRun
from tools.bench.real_network import RealNetwork
from tools.bench.rows import Row
from tools.bench.start_up import StartUp
from tools.bench.threads import Threads
from tools.bench.toy import ToyHop
from tools.bench.year import Year

ROWS: tuple[Row, ...] = (
    ToyHop(),
    HopRate(),
    Threads(),
    Growth(),
    Hedos(),
    RealNetwork(),
    QuickRun(),
    Year(),
    Cohort(),
    Output(),
    Memory(),
    StartUp(),
)


def find_rows(names: Sequence[str]) -> tuple[Row, ...]:
    """Return the rows of these names in the order of the table; all where there is no name.

    Raises
    ------
    InputError
        If there is no row of a name.
    """
    known = [row.name for row in ROWS]
    for name in names:
        if name not in known:
            hint = near_name(name, known)
            message = f"--only must be the name of a row, got '{name}'. {hint}"
            raise InputError(message)
    return tuple(row for row in ROWS if not names or row.name in names)
