"""Resistance by mutation: when a lesion has its first resistant cell, and their share since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.backends.host_tables import exponential, logarithm
from ctc.checks import FloatArray

# exp of more would be beyond, or below, what a float64 holds.
_MOST_LOGS = 700.0


@dataclass(frozen=True)
class ResistanceLaw:
    """How resistance arises.

    Attributes
    ----------
    mutation_rate : float
        Chance that a division makes a cell resistant, to one treatment.
    """

    mutation_rate: float


def first_resistant_size(deviates: FloatArray, *, mutation_rate: float) -> FloatArray:
    """Return the size at which a lesion of one sensitive founder has its first resistant cell.

    No cell among N is resistant with chance ``exp(-mu (N - 1))``, so N1 is the next whole number
    above ``1 - ln(u) / mu``.

    Parameters
    ----------
    deviates : (n,) float64
        u, uniform in (0, 1): one for each lesion, for good.
    mutation_rate : float
        mu, >= 0.

    Returns
    -------
    (n,) float64
        N1 in cells, a whole number >= 2; infinite for mu = 0.

    Notes
    -----
    The law counts N - 1 divisions. Where cells die there are more divisions a cell, and more
    resistance (Iwasa 2006): left out, and so is a founder that was resistant itself. A lesion that
    a resistant cell founds, with the chance of the resistant share where it was shed, would be
    resistant as a whole; to take all founders as sensitive errs towards cure.

    References
    ----------
    .. [1] Goldie and Coldman 1979 Cancer Treat Rep 63:1727 (from memory).
    .. [2] Iwasa, Nowak and Michor 2006 Genetics 172:2557.
    """
    if mutation_rate == 0.0:
        return np.full(np.shape(deviates), np.inf)
    found: FloatArray = np.ceil(1.0 - logarithm(deviates) / mutation_rate)
    return np.maximum(found, 2.0)


def resistant_share(
    cells: FloatArray, first_size: FloatArray, *, mutation_rate: float
) -> FloatArray:
    """Return the share of resistant cells in a lesion that was never treated.

    From its first resistant cell at size N1 on, resistant cells grow like the others and further
    ones arise, ``dR/dN = R / N + mu``, so ``R / N = 1 / N1 + mu ln(N / N1)``, at most 1; 0 before.

    Parameters
    ----------
    cells : (n,) float64
        N, >= 1.
    first_size : (n,) float64
        N1 of `first_resistant_size`.
    mutation_rate : float
        mu, >= 0.

    Returns
    -------
    (n,) float64
        0 to 1.

    Notes
    -----
    Mean over later mutants given N1; resistance costs no growth. Holds while the share is small.

    References
    ----------
    .. [1] Luria and Delbruck 1943 Genetics 28:491 (from memory).
    """
    has = np.asarray(cells >= first_size)
    first = np.where(has, first_size, 1.0)
    ratio = np.where(has, cells, 1.0) / first
    share = 1.0 / first + mutation_rate * logarithm(ratio)
    found: FloatArray = np.where(has, np.minimum(share, 1.0), 0.0)
    return found


def regrown_share(
    share: FloatArray, cells_then: FloatArray, cells: FloatArray, *, mutation_rate: float
) -> FloatArray:
    """Return the resistant share of a lesion that has grown since it was treated.

    ``dR/dN = R / N + mu``, so ``R / N = r + mu ln(N / N0)``, at most 1.

    Parameters
    ----------
    share : (n,) float64
        r, when it was treated last.
    cells_then, cells : (n,) float64
        N0 then and N now, >= 1; a smaller N counts as N0.
    mutation_rate : float
        mu, >= 0.

    Returns
    -------
    (n,) float64
        0 to 1.

    Notes
    -----
    The mean over mutants that arise: below half a cell there is none yet.
    """
    ratio = np.maximum(cells / cells_then, 1.0)
    found: FloatArray = np.minimum(share + mutation_rate * logarithm(ratio), 1.0)
    return found


def resistant_share_after(
    share: FloatArray, survival: FloatArray, resistant_survival: float | FloatArray = 1.0
) -> FloatArray:
    """Return the resistant share of what survives a blow.

    ``r' = r q / (r q + (1 - r) S)``, S and q the survival of sensitive and resistant cells.

    Parameters
    ----------
    share : (n,) float64
        r, 0 to 1.
    survival, resistant_survival : (n,) float64
        S and q, 0 to 1.

    Returns
    -------
    (n,) float64
        0 to 1; r itself where nothing survives.
    """
    resistant = share * resistant_survival
    total = resistant + (1.0 - share) * survival
    after = np.array(share, dtype=np.float64)
    np.divide(resistant, total, out=after, where=total > 0.0)
    return np.minimum(after, 1.0)


def mixed_survival(
    share: FloatArray, survival: FloatArray, resistant_survival: float | FloatArray = 1.0
) -> FloatArray:
    """Return the share of all cells that survives a blow: ``r q + (1 - r) S``."""
    mixed: FloatArray = share * resistant_survival + (1.0 - share) * survival
    return np.minimum(mixed, 1.0)


def slowed_growth(
    share: FloatArray,
    gain: FloatArray,
    factor: float | FloatArray,
    *,
    resistant_factor: float | FloatArray = 1.0,
) -> tuple[FloatArray, FloatArray]:
    """Return how a lesion grows while its cells are slowed, or shrink, by treatment.

    Resistant cells grow by ``e^(h x)``, h = 1 if only drugs act, sensitive ones by ``e^(g x)``:
    ``N' / N = r e^(h x) + (1 - r) e^(g x)`` and ``r' = r e^(h x) N / N'``.

    Parameters
    ----------
    share : (n,) float64
        r, resistant, 0 to 1.
    gain : (n,) float64
        x, logarithm of the growth ``ln(N' / N)`` that the untreated lesion would make, >= 0.
    factor : (n,) float64
        g on the growth rate of sensitive cells.
    resistant_factor : (n,) float64
        h on that of resistant ones.

    Returns
    -------
    ratio : (n,) float64
        N' / N, > 0.
    share_after : (n,) float64
        r', 0 to 1.

    Notes
    -----
    Exact for rates that stay as they are over the step; a step is to be short against the time in
    which the growth rate changes. Competition of the two for room is that of the untreated lesion.
    """
    upward = np.minimum(np.asarray(gain, dtype=np.float64), _MOST_LOGS)
    steps = (np.clip(each * upward, -_MOST_LOGS, _MOST_LOGS) for each in (resistant_factor, factor))
    of_resistant, of_sensitive = (exponential(step) for step in steps)
    resistant = share * of_resistant
    ratio = resistant + (1.0 - share) * of_sensitive
    return ratio, np.minimum(resistant / ratio, 1.0)
