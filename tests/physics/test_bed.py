"""Capillary beds: who stops, who is slow, and how long blood takes."""

import numpy as np
import pytest
from scipy.special import gamma

from ctc.backends.host_tables import BedLaw, bed_records, size_classes, transit_quantiles
from ctc.scenario.biology import Biology
from ctc.simulation.prepare import transit_shapes
from ctc.states import CellState, EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.test_streamline import KOLMOGOROV_LIMIT, kolmogorov
from tests.physics.worlds import (
    BLOOD,
    Vessel,
    World,
    bolus,
    follow,
    follow_out,
    living,
    made_world,
)
from tests.reference.bed_law import bed_chances
from tests.reference.laws import uniform_deviate
from tests.reference.philox import STREAM_BED, philox_of_cell

LAW = BedLaw(
    bore=7e-6,
    bore_deviation=1.5e-6,
    n_in_series=5.0,
    stiffness_ratio=0.75,
    midpoint=2.0,
    width=0.15,
    passing_slowness=60.0,
)
WORD = 2.0**64


def cells(**changes: float) -> Biology:
    """Return cells that about half of a bed of the tests stops."""
    return living(
        diameter_median=14e-6,
        diameter_sigma=0.2,
        n_size_classes=8,
        effective_diameter_ratio=LAW.stiffness_ratio,
        arrest_midpoint=LAW.midpoint,
        arrest_width=LAW.width,
        passing_slowness=LAW.passing_slowness,
        **changes,
    )


def bed_world(biology: Biology, *, shape: float = 2.0) -> World:
    """One bed of 1 s behind a vessel that takes no time, and a way out."""
    return made_world(
        [
            Vessel("in", "a", transit=1e-8),
            Vessel("a", "b", transit=1.0, kind=SegmentKind.CAPILLARY_BED, organ="gut"),
            Vessel("b", "out", transit=1e-8),
        ],
        biology,
        transit_shape=shape,
    )


@pytest.mark.parametrize("adhesion", [0.0, 0.4])
def test_table_is_the_quadrature_over_the_bores(adhesion: float) -> None:
    """Ninety-six bores against adaptive quadrature.

    The logistic law is smooth over a bore step of 0.09 um: the midpoint rule is good to 1e-3 of
    the chance. The slowness counts whole bores, so it is good to one bore in 96: the largest
    weight of one is 0.03.
    """
    radius = size_classes(7e-6, sigma=0.25, count=32)
    records = bed_records(LAW, radius, adhesion=adhesion)
    exact = np.array([bed_chances(LAW, float(r), adhesion=adhesion) for r in radius])
    np.testing.assert_allclose(records["arrest"] / WORD, exact[:, 0], atol=1e-3, rtol=1e-3)
    largest_bore = 0.03 * (LAW.passing_slowness - 1.0)
    np.testing.assert_allclose(records["slowness"], exact[:, 1], atol=largest_bore)
    assert (np.diff(records["arrest"].astype(np.float64)) >= 0).all()


def test_blood_never_stops_and_is_never_slow() -> None:
    records = bed_records(LAW, np.zeros(3), adhesion=0.9)
    assert (records["arrest"] == 0).all()
    assert (records["slowness"] == 1.0).all()


def test_certain_arrest_holds_every_cell() -> None:
    assert bed_records(LAW, np.array([1e-4]), adhesion=0.0)["arrest"][0] > WORD * (1 - 1e-9)
    assert bed_records(LAW, np.array([1e-6]), adhesion=1.0)["arrest"][0] == 2**64 - 1


