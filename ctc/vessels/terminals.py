"""How many terminals each region gets and where their arterioles end and venules begin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.vessels.grow import LongArray

# Directions from arteriole to venule: a tetrahedron, so that every narrow territory has one
# that stays inside, and these parts of the wanted gap, in the order in which they are tried.
_DIRECTIONS = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3.0)
_PARTS = (1.0, 0.5, 0.25, 0.1, 0.03, 0.01, 1e-3)


def share_terminals(
    flow_fraction: FloatArray, n_terminals: int, *, power: float, fewest: int
) -> LongArray:
    """Divide terminals between regions by a power of their flow.

    Parameters
    ----------
    flow_fraction : (n_regions,) float64
        Flow of each region, > 0.
    n_terminals : int
        For the whole body.
    power : float
        0 gives equal numbers, 1 terminals of equal flow.
    fewest : int
        None gets less.

    Returns
    -------
    (n_regions,) int64
        Sums to `n_terminals`.

    Raises
    ------
    InputError
        If `n_terminals` is below `fewest` a region.
    """
    n_regions = len(flow_fraction)
    spare = n_terminals - fewest * n_regions
    if spare < 0:
        message = (
            f"n_terminals must be >= {fewest * n_regions} ({fewest} for each of {n_regions} "
            f"regions), got {n_terminals}. Ask for more."
        )
        raise InputError(message)
    weight = np.power(flow_fraction, power)
    wanted = spare * weight / weight.sum()
    whole = np.floor(wanted).astype(np.int64)
    # Largest remainders first; the stable sort leaves ties in the order of the regions.
    left = spare - int(whole.sum())
    whole[np.argsort(-(wanted - whole), kind="stable")[:left]] += 1
    result: LongArray = whole + fewest
    return result


def place_terminals(
    territories: Sequence[Territory], count: LongArray, *, seed: int
) -> list[FloatArray]:
    """Return the ends of each region's arterioles, spread evenly through its territory.

    Parameters
    ----------
    territories : sequence of Territory
        One a region.
    count : (n_regions,) int64
        Terminals of each.
    seed : int
        Every region draws its own points from it.

    Returns
    -------
    list of (count, 3) float64 [m]
        Inside the territories.
    """
    seeds = np.random.Philox(key=seed).random_raw(len(territories))
    return [
        territory.sample(int(n), int(own_seed))
        for territory, n, own_seed in zip(territories, count, seeds, strict=True)
    ]


def venous_ends(territory: Territory, arterial: FloatArray, *, gap: float) -> FloatArray:
    """Return where the venules begin: near each arteriole's end, in the territory too.

    Parameters
    ----------
    territory : Territory
        Of the region.
    arterial : (n, 3) float64 [m]
        Ends of the arterioles, inside.
    gap : float
        Wanted distance over that to the nearest other terminal.

    Returns
    -------
    (n, 3) float64 [m]
        Inside; less than the gap away where the territory is narrow.

    Raises
    ------
    InputError
        If a terminal lies so near the surface that no end was found inside.
    """
    spacing = cKDTree(arterial).query(arterial, k=2)[0][:, 1:]
    found = np.full_like(arterial, np.nan)
    open_ = np.arange(len(arterial))
    for part in _PARTS:
        for turn in range(len(_DIRECTIONS)):
            if not open_.size:
                return found
            direction = _DIRECTIONS[(open_ + turn) % len(_DIRECTIONS)]
            tried = arterial[open_] + part * gap * spacing[open_] * direction
            inside = territory.signed_distance(tried) < 0.0
            found[open_[inside]] = tried[inside]
            open_ = open_[~inside]
    if open_.size:
        message = (
            f"venule must begin inside the territory, got none at terminal {open_[0]} of "
            f"'{territory.name}'. Make the territory thicker."
        )
        raise InputError(message)
    return found
