"""The closed loop of a body plan as a graph of compartments, and the check that it closes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ctc.body.organ import OrganPlan, Route
from ctc.errors import InputError

# Largest departure of a sum of shares from what it should be.
SHARE_TOLERANCE = 1e-12

RIGHT_HEART = "right heart"
LEFT_HEART = "left heart"

# The compartment that blood on each route enters.
_ENTERED_BY = {
    Route.PORTAL_VEIN: "portal vein",
    Route.SUPERIOR_VENA_CAVA: "superior vena cava",
    Route.INFERIOR_VENA_CAVA: "inferior vena cava",
    Route.RIGHT_ATRIUM: RIGHT_HEART,
    Route.LEFT_ATRIUM: LEFT_HEART,
}
_LEFT_BY = {
    Route.AORTA: "aorta",
    Route.PULMONARY_ARTERY: "pulmonary artery",
    Route.PORTAL_VEIN: "portal vein",
}


@dataclass(frozen=True)
class Exchange:
    """Flow from one compartment to the next, as a share of the cardiac output."""

    source: str
    target: str
    flow_fraction: float


def circuit(organs: Sequence[OrganPlan]) -> tuple[Exchange, ...]:
    """Return every flow between compartments: heart, aorta, organs, portal vein, venae cavae.

    Parameters
    ----------
    organs : sequence of OrganPlan
        Of one body.

    Returns
    -------
    tuple of Exchange
        One for each pair of compartments that exchange blood. The two hearts pass on what the
        aorta and the pulmonary artery are asked for; `require_closed` says whether they get it.
    """
    flows: dict[tuple[str, str], list[float]] = {}
    demand: dict[Route, list[float]] = {Route.AORTA: [], Route.PULMONARY_ARTERY: []}
    cava: dict[Route, list[float]] = {
        Route.SUPERIOR_VENA_CAVA: [],
        Route.INFERIOR_VENA_CAVA: [],
    }
    for organ in organs:
        for region in organ.regions:
            for supply, flow in region.inflow.items():
                flows.setdefault((_LEFT_BY[supply], organ.name), []).append(flow)
                if supply in demand:
                    demand[supply].append(flow)
            out = region.flow_fraction
            flows.setdefault((organ.name, _ENTERED_BY[region.drainage]), []).append(out)
            if region.drainage in cava:
                cava[region.drainage].append(out)
    flows[LEFT_HEART, "aorta"] = demand[Route.AORTA]
    flows[RIGHT_HEART, "pulmonary artery"] = demand[Route.PULMONARY_ARTERY]
    for route, parts in cava.items():
        flows[_ENTERED_BY[route], RIGHT_HEART] = parts
    return tuple(Exchange(a, b, math.fsum(parts)) for (a, b), parts in flows.items())


def require_closed(organs: Sequence[OrganPlan], *, body: str) -> None:
    """Raise InputError unless every compartment passes on what it gets.

    Parameters
    ----------
    organs : sequence of OrganPlan
        Of one body.
    body : str
        Its name, for the message.

    Raises
    ------
    InputError
        Names the first compartment whose inflow and outflow differ by more than 1e-12 of the
        cardiac output.
    """
    balance: dict[str, list[float]] = {}
    for exchange in circuit(organs):
        balance.setdefault(exchange.source, []).append(-exchange.flow_fraction)
        balance.setdefault(exchange.target, []).append(exchange.flow_fraction)
    for compartment, parts in balance.items():
        excess = math.fsum(parts)
        if not abs(excess) <= SHARE_TOLERANCE:
            message = (
                f"outflow must be the inflow, got an excess of {excess:.3g} of the cardiac output "
                f"at {compartment}. Correct the routes of the regions."
            )
            raise InputError(message, file=body)
