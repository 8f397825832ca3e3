"""The trees of all regions between their ports and their capillary beds: shape and calibre."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ctc.body.plan import BodyPlan
from ctc.body.territory import Territory, load_territories
from ctc.checks import FloatArray
from ctc.scenario.parameters import load_parameters
from ctc.vessels.blood_budget import BloodBudget
from ctc.vessels.calibre import load_calibre_law, tree_radii
from ctc.vessels.grow import (
    Forest,
    LongArray,
    grow_forest,
    load_growth_rules,
    place_junctions,
)
from ctc.vessels.terminals import place_terminals, venous_ends

# Each purpose has a stream of its own: seed times the number of purposes, plus the purpose's.
_PLACES, _DIVISIONS, _PORTAL_DIVISIONS, _N_PURPOSES = range(4)


@dataclass(frozen=True)
class Trees:
    """One tree in each of some regions; a segment a node, which ends there (away from the root).

    Attributes
    ----------
    forest : Forest
        Topology; tree i is that of ``region[i]``.
    region : (n_trees,) int64
        Index of the region in the plan.
    position : (n_nodes, 3) float64 [m]
        Of the nodes.
    length, lumen_radius : (n_nodes,) float64 [m]
        Of the segments.
    """

    forest: Forest
    region: LongArray
    position: FloatArray
    length: FloatArray
    lumen_radius: FloatArray


@dataclass(frozen=True)
class RegionTrees:
    """Arterial, portal and venous trees; arterial and venous ones share their topology."""

    arterial: Trees
    portal: Trees
    venous: Trees


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
) -> RegionTrees:
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

    Returns
    -------
    RegionTrees
        Each tree holds its volume to rounding.
    """
    numbers = load_parameters("bodies/vessel_growth")
    rules, law = load_growth_rules(), load_calibre_law()
    root_gap = numbers.value("shape.root_gap") * plan.shape_scale
    shortest = numbers.value("shape.shortest_segment")
    spaces = list((load_territories(plan) | dict(territories or {})).values())
    ends = place_terminals(spaces, n_terminals, seed=_stream(seed, _PLACES))
    bed_gap = numbers.value("shape.bed_gap")
    venous_start = np.concatenate(
        [venous_ends(t, points, gap=bed_gap) for t, points in zip(spaces, ends, strict=True)]
    )
    hilum = np.array([territory.hilum for territory in spaces])
    below = np.array([0.0, 0.0, -root_gap])
    outlet = np.array([_outlet(territory, below) for territory in spaces])
    portal_region = np.flatnonzero(budget.has_portal)

    def trees(
        forest: Forest,
        region: LongArray,
        port: FloatArray,
        root: FloatArray,
        *,
        leaf: FloatArray,
        volume: FloatArray,
    ) -> Trees:
        position = place_junctions(forest, root[region], leaf, rules=rules)
        above = np.where(
            (forest.parent < 0)[:, None], port[region][forest.tree], position[forest.parent]
        )
        length = np.maximum(np.linalg.norm(position - above, axis=1), shortest)
        lumen_radius = tree_radii(
            forest, length, volume[region], is_pulmonary=budget.is_pulmonary[region], law=law
        )
        return Trees(forest, region, position, length, lumen_radius)

    everywhere = np.arange(len(spaces))
    arterial_end = np.concatenate(ends)
    forest = grow_forest(
        arterial_end, _starts(n_terminals), rules=rules, seed=_stream(seed, _DIVISIONS)
    )
    portal_end = np.concatenate([np.empty((0, 3)), *(ends[i] for i in portal_region)])
    portal_forest = grow_forest(
        portal_end,
        _starts(n_terminals[portal_region]),
        rules=rules,
        seed=_stream(seed, _PORTAL_DIVISIONS),
    )
    return RegionTrees(
        arterial=trees(
            forest, everywhere, arterial_port, hilum, leaf=arterial_end, volume=budget.arterial
        ),
        portal=trees(
            portal_forest,
            portal_region,
            portal_port,
            hilum - below,
            leaf=portal_end,
            volume=budget.portal,
        ),
        venous=trees(
            forest, everywhere, venous_port, outlet, leaf=venous_start, volume=budget.venous
        ),
    )


def _outlet(territory: Territory, below: FloatArray) -> FloatArray:
    return territory.hilum + below if territory.outlet is None else territory.outlet


def _starts(count: LongArray) -> LongArray:
    return np.concatenate([[0], np.cumsum(count)])


def _stream(seed: int, purpose: int) -> int:
    return seed * _N_PURPOSES + purpose
