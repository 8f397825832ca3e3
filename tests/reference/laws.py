"""The laws of motion in plain NumPy and float64, written from the papers, not the headers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad

from ctc.checks import FloatArray

# A cell above this share of the vessel's diameter fills the lumen.
PLUG = 0.8


def uniform_deviate(word: npt.ArrayLike) -> FloatArray:
    """Return the deviate of a word: the middle of one of 2^23 equal intervals of (0, 1)."""
    step = np.asarray(word, dtype=np.uint64) >> np.uint64(9)
    return (step.astype(np.float64) + 0.5) / 2.0**23


def open_share(size_ratio: npt.ArrayLike) -> FloatArray:
    """Return the share of a Poiseuille flow within 1 - L of the axis, F = 1 - (1 - (1-L)^2)^2."""
    gap = 1.0 - np.asarray(size_ratio, dtype=np.float64)
    return np.asarray(1.0 - (1.0 - gap**2) ** 2)


def streamline_speed(deviate: npt.ArrayLike, size_ratio: npt.ArrayLike) -> FloatArray:
    """Return the speed over the mean of a sphere on a flux-weighted streamline, Faxen lag included.

    The share F u of the flow lies inside the radius r with (1 - r^2)^2 = 1 - F u, where the blood
    moves at 2 (1 - r^2) = 2 sqrt(1 - F u).
    """
    ratio = np.asarray(size_ratio, dtype=np.float64)
    speed = 2.0 * np.sqrt(1.0 - open_share(ratio) * np.asarray(deviate)) - 4.0 / 3.0 * ratio**2
    return np.where(ratio <= PLUG, speed, 1.0)


def residence_cdf(time: npt.ArrayLike, size_ratio: float) -> FloatArray:
    """Chance to have left a tube of mean transit time 1, cell over vessel diameter L <= 0.8.

    t = 1 / (2 sqrt(1 - F u) - b) with b = (4/3) L^2 falls where u stays below

        u(t) = (1 - ((1/t + b) / 2)^2) / F,

    and u is uniform. For points (F = 1, b = 0) that is 1 - 1/(4 t^2), of density 1/(2 t^3).
    """
    lag = 4.0 / 3.0 * size_ratio**2
    share = (1.0 - ((1.0 / np.asarray(time) + lag) / 2.0) ** 2) / open_share(size_ratio)
    return np.clip(share, 0.0, 1.0)


def mean_residence(size_ratio: float) -> float:
    """Return the mean of the law of `residence_cdf`, by quadrature; 1 for points."""
    if size_ratio == 0.0:
        return 1.0
    return float(quad(lambda u: 1.0 / streamline_speed(u, size_ratio), 0.0, 1.0)[0])


def excluded_share(size_ratio: float) -> float:
    """X0(L) = (8 / 3 pi) integral from 1-L to 1 of (1 - x^2)^(3/2) dx, by quadrature.

    With x = 1 - L t^2 the integrand is smooth: 2 L^(5/2) t^4 (2 - L t^2)^(3/2) from 0 to 1.
    """
    integral, _ = quad(lambda t: 2.0 * t**4 * (2.0 - size_ratio * t * t) ** 1.5, 0.0, 1.0)
    return float(8.0 / (3.0 * np.pi) * size_ratio**2.5 * integral)


def first_daughter_chance(share: npt.ArrayLike, excluded: npt.ArrayLike) -> FloatArray:
    """Return (share - X0) / (1 - 2 X0), the chance of a daughter with share <= 1/2 of the flow."""
    reach = np.asarray(share) - np.asarray(excluded)
    width = 1.0 - 2.0 * np.asarray(excluded)
    return np.asarray(np.where(reach > 0.0, reach / np.where(width > 0.0, width, 1.0), 0.0))
