"""What a walk through the vessels comes to on average, exactly: a chain with absorption.

A cell that attaches by chance alone is a Markov chain on the records of the hop table. With a the
chance to start in a record, W the chances to go from record to record and p the chance to attach
in one, the expected visits v solve

    v = a + W^T (1 - p) v,

and a cell attaches in record i with chance v_i p_i. Nothing of it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from ctc.backends.records import CLASS_BITS, EXIT, SURVIVAL_BITS
from ctc.checks import FloatArray
from ctc.simulation.setting import Setting

_CLASS_MASK = (1 << CLASS_BITS) - 1
_WORD = 2.0**64


@dataclass(frozen=True)
class Expectation:
    """What the cells of each source do on average.

    Attributes
    ----------
    attached : (n_sources, n_segments) float64
        Chance of a cell to attach in that segment; rows sum to 1 unless cells can leave.
    segments : (n_sources,) float64
        Segments that a cell enters, the first one included.
    hops : (n_sources,) float64
        Hops that it makes: records entered after the first, the junctions of wide nodes included.
    """

    attached: FloatArray
    segments: FloatArray
    hops: FloatArray


def expected_walk(setting: Setting) -> Expectation:
    """Solve the chain of a setting of point tracers that attach by chance.

    Parameters
    ----------
    setting : Setting
        Inert cells; every cell must meet its fate before the run ends for the two to be equal.

    Returns
    -------
    Expectation
        Exact up to the rounding of a sparse solve, for the very records that kernels read.
    """
    records = setting.hops.records
    n = records.size
    class_number = records["bore_class"] & _CLASS_MASK
    toll = setting.tables.classes["toll"][class_number].astype(np.float64)
    chance = -np.expm1(-toll * 2.0**-SURVIVAL_BITS)
    share = np.minimum(records["share"].astype(np.float64), 1.0)
    share[setting.tables.classes["behaviour"][class_number] == EXIT] = np.nan
    rows = np.flatnonzero(~np.isnan(share))
    first = records["next"][rows].astype(np.int64)
    has_two = share[rows] < 1.0
    passing = 1.0 - chance[rows]
    walk = sp.coo_array(
        (
            np.append(share[rows] * passing, ((1.0 - share[rows]) * passing)[has_two]),
            (np.append(rows, rows[has_two]), np.append(first, first[has_two] + 1)),
        ),
        shape=(n, n),
    )
    solver = splu((sp.eye_array(n) - walk.T).tocsc())
    visits = solver.solve(_starts(setting).T).T
    is_segment = setting.hops.segment >= 0
    attached = np.zeros((len(setting.sources), setting.hops.record.size))
    attached[:, setting.hops.segment[is_segment]] = (visits * chance)[:, is_segment]
    return Expectation(
        attached, visits[:, is_segment].sum(axis=1), np.asarray(visits.sum(axis=1) - 1.0)
    )


def _starts(setting: Setting) -> FloatArray:
    """Return each source's chances to start, (n_sources, n_records)."""
    starts = np.zeros((len(setting.sources), setting.hops.records.size))
    for row, source in zip(starts, setting.sources, strict=True):
        chance = np.diff(source.sites.threshold.astype(np.float64), prepend=0.0) / _WORD
        np.add.at(row, source.sites.record, chance)
    return starts


def worst_deviation(
    counts: FloatArray, chances: FloatArray, *, n_cells: Sequence[int] | FloatArray
) -> float:
    """Return the largest deviation of counts from their expectation, in standard errors.

    Parameters
    ----------
    counts : (n_sources, n) array
        Cells of each source that met each of n events.
    chances : (n_sources, n) float64
        Chance of each event; those of chance 0 must not be met and else do not count.
    n_cells : (n_sources,) sequence
        Cells of each source.
    """
    number = np.asarray(n_cells, dtype=np.float64)[:, np.newaxis]
    error = np.sqrt(number * chances * (1.0 - chances))
    deviation = np.abs(np.asarray(counts) - number * chances)
    if (deviation[error == 0.0] > 0.0).any():
        return np.inf
    return float((deviation[error > 0.0] / error[error > 0.0]).max(initial=0.0))
