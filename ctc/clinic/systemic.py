"""SystemicEffect: what treatments under way do to cells, tumours and lesions of one patient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ctc.scenario.biology import organ_key


@dataclass(frozen=True)
class SystemicEffect:
    """What is under way, as hazards that are added and factors; as made it changes nothing.

    Organs are named by `organ_key`. Hazards hold for sensitive and resistant cells alike.

    Attributes
    ----------
    blood_hazard : float [1/s]
        Added death rate of a circulating cell.
    arrested_death_rate, tissue_death_rate, dormant_death_rate : float [1/s]
        Added death rate of a cell at rest, by its state.
    organ_death_rate_of : mapping of str to float [1/s]
        Added death rate of every cell at rest in an organ, whatever its state.
    immune_factor : float
        On killing by immune cells, circulating and arrested.
    platelets : float
        Platelets that can cover cells over those without the drug, as ``host.platelets``.
    extravasation_factor : float
        On the rate at which arrested cells leave the vessel.
    colony_factor : float
        On growth to colonies in every organ: at once, from sleep and in the vessel.
    colony_factor_of : mapping of str to float
        The same in one organ, on top.
    escape_factor : float
        On growth from sleep alone, on top.
    shedding_factor : float
        On what tumours and lesions shed.
    growth_factor : float
        On the growth rate of sensitive cells of tumours and lesions; below 0 they shrink.
    host_growth_factor : float
        On that of all their cells, those too that no drug reaches: what the host does to them.
    growth_factor_of : mapping of str to float
        The same in one organ. `growth_in` joins them.
    """

    blood_hazard: float = 0.0
    arrested_death_rate: float = 0.0
    tissue_death_rate: float = 0.0
    dormant_death_rate: float = 0.0
    organ_death_rate_of: Mapping[str, float] = field(default_factory=dict)
    immune_factor: float = 1.0
    platelets: float = 1.0
    extravasation_factor: float = 1.0
    colony_factor: float = 1.0
    colony_factor_of: Mapping[str, float] = field(default_factory=dict)
    escape_factor: float = 1.0
    shedding_factor: float = 1.0
    growth_factor: float = 1.0
    host_growth_factor: float = 1.0
    growth_factor_of: Mapping[str, float] = field(default_factory=dict)

    def growth_in(self, organ: str) -> float:
        """Return the factor on growth of sensitive cells in an organ."""
        return joint_growth((self.growth_factor, self.resistant_growth_in(organ)))

    def resistant_growth_in(self, organ: str) -> float:
        """Return the factor on growth of cells that no drug reaches in an organ."""
        there = self.growth_factor_of.get(organ_key(organ), 1.0)
        return joint_growth((self.host_growth_factor, there))

    def colonies_in(self, organ: str) -> float:
        """Return the factor on growth to colonies in an organ."""
        return self.colony_factor * self.colony_factor_of.get(organ_key(organ), 1.0)


# Treatments that are not under way say so by this very object.
NEUTRAL = SystemicEffect()


def joint_growth(factors: Iterable[float]) -> float:
    """Return the factor on growth under several drugs at once.

    ``prod max(g, 0) + sum min(g, 0)``: each drug that slows lets through its share of what the
    others let through, and what kills adds up; two drugs that kill do not make a tumour grow.

    Parameters
    ----------
    factors : iterable of float
        Growth rate under each drug alone over that without.

    Returns
    -------
    float
        1 for none. Bliss' independence where all only slow.

    Notes
    -----
    Assumed; synergy and antagonism are left out.

    References
    ----------
    .. [1] Bliss 1939 Ann Appl Biol 26:585 (independence, from memory).
    """
    given = tuple(factors)
    killing = sum(min(factor, 0.0) for factor in given)
    return math.prod(max(factor, 0.0) for factor in given) + killing


def combined(effects: Iterable[SystemicEffect]) -> SystemicEffect:
    """Return several effects at once: hazards add, factors multiply, growth by `joint_growth`.

    Parameters
    ----------
    effects : iterable of SystemicEffect
        In the order of the calendar; any other order gives the same but for rounding.

    Returns
    -------
    SystemicEffect
        ``SystemicEffect()`` for none.
    """
    given = tuple(effects)
    if len(given) < 2:
        return given[0] if given else NEUTRAL
    return SystemicEffect(
        blood_hazard=sum(each.blood_hazard for each in given),
        arrested_death_rate=sum(each.arrested_death_rate for each in given),
        tissue_death_rate=sum(each.tissue_death_rate for each in given),
        dormant_death_rate=sum(each.dormant_death_rate for each in given),
        organ_death_rate_of={
            organ: sum(values)
            for organ, values in _by_organ(each.organ_death_rate_of for each in given).items()
        },
        immune_factor=math.prod(each.immune_factor for each in given),
        platelets=math.prod(each.platelets for each in given),
        extravasation_factor=math.prod(each.extravasation_factor for each in given),
        colony_factor=math.prod(each.colony_factor for each in given),
        colony_factor_of={
            organ: math.prod(values)
            for organ, values in _by_organ(each.colony_factor_of for each in given).items()
        },
        escape_factor=math.prod(each.escape_factor for each in given),
        shedding_factor=math.prod(each.shedding_factor for each in given),
        growth_factor=joint_growth(each.growth_factor for each in given),
        host_growth_factor=joint_growth(each.host_growth_factor for each in given),
        growth_factor_of={
            organ: joint_growth(values)
            for organ, values in _by_organ(each.growth_factor_of for each in given).items()
        },
    )


def _by_organ(tables: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """Return the values of each organ that any table has, organs in order of name."""
    found: dict[str, list[float]] = {}
    for table in tables:
        for organ, value in table.items():
            found.setdefault(organ, []).append(value)
    return dict(sorted(found.items()))
