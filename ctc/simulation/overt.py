"""OvertShares: which colonies become lesions, where each followed cell stands for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.biology import organ_key
from ctc.scenario.lymph_route import LYMPH_NODES
from ctc.scenario.scenario import Scenario
from ctc.states import Route


@dataclass(frozen=True)
class OvertShares:
    """Chances of a colony of followed cells to become an overt lesion.

    Colonies that become overt are a Poisson process, and so are the fewer of them that come of
    fewer cells, each with so much higher a chance: nothing is lost by following one cell of many
    while these chances are below 1. Cells that go to nodes by the lymph found lesions there more
    readily, so more of them are followed: each stands for fewer.

    Attributes
    ----------
    weight, lymph_weight : float
        Shed cells that one followed cell stands for, that entered the blood and the lymph.
    by_blood, by_lymph : float
        Chance of a colony of such cells.
    in_nodes : float
        Of a colony in a lymph node of cells that entered the lymph.
    node_row : int
        Organ row of the lymph nodes; -1 where the body has none.
    """

    weight: float = 1.0
    lymph_weight: float = 1.0
    by_blood: float = 1.0
    by_lymph: float = 1.0
    in_nodes: float = 1.0
    node_row: int = -1

    @property
    def is_every(self) -> bool:
        """Whether every colony is a lesion."""
        return self.by_blood == self.by_lymph == self.in_nodes == 1.0

    def of(self, route: npt.NDArray[np.uint8], organ: npt.NDArray[np.integer]) -> FloatArray:
        """Return the chance of each colony by the route of its founder and its organ row, (n,)."""
        by_lymph = route == Route.LYMPHATIC
        chance = np.where(by_lymph, self.by_lymph, self.by_blood)
        found: FloatArray = np.where(by_lymph & (organ == self.node_row), self.in_nodes, chance)
        return found


def overt_shares(scenario: Scenario, organ_names: tuple[str, ...]) -> OvertShares:
    """Return them for a scenario and its body.

    Raises
    ------
    InputError
        If a followed cell would stand for more than one overt lesion.
    """
    weight = scenario.settings.cells.weight
    rows = [row for row, name in enumerate(organ_names) if organ_key(name) == LYMPH_NODES]
    node_row = rows[0] if rows else -1
    if scenario.settings.cells.inert:
        return OvertShares(weight, weight, node_row=node_row)
    share = scenario.parameters.value("tumour.overt_share")
    in_nodes = scenario.parameters.value("lymph.overt_share")
    if weight * share > 1.0:
        message = (
            f"weight must be <= 1 / tumour.overt_share = {1.0 / share:g}, got {weight:g}: each "
            "colony would stand for more than one lesion. Lower it, or tumour.overt_share."
        )
        raise InputError(message, key="cells.weight")
    lymph_weight = min(weight, max(1.0 / in_nodes, 1.0)) if in_nodes > 0.0 else weight
    return OvertShares(
        weight=weight,
        lymph_weight=lymph_weight,
        by_blood=weight * share,
        by_lymph=min(lymph_weight * share, 1.0),
        in_nodes=min(lymph_weight * in_nodes, 1.0),
        node_row=node_row,
    )
