"""The hop of the kernels in plain NumPy, vectorised over cells: what a user would write instead."""

from __future__ import annotations

import numpy as np

from ctc.backends.records import CLASS_BITS
from ctc.simulation.hop_table import HopTable
from ctc.simulation.tables import Tables
from tests.reference.laws import streamline_speed, uniform_deviate
from tests.reference.philox import STREAM_HOP, philox_of_cell
from tools.bench.timing import time_once

_N_CELLS, _N_HOPS = 20_000, 20


def numpy_hop_rate(hops: HopTable, tables: Tables) -> float:
    """Time points that hop through a table in NumPy, on one core [1/s]."""
    cell = np.arange(_N_CELLS, dtype=np.uint64)

    def walk() -> None:
        place = np.arange(_N_CELLS) % hops.records.size
        clock = np.zeros(_N_CELLS, dtype=np.int64)
        budget = np.full(_N_CELLS, 1 << 49, dtype=np.int64)
        for draw in range(1, _N_HOPS + 1):
            words = philox_of_cell(cell, STREAM_HOP, draw=draw, seed=1)
            record = hops.records[place]
            is_second = uniform_deviate(words[:, 1]) >= record["share"]
            place = record["next"].astype(np.int64) + is_second
            record = hops.records[place]
            rates = tables.classes[record["bore_class"] & ((1 << CLASS_BITS) - 1)]
            transit = record["transit_time"] / streamline_speed(uniform_deviate(words[:, 0]), 0.0)
            clock += np.rint(transit).astype(np.int64)
            budget -= np.rint(rates["hazard"] * transit + rates["toll"]).astype(np.int64)

    return _N_CELLS * _N_HOPS / time_once(walk).processor
