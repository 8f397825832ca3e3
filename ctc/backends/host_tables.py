"""Tables and draws made by the host library in float64, the same bits on every machine."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.backends.records import BED_RECORD, N_QUANTILES
from ctc.checks import FloatArray, require_positive

_EXP, _LOG, _POWER, _LOSS = range(4)


@dataclass(frozen=True)
class BedLaw:
    """What decides whether a cell stops in a capillary bed; see ``ctc_bed_table``.

    Attributes
    ----------
    bore, bore_deviation : float [m]
        Mean and standard deviation of the lumen diameter.
    n_in_series : float
        Capillaries that a path runs through.
    stiffness_ratio : float
        Effective over true diameter of a cell.
    midpoint, width : float
        x50 and s of the logistic law in effective diameter over bore.
    passing_slowness : float
        Transit time over that of blood, for a cell that must squeeze through.
    chain_exponent : float
        A cluster of n cells counts as n^chain_exponent cells in a capillary: 0 if the first one
        decides for all, 1 if each is a chance of its own.
    """

    bore: float
    bore_deviation: float
    n_in_series: float
    stiffness_ratio: float
    midpoint: float
    width: float
    passing_slowness: float
    chain_exponent: float = 0.0


def size_classes(median_radius: float, *, sigma: float, count: int) -> FloatArray:
    """Radii of equally likely classes of a log-normal law, (count,) float64 [m]."""
    require_positive("median_radius", median_radius, unit="m")
    radius = np.empty(count)
    host_library().ctc_size_classes(
        ctypes.c_double(median_radius), ctypes.c_double(sigma), _pointer(radius), count
    )
    return radius


def bed_records(
    law: BedLaw,
    radius: FloatArray,
    *,
    adhesion: float | FloatArray,
    n_cells: FloatArray | None = None,
) -> npt.NDArray[np.void]:
    """Arrest chances and slowness of every size class in one bed.

    Parameters
    ----------
    law : BedLaw
        Of the bed and the cells.
    radius : (n_size_classes,) float64 [m]
        Of one cell; 0 for blood itself, which never stops.
    adhesion : float or (n_size_classes,) float64
        Chance that a cell stops by adhesion where its size lets it pass.
    n_cells : (n_size_classes,) float64, optional
        Cells of a cluster, which pass one after another; 1 by default.

    Returns
    -------
    (n_size_classes,) BED_RECORD
        Chances in 2^-64.
    """
    arrest = np.empty(radius.size, dtype=np.uint64)
    slowness = np.empty(radius.size, dtype=np.float32)
    numbers = (
        law.bore,
        law.bore_deviation,
        law.n_in_series,
        law.stiffness_ratio,
        law.midpoint,
        law.width,
        law.passing_slowness,
        law.chain_exponent,
    )
    count = np.ones(radius.size) if n_cells is None else np.ascontiguousarray(n_cells)
    stopping = np.array(np.broadcast_to(adhesion, radius.shape), dtype=np.float64)
    host_library().ctc_bed_table(
        *[ctypes.c_double(number) for number in numbers],
        _pointer(np.ascontiguousarray(radius)),
        _pointer(count),
        _pointer(stopping),
        radius.size,
        _pointer(arrest),
        _pointer(slowness),
    )
    records = np.zeros(radius.size, dtype=BED_RECORD)
    records["arrest"] = arrest
    records["slowness"] = slowness
    return records


@dataclass(frozen=True)
class BellBed:
    """Capillaries of one bed as cells that adhere meet them.

    Attributes
    ----------
    wall_shear_stress : float [Pa]
        In them.
    bore : float [m]
        Mean lumen diameter.
    capillary_time : float [s]
        That blood takes through one of them.
    n_in_series : float
        Capillaries that a path runs through.
    hold_time : float [s]
        That bonds must hold.
    pairs : (n_pairs, 3) float64 [1/s, m, 1/s]
        Off rate, bond length, and bonds formed a second of contact with this bed's ligands.
    """

    wall_shear_stress: float
    bore: float
    capillary_time: float
    n_in_series: float
    hold_time: float
    pairs: FloatArray


def bell_adhesion(
    bed: BellBed,
    radius: FloatArray,
    *,
    slowness: npt.NDArray[np.float32],
    receptors: FloatArray,
) -> FloatArray:
    """Return the chance of single cells to stop by adhesion in one bed; ``ctc_bell_adhesion``.

    Parameters
    ----------
    bed : BellBed
        Its shear, calibre and ligands.
    radius : (n,) float64 [m]
        Of one cell.
    slowness : (n,) float32
        Transit time over that of blood, which lengthens contact.
    receptors : (n,) float64
        Of the cells, over those of cells that adhere strongly.

    Returns
    -------
    (n,) float64
        Chances.
    """
    adhesion = np.empty(radius.size)
    pairs = np.ascontiguousarray(bed.pairs, dtype=np.float64)
    numbers = (
        bed.wall_shear_stress,
        bed.bore,
        bed.capillary_time,
        bed.n_in_series,
        bed.hold_time,
    )
    host_library().ctc_bell_adhesion(
        *[ctypes.c_double(number) for number in numbers],
        _pointer(pairs),
        pairs.shape[0],
        _pointer(np.ascontiguousarray(radius)),
        _pointer(np.ascontiguousarray(slowness)),
        _pointer(np.ascontiguousarray(receptors)),
        radius.size,
        _pointer(adhesion),
    )
    return adhesion


def bond_lifetime(n_bonds: int, *, off_rate: float, bond_length: float, force: float) -> float:
    """Return the mean time until bonds that share a force are open, without rebinding [s].

    ``T = sum over i = 1 .. n of exp(-force x_b / (i kT)) / (i k0)``, kT of 310 K.

    Parameters
    ----------
    n_bonds : int
        Closed at first.
    off_rate : float [1/s]
        Of one bond without load.
    bond_length : float [m]
        Of Bell's law.
    force : float [N]
        Shared by the bonds that are closed.

    References
    ----------
    .. [1] Bell 1978 Science 200:618.
    .. [2] Erdmann and Schwarz 2004 Phys Rev Lett 92:108102.
    """
    return float(
        host_library().ctc_bond_lifetime(
            n_bonds, ctypes.c_double(off_rate), ctypes.c_double(bond_length), ctypes.c_double(force)
        )
    )


def transit_quantiles(shape: float) -> npt.NDArray[np.float32]:
    """Quantiles of a Weibull law of mean 1, (N_QUANTILES + 1,) float32."""
    require_positive("shape", shape)
    quantile = np.empty(N_QUANTILES + 1, dtype=np.float32)
    host_library().ctc_weibull_quantiles(ctypes.c_double(shape), N_QUANTILES, _pointer(quantile))
    return quantile


def poisson(mean: float, bits: int) -> int:
    """Poisson number of a mean (0 to 1e15) from 64 random bits."""
    if not (math.isfinite(mean) and 0 <= mean <= 1e15):
        message = f"mean must be in 0 .. 1e15, got {mean}"
        raise ValueError(message)
    return int(host_library().ctc_poisson(mean, bits))


def keyed_words(
    keys: npt.NDArray[np.uint64], *, seed: int, purpose: int, round_: int
) -> npt.NDArray[np.uint64]:
    """Return 64 random bits for each key, (n,) uint64; see ``ctc_keyed_words``."""
    own = np.ascontiguousarray(keys, dtype=np.uint64)
    words = np.empty(own.size, dtype=np.uint64)
    host_library().ctc_keyed_words(
        ctypes.c_uint64(seed),
        ctypes.c_uint32(purpose),
        ctypes.c_uint32(round_),
        _pointer(own),
        _pointer(words),
        ctypes.c_uint64(own.size),
    )
    return words


def exponential(x: npt.ArrayLike) -> FloatArray:
    """exp(x), float64, the same bits everywhere."""
    return _real_function(_EXP, x)


def logarithm(x: npt.ArrayLike) -> FloatArray:
    """log(x) for x > 0, float64, the same bits everywhere."""
    return _real_function(_LOG, x)


def power(x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
    """x^y for x > 0, float64, the same bits everywhere."""
    return _real_function(_POWER, x, y)


def loss(hazard: npt.ArrayLike) -> FloatArray:
    """1 - exp(-hazard), hazard >= 0, float64, relatively exact however small it is."""
    return _real_function(_LOSS, hazard)


def binomial(
    n: npt.NDArray[np.uint64],
    chance: FloatArray,
    rest: FloatArray,
    bits: npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64]:
    """Binomial numbers from 64 random bits each.

    Parameters
    ----------
    n : (count,) uint64
        Trials, up to 2^53.
    chance, rest : (count,) float64
        Of success, and 1 less that, both relatively exact.
    bits : (count,) uint64
        Random.

    Returns
    -------
    (count,) int64
        Successes.
    """
    trials, words = (np.ascontiguousarray(each, dtype=np.uint64) for each in (n, bits))
    chances = [np.ascontiguousarray(each, dtype=np.float64) for each in (chance, rest)]
    found = np.empty(trials.size, dtype=np.uint64)
    host_library().ctc_binomial(
        _pointer(trials),
        *[_pointer(each) for each in chances],
        _pointer(words),
        _pointer(found),
        ctypes.c_uint64(found.size),
    )
    return found.astype(np.int64)


def _real_function(operation: int, x: npt.ArrayLike, y: npt.ArrayLike | None = None) -> FloatArray:
    if np.ndim(x) == 0 and (y is None or np.ndim(y) == 0):
        value = host_library().ctc_real_value(operation, float(x), 0.0 if y is None else float(y))  # type: ignore[arg-type]
        return np.array(value)
    if y is None:  # a function of one number: the second is not looked at
        out = np.array(x, dtype=np.float64, order="C")
        values = exponents = _pointer(out)
    else:
        first, second = np.broadcast_arrays(x, y)
        out, other = (np.array(each, dtype=np.float64, order="C") for each in (first, second))
        values, exponents = _pointer(out), _pointer(other)
    # In place: each element is read before it is written.
    host_library().ctc_real_function(
        operation, values, exponents, values, ctypes.c_uint64(out.size)
    )
    return out


def _pointer(array: npt.NDArray[np.generic]) -> ctypes.c_void_p:
    """Return where an array lies; it lives as long as what is returned, also where it is a copy."""
    pointer = ctypes.c_void_p(array.__array_interface__["data"][0])
    pointer.array = array  # type: ignore[attr-defined]
    return pointer
