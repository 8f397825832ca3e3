"""Blood in narrow vessels: viscosity, tube haematocrit, phase separation. No network."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_blood import curve_viscosity, fahraeus, red_cell_shares, viscosity_curves
from ctc.checks import FloatArray, require_positive
from ctc.errors import InputError
from ctc.scenario.parameters import load_parameters

MICROMETRES = 1e6


class Rheology(enum.Enum):
    """Which blood flows; the values are scenario keys.

    ``PRIES``: living vessels (viscosity of 1994, phase separation of 2005). ``CONSTANT``: one
    viscosity, red cells in proportion to flow.
    """

    PRIES = "pries"
    CONSTANT = "constant"


class ViscosityLaw(enum.IntEnum):
    """Law of the apparent viscosity; the numbers are those of the host library."""

    CONSTANT = 0
    IN_VITRO_1992 = 1
    IN_VIVO_1994 = 2
    SURFACE_LAYER_2005 = 3


class SeparationLaw(enum.IntEnum):
    """Law of the red cells at a diverging bifurcation; the numbers are the host library's."""

    PROPORTIONAL = 0
    PRIES_1990 = 1
    PRIES_2005 = 2


@dataclass(frozen=True)
class Blood:
    """What flows.

    Attributes
    ----------
    viscosity : float [Pa s]
        Of plasma; of the blood itself under `ViscosityLaw.CONSTANT`.
    haematocrit : float
        Discharge haematocrit of the aortic root, and of what enters an open network.
    largest_haematocrit : float
        No vessel gets denser blood where a vessel divides.
    least_diameter : float [m]
        Narrower vessels are refused; 0 where red cells are not followed.
    red_cell_size : float
        Of the red cells over human ones, in length. The laws are of human cells: a vessel is to
        smaller cells what one wider by that ratio is to human ones.
    viscosity_law : ViscosityLaw
        Of the apparent viscosity.
    separation_law : SeparationLaw
        Of the red cells at bifurcations.
    """

    viscosity: float
    haematocrit: float
    largest_haematocrit: float
    least_diameter: float
    viscosity_law: ViscosityLaw
    separation_law: SeparationLaw
    red_cell_size: float = 1.0


def load_blood(
    rheology: Rheology = Rheology.PRIES,
    *,
    haematocrit: float | None = None,
    red_cell_size: float = 1.0,
) -> Blood:
    """Return blood as the shipped parameter set ``blood`` gives it.

    Parameters
    ----------
    rheology : Rheology
        Which laws.
    haematocrit : float, optional
        Of a body; that of the parameter set when left out.
    red_cell_size : float
        Of the red cells over human ones, in length, > 0.

    Raises
    ------
    InputError
        If the haematocrit is not between 0 and the largest one, or the size is not positive.
    """
    numbers = load_parameters("blood")
    largest = numbers.value("largest_haematocrit")
    given = numbers.value("haematocrit") if haematocrit is None else haematocrit
    if not 0.0 <= given < largest:
        message = f"haematocrit must be in 0 .. {largest:g}, got {given:g}. Give a fraction."
        raise InputError(message)
    if not 0.0 < red_cell_size < np.inf:
        message = f"red_cell_size must be > 0, got {red_cell_size:g}. Give the ratio of lengths."
        raise InputError(message)
    is_constant = rheology is Rheology.CONSTANT
    least = numbers.value("least_diameter") * red_cell_size
    return Blood(
        viscosity=numbers.value("constant_viscosity" if is_constant else "plasma_viscosity"),
        haematocrit=given,
        largest_haematocrit=largest,
        least_diameter=0.0 if is_constant else least,
        viscosity_law=ViscosityLaw.CONSTANT if is_constant else ViscosityLaw.IN_VIVO_1994,
        separation_law=SeparationLaw.PROPORTIONAL if is_constant else SeparationLaw.PRIES_2005,
        red_cell_size=red_cell_size,
    )


def relative_viscosity(
    diameter: npt.ArrayLike,
    haematocrit: npt.ArrayLike,
    *,
    law: ViscosityLaw = ViscosityLaw.IN_VIVO_1994,
) -> FloatArray:
    """Apparent viscosity of blood in a tube over the viscosity of its plasma.

    ``1 + (mu_45 - 1) ((1 - H)^C - 1) / ((1 - 0.45)^C - 1)`` in glass, with mu_45 and C functions
    of the diameter; in living vessels the rise is steeper, or the lumen narrowed by a layer.

    Parameters
    ----------
    diameter : (n,) float64 [m]
        Of the lumen, > 1.1e-6; measured from 3e-6 on. Tends to a constant above 1e-3.
    haematocrit : (n,) float64
        Discharge haematocrit, 0 <= H < 1; measured up to about 0.6.
    law : ViscosityLaw
        Which fit.

    Returns
    -------
    (n,) float64
        1 for plasma in glass, more else.

    Raises
    ------
    InputError
        If a diameter or haematocrit lies outside.

    References
    ----------
    .. [1] Pries, Neuhaus and Gaehtgens 1992, Am J Physiol 263:H1770 (in vitro).
    .. [2] Pries, Secomb, Gessner et al. 1994, Circ Res 75:904 (in vivo).
    .. [3] Pries and Secomb 2005, Am J Physiol 289:H2657 (endothelial surface layer).
    """
    wide, cells = np.broadcast_arrays(np.asarray(diameter, float), np.asarray(haematocrit, float))
    _require_diameter("diameter", wide)
    _require_haematocrit(cells)
    curves = viscosity_curves(law, (wide * MICROMETRES).ravel())
    return curve_viscosity(curves, cells.ravel()).reshape(wide.shape)


