"""Primary tumours: size, front, the vessels reached, shedding, and the time of day."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import PrimaryTumour, Rhythm, Tissue
from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.identities import Identities
from ctc.simulation.placing import distance_from
from ctc.simulation.primaries import Primary, Venules, one_route
from ctc.simulation.rhythm import rhythm_factor
from ctc.simulation.shedding import SheddingSource, litters
from ctc.states import Route

NS = 10**9
DAY = 86_400
FULL = np.uint64(2**64 - 1)
SLEEP = Rhythm(22 * 3600.0, 8 * 3600.0, asleep=1.9, awake=0.55)


def after(n_shed: int) -> Identities:
    """Identities of a patient that shed so many cells before."""
    identities = Identities()
    identities.take(n_shed)
    return identities


def tumour(**changes: Any) -> PrimaryTumour:
    """Return a tumour of 1 g (12.2 mm across) that neither grows nor invades."""
    return replace(
        PrimaryTumour(
            organ="breast",
            mass=1e-3,
            stop=math.inf,
            tissue=Tissue(1e12, 1060.0),
            law=None,
            doubling_time=50.0 * DAY,
            front_speed=None,
            margin=0.0,
            centre=None,
            viable_rim=math.inf,
            avascular_diameter=0.0,
            lymph_share=0.0,
            needs_lymph=False,
        ),
        **changes,
    )


GOMPERTZ = GrowthLaw(GrowthKind.GOMPERTZ, 3.1e12, reference_cells=1e9)
VENULES = Venules(
    reach=np.array([0.0, 7e-3, 10e-3]),
    record=np.array([30, 10, 20], dtype=np.uint32),
    flow_rate=np.array([1.0, 3.0, 4.0]),
    route=np.array([1, 1, 2], dtype=np.uint8),
)


def test_a_gram_is_a_ball_of_twelve_millimetres() -> None:
    primary = Primary(tumour())
    assert primary.radius(0) == pytest.approx((3e-3 / (4 * math.pi * 1060)) ** (1 / 3), rel=1e-12)
    assert primary.cells(10 * DAY * NS) == 10**9
    assert primary.strength(0, NS) == 1.0


def test_it_doubles_and_is_taken_out() -> None:
    law = GrowthLaw(GrowthKind.EXPONENTIAL, 3.1e12, reference_cells=1e9)
    primary = Primary(tumour(law=law, stop=60.0 * DAY))
    assert primary.mass(50 * DAY * NS) == pytest.approx(2e-3, rel=1e-12)
    assert primary.strength(50 * DAY * NS - NS, 50 * DAY * NS + NS) == pytest.approx(2.0, rel=1e-12)
    assert primary.cells(60 * DAY * NS - 1) > 2 * 10**9
    assert primary.cells(60 * DAY * NS) == 0


def test_only_the_viable_rim_lives_and_sheds() -> None:
    """1 g, 6.08 mm in radius, with a rim of 2 mm: 1 - (4.08 / 6.08)^3 = 0.698 of it."""
    primary = Primary(tumour(viable_rim=2e-3))
    share = 1.0 - (1.0 - 2e-3 / primary.radius(0)) ** 3
    assert share == pytest.approx(0.698, abs=1e-3)
    assert primary.living_mass(0) == pytest.approx(share * 1e-3, rel=1e-12)
    assert primary.strength(0, NS) == pytest.approx(share, rel=1e-12)
    assert Primary(tumour(viable_rim=0.1)).living_mass(0) == 1e-3


def test_without_vessels_nothing_is_shed() -> None:
    """1e-6 g is 1.2 mm across."""
    for least, strength in ((1.3e-3, 0.0), (1.1e-3, 1.0)):
        primary = Primary(tumour(mass=1e-6, avascular_diameter=least))
        assert primary.strength(0, NS) == pytest.approx(strength, rel=1e-12)


def test_front_reaches_one_venule_after_the_other() -> None:
    """6.08 mm and 1 mm ahead, 0.1 mm a day: venules at 7 mm at once, at 10 mm after 29.2 days."""
    primary = Primary(tumour(front_speed=1e-4 / DAY, margin=1e-3), venules=VENULES)
    assert primary.front_radius(0) == pytest.approx(primary.radius(0) + 1e-3, rel=1e-12)
    assert primary.n_reached(0) == 2
    when = (10e-3 - primary.front_radius(0)) / (1e-4 / DAY)
    assert when / DAY == pytest.approx(29.2, abs=0.1)
    assert primary.n_reached(math.floor(when - 1.0) * NS) == 2
    assert primary.n_reached(math.ceil(when + 1.0) * NS) == 3
    sites = primary.sites(0, NS)
    assert sites is not None
    assert sites[0].record.tolist() == [30, 10]
    assert [int(t) for t in sites[0].threshold] == [2**62, int(FULL)]
    assert sites[1] is Route.CAVAL
    late = primary.sites(40 * DAY * NS, 41 * DAY * NS)
    assert late is not None
    assert late[1] is Route.SEVERAL


def test_before_a_venule_is_reached_nothing_is_shed() -> None:
    far = replace(VENULES, reach=np.array([8e-3, 9e-3, 10e-3]))
    primary = Primary(tumour(front_speed=1e-4 / DAY), venules=far)
    assert primary.strength(0, NS) == 0.0
    assert primary.sites(0, NS) is None
    assert primary.strength(20 * DAY * NS, 21 * DAY * NS) == 1.0


def source(primary: Primary, rate: float = 10.0) -> SheddingSource:
    sites = EntrySites(np.array([1], dtype=np.uint32), np.array([FULL]))
    return SheddingSource(sites, rate, 0, 1000 * NS, 0, 0, "breast", primary)


def test_lymph_takes_its_share() -> None:
    """Mean 10,000, a quarter by lymph; limits five standard errors."""
    nodes = EntrySites(np.array([9], dtype=np.uint32), np.array([FULL]))
    shed = source(Primary(tumour(lymph_share=0.25), lymphatics=nodes))
    blood, lymph = litters((shed,), epoch=0, start=0, end=1000 * NS, seed=1, identities=after(40))
    assert abs(blood.count - 7500) < 5 * math.sqrt(7500)
    assert abs(lymph.count - 2500) < 5 * math.sqrt(2500)
    assert lymph.source.sites is nodes
    assert lymph.source.route is Route.LYMPHATIC
    assert (blood.first_id, lymph.first_id) == (40, 40 + blood.count)


def test_growth_sheds_the_integral_of_the_mass() -> None:
    """Expected cells of a run against the integral of 2^(t / T): (2^x - 1) T / ln 2.

    By the middle of 200 stretches of h = 5 s, with an error of (h ln 2 / T)^2 / 24 = 2.0e-6.
    """
    law = GrowthLaw(GrowthKind.EXPONENTIAL, 3.1e12, reference_cells=1e9)
    shed = source(Primary(tumour(law=law, doubling_time=500.0)))
    wanted = 10.0 * 3.0 * 500.0 / math.log(2.0)
    assert shed.expected_cells == pytest.approx(wanted, rel=2.1e-6)


def test_gompertz_tumour_slows_down() -> None:
    primary = Primary(tumour(law=GOMPERTZ))
    first = primary.mass(50 * DAY * NS) / primary.mass(0)
    later = primary.mass(350 * DAY * NS) / primary.mass(300 * DAY * NS)
    assert 1.9 < first < 2.0
    assert later < 0.9 * first


def test_the_mean_over_a_day_is_one() -> None:
    ratio, duration = 3.6, 8 * 3600.0
    awake = DAY / (ratio * duration + DAY - duration)
    rhythm = Rhythm(22 * 3600.0, duration, asleep=ratio * awake, awake=awake)
    for start in (0, 5 * 3600 * NS, 123_456_789):
        assert rhythm_factor(rhythm, start, start + DAY * NS) == pytest.approx(1.0, rel=1e-12)
    assert rhythm_factor(None, 0, NS) == 1.0


@pytest.mark.parametrize(
    ("start", "end", "asleep"),
    [
        (0, 6, 1.0),
        (0, 12, 0.5),
        (6, 22, 0.0),
        (21, 23, 0.5),
        (22, 30, 1.0),
        (46, 54, 1.0),
        (5, 7, 0.5),
    ],
)
def test_sleep_is_from_ten_to_six(start: int, end: int, asleep: float) -> None:
    """Time 0 is midnight, in the middle of a sleep."""
    found = rhythm_factor(SLEEP, start * 3600 * NS, end * 3600 * NS)
    assert found == pytest.approx(SLEEP.awake + (SLEEP.asleep - SLEEP.awake) * asleep, rel=1e-12)


def test_distances_are_to_the_nearest_point() -> None:
    """Beside the middle, beyond an end, and of a segment without length."""
    start = np.array([[0.0, 0, 0], [0, 0, 0], [3, 4, 0]])
    end = np.array([[2.0, 0, 0], [0, 0, 2], [3, 4, 0]])
    found = distance_from(np.array([1.0, 0.0, -1.0]), start, end)
    np.testing.assert_allclose(found, [1.0, math.sqrt(2.0), math.sqrt(4 + 16 + 1)])


def test_routes_agree_or_are_several() -> None:
    assert one_route(np.array([3, 3], dtype=np.uint8)) is Route.PULMONARY
    assert one_route(np.array([3, 1], dtype=np.uint8)) is Route.SEVERAL
    assert one_route(np.zeros(0, dtype=np.uint8)) is Route.SEVERAL
