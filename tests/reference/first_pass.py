"""First-pass arrivals and arrests of every organ as an absorbing chain over the hop table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, eye_array
from scipy.sparse.linalg import splu

from ctc.backends.records import BED, CLASS_BITS
from ctc.checks import FloatArray
from ctc.simulation.hop_table import ONLY_DAUGHTER, HopTable
from ctc.simulation.tables import Tables
from tests.reference.laws import excluded_share, first_daughter_chance

_CLASS_MASK = (1 << CLASS_BITS) - 1


def first_pass(hops: HopTable, tables: Tables, starts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where cells meet the first bed of their life, and where it stops them.

    Parameters
    ----------
    hops, tables : HopTable, Tables
        Of the run; no hazard, no attachment.
    starts : (n_sources, n_records) float64
        Chance of each entry record, by source.

    Returns
    -------
    arrivals, arrests : (n_sources, n_organs) float64
        Chances, averaged over the size classes, each as likely as the next.

    Notes
    -----
    A cell at the end of record i goes on to the first daughter with chance
    (share - X0) / (1 - 2 X0), X0 of its own size in record i, and to the second otherwise; beds
    absorb. With P this matrix, the visits of a start row s are s (I - P)^-1, and arrivals are the
    visits of beds.
    """
    records = hops.records
    number = records["bore_class"] & _CLASS_MASK
    radius = hops.lumen_radius
    by_number = {each.number: each for each in hops.classes}
    beds = np.flatnonzero([by_number[n].behaviour == BED for n in number.tolist()])
    organ = np.array([by_number[n].organ for n in number[beds].tolist()])
    bed_row = tables.classes["bed"][number[beds]].astype(np.int64)
    is_bed = np.zeros(records.size, dtype=bool)
    is_bed[beds] = True

    arrivals = np.zeros((starts.shape[0], hops.n_organs))
    arrests = np.zeros_like(arrivals)
    n_classes = tables.n_size_classes
    chance = tables.beds["arrest"].reshape(-1, n_classes) / 2.0**64
    weight = _size_weights(tables)
    for size in range(n_classes):
        if weight[size] == 0.0:
            continue
        cell = tables.sizes[size]
        visits = _visits(records, radius, cell, is_bed, starts)[:, beds]
        for row, at in enumerate(visits):
            arrivals[row] += weight[size] * np.bincount(organ, at, minlength=hops.n_organs)
            stopped = at * chance[bed_row, size]
            arrests[row] += weight[size] * np.bincount(organ, stopped, minlength=hops.n_organs)
    return arrivals, arrests


def _size_weights(tables: Tables) -> FloatArray:
    return np.diff(tables.size_threshold / 2.0**64, prepend=0.0)


def _visits(
    records: npt.NDArray[np.void],
    radius: FloatArray,
    cell: np.void,
    is_bed: npt.NDArray[np.bool_],
    starts: FloatArray,
) -> FloatArray:
    """Return how often each record is entered before the first bed is left."""
    leaves = np.flatnonzero(~is_bed)
    share = records["share"][leaves].astype(np.float64)
    lumen = radius[leaves]
    # A cluster is a ball where it has room, and a chain where it has not.
    felt = np.where(cell["radius"] <= lumen, cell["radius"], cell["chain_radius"])
    ratio = np.minimum(felt / lumen, 1.0)
    excluded = _excluded(ratio)
    first = np.where(share == ONLY_DAUGHTER, 1.0, first_daughter_chance(share, excluded))
    following = records["next"][leaves].astype(np.int64)
    n = records.size
    # The exit record, last of all, leads nowhere.
    inside = leaves != n - 1
    rows = np.concatenate([leaves[inside], leaves[inside]])
    columns = np.concatenate([following[inside], following[inside] + 1])
    chances = np.concatenate([first[inside], 1.0 - first[inside]])
    used = chances > 0
    step = coo_array((chances[used], (rows[used], columns[used])), shape=(n, n))
    system = splu((eye_array(n) - step).T.tocsc())
    return np.asarray(system.solve(np.ascontiguousarray(starts.T)).T)


_GRID = np.linspace(0.0, 1.0, 2001)
_ON_GRID = np.array([excluded_share(ratio) for ratio in _GRID])


def _excluded(ratio: FloatArray) -> FloatArray:
    """Return X0 by interpolation of the quadrature in L^2.5, in which it is nearly straight."""
    return np.asarray(np.interp(ratio**2.5, _GRID**2.5, _ON_GRID))