def tube_haematocrit(diameter: npt.ArrayLike, haematocrit: npt.ArrayLike) -> FloatArray:
    """Haematocrit of the blood that a tube holds (Fahraeus effect).

    ``H_T / H = H + (1 - H) (1 + 1.7 exp(-0.415 D) - 0.6 exp(-0.011 D))``, D in um, and never
    above 1: red cells run ahead of the plasma.

    Parameters
    ----------
    diameter : (n,) float64 [m]
        Of the lumen, > 1.1e-6; measured from 3e-6 on.
    haematocrit : (n,) float64
        Discharge haematocrit, 0 <= H < 1.

    Returns
    -------
    (n,) float64
        At most the discharge haematocrit.

    Raises
    ------
    InputError
        If a diameter or haematocrit lies outside.

    References
    ----------
    .. [1] Pries, Secomb, Gaehtgens and Gross 1990, Circ Res 67:826.
    """
    wide, cells = np.broadcast_arrays(np.asarray(diameter, float), np.asarray(haematocrit, float))
    _require_diameter("diameter", wide)
    _require_haematocrit(cells)
    return fahraeus((wide * MICROMETRES).ravel(), cells.ravel()).reshape(wide.shape)


def red_cell_share(
    blood_share: npt.ArrayLike,
    haematocrit: npt.ArrayLike,
    *,
    feed_diameter: npt.ArrayLike,
    daughter_diameter: npt.ArrayLike,
    sibling_diameter: npt.ArrayLike,
    law: SeparationLaw = SeparationLaw.PRIES_2005,
) -> FloatArray:
    """Share of a vessel's red cells that enters one of its two daughters.

    None up to a share X0 of the blood, all from 1 - X0, between them ``logit(cells) = A +
    B logit((blood - X0) / (1 - 2 X0))``; A, B and X0 depend on the diameters and haematocrit.

    Parameters
    ----------
    blood_share : (n,) float64
        Share of the feeding vessel's flow that the daughter takes, 0 .. 1.
    haematocrit : (n,) float64
        Discharge haematocrit of the feeding vessel, 0 <= H < 1.
    feed_diameter, daughter_diameter, sibling_diameter : (n,) float64 [m]
        Of the lumens, > 1.1e-6; measured from 4e-6 to 60e-6, and above that the law tends to the
        share of the flow.
    law : SeparationLaw
        Which fit.

    Returns
    -------
    (n,) float64
        0 .. 1; the sibling's share is 1 less that.

    Raises
    ------
    InputError
        If a number lies outside.

    References
    ----------
    .. [1] Pries, Secomb, Gaehtgens and Gross 1990, Circ Res 67:826.
    .. [2] Pries and Secomb 2005, Am J Physiol 289:H2657.
    """
    blood, cells, feed, own, other = np.broadcast_arrays(
        *[
            np.asarray(each, dtype=np.float64)
            for each in (
                blood_share,
                haematocrit,
                feed_diameter,
                daughter_diameter,
                sibling_diameter,
            )
        ]
    )
    for name, wide in (("feed", feed), ("daughter", own), ("sibling", other)):
        _require_diameter(f"{name}_diameter", wide)
    _require_haematocrit(cells)
    if not ((blood >= 0) & (blood <= 1)).all():
        message = "blood_share must be in 0 .. 1. Divide by the flow of the feeding vessel."
        raise InputError(message)
    return red_cell_shares(
        law,
        blood.ravel(),
        daughter=(own * MICROMETRES).ravel(),
        sibling=(other * MICROMETRES).ravel(),
        feed=(feed * MICROMETRES).ravel(),
        haematocrit=cells.ravel(),
    ).reshape(blood.shape)


def _require_diameter(name: str, values: FloatArray) -> None:
    require_positive(name, values - 1.1e-6, unit="m above the 1.1e-6 m of the law")


def _require_haematocrit(values: FloatArray) -> None:
    if not ((values >= 0) & (values < 1)).all():
        message = "haematocrit must be >= 0 and < 1. Give a fraction."
        raise InputError(message)
