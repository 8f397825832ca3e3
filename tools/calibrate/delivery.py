"""How many cells leave the vessels in each organ for one cell shed, exactly; nothing is drawn.

The course of a cell of one size class is a Markov chain on the records of the hop table. With v the
expected entries into each record, s the chance to survive the transit, a the chance to stop in a
bed, r and x the shares of the clocks of arrested cells that release and that lead out of the
vessel,

    v = start + W^T ((1 - a) s + a r) v,      left[organ] = sum over its beds of  v a x,

where W holds the chances of the daughters. It is what a run comes to once every cell has met its
fate: geometry, flow, sizes, arrest and clocks; not time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from ctc.backends.records import BED, CHAMBER, CLASS_BITS, EXIT, SURVIVAL_BITS
from ctc.checks import FloatArray
from ctc.simulation.hop_table import HopTable
from ctc.simulation.setting import Setting

_CLASS_MASK = (1 << CLASS_BITS) - 1
_WORD = 2.0**64
# A cell wider than this part of a lumen moves with the mean flow (kernels/physics/streamline.h).
_FILLS = 0.8


@dataclass(frozen=True)
class Delivery:
    """Expected courses of the cells of each source.

    Attributes
    ----------
    left : (n_sources, n_organs) float64
        Cells that leave the vessels in each organ, for one shed.
    arrested : (n_sources, n_organs) float64
        Arrests in each organ, for one shed.
    """

    left: FloatArray
    arrested: FloatArray


def expected_delivery(setting: Setting) -> Delivery:
    """Solve the chains of all size classes of a setting and average over the cells at birth.

    Parameters
    ----------
    setting : Setting
        Of single cells with a size; without margination, and without attachment by chance. They
        enter by blood: of a tumour the share that enters the lymph is left out.

    Returns
    -------
    Delivery
        Rows are sources, columns organs of the network.

    Raises
    ------
    ValueError
        If cells marginate or are shed in clusters: those are not followed here.

    Notes
    -----
    A cell survives a transit with the chance exp(-hazard times mean transit); that the transit
    scatters changes it by less than (hazard times transit)^2 / 2, below 1e-6 in all vessels. As all
    cells are followed to their end, nothing depends on when they were shed.
    """
    if setting.tables.margination != 1.0:
        message = "margination must be off, got cells that marginate"
        raise ValueError(message)
    tables, hops = setting.tables, setting.hops
    if (tables.sizes["n_cells"] != 1).any():
        message = "cells must be shed one by one, got clusters"
        raise ValueError(message)
    starts = _starts(setting)
    share = np.diff(tables.size_threshold.astype(np.float64), prepend=0.0) / _WORD
    n_organs = hops.n_organs
    left = np.zeros((starts.shape[0], n_organs))
    arrested = np.zeros_like(left)
    for size, weight in enumerate(share):
        chain = _Chain(setting, size)
        stops = chain.visits(starts) * chain.arrest
        for row in range(starts.shape[0]):
            here = np.bincount(hops.organ, weights=stops[row], minlength=n_organs)
            arrested[row] += weight * here
            left[row] += weight * here * chain.leaving
    return Delivery(left[:, : n_organs - 1], arrested[:, : n_organs - 1])


class _Chain:
    """The walk of one size class."""

    def __init__(self, setting: Setting, size: int) -> None:
        tables, records = setting.tables, setting.hops.records
        number = records["bore_class"] & _CLASS_MASK
        classes = tables.classes[number]
        ratio = np.minimum(float(tables.sizes["radius"][size]) / setting.hops.lumen_radius, 1.0)
        is_bed = classes["behaviour"] == BED
        beds = tables.beds[classes["bed"].astype(np.int64) * tables.n_size_classes + size]

        self.arrest = np.where(is_bed, beds["arrest"].astype(np.float64) / _WORD, 0.0)
        slowness = mean_slowness(ratio)
        slowness[is_bed] = beds["slowness"][is_bed]
        slowness[classes["behaviour"] == CHAMBER] = 1.0
        spent = classes["hazard"].astype(np.float64) * records["transit_time"] * slowness
        survive = np.exp(-(spent + classes["toll"]) * 2.0**-SURVIVAL_BITS)
        # The clocks of arrested cells come first in the table, organ by organ.
        first = int(tables.sizes["clocks"][size])
        clocks = tables.clocks[first : first + setting.hops.n_organs]
        total = np.maximum(clocks["total"].astype(np.float64), 1.0)
        release = clocks["to_first"] / total
        self.leaving: FloatArray = (clocks["to_second"] - clocks["to_first"]) / total
        going_on = (1.0 - self.arrest) * survive + self.arrest * release[setting.hops.organ]
        going_on[classes["behaviour"] == EXIT] = 0.0
        self._solver = splu(_equations(setting.hops, ratio, going_on))

    def visits(self, starts: FloatArray) -> FloatArray:
        """Return the expected entries into each record, (n_sources, n_records)."""
        found: FloatArray = self._solver.solve(starts.T).T
        return found


def _equations(hops: HopTable, ratio: FloatArray, going_on: FloatArray) -> sp.csc_array:
    """Return I - W^T going_on."""
    records = hops.records
    share = records["share"].astype(np.float64)
    has_two = share < 1.0
    excluded = excluded_share(ratio)
    first = np.ones(records.size)
    span = 1.0 - 2.0 * excluded
    open_share = np.clip(share - excluded, 0.0, None)
    np.divide(open_share, span, out=first, where=has_two & (span > 0.0))
    first[has_two & (span <= 0.0)] = 0.0
    first = np.where(has_two, np.clip(first, 0.0, 1.0), 1.0)
    rows = np.flatnonzero(going_on > 0.0)
    to = records["next"][rows].astype(np.int64)
    weight = going_on[rows]
    two = has_two[rows]
    walk = sp.coo_array(
        (
            np.append(first[rows] * weight, ((1.0 - first[rows]) * weight)[two]),
            (np.append(to, to[two] + 1), np.append(rows, rows[two])),
        ),
        shape=(records.size, records.size),
    )
    return sp.csc_array(sp.eye_array(records.size) - walk)


def excluded_share(ratio: FloatArray) -> FloatArray:
    """Share of the flow of a daughter below which a cell cannot reach it, by cell over lumen.

    ``X0(L) = (8 / 3 pi) integral of (1 - x^2)^(3/2) from 1 - L to 1``, in closed form; see
    kernels/physics/bifurcation.h.
    """
    x = 1.0 - ratio
    below = x * (5.0 - 2.0 * x * x) * np.sqrt(1.0 - x * x) / 8.0 + 0.375 * np.arcsin(x)
    share: FloatArray = 0.5 - 8.0 / (3.0 * np.pi) * below
    return share


def mean_slowness(ratio: FloatArray) -> FloatArray:
    """Mean transit time of a cell over that of the blood, by cell over lumen diameter.

    Of the streamlines of kernels/physics/streamline.h: with F the open share of the flow,
    ``a = 2 sqrt(1 - F)`` and the lag ``b = (4/3) L^2`` the mean of 1 / (2 sqrt(1 - F u) - b) over u
    is ``(2 - a + b log((2 - b) / (a - b))) / (2 F)``.
    """
    slowness = np.ones(ratio.size)
    inside = ratio <= _FILLS
    size = ratio[inside]
    edge = 1.0 - (1.0 - size) ** 2
    lag = 4.0 / 3.0 * size * size
    slowest = 2.0 * edge
    open_share = 1.0 - edge * edge
    tail = np.where(lag > 0.0, lag * np.log((2.0 - lag) / np.maximum(slowest - lag, 1e-300)), 0.0)
    slowness[inside] = (2.0 - slowest + tail) / (2.0 * open_share)
    return slowness


def _starts(setting: Setting) -> npt.NDArray[np.float64]:
    """Return each source's chances to start, (n_sources, n_records)."""
    starts = np.zeros((len(setting.sources), setting.hops.records.size))
    for row, source in zip(starts, setting.sources, strict=True):
        chance = np.diff(source.sites.threshold.astype(np.float64), prepend=0.0) / _WORD
        np.add.at(row, source.sites.record, chance)
    return starts
