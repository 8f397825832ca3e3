"""What the host is like, as factors on named parameters; at 1 each changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ctc.scenario.biology import Biology, OrganClocks, organ_key, resolve_biology
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import HostSettings


def biology_in_host(scenario: Scenario) -> Biology:
    """Return the biology of a scenario in the host that it describes."""
    biology = resolve_biology(scenario)
    if biology.is_inert:
        return biology
    protection = scenario.parameters.value("blood_hazards.platelet_protection")
    return with_host(biology, scenario.settings.host, platelet_protection=protection)


def with_host(biology: Biology, host: HostSettings, *, platelet_protection: float) -> Biology:
    """Return the biology of cells in a given host.

    Parameters
    ----------
    biology : Biology
        In a host whose factors are all 1.
    host : HostSettings
        Immune competence, platelets, age, hypoxia, stiffness, exercise, which acts on the flow
        too, and prepared niches.
    platelet_protection : float
        Killing of cells without platelets over that of cells under them, >= 1.

    Returns
    -------
    Biology
        Killing by immune cells, arrested and circulating, times ``immune competence / age`` and
        times ``p + (1 - p) platelet_protection`` where platelets are p <= 1 of normal (more than
        normal cover no more cells); dormancy rate times hypoxia; escape from dormancy times
        stroma stiffness. Growth to colonies, at once, from sleep or in the vessel, times the niche
        of its organ. Stresses that no flow gives go with exercise, like those that one gives.
    """
    killing = host.immune_competence / host.age
    killing *= killing_under(host.platelets, protection=platelet_protection)

    def in_host(clocks: OrganClocks) -> OrganClocks:
        return replace(
            clocks,
            immune_death_rate=clocks.immune_death_rate * killing,
            dormancy_rate=clocks.dormancy_rate * host.hypoxia,
            escape_rate=clocks.escape_rate * host.stroma_stiffness,
        )

    vessels = biology.microvessels
    changed = replace(
        biology,
        immune_hazard=biology.immune_hazard * killing,
        microvessels=replace(
            vessels,
            chamber_stress=vessels.chamber_stress * host.exercise,
            arteriole_stress=vessels.arteriole_stress * host.exercise,
            venule_stress=vessels.venule_stress * host.exercise,
        ),
    )
    return _with_niches(_with_clocks(changed, change=in_host), host.niche)


def killing_under(platelets: float, *, protection: float) -> float:
    """Return killing by immune cells over that of cells under a normal count of platelets.

    ``p + (1 - p) protection`` where platelets are p <= 1 of normal; 1 above.
    """
    covered = min(platelets, 1.0)
    return covered + (1.0 - covered) * protection


def _with_niches(biology: Biology, niche: Mapping[str, float]) -> Biology:
    organs = dict(biology.organs)
    for organ, factor in niche.items():
        clocks = organs.get(organ_key(organ), biology.default_clocks)
        organs[organ_key(organ)] = replace(
            clocks,
            colony_rate=clocks.colony_rate * factor,
            escape_rate=clocks.escape_rate * factor,
            intravascular_rate=clocks.intravascular_rate * factor,
        )
    return replace(biology, organs=organs)


def _with_clocks(biology: Biology, *, change: Callable[[OrganClocks], OrganClocks]) -> Biology:
    return replace(
        biology,
        organs={organ: change(clocks) for organ, clocks in biology.organs.items()},
        default_clocks=change(biology.default_clocks),
    )
