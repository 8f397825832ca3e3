"""The biology of cells in a patient who is treated: hazards added, rates times factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.scenario.biology import Biology, OrganClocks, organ_key
from ctc.scenario.host import killing_under


def treated_biology(
    biology: Biology,
    effect: SystemicEffect,
    *,
    platelet_protection: float,
    host_platelets: float = 1.0,
) -> Biology:
    """Return the biology of cells under what is under way.

    Parameters
    ----------
    biology : Biology
        Of the untreated patient, already in its host.
    effect : SystemicEffect
        Of all treatments together.
    platelet_protection : float
        Killing of cells without platelets over that of cells under them, >= 1.
    host_platelets : float
        ``host.platelets`` that ``biology`` was made with.

    Returns
    -------
    Biology
        Death by treatment of circulating cells and of cells at rest is added. Killing by immune
        cells times the effect's factor and times ``k(h p) / k(h)``, h the platelets of the host,
        p those of the effect, ``k(x) = min(x, 1) + (1 - min(x, 1)) platelet_protection``.
        Extravasation, growth to colonies (at once, from sleep, in the vessel) and escape from
        sleep times their factors. The very same object if the effect touches no cell, or if cells
        are inert.

    Raises
    ------
    ValueError
        If a hazard or a factor on cells is negative.
    """
    if effect is NEUTRAL or biology.is_inert or not _touches_cells(effect):
        return biology
    _require_sense(effect)
    killing = effect.immune_factor
    killing *= killing_under(host_platelets * effect.platelets, protection=platelet_protection)
    killing /= killing_under(host_platelets, protection=platelet_protection)
    named = {organ_key(organ) for table in _tables(effect) for organ in table}
    names = sorted(named | set(biology.organs))
    return replace(
        biology,
        immune_hazard=biology.immune_hazard * killing,
        treatment_hazard=biology.treatment_hazard + effect.blood_hazard,
        organs={
            organ: _treated(biology.clocks(organ), effect, organ=organ, killing=killing)
            for organ in names
        },
        default_clocks=_treated(biology.default_clocks, effect, organ="", killing=killing),
    )


def _treated(
    clocks: OrganClocks, effect: SystemicEffect, *, organ: str, killing: float
) -> OrganClocks:
    colonies = effect.colonies_in(organ)
    anywhere = effect.organ_death_rate_of.get(organ, 0.0)
    return replace(
        clocks,
        immune_death_rate=clocks.immune_death_rate * killing,
        extravasation_rate=clocks.extravasation_rate * effect.extravasation_factor,
        colony_rate=clocks.colony_rate * colonies,
        intravascular_rate=clocks.intravascular_rate * colonies,
        escape_rate=clocks.escape_rate * colonies * effect.escape_factor,
        treatment_death_arrested=clocks.treatment_death_arrested
        + (effect.arrested_death_rate + anywhere),
        treatment_death_tissue=clocks.treatment_death_tissue
        + (effect.tissue_death_rate + anywhere),
        treatment_death_dormant=clocks.treatment_death_dormant
        + (effect.dormant_death_rate + anywhere),
    )


def _tables(effect: SystemicEffect) -> tuple[Mapping[str, float], Mapping[str, float]]:
    return effect.organ_death_rate_of, effect.colony_factor_of


def _touches_cells(effect: SystemicEffect) -> bool:
    """Whether a cell, and not only tumours and lesions, meets the effect."""
    of_cells = replace(
        effect,
        shedding_factor=1.0,
        growth_factor=1.0,
        host_growth_factor=1.0,
        growth_factor_of={},
    )
    return of_cells != NEUTRAL


def _require_sense(effect: SystemicEffect) -> None:
    values = {
        "blood_hazard": effect.blood_hazard,
        "arrested_death_rate": effect.arrested_death_rate,
        "tissue_death_rate": effect.tissue_death_rate,
        "dormant_death_rate": effect.dormant_death_rate,
        "immune_factor": effect.immune_factor,
        "platelets": effect.platelets,
        "extravasation_factor": effect.extravasation_factor,
        "colony_factor": effect.colony_factor,
        "escape_factor": effect.escape_factor,
        **{f"organ_death_rate_of {name}": x for name, x in effect.organ_death_rate_of.items()},
        **{f"colony_factor_of {name}": x for name, x in effect.colony_factor_of.items()},
    }
    for name, value in values.items():
        if not value >= 0.0:
            message = f"{name} must be >= 0, got {value:g}"
            raise ValueError(message)