def test_arrest_share_of_every_size_class_is_its_table() -> None:
    """n = 4e5 cells in 8 classes without and 8 with adhesion: binomial errors of each class."""
    n = 400_000
    world = bed_world(cells(adhesive_fraction=0.5, adhesion_probability=0.3))
    journey = follow(world, bolus(world.hops, [0], count=n), until=1.0, seed=41)
    born = np.bincount(journey.launches.population.on_host()["size_class"], minlength=16)
    stopped = np.bincount(journey.of_kind(EventKind.ARRESTED)["size_class"], minlength=16)
    chance = world.tables.beds["arrest"] / WORD
    assert (np.abs(born - n / 16) < 5 * np.sqrt(n / 16)).all()
    error = np.sqrt(born * chance * (1.0 - chance))
    assert chance.min() > 0.01
    assert chance.max() < 1.0
    assert (np.abs(stopped - born * chance) < 5 * error + 1.0).all()
    gut = journey.launches.sums.organs[0]
    np.testing.assert_array_equal(gut, [n, stopped.sum(), 0, 0])


def test_passes_and_later_arrivals_are_told_from_first_ones() -> None:
    """Two beds in a row that stop a quarter: the second sees only cells on their second bed."""
    n = 100_000
    world = made_world(
        [
            Vessel("in", "a", transit=1e-8),
            Vessel("a", "b", kind=SegmentKind.CAPILLARY_BED, organ="gut"),
            Vessel("b", "c", kind=SegmentKind.CAPILLARY_BED, organ="liver"),
            Vessel("c", "out"),
        ],
        living(
            diameter_median=1e-6,
            arrest_midpoint=50.0,
            arrest_width=1.0,
            adhesive_fraction=1.0,
            adhesion_probability=0.25,
        ),
    )
    journey = follow(world, bolus(world.hops, [0], count=n), until=1e5, seed=42)
    gut, liver = journey.launches.sums.organs[:2].astype(int)
    assert gut[0] == n
    assert liver[0] == liver[1] == 0
    assert liver[2] == n - gut[1]
    error = np.sqrt(n * 0.25 * 0.75)
    assert abs(gut[1] - n / 4) < 5 * error
    assert abs(liver[3] - liver[2] / 4) < 5 * error
    passes = journey.events["passes"][journey.events["kind"] == EventKind.EXITED]
    assert (passes == 2).all()


@pytest.mark.parametrize("shape", [1.0, 2.0, 4.0])
def test_blood_takes_a_weibull_time_of_mean_volume_over_flow(shape: float) -> None:
    """n = 2e5: the mean to five standard errors, the law by Kolmogorov-Smirnov.

    The quantile function is linear between 1,025 nodes, which moves the law by less than 1/1024
    of probability anywhere: that is added to the limit.
    """
    n = 200_000
    world = bed_world(BLOOD, shape=shape)
    journey = follow_out(world, bolus(world.hops, [0], count=n), step=100.0, seed=43)
    time = np.sort(journey.of_kind(EventKind.EXITED)["time"]) * 1e-9
    assert abs(time.mean() - 1.0) < 5 * time.std() / np.sqrt(n)
    cdf = 1.0 - np.exp(-((time * gamma(1.0 + 1.0 / shape)) ** shape))
    assert kolmogorov(time, cdf) < KOLMOGOROV_LIMIT + np.sqrt(n) / 1024


def test_organs_keep_their_own_dispersion() -> None:
    """Lung and liver side by side, n = 2e5 each, points: standard deviation over mean.

    Published: 0.90 and 0.496. The laws have five standard errors of it at most: the variance of a
    sample of n has a relative standard error sqrt((kurtosis - 1) / n) / 2 = 0.4 % (kurtosis below
    12), and the table's last node cuts 0.1 % off the tail, which costs 1 % of the deviation.
    """
    published = {"lung": 0.90, "liver": 0.496}
    shapes = transit_shapes(tuple(published))
    for organ, dispersion in published.items():
        world = bed_world(BLOOD, shape=shapes[organ])
        journey = follow_out(world, bolus(world.hops, [0], count=200_000), step=100.0, seed=46)
        time = journey.of_kind(EventKind.EXITED)["time"] * 1e-9
        assert time.std() / time.mean() == pytest.approx(dispersion, rel=0.03)


