"""The trees of all regions between their ports and their capillary beds: shape and calibre."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_growth import GrownTrees, MemberTree, default_threads
from ctc.body.plan import BodyPlan
from ctc.body.territory import Territory, load_territories
from ctc.checks import FloatArray
from ctc.vessels.blood_budget import BloodBudget
from ctc.vessels.calibre import load_calibre_law, load_pulmonary_law
from ctc.vessels.grow import Member, grow_bundle

LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RegionTrees:
    """The trees of one region, which share their topology.

    Attributes
    ----------
    grown : GrownTrees
        Nodes and their order.
    arterial, venous : MemberTree
        From the artery's port to the beds, and from the beds to the vein's port.
    portal : MemberTree or None
        From the portal vein's port; its last nodes lie where the arterioles end.
    """

    grown: GrownTrees
    arterial: MemberTree
    venous: MemberTree
    portal: MemberTree | None

    @property
    def n_nodes(self) -> int:
        """Nodes of each tree, and its segments: two a terminal."""
        return int(self.grown.parent.size)


def grow_region_trees(
    plan: BodyPlan,
    n_terminals: LongArray,
    *,
    budget: BloodBudget,
    arterial_port: FloatArray,
    portal_port: FloatArray,
    venous_port: FloatArray,
    seed: int,
    territories: Mapping[str, Territory] | None = None,
    threads: int | None = None,
) -> list[RegionTrees]:
    """Grow the trees of every region of a body.

    Parameters
    ----------
    plan : BodyPlan
        Which body.
    n_terminals : (n_regions,) int64
        Of each region.
    budget : BloodBudget
        Volumes of the trees.
    arterial_port, portal_port, venous_port : (n_regions, 3) float64 [m]
        Where the root segments begin (end); `portal_port` is read only where there is one.
    seed : int
        Of the body.
    territories : mapping of str to Territory, optional
        By region, instead of the plan's own shapes.
    threads : int, optional
        All cores when left out; the trees are the same for any number.

    Returns
    -------
    list of RegionTrees
        In the order of the plan; each tree holds its volume to rounding.
    """
    threads = threads or default_threads()
    systemic, pulmonary = load_calibre_law(), load_pulmonary_law()
    spaces = list((load_territories(plan) | dict(territories or {})).values())
    seeds = np.random.Philox(key=seed).random_raw(len(spaces))

    def grow(index: int, region_threads: int) -> RegionTrees:
        law = pulmonary if budget.is_pulmonary[index] else systemic
        members = [
            Member(law, float(budget.arterial[index]), arterial_port[index]),
            Member(law, float(budget.venous[index]), venous_port[index]),
        ]
        has_portal = bool(budget.has_portal[index])
        if has_portal:
            members.insert(0, Member(law, float(budget.portal[index]), portal_port[index]))
        grown = grow_bundle(
            spaces[index],
            members,
            n_terminals=int(n_terminals[index]),
            seed=int(seeds[index]),
            n_joined=2 if has_portal else 0,
            threads=region_threads,
        )
        return RegionTrees(
            grown,
            arterial=grown.members[-2],
            venous=grown.members[-1],
            portal=grown.members[0] if has_portal else None,
        )

    # The largest by themselves with all threads, the others side by side with one each.
    order = np.argsort(-n_terminals, kind="stable").tolist()
    n_alone = int((n_terminals * threads > n_terminals.sum()).sum())
    found = {index: grow(index, threads) for index in order[:n_alone]}
    with ThreadPoolExecutor(max_workers=threads) as pool:
        rest = order[n_alone:]
        found |= dict(zip(rest, pool.map(lambda index: grow(index, 1), rest), strict=True))
    return [found[index] for index in range(len(spaces))]
