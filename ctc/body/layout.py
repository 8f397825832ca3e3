"""Whose anatomy a body has: its own, or that of another body in other proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ctc.body.organ import OrganPlan, RegionPlan, Route
from ctc.errors import InputError, near_name
from ctc.scenario.parameters import ParameterSet, parameter_names

_PREFIX = "layout"
_HEART = (Route.SUPERIOR_VENA_CAVA, Route.INFERIOR_VENA_CAVA, Route.RIGHT_ATRIUM)


@dataclass(frozen=True)
class Layout:
    """Which body's regions, routes, shapes, vessels and lymph stations a body has.

    Attributes
    ----------
    body : str
        Its own name, or that of the body whose anatomy it takes over.
    length : float
        Of this body over that one's: every place, calibre and lymph node is scaled by it; 1 for
        a body with its own.
    organ_length : dict of str to float
        Organs that are larger or smaller than that, over their size there: their shapes are
        scaled by it about the hila of their regions.
    """

    body: str
    length: float
    organ_length: dict[str, float]


def read_layout(parameters: ParameterSet, name: str) -> Layout:
    """Return the layout that a body's parameter set asks for.

    Parameters
    ----------
    parameters : ParameterSet
        With entries ``layout.<body>.length`` and, by organ, ``organ.<organ>.length``, or without
        any: then the body has an anatomy of its own.
    name : str
        Of the body.

    Raises
    ------
    InputError
        If it names an unknown body or more than one, or a length is not positive.
    """
    found = parameters.group(_PREFIX)
    if not found:
        return Layout(name, 1.0, {})
    bodies = sorted({key.split(".", maxsplit=1)[0] for key in found})
    known = [each.removeprefix("bodies/") for each in parameter_names()]
    if len(bodies) != 1 or bodies[0] not in known or bodies[0] == name:
        message = (
            f"layout must be that of one other body, got '{', '.join(bodies)}'. "
            f"{near_name(bodies[0], known)}"
        )
        raise InputError(message, file=name, key=_PREFIX)
    prefix = f"{_PREFIX}.{bodies[0]}"
    lengths = {
        key.removesuffix(".length"): each.value
        for key, each in parameters.group("organ").items()
        if key.endswith(".length")
    }
    length = parameters.value(f"{prefix}.length")
    for key, value in {f"{prefix}.length": length, **lengths}.items():
        if not (0.0 < value < math.inf):
            message = f"length must be > 0, got {value:g}. Give the ratio of two lengths."
            raise InputError(message, file=name, key=key)
    return Layout(bodies[0], length, {key: value / length for key, value in lengths.items()})


def regions_in_layout(
    organs: list[OrganPlan], arterial: dict[str, float], *, base: tuple[OrganPlan, ...]
) -> tuple[OrganPlan, ...]:
    """Give organs the regions and routes of another body, with flows of their own.

    What an organ gets from the aorta is divided over its regions as there. What drains into the
    portal vein enters the organs that it feeds, and what comes back to the right heart the lungs,
    in the proportions of that body.

    Parameters
    ----------
    organs : list of OrganPlan
        Without regions.
    arterial : dict of str to float
        Share of the cardiac output that each gets from the aorta; none for the lungs.
    base : tuple of OrganPlan
        Organs of the other body.

    Returns
    -------
    tuple of OrganPlan
        In the order given; the loop closes.

    Raises
    ------
    InputError
        If the other body has no such organ, or it gets blood from the aorta there and no share of
        it here, or the reverse.
    """
    by_name = {organ.name: organ for organ in base}
    for organ in organs:
        if organ.name not in by_name:
            hint = near_name(organ.name, by_name)
            message = f"organ must be one of the body's layout, got '{organ.name}'. {hint}"
            raise InputError(message)
        is_fed = by_name[organ.name].inflow(Route.AORTA) > 0.0
        if is_fed != (arterial.get(organ.name, 0.0) > 0.0):
            message = (
                f"arterial_flow must be {'> 0' if is_fed else 'left out'}, as the organ is fed by "
                f"{'the aorta' if is_fed else 'no artery'}, got {arterial.get(organ.name, 0.0):g}."
            )
            raise InputError(message, key=f"organ.{organ.name}.arterial_flow")
    laid = [_with_flow(organ, by_name[organ.name], arterial) for organ in organs]
    laid = _fed_by(laid, Route.PORTAL_VEIN, (Route.PORTAL_VEIN,))
    return tuple(_fed_by(laid, Route.PULMONARY_ARTERY, _HEART))


def _with_flow(organ: OrganPlan, base: OrganPlan, arterial: dict[str, float]) -> OrganPlan:
    """Return the organ with the regions of the other body and its own flow from the aorta."""
    total = base.inflow(Route.AORTA)
    regions = []
    for region in base.regions:
        inflow = dict(region.inflow)
        if Route.AORTA in inflow:
            inflow[Route.AORTA] = arterial[organ.name] * (inflow[Route.AORTA] / total)
        regions.append(RegionPlan(region.name, inflow, region.drainage))
    return replace(organ, regions=tuple(regions))


def _fed_by(
    organs: list[OrganPlan], supply: Route, drainages: tuple[Route, ...]
) -> list[OrganPlan]:
    """Return the organs with one supply scaled to what the drainages bring it."""
    brought = math.fsum(
        region.flow_fraction
        for organ in organs
        for region in organ.regions
        if region.drainage in drainages
    )
    taken = math.fsum(organ.inflow(supply) for organ in organs)
    return [
        replace(
            organ,
            regions=tuple(
                replace(
                    region,
                    inflow={
                        route: brought * (share / taken) if route is supply else share
                        for route, share in region.inflow.items()
                    },
                )
                for region in organ.regions
            ),
        )
        for organ in organs
    ]
