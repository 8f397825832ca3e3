"""Conductance of every segment: Poiseuille for a tube, a bundle of tubes for a bed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray, require_positive
from ctc.errors import InputError, near_name
from ctc.flow.rheology import Blood, Rheology, load_blood
from ctc.scenario.parameters import load_parameters
from ctc.vessels.network import VesselNetwork


@dataclass(frozen=True)
class Haemodynamics:
    """The numbers that a steady flow of the whole circulation needs besides the vessels.

    Attributes
    ----------
    blood : Blood
        What flows, and by which laws.
    aortic_root, right_atrium, left_atrium, pulmonary_trunk, portal_vein : float [Pa]
        Mean pressures over the surroundings.
    """

    blood: Blood
    aortic_root: float
    right_atrium: float
    left_atrium: float
    pulmonary_trunk: float
    portal_vein: float


def load_haemodynamics(
    rheology: Rheology = Rheology.PRIES,
    *,
    haematocrit: float | None = None,
    red_cell_size: float = 1.0,
    pressures: Mapping[str, float] | None = None,
) -> Haemodynamics:
    """Return blood and pressures as the shipped parameter set ``blood`` gives them.

    Parameters
    ----------
    rheology : Rheology
        Laws of the blood.
    haematocrit : float, optional
        Of the aortic root; that of the parameter set when left out.
    red_cell_size : float
        Of the red cells over human ones, in length.
    pressures : mapping of str to float [Pa], optional
        Of a body, by name, instead of those of the parameter set.

    Raises
    ------
    InputError
        If a name is no pressure that a circulation has.
    """
    known = {key: p.value for key, p in load_parameters("blood").group("pressure").items()}
    for name in pressures or {}:
        if name not in known:
            message = f"pressure must be a known one, got '{name}'. {near_name(name, known)}"
            raise InputError(message)
    blood = load_blood(rheology, haematocrit=haematocrit, red_cell_size=red_cell_size)
    return Haemodynamics(blood=blood, **(known | dict(pressures or {})))


def segment_conductance(network: VesselNetwork, viscosity: float | FloatArray) -> FloatArray:
    """Flow rate per pressure difference of every segment.

    ``G = V R^2 / (8 mu L^2) / f``: for a tube, whose volume V is pi R^2 L, the law of
    Poiseuille pi R^4 / (8 mu L); for a bed, whose volume is that of n equal tubes, n times
    that; f is the segment's resistance factor.

    Parameters
    ----------
    network : VesselNetwork
        The value of a heart chamber means nothing: it is a pump.
    viscosity : float or (n_segments,) float64 [Pa s]
        Apparent viscosity of the blood, > 0.

    Returns
    -------
    (n_segments,) float64 [m^3/s/Pa]
        > 0.

    Raises
    ------
    InputError
        If the viscosity is not positive.

    Notes
    -----
    Steady laminar flow; entrance lengths, curvature and pulsation are left out, which
    underestimates the loss in the largest vessels.

    References
    ----------
    .. [1] Sutera and Skalak 1993, doi:10.1146/annurev.fl.25.010193.000245.
    """
    require_positive("viscosity", viscosity, unit="Pa s")
    bundle = network.volume * np.square(network.lumen_radius / network.length)
    conductance: FloatArray = bundle / (8.0 * viscosity * network.resistance_factor)
    return conductance


def wall_shear_stress(
    network: VesselNetwork, flow_rate: FloatArray, *, viscosity: FloatArray
) -> FloatArray:
    """Shear stress of the blood on the wall of every segment.

    ``tau = 4 mu Q L / (V R)``: for a tube, whose volume V is pi R^2 L, 4 mu Q / (pi R^3); for a
    bed of n equal tubes that of one of them, which carries Q / n.

    Parameters
    ----------
    network : VesselNetwork
        The value of a heart chamber means nothing.
    flow_rate : (n_segments,) float64 [m^3/s]
        >= 0.
    viscosity : (n_segments,) float64 [Pa s]
        Apparent viscosity, > 0.

    Returns
    -------
    (n_segments,) float64 [Pa]
        Never negative.

    References
    ----------
    .. [1] Sutera and Skalak 1993, doi:10.1146/annurev.fl.25.010193.000245.
    """
    stress: FloatArray = 4.0 * viscosity * flow_rate * network.length
    stress /= network.volume * network.lumen_radius
    return stress
