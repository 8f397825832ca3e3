"""BodyPlan: organs, flow shares, blood volumes, capillary beds and routes of one body."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.body.circuit import SHARE_TOLERANCE, require_closed
from ctc.body.layout import Layout, read_layout, regions_in_layout
from ctc.body.organ import (
    DRAINAGES,
    SUPPLIES,
    Capillaries,
    OrganPlan,
    RegionPlan,
    Route,
    TrunkGroup,
)
from ctc.errors import InputError, near_name
from ctc.scenario.parameters import ParameterSet, load_parameters

__all__ = [
    "BodyPlan",
    "Capillaries",
    "OrganPlan",
    "RegionPlan",
    "Route",
    "TrunkGroup",
    "load_body_plan",
]


@dataclass(frozen=True)
class BodyPlan:
    """The circulation of one body; made by `load_body_plan`.

    Attributes
    ----------
    name : str
        Of its parameter set, such as ``human_male``.
    cardiac_output : float [m^3/s]
        Of the left heart.
    blood_volume : float [m^3]
        Of the whole body.
    layout : Layout
        Whose regions, shapes, vessels and lymph stations it has: its own, or another body's.
    shape_scale : float
        Length of this body over that in which the shapes of its layout are drawn.
    trunk_volume_fractions : dict of TrunkGroup to float
        Share of the blood by group of vessels between organs.
    organs : tuple of OrganPlan
        In the order of the file.
    """

    name: str
    cardiac_output: float
    blood_volume: float
    layout: Layout
    shape_scale: float
    trunk_volume_fractions: dict[TrunkGroup, float]
    organs: tuple[OrganPlan, ...]

    def __post_init__(self) -> None:
        _require_sums(self)

    @property
    def species(self) -> str:
        """Whose shapes this body uses: the first word of its layout's name."""
        return self.layout.body.split("_", maxsplit=1)[0]

    @property
    def regions(self) -> tuple[RegionPlan, ...]:
        """All regions, organ by organ."""
        return tuple(region for organ in self.organs for region in organ.regions)

    def organ(self, name: str) -> OrganPlan:
        """Return one organ by name; InputError with the near name if there is none."""
        for organ in self.organs:
            if organ.name == name:
                return organ
        known = [organ.name for organ in self.organs]
        message = f"organ must be one of this body's, got '{name}'. {near_name(name, known)}"
        raise InputError(message)

    def organ_of(self, region: str) -> OrganPlan:
        """Return the organ that a region is part of; InputError with the near name if none is."""
        for organ in self.organs:
            if any(part.name == region for part in organ.regions):
                return organ
        known = [part.name for part in self.regions]
        message = f"region must be one of this body's, got '{region}'. {near_name(region, known)}"
        raise InputError(message)

    def flow_rate(self, region: RegionPlan) -> float:
        """Return the flow through a region [m^3/s]."""
        return region.flow_fraction * self.cardiac_output


def load_body_plan(name: str) -> BodyPlan:
    """Read a body plan from ``scenarios/parameters/bodies``.

    Parameters
    ----------
    name : str
        Such as ``human_male`` or ``mouse_25g``.

    Returns
    -------
    BodyPlan
        In SI, checked: flow and volume shares sum to 1, every region passes on what it gets.

    Raises
    ------
    InputError
        If there is no such body, a number is missing, or the sums are off.
    """
    parameters = load_parameters(f"bodies/{name}")
    layout = read_layout(parameters, name)
    organs = tuple(_organ(parameters, organ) for organ in _first_words(parameters, "organ"))
    if layout.body == name:
        scale = parameters.value("stature.height") / parameters.value("stature.height_of_shapes")
    else:
        base = load_body_plan(layout.body)
        if base.layout.body != base.name:
            message = f"layout must be of a body with shapes of its own, got '{base.name}'."
            raise InputError(message, file=name, key="layout")
        scale = base.shape_scale * layout.length
        try:
            arterial = _arterial_flows(parameters, organs)
            organs = regions_in_layout(list(organs), arterial, base=base.organs)
        except InputError as error:
            raise error.at(file=name) from None
    return BodyPlan(
        name=name,
        cardiac_output=parameters.value("circulation.cardiac_output"),
        blood_volume=parameters.value("circulation.blood_volume"),
        layout=layout,
        shape_scale=scale,
        trunk_volume_fractions={
            group: parameters.value(f"trunks.{group.value}") for group in TrunkGroup
        },
        organs=organs,
    )


