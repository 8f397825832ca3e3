"""The shipped bodies with few capillary beds, laid out for the kernels."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from ctc.body.plan import BodyPlan, load_body_plan
from ctc.flow.body_flow import solve_body
from ctc.scenario.biology import Biology
from ctc.simulation.hop_table import build_hop_table
from ctc.simulation.prepare import transit_shapes
from ctc.simulation.tables import build_tables
from ctc.vessels.body_network import build_body_network
from tests.physics.worlds import BLOOD, World

HUMANS = ("human_male", "human_female")
BODIES = (*HUMANS, "mouse_25g", "rat_250g")
N_TERMINALS = 2000


@dataclass(frozen=True)
class Body:
    """A body plan and the world grown for it."""

    plan: BodyPlan
    world: World

    def with_cells(self, biology: Biology) -> World:
        """Return the same vessels with the tables of other cells."""
        network = self.world.network
        tables = build_tables(
            self.world.hops,
            biology,
            organ_names=network.organ_names,
            capillaries={organ.name: organ.capillaries for organ in self.plan.organs},
            transit_shapes=transit_shapes(network.organ_names),
        )
        return replace(self.world, tables=tables)


@functools.cache
def grown_body(name: str) -> Body:
    """Return a body of that plan with point tracers as cells."""
    plan = load_body_plan(name)
    grown = build_body_network(plan, n_terminals=N_TERMINALS, seed=1)
    network, flow = solve_body(grown, plan)
    hops = build_hop_table(network, flow)
    world = World(network, flow, hops, None)  # type: ignore[arg-type] - set in with_cells
    return Body(plan, Body(plan, world).with_cells(BLOOD))


def flowing_volume(world: World, chosen: np.ndarray | slice = np.s_[:]) -> float:
    """Return the blood that moves in some segments [m^3]."""
    moves = world.flow.flow_rate[chosen] > 0
    return float(world.network.volume[chosen][moves].sum())
