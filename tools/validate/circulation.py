"""Times of passage and organ flows of the shipped bodies, against their plans.

Point tracers enter at the aortic root; each is followed through the kernels to its own return. The
mean must be the blood of the body over the cardiac output, whatever the vessels look like.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ctc.backends.base import choose_backend
from ctc.body.plan import load_body_plan
from ctc.flow.body_flow import flow_deviation
from ctc.preparation import prepare
from ctc.scenario.load import load_scenario
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind
from tools.validate.walks import walk

BODIES = ("human_male", "human_female", "mouse_25g", "rat_250g")
_SCENARIO = "tracers"


@dataclass(frozen=True)
class Circulation:
    """What was found of one body.

    Attributes
    ----------
    body : str
        Name of its plan.
    n_segments, n_tracers, hops : int
        Of the network; followed; made.
    mean, error : float [s]
        Time between two passages of the aortic root, and its standard error from the data.
    of_plan : float [s]
        Blood volume over cardiac output of the plan.
    of_network : float [s]
        Volume of all blood vessels over the flow of the aortic root.
    worst_flow, worst_region : float, str
        Largest relative deviation of a region's flow from the plan's, and where.
    mass_residual : float
        Of the flow, per node.
    seconds : float [s]
        Wall time of the walk.
    """

    body: str
    n_segments: int
    n_tracers: int
    hops: int
    mean: float
    error: float
    of_plan: float
    of_network: float
    worst_flow: float
    worst_region: str
    mass_residual: float
    seconds: float


def measure_circulation(
    body: str, *, n_tracers: int, n_terminals: int, device: str, threads: int | None
) -> Circulation:
    """Measure one body.

    Parameters
    ----------
    body : str
        Name of its plan.
    n_tracers : int
        Followed to their return.
    n_terminals : int
        Capillary beds of the network.
    device, threads : str, int
        As `ctc.backends.base.choose_backend`.
    """
    overrides = [f"body.plan={body}", f"body.terminals={n_terminals}"]
    prepared = prepare(load_scenario(_SCENARIO, overrides=overrides))
    network, flow, plan = prepared.network, prepared.flow, load_body_plan(body)
    root = np.flatnonzero(network.start_node == find_heart(network).aortic_root)
    blood = ~network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    began = time.perf_counter()
    backend = choose_backend(device, threads=threads)
    around = walk(prepared, root, root, count=n_tracers, backend=backend)
    seconds = time.perf_counter() - began
    deviation = flow_deviation(network, flow, plan=plan)
    worst = max(deviation, key=lambda region: abs(deviation[region]))
    return Circulation(
        body=body,
        n_segments=network.n_segments,
        n_tracers=around.time.size,
        hops=around.hops,
        mean=float(around.time.mean()),
        error=float(around.time.std(ddof=1) / np.sqrt(around.time.size)),
        of_plan=plan.blood_volume / plan.cardiac_output,
        of_network=float(network.volume[blood].sum() / flow.flow_rate[root].sum()),
        worst_flow=deviation[worst],
        worst_region=worst,
        mass_residual=flow.mass_residual,
        seconds=seconds,
    )


def figures(found: Circulation) -> dict[str, Any]:
    """Return one body's figures as plain values."""
    return asdict(found) | {"deviation_in_standard_errors": deviation(found)}


def deviation(found: Circulation) -> float:
    """Return how far the mean lies from that of the network, in standard errors."""
    return (found.mean - found.of_network) / found.error


def show(found: list[Circulation]) -> str:
    """Return a table for people."""
    return "\n\n".join(_show_one(each) for each in found)


def _show_one(found: Circulation) -> str:
    head = (
        f"{found.body}: {found.n_segments:,} segments, {found.n_tracers:,} point tracers, each "
        f"followed to its own return ({found.hops:,} hops in {found.seconds:.1f} s)"
    )
    rows = (
        ("mean time between passages of the aortic root", found.mean, f"+- {found.error:.3f} s"),
        ("volume / flow of the network", found.of_network, f"{deviation(found):+.1f} SE"),
        (
            "blood volume / cardiac output of the plan",
            found.of_plan,
            f"{100 * (found.mean / found.of_plan - 1):+.2f} %",
        ),
    )
    lines = [head, *(f"  {name:46} {value:8.3f} s  {note}" for name, value, note in rows)]
    lines.append(
        f"  largest deviation of a region's flow from the plan {100 * found.worst_flow:+.1e} % "
        f"({found.worst_region}); mass residual {found.mass_residual:.1e}"
    )
    return "\n".join(lines)
