"""OrganPlan and its parts: what a body plan says of one organ; no geometry."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass


class Route(enum.Enum):
    """Where a region's blood comes from or goes to; the values are the keys of the files."""

    AORTA = "aorta"
    PULMONARY_ARTERY = "pulmonary_artery"
    PORTAL_VEIN = "portal_vein"
    SUPERIOR_VENA_CAVA = "superior_vena_cava"
    INFERIOR_VENA_CAVA = "inferior_vena_cava"
    RIGHT_ATRIUM = "right_atrium"
    LEFT_ATRIUM = "left_atrium"


SUPPLIES = (Route.AORTA, Route.PULMONARY_ARTERY, Route.PORTAL_VEIN)
DRAINAGES = (
    Route.PORTAL_VEIN,
    Route.SUPERIOR_VENA_CAVA,
    Route.INFERIOR_VENA_CAVA,
    Route.RIGHT_ATRIUM,
    Route.LEFT_ATRIUM,
)


class TrunkGroup(enum.Enum):
    """Compartments of vessels between the organs; the values are the keys of the files."""

    RIGHT_HEART = "right_heart"
    LEFT_HEART = "left_heart"
    AORTA = "aorta"
    LARGE_ARTERIES = "large_arteries"
    PULMONARY_ARTERY = "pulmonary_artery"
    LARGE_VEINS = "large_veins"
    SUPERIOR_VENA_CAVA = "superior_vena_cava"
    INFERIOR_VENA_CAVA = "inferior_vena_cava"


@dataclass(frozen=True)
class Capillaries:
    """The capillary bed of an organ.

    Attributes
    ----------
    transit_time : float [s]
        Mean over the flow.
    bore, bore_deviation : float [m]
        Mean and standard deviation of the lumen diameter.
    path_length : float [m]
        From arteriole to venule.
    segments_in_series : int
        Capillaries between two junctions that one path runs through.
    """

    transit_time: float
    bore: float
    bore_deviation: float
    path_length: float
    segments_in_series: int


@dataclass(frozen=True)
class RegionPlan:
    """A part of an organ with its own pair of trees.

    Attributes
    ----------
    name : str
        Unique in the body, such as ``left kidney``.
    inflow : dict of Route to float
        Share of the cardiac output by each supply.
    drainage : Route
        Where all of it goes.
    """

    name: str
    inflow: dict[Route, float]
    drainage: Route

    @property
    def flow_fraction(self) -> float:
        """Share of the cardiac output that passes through the region."""
        return math.fsum(self.inflow.values())


@dataclass(frozen=True)
class OrganPlan:
    """What the body plan says of one organ.

    Attributes
    ----------
    name : str
        Such as ``kidney``.
    blood_volume_fraction : float
        Share of the body's blood, beds and trees together.
    tissue_mass : float [kg]
        Without blood where the source says so.
    arterial_share : float
        Of the blood in the organ's trees (not its beds), the part in the arterial trees.
    portal_share : float
        The part in a portal tree that ends in the organ; 0 without one.
    capillaries : Capillaries
        Its beds.
    regions : tuple of RegionPlan
        Its parts; the organ's blood is shared by flow.
    """

    name: str
    blood_volume_fraction: float
    tissue_mass: float
    arterial_share: float
    portal_share: float
    capillaries: Capillaries
    regions: tuple[RegionPlan, ...]

    @property
    def flow_fraction(self) -> float:
        """Share of the cardiac output that passes through, portal inflow included."""
        return math.fsum(region.flow_fraction for region in self.regions)

    def inflow(self, supply: Route) -> float:
        """Return the share of the cardiac output that one supply brings."""
        return math.fsum(region.inflow.get(supply, 0.0) for region in self.regions)

    def drainage(self) -> dict[Route, float]:
        """Return the share of the organ's outflow by route; sums to 1."""
        flows: dict[Route, list[float]] = {}
        for region in self.regions:
            flows.setdefault(region.drainage, []).append(region.flow_fraction)
        return {route: math.fsum(part) / self.flow_fraction for route, part in flows.items()}