def test_two_laws_in_one_world_stay_apart() -> None:
    """Two beds behind a fork, exponential in one, narrow in the other; n = 1e5 each way."""
    vessels = [
        Vessel("in", "a", flow=2.0, transit=1e-8),
        Vessel("a", "b", kind=SegmentKind.CAPILLARY_BED, organ="gut"),
        Vessel("a", "c", kind=SegmentKind.CAPILLARY_BED, organ="liver"),
    ]
    world = made_world(vessels, BLOOD, transit_shapes={"gut": 1.0, "liver": 4.0})
    journey = follow(world, bolus(world.hops, [0], count=200_000), until=1e-3, seed=47)
    cells = journey.launches.population.on_host()
    segment = world.hops.segment[cells["segment"]]
    time = (cells["exit_time"] - cells["entry_time"]) * 1e-9
    for index, shape in ((1, 1.0), (2, 4.0)):
        here = np.sort(time[segment == index])
        cdf = 1.0 - np.exp(-((here * gamma(1.0 + 1.0 / shape)) ** shape))
        assert kolmogorov(here, cdf) < KOLMOGOROV_LIMIT + np.sqrt(here.size) / 1024


def test_transit_is_linear_between_the_quantiles() -> None:
    """Time in the bed of each cell against the reference's word for it, to float32 rounding."""
    world = bed_world(BLOOD)
    launches = follow(world, bolus(world.hops, [0], count=5000), until=2e-5, seed=45).launches
    cells = launches.population.on_host()
    in_bed = world.hops.segment[cells["segment"]] == 1
    assert in_bed.all()
    # The bed was entered by the first hop; behind it a new pair of hops begins.
    assert (cells["draw"] == 2).all()
    word = philox_of_cell(cells["id"], STREAM_BED, draw=1, seed=45)[:, 2]
    quantile = world.tables.bed_quantiles.astype(np.float64)
    wanted = np.interp(uniform_deviate(word) * 1024, np.arange(1025), quantile)
    time = (cells["exit_time"] - cells["entry_time"]) * 1e-9
    np.testing.assert_allclose(time, wanted, rtol=3e-7, atol=1e-9)


@pytest.mark.parametrize("shape", [0.7, 1.0, 2.0, 4.0])
def test_quantiles_rise_and_have_mean_one(shape: float) -> None:
    """The mean of a piecewise linear function is the sum by trapezia: 1 to float32 rounding."""
    quantile = transit_quantiles(shape).astype(np.float64)
    assert quantile[0] == 0.0
    assert (np.diff(quantile) > 0).all()
    mean = (quantile.sum() - 0.5 * (quantile[0] + quantile[-1])) / (quantile.size - 1)
    assert mean == pytest.approx(1.0, abs=1e-7)


def test_a_passing_cell_is_slow_by_its_class() -> None:
    """Mean transit over that of blood = slowness of the class, n = 4e5 cells in 8 classes."""
    world = bed_world(cells())
    journey = follow_out_or_stop(world, count=400_000)
    out = journey[0]
    slowness = world.tables.beds["slowness"][:8].astype(np.float64)
    for number in np.unique(out["size_class"]):
        time = out["time"][out["size_class"] == number] * 1e-9
        if time.size > 50:
            error = time.std() / np.sqrt(time.size)
            assert abs(time.mean() - slowness[number]) < 5 * error
    assert journey[1] + out.size == 400_000
    assert slowness[0] < slowness[7]


def follow_out_or_stop(world: World, *, count: int) -> tuple[np.ndarray, int]:
    """Return exits, and how many cells are held for good."""
    journey = follow(world, bolus(world.hops, [0], count=count), until=1e4, seed=44)
    state = journey.launches.population.on_host()["state"]
    return journey.of_kind(EventKind.EXITED), int(np.count_nonzero(state == CellState.ARRESTED))
