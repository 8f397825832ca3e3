"""Where tumours lie in a grown body, and what their fronts reach."""

from pathlib import Path

import numpy as np
import pytest

import ctc
from ctc.errors import InputError
from ctc.pipeline import prepare
from ctc.preparation import Prepared
from ctc.scenario.scenario import Scenario
from ctc.simulation.placing import distance_from
from ctc.simulation.shedding import SheddingSource
from ctc.states import Route
from ctc.vessels.network import SegmentKind

SCENARIO = """
[scenario]
title = "Tumours in their places"

[run]
seed = 3
duration = "5 days"
epoch = "1 day"

[body]
terminals = 1500

[cancer]
set = "cancers/breast"

[[source]]
kind = "tumour"
organ = "breast"
mass = "4 g"
growth = "gompertz"
invasion = "single"
lymph_share = "10 %"

[[source]]
kind = "tumour"
organ = "large intestine"
mass = "4 g"
invasion = "collective"

[[source]]
kind = "tumour"
organ = "lung"
mass = "4 g"

[[source]]
kind = "tumour"
organ = "red marrow"
mass = "4 g"
"""


def load(folder: Path, *overrides: str) -> Scenario:
    path = folder / "places.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return ctc.load_scenario(path, overrides=list(overrides))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(load(tmp_path_factory.mktemp("places")))


def source(prepared: Prepared, number: int) -> SheddingSource:
    return prepared.setting.sources[number]


def test_a_tumour_lies_at_a_terminal_of_its_organ(prepared: Prepared) -> None:
    network = prepared.network
    for number, organ in ((0, "breast"), (1, "large intestine")):
        primary = source(prepared, number).primary
        assert primary is not None
        assert network.organ_names[network.organ[primary.segment]] == organ
        assert network.kind[primary.segment] == SegmentKind.CAPILLARY_BED
        assert primary.venules is not None
        assert primary.venules.reach[0] == 0.0
    steady = source(prepared, 2).primary
    assert steady is not None
    assert (steady.segment, steady.venules, steady.is_steady) == (-1, None, True)


def test_another_seed_is_another_place(tmp_path: Path, prepared: Prepared) -> None:
    scenario = load(tmp_path)
    places = {prepare(scenario, seed=seed).setting.sources[0].primary.segment for seed in range(6)}
    assert len(places) > 1
    again = prepare(scenario, seed=3).setting.sources[0].primary
    assert again.segment == source(prepared, 0).primary.segment


def test_venules_stand_in_the_order_of_their_distance(prepared: Prepared) -> None:
    """All venules of the organ, by a distance computed here from a thousand points of each."""
    network, hops = prepared.network, prepared.setting.hops
    primary = source(prepared, 0).primary
    centre = network.node_position[network.end_node[primary.segment]]
    own = hops.segment[primary.venules.record]
    every = network.is_kind(SegmentKind.VENULE) & (network.organ == network.organ_index("breast"))
    assert sorted(own.tolist()) == np.flatnonzero(every & (prepared.flow.flow_rate > 0)).tolist()
    start = network.node_position[network.start_node[own]][:, None]
    end = network.node_position[network.end_node[own]][:, None]
    along = np.linspace(0.0, 1.0, 1001)[None, :, None]
    nearest = np.linalg.norm(start + along * (end - start) - centre, axis=2).min(axis=1)
    np.testing.assert_allclose(primary.venules.reach, nearest, atol=1e-6)
    assert (np.diff(primary.venules.reach) >= 0).all()


def test_a_breast_tumour_reaches_one_breast_before_the_other(prepared: Prepared) -> None:
    network, hops = prepared.network, prepared.setting.hops
    primary = source(prepared, 0).primary
    region = network.region[hops.segment[primary.venules.record]]
    n_near = np.count_nonzero(region == network.region[primary.segment])
    assert (region[:n_near] == network.region[primary.segment]).all()


def test_routes_are_those_of_the_organs(prepared: Prepared) -> None:
    assert source(prepared, 0).route is Route.CAVAL
    assert source(prepared, 1).route is Route.PORTAL
    assert source(prepared, 2).route is Route.PULMONARY
    _, route = source(prepared, 1).primary.sites(0, 10**9)
    assert route is Route.PORTAL


def test_lymph_goes_to_the_nodes_of_the_tumours_own_region(prepared: Prepared) -> None:
    network, hops = prepared.network, prepared.setting.hops
    primary = source(prepared, 0).primary
    region = network.region_names[network.region[primary.segment]]
    segments = hops.segment[primary.lymphatics.record]
    names = {network.vessel_names[i] for i in network.name[segments]}
    assert names
    assert all(name.startswith(f"lymph of {region} to ") for name in names)
    assert network.is_kind(SegmentKind.LYMPHATIC)[segments].all()


def test_a_share_enters_lymph_by_default_where_there_is_any(prepared: Prepared) -> None:
    lung, marrow = (source(prepared, number).primary for number in (2, 3))
    assert lung.tumour.lymph_share == marrow.tumour.lymph_share == 0.05
    assert lung.lymphatics is not None
    assert marrow.lymphatics is None


