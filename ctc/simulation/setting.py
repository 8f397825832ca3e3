"""Setting: everything that a simulation is given before its first epoch."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.hop_table import HopTable
from ctc.simulation.overt import OvertShares
from ctc.simulation.shedding import SheddingSource
from ctc.simulation.tables import Tables

_EVERY = OvertShares()


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
    lesions : LesionBiology
        What becomes of lesions.
    routes : (n_segments,) uint8
        `Route` of cells that enter a segment of the network; empty where none is known.
    patient : int
        Number of the patient; 0 for one that is alone.
    overt : OvertShares
        Shed cells that each followed one stands for, in rates of shedding already, and the share
        of the colonies that become lesions.
    most_followed : float
        Cells that are followed of one epoch on average, of tumours by each way and of lesions;
        infinite for all.
    care : CarePlan or None
        How the patient is examined and treated.
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
    lesions: LesionBiology
    routes: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    patient: int = 0
    overt: OvertShares = _EVERY
    most_followed: float = math.inf
    care: CarePlan | None = None

    def frames_between(self, start: int, end: int) -> tuple[int, ...]:
        """Return the times of the frames of an epoch [ns]; the last one holds its end too."""
        is_last = end == self.epochs[-1]
        frames = self.frames  # rising; of a long run there are many
        stop = bisect_right(frames, end) if is_last else bisect_left(frames, end)
        return frames[bisect_left(frames, start) : stop]

    def digest(self) -> str:
        """Return the SHA-256 of all that decides the results: the identity of a run."""
        tables = self.tables
        numbers = [
            (source.rate, source.start, source.stop, source.cells, source.clone)
            for source in self.sources
        ]
        sites = [(source.sites.record, source.sites.threshold) for source in self.sources]
        return digest_of(
            [
                ("records", self.hops.records),
                ("organ", self.hops.organ),
                ("classes", tables.classes),
                ("beds", tables.beds),
                ("quantiles", tables.bed_quantiles),
                ("clocks", tables.clocks),
                ("margination", np.array([tables.margination])),
                ("sizes", tables.sizes),
                ("size thresholds", tables.size_threshold),
                ("sources", np.array(numbers, dtype=np.float64)),
                *[("site records", records) for records, _ in sites],
                *[("site thresholds", thresholds) for _, thresholds in sites],
                ("seed", np.array([self.seed], dtype=np.uint64)),
                ("epochs", np.array(self.epochs, dtype=np.int64)),
                ("frames", np.array(self.frames, dtype=np.int64)),
                ("tracked", np.array([self.n_tracked, self.track_every])),
                ("doubling", np.array(self.doubling_times)),
                ("lesions", _text(self.lesions)),
                ("patient", _text((self.patient, self.overt))),
                ("most followed", np.array([self.most_followed])),
                ("care", _text(self.care and self.care.identity)),
                *[field for source in self.sources for field in _primary_fields(source)],
            ]
        )


def _primary_fields(source: SheddingSource) -> list[tuple[str, npt.NDArray[Any]]]:
    """Return what decides what a tumour sheds, by name."""
    primary = source.primary
    if primary is None:
        return []
    fields: list[tuple[str, npt.NDArray[Any]]]
    fields = [("tumour", _text((primary.tumour, primary.rhythm, primary.segment)))]
    if primary.venules is not None:
        fields += [("reach", primary.venules.reach), ("venules", primary.venules.record)]
        fields += [("venule flow", primary.venules.flow_rate)]
    if primary.lymphatics is not None:
        fields += [("lymphatics", primary.lymphatics.record)]
    return fields


def _text(value: object) -> npt.NDArray[np.uint8]:
    """Return plain values as bytes; floats to the last bit."""
    return np.frombuffer(repr(value).encode(), dtype=np.uint8)
