"""The biology of a run as plain SI numbers: what the simulation reads, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ctc.errors import InputError
from ctc.scenario.adhesion import Adhesion, resolve_adhesion
from ctc.scenario.clusters import Clusters, resolve_clusters
from ctc.scenario.lymph_route import LYMPH_NODES, LymphRoute
from ctc.scenario.parameters import ParameterSet
from ctc.scenario.rules import ORGAN_PARAMETERS, ORGAN_PREFIX, PARAMETERS, ligand_of, organ_of
from ctc.scenario.scenario import Scenario
from ctc.scenario.surroundings import Margination, Microvessels

DEFAULT_ORGAN = "default"

# ln 2 as a literal: no number of a run may come from libm.
_LN2 = 0.6931471805599453
_NO_CLUSTERS = Clusters()
_NO_LYMPH = LymphRoute()
_SHARES = ("death_share", "dormancy_share", "colony_share")


@dataclass(frozen=True)
class OrganClocks:
    """Competing rates of a cell that is held in one organ.

    Attributes
    ----------
    release_rate, immune_death_rate, other_death_rate, extravasation_rate : float [1/s]
        Of an arrested cell.
    tissue_death_rate, dormancy_rate, colony_rate : float [1/s]
        Of an extravasated cell.
    escape_rate, dormant_death_rate : float [1/s]
        Of a dormant cell: it grows to a colony, or dies.
    doubling_time : float [s]
        Of a colony's cell number; infinite for inert cells.
    intravascular_rate : float [1/s]
        Of an arrested cell: it grows to a colony without leaving the vessel.
    node_exit_rate : float [1/s]
        Of a cell arrested in a lymph node: into the node's blood vessels.
    treatment_death_arrested, treatment_death_tissue, treatment_death_dormant : float [1/s]
        Killing by a treatment, by the state of the cell.
    """

    release_rate: float
    immune_death_rate: float
    other_death_rate: float
    extravasation_rate: float
    tissue_death_rate: float
    dormancy_rate: float
    colony_rate: float
    escape_rate: float
    dormant_death_rate: float
    doubling_time: float
    intravascular_rate: float = 0.0
    node_exit_rate: float = 0.0
    treatment_death_arrested: float = 0.0
    treatment_death_tissue: float = 0.0
    treatment_death_dormant: float = 0.0


@dataclass(frozen=True)
class Biology:
    """Every biological number that a run uses.

    Attributes
    ----------
    is_inert : bool
        Point tracers: all sizes, hazards and rates are zero.
    attach_probability : float
        Chance to attach for good in each segment entered.
    attach_radius : float [m]
        Largest lumen radius of the segments where cells attach.
    diameter_median : float [m]
        Of the cells.
    diameter_sigma : float
        Standard deviation of the log of the diameter.
    n_size_classes : int
        Equally likely classes that the diameters are cut into.
    effective_diameter_ratio : float
        Diameter that a bore must pass over the diameter of the cell.
    arrest_midpoint, arrest_width : float
        x50 and s of the chance to stop in one capillary segment of bore D,
        ``1 / (1 + exp(-(d_eff / D - x50) / s))``.
    adhesive_fraction : float
        Share of the cells, drawn at birth, that adhere strongly.
    adhesion_probability, weak_adhesion_probability : float
        Chance that a strongly, or another, adhering cell stops by adhesion in a bed that its size
        lets it pass.
    passing_slowness : float
        Transit time of a bed that a cell must squeeze through over that of blood.
    shear_sensitivity : float [1/(s Pa^2)]
        Hazard of a circulating cell over the square of the wall shear stress around it.
    immune_hazard, anoikis_hazard : float [1/s]
        Of a circulating cell.
    treatment_hazard : float [1/s]
        Of a circulating cell while it is treated.
    microvessels : Microvessels
        Shear stress where a network's own means nothing.
    margination : Margination
        Where and how often cells travel next to the wall.
    lesion_capacity : float
        Number of cells that a lesion cannot exceed.
    organs : mapping of str to OrganClocks
        Organs with clocks of their own; `clocks` gives the default for the others.
    default_clocks : OrganClocks
        Of every other organ.
    adhesion : Adhesion, optional
        Bonds by Bell's kinetics, instead of the two chances above.
    clusters : Clusters
        What is shed beside single cells.
    lymph : LymphRoute
        Entry into the lymph, and its nodes.
    """

    is_inert: bool
    attach_probability: float
    attach_radius: float
    diameter_median: float
    diameter_sigma: float
    n_size_classes: int
    effective_diameter_ratio: float
    arrest_midpoint: float
    arrest_width: float
    adhesive_fraction: float
    adhesion_probability: float
    weak_adhesion_probability: float
    passing_slowness: float
    shear_sensitivity: float
    immune_hazard: float
    anoikis_hazard: float
    microvessels: Microvessels
    margination: Margination
    lesion_capacity: float
    organs: Mapping[str, OrganClocks]
    default_clocks: OrganClocks
    adhesion: Adhesion | None = None
    clusters: Clusters = _NO_CLUSTERS
    lymph: LymphRoute = _NO_LYMPH
    treatment_hazard: float = 0.0

    def clocks(self, organ: str) -> OrganClocks:
        """Return the clocks of an organ, by `organ_key` of its name."""
        return self.organs.get(organ_key(organ), self.default_clocks)

    def node_clocks(self) -> OrganClocks:
        """Return the clocks of cells that came to a lymph node with the lymph."""
        return replace(self.clocks(LYMPH_NODES), node_exit_rate=self.lymph.node_exit_rate)


@lru_cache(maxsize=4096)
def organ_key(organ: str) -> str:
    """Return an organ's name without side or underscores: ``left_kidney`` gives ``kidney``."""
    name = organ.replace("_", " ").strip().lower()
    for side in ("left ", "right "):
        name = name.removeprefix(side)
    return name.removesuffix(" gland")