def test_fronts_run_at_the_speed_of_a_reaction_diffusion_wave(prepared: Prepared) -> None:
    """2 sqrt(S^2 P / 3 ln 2 / T) with 0.32 um/min, 60 min, 1.7 months: 12.6 um a day."""
    primary = source(prepared, 0).primary
    assert primary.tumour.front_speed * 86400 == pytest.approx(12.57e-6, rel=1e-3)
    other = source(prepared, 1).primary
    assert other.tumour.front_speed / primary.tumour.front_speed == pytest.approx(0.14)


def test_a_centre_may_be_given(tmp_path: Path, prepared: Prepared) -> None:
    network = prepared.network
    bed = np.flatnonzero(
        network.is_kind(SegmentKind.CAPILLARY_BED)
        & (network.organ == network.organ_index("breast"))
    )[7]
    place = network.node_position[network.end_node[bed]] + 1e-4
    text = ", ".join(f'"{1e3 * x:.6f} mm"' for x in place)
    found = prepare(load(tmp_path, f"source.0.centre=[{text}]")).setting.sources[0].primary
    ends = network.node_position[network.end_node[[found.segment]]]
    assert distance_from(place, ends, ends)[0] <= np.sqrt(3) * 1e-4 + 1e-9
    assert found.venules.reach[0] <= np.sqrt(3) * 1e-4 + 1e-9


def centre_in(prepared: Prepared, region: str) -> str:
    """Return, as an override of the third source, a place among the beds of a region."""
    network = prepared.network
    inside = network.region == network.region_names.index(region)
    bed = np.flatnonzero(inside & network.is_kind(SegmentKind.CAPILLARY_BED))[3]
    place = network.node_position[network.end_node[bed]]
    return "source.2.centre=[" + ", ".join(f'"{1e3 * x:.6f} mm"' for x in place) + "]"


@pytest.mark.parametrize(
    ("organ", "region", "route"),
    [
        ("breast", "left breast", Route.CAVAL),
        ("breast", "right breast", Route.CAVAL),
        ("rectum", "rectum, upper", Route.PORTAL),
        ("rectum", "rectum, lower", Route.CAVAL),
    ],
)
def test_a_centre_without_a_front_chooses_a_region(
    tmp_path: Path, prepared: Prepared, *, organ: str, region: str, route: Route
) -> None:
    """Blood and lymph alike: both were the same tumour's, and only the lymph was confined."""
    place = [f"source.2.organ={organ}", centre_in(prepared, region)]
    there = prepare(load(tmp_path, *place))
    network, hops = there.network, there.setting.hops
    found = there.setting.sources[2]
    assert found.route is route
    venules = hops.segment[found.sites.record]
    index = network.region_names.index(region)
    every = network.is_kind(SegmentKind.VENULE) & (network.region == index)
    assert sorted(venules.tolist()) == np.flatnonzero(every & (there.flow.flow_rate > 0)).tolist()
    names = {
        network.vessel_names[i] for i in network.name[hops.segment[found.primary.lymphatics.record]]
    }
    assert names
    assert all(name.startswith(f"lymph of {region} to ") for name in names)


def test_a_tumour_that_only_grows_sheds_into_its_whole_organ(
    tmp_path: Path, prepared: Prepared
) -> None:
    grown = ["source.2.organ=breast", "source.2.growth=gompertz"]
    there = prepare(load(tmp_path, *grown))
    network, hops = there.network, there.setting.hops
    found = there.setting.sources[2]
    assert found.primary.segment >= 0
    for record in (found.sites.record, found.primary.lymphatics.record):
        regions = {network.region_names[i] for i in network.region[hops.segment[record]] if i >= 0}
        assert not regions or regions == {"left breast", "right breast"}
    lymph = network.name[hops.segment[found.primary.lymphatics.record]]
    names = " ".join(network.vessel_names[i] for i in lymph)
    assert "left breast" in names
    assert "right breast" in names


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("source.2.centre=['0 mm', '0 mm', '0 mm']", r"source\.2\.centre: centre must lie among"),
        ("source.0.centre=['0 mm', '0 mm', '0 mm']", "centre must lie among the vessels of the br"),
        (
            "source.0.mass=4 kg",
            r"--set: source\.0\.mass: mass must be below that of tissue.lesion_capacity",
        ),
        ("source.2.margin=1 mm", r"source\.2\.margin: key must be left out without invasion"),
        ("source.2.doubling_time=1 day", "neither growth nor invasion is asked for"),
        ("source.0.lymph_share=1.5", "lymph_share.*must be >= 0 and <= 1"),
        (
            "source.3.lymph_share=0.1",
            r"--set: source\.3\.lymph_share: organ must have lymphatics for lymph_share",
        ),
        ("source.0.viable_rim=2", "unit of length"),
        ("override.tumour.balance_share=2", "balance_share.*<= 1"),
        ("override.tumour.cell_speed=3 m", "must be a speed"),
        ("override.tumour.sped=3 m", "must be one that a run reads"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(InputError, match=f"(?s){message}"):
        prepare(load(tmp_path, override))