def _arterial_flows(parameters: ParameterSet, organs: tuple[OrganPlan, ...]) -> dict[str, float]:
    """Return what the organs of a body with another's layout get from the aorta."""
    keys = {organ.name: f"organ.{organ.name}.arterial_flow" for organ in organs}
    for organ in organs:
        if organ.regions:
            message = "regions must come from the layout, got some. Drop them or the layout."
            raise InputError(message, key=f"organ.{organ.name}.region")
    return {name: parameters.value(key) for name, key in keys.items() if key in parameters}


def _organ(parameters: ParameterSet, name: str) -> OrganPlan:
    prefix = f"organ.{name}"
    bed = f"{prefix}.capillary"
    portal = f"{prefix}.portal_share"
    return OrganPlan(
        name=name,
        blood_volume_fraction=parameters.value(f"{prefix}.blood_volume_fraction"),
        tissue_mass=parameters.value(f"{prefix}.tissue_mass"),
        arterial_share=parameters.value(f"{prefix}.arterial_share"),
        portal_share=parameters.value(portal) if portal in parameters else 0.0,
        capillaries=Capillaries(
            transit_time=parameters.value(f"{bed}.transit_time"),
            bore=parameters.value(f"{bed}.bore"),
            bore_deviation=parameters.value(f"{bed}.bore_deviation"),
            path_length=parameters.value(f"{bed}.path_length"),
            segments_in_series=round(parameters.value(f"{bed}.segments_in_series")),
        ),
        regions=tuple(
            _region(parameters, f"{prefix}.region.{region}", region)
            for region in _first_words(parameters, f"{prefix}.region")
        ),
    )


def _region(parameters: ParameterSet, prefix: str, name: str) -> RegionPlan:
    inflow = _routes(parameters, f"{prefix}.inflow", SUPPLIES)
    outflow = _routes(parameters, f"{prefix}.outflow", DRAINAGES)
    if len(outflow) != 1:
        message = f"outflow must be by one route, got {len(outflow)}. Make it a region for each."
        raise InputError(message, file=parameters.name, key=prefix)
    ((drainage, out),) = outflow.items()
    region = RegionPlan(name, inflow, drainage)
    if abs(region.flow_fraction - out) > SHARE_TOLERANCE:
        message = (
            f"outflow must be the inflow, got {out:g} against {region.flow_fraction:g} "
            "(shares of the cardiac output). Make them equal."
        )
        raise InputError(message, file=parameters.name, key=prefix)
    return region


def _routes(
    parameters: ParameterSet, prefix: str, allowed: tuple[Route, ...]
) -> dict[Route, float]:
    names = [route.value for route in allowed]
    found = {}
    for key, parameter in parameters.group(prefix).items():
        if key not in names:
            message = f"route must be a known one, got '{key}'. {near_name(key, names)}"
            raise InputError(message, file=parameters.name, key=prefix)
        found[Route(key)] = parameter.value
    return found


def _first_words(parameters: ParameterSet, prefix: str) -> list[str]:
    words = (key.split(".", maxsplit=1)[0] for key in parameters.group(prefix))
    return list(dict.fromkeys(words))


def _require_sums(plan: BodyPlan) -> None:
    volumes = [*plan.trunk_volume_fractions.values()]
    volumes += [organ.blood_volume_fraction for organ in plan.organs]
    flows = [organ.inflow(Route.AORTA) for organ in plan.organs]
    for what, total in (
        ("blood volume fractions", math.fsum(volumes)),
        ("flow fractions out of the aorta", math.fsum(flows)),
    ):
        if not abs(total - 1.0) <= SHARE_TOLERANCE:
            message = f"{what} must sum to 1, got {total!r}. Correct the shares."
            raise InputError(message, file=plan.name)
    names = [region.name for region in plan.regions]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        message = f"region names must be unique, got '{twice}' twice. Rename one."
        raise InputError(message, file=plan.name)
    require_closed(plan.organs, body=plan.name)