def resolve_biology(scenario: Scenario) -> Biology:
    """Return the biology of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Loaded and checked.

    Returns
    -------
    Biology
        In SI. For ``cells.inert = true`` every size, hazard and rate is zero.

    Raises
    ------
    InputError
        If a parameter is missing, or the shares of an organ do not sum to 1.

    Notes
    -----
    Derived here: extravasation rate ``ln 2 / half time``; other death = exit_or_death_rate less
    extravasation; each tissue rate = share / decision_time; the rates of growth, at once and from
    sleep, times both colony factors; shear sensitivity = reference hazard / (reference stress)^2;
    radius = diameter / 2.
    """
    cells = scenario.settings.cells
    attach_radius = math.inf if cells.attach_radius is None else cells.attach_radius
    if cells.inert:
        return _inert(cells.attach_probability, attach_radius)
    parameters = scenario.parameters
    cell = _group(parameters, "tumour_cell")
    blood = _group(parameters, "blood_hazards")
    reference_stress = blood["shear_reference_stress"]
    names = {organ for organ in map(organ_of, parameters) if organ is not None}
    clocks = {
        organ_key(name): _organ_clocks(name, parameters) for name in sorted(names | {DEFAULT_ORGAN})
    }
    default = clocks.pop(DEFAULT_ORGAN)
    n_size_classes = cell["size_classes"]
    if not n_size_classes.is_integer():
        message = f"value must be a whole number, got {n_size_classes:g}. Round it."
        raise InputError(message, key="tumour_cell.size_classes")
    return Biology(
        is_inert=False,
        attach_probability=cells.attach_probability,
        attach_radius=attach_radius,
        diameter_median=cell["diameter"],
        diameter_sigma=cell["diameter_spread"],
        n_size_classes=int(n_size_classes),
        effective_diameter_ratio=cell["effective_diameter_ratio"],
        arrest_midpoint=cell["arrest_midpoint"],
        arrest_width=cell["arrest_width"],
        adhesive_fraction=cell["adhesive_fraction"],
        adhesion_probability=cell["adhesion_probability"],
        weak_adhesion_probability=cell["weak_adhesion_probability"],
        passing_slowness=cell["passing_slowness"],
        shear_sensitivity=blood["shear_reference_hazard"] / (reference_stress * reference_stress),
        immune_hazard=blood["immune_hazard"],
        anoikis_hazard=blood["anoikis_hazard"],
        microvessels=_microvessels(blood),
        margination=_margination(parameters, cell),
        lesion_capacity=parameters.value("tissue.lesion_capacity"),
        organs=clocks,
        default_clocks=default,
        adhesion=_adhesion(parameters) if cells.adhesion == "bell" else None,
        clusters=_clusters(parameters),
        lymph=LymphRoute(**_group(parameters, "lymph")),
    )


def _group(parameters: ParameterSet, topic: str) -> dict[str, float]:
    start = f"{topic}."
    return {
        name[len(start) :]: parameters.value(name) for name in PARAMETERS if name.startswith(start)
    }


def _clusters(parameters: ParameterSet) -> Clusters:
    try:
        return resolve_clusters(_group(parameters, "clusters"))
    except InputError as error:
        kinds = ("homotypic", "neutrophil", "platelet")
        names = (f"clusters.{kind}_fraction" for kind in kinds)
        raise error.at(key=parameters.culprit(*names)) from None


def _adhesion(parameters: ParameterSet) -> Adhesion:
    expression = {}
    for name in parameters:
        organ, pair = ligand_of(name)
        if organ:
            expression[organ_key(organ), pair] = parameters.value(name)
    return resolve_adhesion(_group(parameters, "adhesion"), expression)


