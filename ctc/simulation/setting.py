"""Setting: everything that a simulation is given before its first epoch."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.simulation.hop_table import HopTable
from ctc.simulation.shedding import SheddingSource
from ctc.simulation.tables import Tables


@dataclass(frozen=True)
class Setting:
    """What a simulation does and reads.

    Attributes
    ----------
    hops, tables : HopTable, Tables
        Vessels and biology for the kernels.
    sources : tuple of SheddingSource
        Where cells come from.
    seed : int
        Key of all random numbers.
    epochs : tuple of int [ns]
        Ends of the epochs, rising; the first begins at 0.
    frames : tuple of int [ns]
        Times at which tracked cells are located, rising.
    n_tracked : int
        Most cells that are tracked.
    track_every : int
        Cells whose id is a multiple of this are tracked.
    doubling_times : tuple of float [s]
        Of a colony, by row of the organ tables.
    lesion_capacity : float
        Cells that a lesion cannot exceed.
    """

    hops: HopTable
    tables: Tables
    sources: tuple[SheddingSource, ...]
    seed: int
    epochs: tuple[int, ...]
    frames: tuple[int, ...]
    n_tracked: int
    track_every: int
    doubling_times: tuple[float, ...]
    lesion_capacity: float
