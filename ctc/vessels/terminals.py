"""How many terminals each region gets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import power as own_power
from ctc.checks import FloatArray
from ctc.errors import InputError

LongArray = npt.NDArray[np.int64]


class TooFewTerminals(InputError):  # noqa: N818 - says what is wrong
    """Fewer terminals than the regions need."""


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
    TooFewTerminals
        If `n_terminals` is below `fewest` a region.
    """
    n_regions = len(flow_fraction)
    spare = n_terminals - fewest * n_regions
    if spare < 0:
        message = (
            f"n_terminals must be >= {fewest * n_regions} ({fewest} for each of {n_regions} "
            f"regions), got {n_terminals}. Ask for more."
        )
        raise TooFewTerminals(message)
    weight = own_power(flow_fraction, power)
    wanted = spare * weight / weight.sum()
    whole = np.floor(wanted).astype(np.int64)
    # Largest remainders first; the stable sort leaves ties in the order of the regions.
    left = spare - int(whole.sum())
    whole[np.argsort(-(wanted - whole), kind="stable")[:left]] += 1
    result: LongArray = whole + fewest
    return result
