"""Microvessels and Margination: numbers by which cells feel the flow around them."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Microvessels:
    """Vessels whose own flow a network cannot tell: heart chambers, and stand-ins for many.

    The finest branches of a grown tree are as wide as small arteries and veins, because each
    stands for all the arterioles or venules behind it and holds their blood. Its own calibre
    and shear stress mean nothing to a cell; those of its class are taken instead.

    Attributes
    ----------
    chamber_stress : float [Pa]
        Root mean square of the shear stress in a heart chamber.
    arteriole_stress, venule_stress : float [Pa]
        Wall shear stress of an arteriole and a venule.
    arteriole_radius, venule_radius : float [m]
        The widest lumen of either; a wider one stands for many.
    lumen_radius : float [m]
        Of one of those that a stand-in stands for.
    haematocrit_ratio : float
        Tube over discharge haematocrit in it.
    """

    chamber_stress: float
    arteriole_stress: float
    venule_stress: float
    arteriole_radius: float
    venule_radius: float
    lumen_radius: float
    haematocrit_ratio: float


@dataclass(frozen=True)
class Margination:
    """Where red cells push tumour cells to the wall, and how often.

    Attributes
    ----------
    probability : float
        Chance to travel on the outermost streamline open to the cell; 0 for no margination.
    lumen_radius : float [m]
        Of the widest vessel where it happens.
    shear_rate : float [1/s]
        Wall shear rate of the fastest flow in which it happens.
    lowest_haematocrit, highest_haematocrit : float
        Tube haematocrits between which it happens.
    """

    probability: float = 0.0
    lumen_radius: float = math.inf
    shear_rate: float = math.inf
    lowest_haematocrit: float = 0.0
    highest_haematocrit: float = 1.0
