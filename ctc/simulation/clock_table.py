"""Rates of cells at rest as the table of clocks that kernels read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ctc.backends.records import CLOCK_BITS, CLOCK_RECORD, N_CLOCK_STATES, TICK_BITS
from ctc.errors import InputError
from ctc.scenario.biology import OrganClocks
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.size_classes import CellKind

# Per tick and in units of the clock budget, from 1/s.
RATE_SCALE = 2.0**CLOCK_BITS * 2.0**TICK_BITS / NANOSECONDS
# [1/s] A tick at this rate spends 2^56.1 of a budget below 2^63.3: their sum fits 64 bits.
_FASTEST = 4e3


# Of a record, cumulative; what is behind them only fills it up.
_COLUMNS = (CLOCK_RECORD.names or ())[:-1]
_STATES = ("arrested", "in tissue", "dormant")


def clock_records(
    kinds: Sequence[CellKind], places: Sequence[OrganClocks], *, names: Sequence[str] = ()
) -> npt.NDArray[np.void]:
    """Return the clocks of arrested, extravasated and dormant cells.

    Parameters
    ----------
    kinds : sequence of CellKind
        Whose factors act on the rates of a single cell.
    places : sequence of OrganClocks
        Organ by organ, then none, then the nodes of the lymph.
    names : sequence of str
        Of the organs, for messages.

    Returns
    -------
    (n_kinds * 3 * n_places,) CLOCK_RECORD
        By kind, state and place; cumulative rates in 2^-58 per tick.

    Raises
    ------
    InputError
        If a sum of rates is above what the 64 bits of the kernels hold.
    """
    none = 0.0
    rates = np.array(
        [
            [
                [
                    (
                        clocks.release_rate * kind.release_factor,
                        clocks.extravasation_rate,
                        clocks.intravascular_rate * kind.colony_factor,
                        clocks.node_exit_rate,
                        clocks.immune_death_rate * kind.immune_factor,
                        clocks.treatment_death_arrested,
                        clocks.other_death_rate * kind.death_factor,
                    )
                    for clocks in places
                ],
                [
                    (
                        clocks.dormancy_rate,
                        clocks.colony_rate * kind.colony_factor,
                        none,
                        none,
                        none,
                        clocks.treatment_death_tissue,
                        clocks.tissue_death_rate * kind.death_factor,
                    )
                    for clocks in places
                ],
                [
                    (
                        none,
                        clocks.escape_rate,
                        none,
                        none,
                        none,
                        clocks.treatment_death_dormant,
                        clocks.dormant_death_rate,
                    )
                    for clocks in places
                ],
            ]
            for kind in kinds
        ]
    )
    total = rates.sum(axis=3)
    if not total.max() <= _FASTEST:
        kind, state, place = (int(i) for i in np.unravel_index(int(total.argmax()), total.shape))
        own = [name for name in names[place : place + 1] if name]
        where = f" in {own[0]}" if own else ""
        message = (
            f"rates of cells {_STATES[state]}{where} must sum to <= {_FASTEST:g} 1/s, got "
            f"{float(total.max()):g} 1/s ({kinds[kind].name}, {kinds[kind].n_cells} together). "
            "Lower the rates and shares there, or factors on them: tissue.colony_factor, those of "
            "clusters, those of the host."
        )
        raise InputError(message, key=".".join(["tissue.organ", *own]))
    steps = np.rint(rates * RATE_SCALE).astype(np.uint64)
    steps = np.cumsum(steps.reshape(-1, len(_COLUMNS)), axis=1)
    assert steps.shape[0] == len(kinds) * N_CLOCK_STATES * len(places)
    records = np.zeros(steps.shape[0], dtype=CLOCK_RECORD)
    for column, name in enumerate(_COLUMNS):
        records[name] = steps[:, column]
    return records
