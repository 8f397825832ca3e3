"""First-pass losses: a primary in every organ, against the closed form of an absorbing chain.

Cells of a colon reach the liver first, of a breast the lung, of a lung the systemic organs. The
closed form multiplies the shares of flow along the way with the chance of arrest in the bed, by
size class: each class has its own reach at bifurcations and its own chance in beds.
"""

import functools
from dataclasses import replace

import numpy as np
import pytest

from ctc.scenario.biology import resolve_biology
from ctc.scenario.load import load_scenario
from ctc.simulation.hop_table import NANOSECONDS
from ctc.vessels.network import SegmentKind
from tests.physics.bodies import BODIES, Body, grown_body
from tests.physics.worlds import NO_CLOCKS, World, bolus, set_out
from tests.reference.first_pass import first_pass

N = 20_000
N_SIZE_CLASSES = 8
ARRIVALS, ARRESTS = 0, 1


def venules(world: World, organ: str) -> np.ndarray:
    network = world.network
    is_site = network.is_kind(SegmentKind.VENULE)
    is_site &= network.organ == network.organ_index(organ)
    return np.flatnonzero(is_site & (world.flow.flow_rate > 0))


@functools.cache
def seeded(name: str) -> tuple[Body, World, np.ndarray, np.ndarray]:
    """Return a body, its vessels with breast cancer cells, and the closed form by organ.

    No cell dies in the blood and none is released, so that all end in a bed or go on to the next.
    A tenth of the cells is adhesive, so that arrest by adhesion counts too.
    """
    biology = replace(
        resolve_biology(load_scenario("quick")),
        n_size_classes=N_SIZE_CLASSES,
        shear_sensitivity=0.0,
        immune_hazard=0.0,
        anoikis_hazard=0.0,
        adhesive_fraction=0.1,
        adhesion_probability=0.5,
        organs={},
        default_clocks=NO_CLOCKS,
    )
    body = grown_body(name)
    world = body.with_cells(biology)
    starts = np.zeros((len(world.network.organ_names), world.hops.records.size))
    for row, organ in enumerate(world.network.organ_names):
        sites = venules(world, organ)
        weight = world.flow.flow_rate[sites]
        np.add.at(starts[row], world.hops.record[sites], weight / weight.sum())
    return body, world, *first_pass(world.hops, world.tables, starts)


def counted(world: World, organ: str, *, seed: int) -> np.ndarray:
    """Return first arrivals and arrests by organ of N cells from one organ."""
    sites = venules(world, organ)
    litter = bolus(world.hops, sites, count=N, weight=world.flow.flow_rate[sites])
    launches = set_out(world, litter, seed=seed).launches
    for minute in range(1, 600):
        launches.advance(round(60 * minute * NANOSECONDS))
        sums = launches.sums.organs.astype(np.int64)
        if sums[:, ARRIVALS].sum() == N:
            return sums[:, [ARRIVALS, ARRESTS]].T
    raise AssertionError(f"only {sums[:, ARRIVALS].sum()} of {N} cells met a bed")


@pytest.mark.parametrize("name", BODIES)
def test_losses_of_a_primary_in_every_organ(name: str) -> None:
    """n = 20,000 cells an organ: binomial five standard errors, plus one cell.

    The one cell is for chances of a few in a million, where the binomial law is skewed.
    """
    _, world, arrivals, arrests = seeded(name)
    names = (*world.network.organ_names, "none")
    missed = []
    for row, organ in enumerate(world.network.organ_names):
        found = counted(world, organ, seed=700 + row)
        for what, got, chance in (
            ("arrivals", found[0], arrivals[row]),
            ("arrests", found[1], arrests[row]),
        ):
            error = np.sqrt(N * chance * (1.0 - np.minimum(chance, 1.0)))
            for i in np.flatnonzero(np.abs(got - N * chance) > 5 * error + 1.0):
                missed.append(f"{organ} -> {names[i]} {what}: {got[i]}, not {N * chance[i]:.1f}")
    assert not missed


@pytest.mark.parametrize("name", BODIES)
def test_closed_form_loses_nobody(name: str) -> None:
    _, _, arrivals, arrests = seeded(name)
    np.testing.assert_allclose(arrivals.sum(axis=1), 1.0, rtol=1e-9)
    assert (arrests <= arrivals + 1e-12).all()


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    ("primary", "first", "share"),
    [
        ("large intestine", "liver", 1.0),
        ("pancreas", "liver", 1.0),
        ("spleen", "liver", 1.0),
        ("breast", "lung", 1.0),
        ("liver", "lung", 1.0),
        ("kidney", "lung", 1.0),
    ],
)
def test_first_organ_is_that_of_the_anatomy(
    name: str, primary: str, first: str, share: float
) -> None:
    _, world, arrivals, _ = seeded(name)
    organs = world.network.organ_names
    found = arrivals[organs.index(primary), organs.index(first)]
    assert found == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("name", BODIES)
def test_a_lung_primary_seeds_the_systemic_organs_by_their_flow(name: str) -> None:
    """Points divide by flow; cells of 12 um turn away from small branches by parts in 1e3."""
    body, world, arrivals, _ = seeded(name)
    organs = world.network.organ_names
    from_lung = arrivals[organs.index("lung")]
    assert from_lung[organs.index("lung")] == pytest.approx(0.0, abs=1e-12)
    for organ in ("brain", "kidney", "muscle", "heart"):
        share = body.plan.organ(organ).flow_fraction
        assert from_lung[organs.index(organ)] == pytest.approx(share, rel=2e-2)


@pytest.mark.parametrize("name", BODIES)
def test_upper_rectum_drains_to_the_liver_and_lower_to_the_lung(name: str) -> None:
    _, world, arrivals, _ = seeded(name)
    organs = world.network.organ_names
    from_rectum = arrivals[organs.index("rectum")]
    both = from_rectum[organs.index("liver")] + from_rectum[organs.index("lung")]
    assert both == pytest.approx(1.0, abs=1e-6)
    assert from_rectum[organs.index("liver")] > 0.1
    assert from_rectum[organs.index("lung")] > 0.1
