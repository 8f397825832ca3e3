"""Clusters: how large they are, where they unfold, and that their cells count in beds."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.host_tables import BedLaw, bed_records
from ctc.scenario.biology import Biology
from ctc.scenario.clusters import Clusters
from ctc.simulation.size_classes import classify_cells, cluster_sizes
from ctc.states import DeathCause, EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import Vessel, World, bolus, follow, living, made_world, with_clocks
from tests.reference.laws import excluded_share

WORD = 2.0**64
CELL = 6e-6  # [m] radius
SHIPPED = Clusters(
    homotypic_fraction=0.026, neutrophil_fraction=0.03, chain_exponent=0.5, release_exponent=1.0
)


def clusters(**changes: float) -> Biology:
    """Return cells of one diameter and clusters of them."""
    return living(
        diameter_median=2.0 * CELL,
        n_size_classes=1,
        effective_diameter_ratio=0.75,
        arrest_midpoint=2.63,
        arrest_width=0.15,
        clusters=replace(SHIPPED, **changes),  # type: ignore[arg-type]
    )


def pairs_only(**changes: float) -> Biology:
    """Return nothing but clusters of two."""
    return clusters(homotypic_fraction=1.0, neutrophil_fraction=0.0, largest=2, **changes)


def test_sizes_are_those_of_blood_draws() -> None:
    """2-50 cells, half of the clusters of at most 2-4 (Aceto 2014)."""
    n_cells, share = map(np.array, zip(*cluster_sizes(SHIPPED), strict=True))
    assert share.sum() == pytest.approx(1.0, abs=1e-12)
    assert n_cells.min() == 2
    assert n_cells.max() <= 50
    median = n_cells[np.searchsorted(np.cumsum(share), 0.5)]
    assert 2 <= median <= 4
    # The mean of the bins is that of the power law: sum of 1/n over sum of 1/n^2.
    sizes = np.arange(2.0, 51.0)
    mean = (1.0 / sizes).sum() / (sizes**-2.0).sum()
    assert (n_cells * share).sum() == pytest.approx(mean, rel=0.01)


def test_newborn_kinds_come_with_their_shares() -> None:
    """n = 1e6 births, binomial errors of each kind; weights of all classes sum to 1."""
    n = 1_000_000
    biology = clusters(platelet_fraction=0.01)
    world = made_world([Vessel("in", "out")], biology)
    cells = classify_cells(biology)
    assert cells.weight.sum() == pytest.approx(1.0, abs=1e-12)
    journey = follow(world, bolus(world.hops, [0], count=n), until=0.0, seed=61)
    size_class = journey.launches.population.on_host()["size_class"]
    for kind, each in enumerate(cells.kinds):
        born = np.count_nonzero(cells.kind[size_class] == kind)
        error = np.sqrt(n * each.share * (1.0 - each.share))
        assert abs(born - n * each.share) < 5 * error, each.name


def test_a_ball_holds_its_cells() -> None:
    """n cells of volume v fill 64 % of a ball of volume n v / 0.64."""
    cells = classify_cells(clusters())
    several = cells.n_cells > 1
    volume = cells.radius[several] ** 3 * 0.64
    np.testing.assert_allclose(volume, cells.n_cells[several] * CELL**3, rtol=1e-12)
    np.testing.assert_array_equal(cells.radius[~several], cells.chain_radius[~several])
    np.testing.assert_allclose(cells.chain_radius, CELL, rtol=1e-12)


def test_wide_vessels_see_a_ball_and_narrow_ones_a_chain() -> None:
    """At a fork a small branch with a share below X0(L) is out of reach.

    Pairs: the ball is 17.5 um wide, one cell 12. In a feeding vessel of 2^-15 m radius (61 um wide)
    L is that of the ball; in one of 2^-17 m radius (15 um wide) that of the chain. n = 1e5
    pairs, binomial errors of (share - X0) / (1 - 2 X0).
    """
    n, share = 100_000, 0.45
    ball = CELL * (2.0 / 0.64) ** (1.0 / 3.0)
    for radius, felt in ((2.0**-15, ball), (2.0**-17, CELL)):
        world = made_world(
            [
                Vessel("in", "fork", radius=radius, transit=1.0),
                Vessel("fork", "small", flow=share, transit=1.0),
                Vessel("fork", "large", flow=1.0 - share, transit=2000.0),
            ],
            pairs_only(),
        )
        # Those in the small branch leave within 1000 s, the others cannot before.
        journey = follow(world, bolus(world.hops, [0], count=n), until=900.0, seed=62)
        excluded = excluded_share(felt / radius)
        chance = (share - excluded) / (1.0 - 2.0 * excluded)
        error = np.sqrt(n * chance * (1.0 - chance))
        assert abs(journey.of_kind(EventKind.EXITED).size - n * chance) < 5 * error


def capillary(bore: float, *, chain_exponent: float) -> BedLaw:
    """Return one capillary of the shipped law."""
    return BedLaw(
        bore=bore,
        bore_deviation=1e-9,
        n_in_series=1.0,
        stiffness_ratio=0.75,
        midpoint=2.63,
        width=0.15,
        passing_slowness=80.0,
        chain_exponent=chain_exponent,
    )


@pytest.mark.parametrize("bore", [5e-6, 6e-6, 7e-6, 10e-6])
@pytest.mark.parametrize("n_cells", [2, 8, 20])
def test_nine_of_ten_clusters_of_twenty_pass_5_to_10_um(bore: float, n_cells: int) -> None:
    """Au 2016: more than 90 % of clusters of up to 20 cells; chance 1 - (1 - a)^sqrt(n)."""
    law = capillary(bore, chain_exponent=0.5)
    radius = np.full(2, 6.2e-6)
    alone, chain = (
        bed_records(law, radius, adhesion=0.0, n_cells=np.array([1.0, n_cells]))["arrest"] / WORD
    )
    assert chain == pytest.approx(1.0 - (1.0 - alone) ** np.sqrt(n_cells), rel=1e-9)
    assert chain < 0.1


def test_each_cell_of_a_chain_may_adhere() -> None:
    count = np.array([1.0, 2.0, 5.0, 50.0])
    law = capillary(50e-6, chain_exponent=0.5)
    records = bed_records(law, np.full(4, CELL), adhesion=0.15, n_cells=count)
    np.testing.assert_allclose(records["arrest"] / WORD, 1.0 - 0.85**count, rtol=1e-6)


def trap(biology: Biology) -> World:
    """Return a bed that stops everything at once."""
    return made_world(
        [
            Vessel("in", "a", transit=1e-8),
            Vessel("a", "b", kind=SegmentKind.CAPILLARY_BED, organ="gut"),
            Vessel("b", "out", transit=1e-8),
        ],
        replace(biology, adhesive_fraction=1.0, adhesion_probability=1.0),
    )


def test_kinds_have_clocks_of_their_own() -> None:
    """Singles and pairs, half of each: of n = 1e5 the causes are drawn by factors of the kind.

    A single cell is released, killed or dies at 2 : 2 : 1; a pair at 2/2 : 2 * 0.3 : 1 * 0.5.
    """
    n = 200_000
    biology = with_clocks(
        clusters(
            homotypic_fraction=0.5,
            neutrophil_fraction=0.0,
            largest=2,
            immune_factor=0.3,
            death_factor=0.5,
        ),
        release_rate=2e-4,
        immune_death_rate=2e-4,
        other_death_rate=1e-4,
    )
    world = trap(biology)
    journey = follow(world, bolus(world.hops, [0], count=n), until=1e6, seed=63)
    ends = journey.events[np.isin(journey.events["kind"], [EventKind.RELEASED, EventKind.DIED])]
    is_pair = world.tables.sizes["n_cells"][ends["size_class"]] == 2
    for chosen, rates in ((~is_pair, (2.0, 2.0, 1.0)), (is_pair, (1.0, 0.6, 0.5))):
        of_kind = ends[chosen]
        assert abs(of_kind.size - n / 2) < 5 * np.sqrt(n / 4)
        share = np.array(rates) / sum(rates)
        counts = [
            np.count_nonzero(of_kind["kind"] == EventKind.RELEASED),
            np.count_nonzero(of_kind["cause"] == DeathCause.IMMUNE),
            np.count_nonzero(of_kind["cause"] == DeathCause.ARREST),
        ]
        error = np.sqrt(of_kind.size * share * (1.0 - share))
        assert (np.abs(counts - of_kind.size * share) < 5 * error).all()


def test_every_cell_of_a_cluster_may_found_the_colony() -> None:
    """In tissue death : colony is 9 : 1 for a single cell, 9 : 2 * 3 for a pair, factor 3."""
    n = 100_000
    rates = {"extravasation_rate": 1.0, "tissue_death_rate": 9e-6, "colony_rate": 1e-6}
    world = trap(with_clocks(pairs_only(colony_factor=3.0), **rates))
    journey = follow(world, bolus(world.hops, [0], count=n), until=1e8, seed=64)
    chance = 6.0 / 15.0
    error = np.sqrt(n * chance * (1.0 - chance))
    assert abs(journey.of_kind(EventKind.COLONY).size - n * chance) < 5 * error