def _microvessels(blood: Mapping[str, float]) -> Microvessels:
    return Microvessels(
        chamber_stress=blood["chamber_stress"],
        arteriole_stress=blood["arteriole_stress"],
        venule_stress=blood["venule_stress"],
        arteriole_radius=0.5 * blood["arteriole_diameter"],
        venule_radius=0.5 * blood["venule_diameter"],
        lumen_radius=0.5 * blood["microvessel_diameter"],
        haematocrit_ratio=blood["microvessel_haematocrit_ratio"],
    )


def _margination(parameters: ParameterSet, cell: Mapping[str, float]) -> Margination:
    lowest, highest = cell["margination_haematocrit_low"], cell["margination_haematocrit_high"]
    if lowest > highest:
        message = (
            f"margination_haematocrit_low must be <= margination_haematocrit_high = {highest:g}, "
            f"got {lowest:g}. "
            "Swap the two."
        )
        ends = ("margination_haematocrit_low", "margination_haematocrit_high")
        key = parameters.culprit(*(f"tumour_cell.{end}" for end in ends))
        raise InputError(message, key=key)
    return Margination(
        probability=cell["margination_probability"],
        lumen_radius=0.5 * cell["margination_vessel_diameter"],
        shear_rate=cell["margination_shear_rate"],
        lowest_haematocrit=lowest,
        highest_haematocrit=highest,
    )


def _organ_clocks(organ: str, parameters: ParameterSet) -> OrganClocks:
    value = {key: _organ_value(organ, key, parameters) for key in ORGAN_PARAMETERS}
    total = value["death_share"] + value["dormancy_share"] + value["colony_share"]
    if abs(total - 1.0) > 1e-9:
        parts = ", ".join(f"{name} {value[name]:g}" for name in _SHARES)
        message = f"shares must sum to 1, got {total:.12g} ({parts}). Change one to fit the others."
        raise InputError(message, key=_culprit(organ, _SHARES, parameters))
    extravasation = _LN2 / value["extravasation_half_time"]
    other_death = value["exit_or_death_rate"] - extravasation
    if other_death < 0:
        message = (
            f"exit_or_death_rate must be >= ln 2 / extravasation_half_time = {extravasation:g} 1/s,"
            f" got {value['exit_or_death_rate']:g} 1/s. Raise it or lengthen the half time."
        )
        names = ("exit_or_death_rate", "extravasation_half_time")
        raise InputError(message, key=_culprit(organ, names, parameters))
    colony_factor = value["colony_factor"] * parameters.value("tissue.colony_factor")
    return OrganClocks(
        release_rate=value["release_rate"],
        immune_death_rate=value["immune_death_rate"],
        other_death_rate=other_death,
        extravasation_rate=extravasation,
        tissue_death_rate=value["death_share"] / value["decision_time"],
        dormancy_rate=value["dormancy_share"] / value["decision_time"],
        colony_rate=colony_factor * value["colony_share"] / value["decision_time"],
        escape_rate=colony_factor * _LN2 / value["escape_half_life"],
        dormant_death_rate=_LN2 / value["dormant_half_life"],
        doubling_time=value["doubling_time"],
        intravascular_rate=colony_factor * value["intravascular_rate"],
    )


def _culprit(organ: str, names: Sequence[str], parameters: ParameterSet) -> str:
    """Return which parameter of an organ, or of the default, a user is to look at."""
    own, default = (f"{ORGAN_PREFIX}{each}." for each in (organ, DEFAULT_ORGAN))
    return parameters.culprit(*(own + name for name in names), *(default + name for name in names))


def _organ_value(organ: str, key: str, parameters: ParameterSet) -> float:
    own = f"{ORGAN_PREFIX}{organ}.{key}"
    return parameters.value(own if own in parameters else f"{ORGAN_PREFIX}{DEFAULT_ORGAN}.{key}")


def _inert(attach_probability: float, attach_radius: float) -> Biology:
    clocks = replace(OrganClocks(*[0.0] * 10), doubling_time=math.inf)
    return Biology(
        is_inert=True,
        attach_probability=attach_probability,
        attach_radius=attach_radius,
        diameter_median=0.0,
        diameter_sigma=0.0,
        n_size_classes=1,
        effective_diameter_ratio=0.0,
        arrest_midpoint=1.0,
        arrest_width=1.0,
        adhesive_fraction=0.0,
        adhesion_probability=0.0,
        weak_adhesion_probability=0.0,
        passing_slowness=1.0,
        shear_sensitivity=0.0,
        immune_hazard=0.0,
        anoikis_hazard=0.0,
        microvessels=Microvessels(0.0, 0.0, 0.0, math.inf, math.inf, math.inf, 1.0),
        margination=Margination(),
        lesion_capacity=1.0,
        organs={},
        default_clocks=clocks,
    )
