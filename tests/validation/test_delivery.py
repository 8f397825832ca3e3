"""The exact delivery of cells to organs, against closed forms and cells that are followed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from ctc.backends.cpu import CpuBackend
from ctc.body.organ import Route
from ctc.body.plan import load_body_plan
from ctc.pipeline import load_scenario
from ctc.preparation import prepare
from ctc.simulation.epochs import Simulation
from ctc.simulation.prepare import nanoseconds
from ctc.simulation.setting import Setting
from ctc.states import EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import Vessel, bolus, living, made_setting, made_world
from tools.calibrate.delivery import excluded_share, expected_delivery, mean_slowness
from tools.calibrate.exposures import SINGLE_CELLS, without_portal_way

HOUR = 3600.0
STOPS = 0.3
RELEASE, EXTRAVASATION, DEATH = 0.6, 0.15, 0.25


def ring_of_two_organs() -> list[Vessel]:
    """Organs a (a quarter of the flow) and b side by side, each with one bed; then round again."""
    beds = {"kind": SegmentKind.CAPILLARY_BED}
    return [
        Vessel("heart", "fork", flow=4.0, radius=1.0),
        Vessel("fork", "join", flow=1.0, organ="a", **beds),
        Vessel("fork", "join", flow=3.0, organ="b", **beds),
        Vessel("join", "heart", flow=4.0, radius=1.0),
    ]


def test_a_ring_delivers_by_flow_until_all_cells_are_spent() -> None:
    """Each turn a share s stops; of those a share x leaves, r goes on, the rest dies.

    So x s / (1 - (1 - s) - s r) = x / (1 - r) of the cells leave in all, by share of the flow.
    """
    cells = living(
        diameter_median=1e-9,
        passing_slowness=1.0,
        weak_adhesion_probability=STOPS,
        adhesion_probability=STOPS,
        effective_diameter_ratio=0.75,
    )
    rates = {
        "release_rate": RELEASE / HOUR,
        "extravasation_rate": EXTRAVASATION / HOUR,
        "other_death_rate": DEATH / HOUR,
    }
    cells = replace(cells, default_clocks=replace(cells.default_clocks, **rates))
    world = made_world(ring_of_two_organs(), cells)
    source = bolus(world.hops, [0], count=1).source
    found = expected_delivery(made_setting(world, [source], epochs=[1.0]))
    wanted = EXTRAVASATION / (1.0 - RELEASE) * np.array([0.25, 0.75])
    np.testing.assert_allclose(found.left[0], wanted, rtol=1e-5)
    np.testing.assert_allclose(found.arrested[0], wanted / EXTRAVASATION, rtol=1e-5)


def test_the_share_out_of_reach_is_the_integral() -> None:
    ratio = np.array([0.1, 0.2, 0.5, 0.8, 1.0])
    wanted = [
        8.0 / (3.0 * np.pi) * quad(lambda x: (1.0 - x * x) ** 1.5, 1.0 - each, 1.0)[0]
        for each in ratio
    ]
    np.testing.assert_allclose(excluded_share(ratio), wanted, rtol=1e-7)


@pytest.mark.parametrize("ratio", [0.0, 0.05, 0.3, 0.79, 0.9])
def test_mean_slowness_is_the_mean_over_streamlines(ratio: float) -> None:
    edge = 1.0 - (1.0 - ratio) ** 2
    lag = 4.0 / 3.0 * ratio * ratio

    def slowness(u: float) -> float:
        return 1.0 / (2.0 * np.sqrt(1.0 - (1.0 - edge * edge) * u) - lag)

    wanted = quad(slowness, 0.0, 1.0)[0] if ratio <= 0.8 else 1.0
    assert mean_slowness(np.array([ratio]))[0] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("cancer", "organ"),
    [
        ("colorectal", "large intestine"),
        pytest.param("breast", "breast", marks=pytest.mark.validation),
    ],
)
def test_cells_that_are_followed_leave_where_they_are_expected(cancer: str, organ: str) -> None:
    """20,000 cells, about 1,500 of which leave a vessel; after 6 days none is on its way.

    Counts are binomial; every organ in which 10 are expected lies within five standard errors.
    """
    n_cells = 20_000
    scenario = load_scenario(
        "quick",
        overrides=[
            "body.plan=human_female",
            "body.terminals=2000",
            f"cancer.set=cancers/{cancer}",
            f"source.0.organ={organ}",
            "override.tumour_cell.size_classes=8",
            *SINGLE_CELLS,
        ],
    )
    prepared = prepare(scenario)
    hops = prepared.setting.hops
    source = replace(prepared.setting.sources[0], rate=0.0, start=0, stop=0, cells=n_cells)
    days = tuple(nanoseconds(86400.0 * day) for day in range(1, 7))
    setting = replace(prepared.setting, sources=(source,), epochs=days, frames=(), n_tracked=0)
    simulation = Simulation(setting, CpuBackend(threads=2))
    left = np.zeros(hops.n_organs)
    while not simulation.is_finished:
        events = simulation.step().events
        out = events["segment"][events["kind"] == EventKind.EXTRAVASATED]
        left += np.bincount(hops.organ[out], minlength=hops.n_organs)
    chance = expected_delivery(setting).left[0]
    expected, error = n_cells * chance, np.sqrt(n_cells * chance * (1.0 - chance))
    tested = expected > 10
    assert tested.sum() > 8
    assert np.abs((left[:-1] - expected)[tested] / error[tested]).max() < 5.0
    assert left.sum() == pytest.approx(expected.sum(), abs=5.0 * np.sqrt(expected.sum()))


def test_without_the_portal_way_the_liver_gets_what_its_artery_brings() -> None:
    """Arrests in an organ go with its arterial flow, all cells being mixed in the heart.

    The spleen is the measure. Beds of all organs stop these cells by adhesion alone, alike to a
    percent; what they lose to the organ that they are shed in, and to size, makes a few more.
    """
    overrides = ["body.terminals=2000", "override.tumour_cell.size_classes=4", *SINGLE_CELLS]
    prepared = prepare(load_scenario("cancers/colorectal", overrides=overrides))
    names = prepared.network.organ_names
    plan = load_body_plan("human_male")
    artery = {
        organ.name: sum(region.inflow.get(Route.AORTA, 0.0) for region in organ.regions)
        for organ in plan.organs
    }

    def per_flow(setting: Setting, organ: str) -> float:
        arrested = expected_delivery(setting).arrested[0][names.index(organ)]
        return float(arrested / artery[organ])

    rerouted = replace(prepared.setting, hops=without_portal_way(prepared))
    assert per_flow(rerouted, "liver") == pytest.approx(per_flow(rerouted, "spleen"), rel=0.05)
    assert per_flow(prepared.setting, "liver") > 5 * per_flow(prepared.setting, "spleen")


def test_cells_that_marginate_are_refused() -> None:
    overrides = ["body.terminals=2000", "override.tumour_cell.margination_probability=0.5"]
    prepared = prepare(load_scenario("quick", overrides=overrides))
    with pytest.raises(ValueError, match="margination must be off"):
        expected_delivery(prepared.setting)
