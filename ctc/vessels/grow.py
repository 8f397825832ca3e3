"""Trees grown in a territory by staged constrained constructive optimisation; no flow, no files.

Artery and vein of an organ (in the liver the portal vein too) are a bundle: one topology, the
members side by side from the hilum to the beds, as accompanying vessels run. Terminals are joined
one after the other where they add least vessel volume and touch nothing; radii come last. The
engine is ``kernels/host/growth``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_growth import (
    MOST_MEMBERS,
    NO_PLACE,
    TERRITORY_EMPTY,
    EngineRules,
    Field,
    GrownTrees,
    MemberRequest,
    grow_trees,
)
from ctc.body.territory import Territory
from ctc.checks import FloatArray, require_positive, require_shape
from ctc.errors import InputError
from ctc.scenario.parameters import load_parameters
from ctc.vessels.calibre import CalibreLaw
from ctc.vessels.territory_program import Grid, TerritoryProgram, territory_program

LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class GrowthRules:
    """How trees are grown; from the parameter set ``bodies/vessel_growth``.

    Attributes
    ----------
    batch, round : float
        New terminals of a stage, and of one round of joining, over those present.
    candidates : int
        Nearest segments that a terminal is tried on.
    sweeps : int
        How often junctions are moved after each stage.
    shortest : float
        Least length of a segment over the sum of the radii at its ends.
    clearance, contact : float
        Distance of axes over the sum of radii that a new place must have, and below which vessels
        count as touching while they grow.
    member_gap : float
        Clear width between the members of a bundle at its nodes, over the sum of their radii.
    bed_gap : float
        Distance of a bed's two ends over the spacing of terminals, at least.
    swell : float
        Radii while the tree grows over those foretold.
    sharpest_cosine : float
        Of the smallest angle between two segments at a junction.
    largest_part : float
        Of the territory that vessels may fill when they are kept apart.
    shortest_segment : float [m]
        No segment is given less length.
    tests_collisions : bool
        False lets vessels cross, for comparison.
    """

    batch: float
    round: float
    candidates: int
    sweeps: int
    shortest: float
    clearance: float
    contact: float
    member_gap: float
    bed_gap: float
    swell: float
    sharpest_cosine: float
    largest_part: float
    shortest_segment: float
    tests_collisions: bool = True


@dataclass(frozen=True)
class Member:
    """One tree of a bundle.

    Attributes
    ----------
    law : CalibreLaw
        How calibres branch.
    volume : float [m^3]
        Blood that the tree holds, its root segment included; > 0.
    port : (3,) float64 [m], optional
        Where the root segment begins; without one it begins at the hilum.
    """

    law: CalibreLaw
    volume: float
    port: FloatArray | None = None


def load_growth_rules() -> GrowthRules:
    """Return the shipped rules."""
    numbers = load_parameters("bodies/vessel_growth")
    rules: dict[str, Any] = {}
    for field in dataclasses.fields(GrowthRules):
        if field.name != "tests_collisions":
            value = numbers.value(f"growth.{field.name}")
            rules[field.name] = round(value) if field.type == "int" else value
    return GrowthRules(**rules)


def grow_bundle(
    territory: Territory,
    members: Sequence[Member],
    *,
    n_terminals: int,
    seed: int,
    rules: GrowthRules | None = None,
    terminals: FloatArray | None = None,
    weight: Grid | None = None,
    n_joined: int = 0,
    threads: int | None = None,
) -> GrownTrees:
    """Grow trees that share their topology from the hilum of a territory.

    Parameters
    ----------
    territory : Territory
        Where; it may be hollow or bent.
    members : sequence of Member
        One to three, in the order in which they lie side by side.
    n_terminals : int
        > 0.
    seed : int
        >= 0; sets the terminals and all ties.
    rules : GrowthRules, optional
        The shipped ones when left out.
    terminals : (n_terminals, 3) float64 [m], optional
        Given ones, inside, which stay; drawn evenly, or by the weight, when left out.
    weight : Grid, optional
        Density of terminals wanted (perfusion), >= 0, any unit.
    n_joined : int, optional
        So many first members end at one point of each terminal (portal vein and artery).
    threads : int, optional
        All cores when left out; the trees are the same for any number.

    Returns
    -------
    GrownTrees
        Radii obey the branching law, every member holds its volume to rounding, terminals and
        junctions lie inside. ``n_touching`` is 0 where nothing overlaps.

    Raises
    ------
    InputError
        If a number is out of range, the hilum lies further from the territory than this is wide,
        nothing is inside, the weight is 0 everywhere, a given terminal is outside, the root
        vessels are wider than the territory, or a terminal finds no place.

    Notes
    -----
    Where the members' volumes exceed ``largest_part`` of the territory, vessels are kept apart as
    if they held that much and widened afterwards: so they may overlap, but growth never fails.
    """
    rules = rules or load_growth_rules()
    _check(territory, members, n_terminals=n_terminals, seed=seed)
    program = territory_program(territory)
    _check_hilum(territory, program)
    if weight is not None:
        _check_weight(territory, weight)
    if terminals is not None:
        terminals = _checked_terminals(territory, terminals, n_terminals)
    grown = grow_trees(
        field_of(program, weight),
        [_request(member) for member in members],
        rules=engine_rules(rules, moves_terminals=terminals is None, n_joined=n_joined),
        hilum=territory.hilum,
        aside=_aside(members),
        n_terminals=n_terminals,
        seed=seed,
        shortest=rules.shortest_segment,
        terminals=terminals,
        threads=threads,
    )
    _check_outcome(territory, grown, n_terminals=n_terminals)
    return grown


def field_of(program: TerritoryProgram, weight: Grid | None = None) -> Field:
    """Return a territory as the library takes it."""

    def parts(grid: Grid | None) -> tuple[FloatArray, float, npt.NDArray[np.float32]] | None:
        return None if grid is None else (grid.low, grid.spacing, grid.values)

    return Field(
        program.steps,
        program.numbers,
        program.low,
        program.high,
        grid=parts(program.grid),
        weight=parts(weight),
    )


def engine_rules(rules: GrowthRules, *, moves_terminals: bool, n_joined: int) -> EngineRules:
    """Return rules as the library takes them."""
    return EngineRules(
        batch=rules.batch,
        round=rules.round,
        n_candidates=rules.candidates,
        n_sweeps=rules.sweeps,
        shortest=rules.shortest,
        clearance=rules.clearance,
        contact=rules.contact,
        member_gap=rules.member_gap,
        bed_gap=rules.bed_gap,
        swell=rules.swell,
        sharpest_cosine=rules.sharpest_cosine,
        largest_part=rules.largest_part,
        tests_collisions=int(rules.tests_collisions),
        moves_terminals=int(moves_terminals),
        n_joined=n_joined,
    )


def _request(member: Member) -> MemberRequest:
    law = member.law
    return MemberRequest(
        exponents=(law.exponent_large, law.exponent_small, law.exponent_arteriole),
        borders=(law.large_from, law.small_from),
        volume=member.volume,
        port=member.port,
    )


def _aside(members: Sequence[Member]) -> FloatArray:
    """Lay the members at the hilum in the order in which they come from their ports."""
    first, last = members[0].port, members[-1].port
    if first is None or last is None or not (first != last).any():
        return np.array([1.0, 0.0, 0.0])
    return np.asarray(last - first, dtype=np.float64)


def _check(territory: Territory, members: Sequence[Member], *, n_terminals: int, seed: int) -> None:
    if n_terminals < 1:
        message = f"n_terminals must be >= 1, got {n_terminals} in '{territory.name}'. Ask for one."
        raise InputError(message)
    if not 0 <= seed < 2**64:
        message = f"seed must be in 0 .. 2^64 - 1, got {seed}. Choose another."
        raise InputError(message)
    if not 1 <= len(members) <= MOST_MEMBERS:
        message = f"members must be 1 .. {MOST_MEMBERS}, got {len(members)}. Grow others apart."
        raise InputError(message)
    require_positive("volume", [member.volume for member in members], unit="m^3", item="member")
    for member in members:
        if member.port is not None and not np.isfinite(member.port).all():
            message = f"port must be finite, got {member.port} m at '{territory.name}'. Place it."
            raise InputError(message)


def _check_hilum(territory: Territory, program: TerritoryProgram) -> None:
    hilum = np.asarray(territory.hilum, dtype=np.float64)
    if not np.isfinite(hilum).all():
        message = f"hilum must be finite, got {hilum} m at '{territory.name}'. Place it."
        raise InputError(message)
    width = float((program.high - program.low).max())
    away = float(territory.signed_distance(hilum[None, :])[0])
    if away > 0.5 * width:
        message = (
            f"hilum must lie in or near the territory (at most {500.0 * width:.3g} mm away), got "
            f"{1e3 * away:.3g} mm at '{territory.name}'. Move it to the territory's surface."
        )
        raise InputError(message)


def _check_weight(territory: Territory, weight: Grid) -> None:
    require_positive("spacing of the weight", weight.spacing, unit="m")
    if weight.values.ndim != 3 or min(weight.values.shape) < 2:
        message = f"weight must have >= 2 values along 3 axes, got {weight.values.shape}. Add some."
        raise InputError(message)
    if not np.isfinite(weight.values).all() or (weight.values < 0.0).any():
        message = f"weight must be finite and >= 0 everywhere in '{territory.name}'. Correct it."
        raise InputError(message)


def _checked_terminals(territory: Territory, terminals: FloatArray, n_terminals: int) -> FloatArray:
    given = np.ascontiguousarray(terminals, dtype=np.float64)
    require_shape("terminals", given, (n_terminals, 3))
    outside = ~(territory.signed_distance(given) < 0.0)
    if outside.any():
        index = int(np.flatnonzero(outside)[0])
        message = (
            f"terminal must lie inside '{territory.name}', got {given[index]} m at terminal "
            f"{index} ({int(outside.sum())} of {n_terminals}). Move it or leave it out."
        )
        raise InputError(message)
    return given


def _check_outcome(territory: Territory, grown: GrownTrees, *, n_terminals: int) -> None:
    if grown.outcome == TERRITORY_EMPTY:
        message = (
            f"territory must have an inside and a density of terminals > 0 in it, got none found "
            f"at '{territory.name}'. Check its shapes and its perfusion weight."
        )
        raise InputError(message)
    if grown.outcome == NO_PLACE:
        message = (
            f"all {n_terminals} terminals must be reachable inside '{territory.name}', got some "
            "that no junction inside leads to. Thicken its narrow parts or ask for fewer."
        )
        raise InputError(message)
    root = max(float(tree.lumen_radius[1]) for tree in grown.members)
    if root > (3.0 * grown.territory_volume / (4.0 * np.pi)) ** (1.0 / 3.0):
        message = (
            f"territory must be wider than its root vessel, got {1e3 * root:.3g} mm for the "
            f"vessel's radius and {1e6 * grown.territory_volume:.3g} mL in all at "
            f"'{territory.name}'. Enlarge the territory or lower the blood volume."
        )
        raise InputError(message)
