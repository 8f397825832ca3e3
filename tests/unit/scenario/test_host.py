"""The host as factors: what each one changes, and that 1 changes nothing."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.exercise import at_cardiac_output
from ctc.scenario.biology import Biology, resolve_biology
from ctc.scenario.bodies import check_named_organs, check_organs
from ctc.scenario.host import biology_in_host
from ctc.scenario.load import load_scenario
from tests.physics.worlds import Vessel, made_vessels


def biology_of(*overrides: str) -> Biology:
    return biology_in_host(load_scenario("quick", overrides=list(overrides)))


@pytest.fixture(scope="module")
def plain() -> Biology:
    return resolve_biology(load_scenario("quick"))


def test_factors_of_one_change_no_bit(plain: Biology) -> None:
    names = ("immune_competence", "platelets", "age", "hypoxia", "stroma_stiffness", "exercise")
    assert biology_of(*(f"host.{name}=1" for name in names)) == plain
    assert biology_of() == plain


@pytest.mark.parametrize(
    ("override", "killing"),
    [
        ("host.immune_competence=0", 0.0),
        ("host.immune_competence=0.5", 0.5),
        ("host.age=2", 0.5),
        ("host.platelets=0", 5.75),
        ("host.platelets=0.5", 0.5 + 0.5 * 5.75),
        ("host.platelets=3", 1.0),
    ],
)
def test_killing_is_all_that_immunity_age_and_platelets_change(
    plain: Biology, override: str, killing: float
) -> None:
    found = biology_of("override.blood_hazards.immune_hazard='0.1 1/h'", override)
    assert found.immune_hazard == pytest.approx(killing * 0.1 / 3600.0)
    for organ in ("liver", "muscle"):
        before, after = plain.clocks(organ), found.clocks(organ)
        assert after.immune_death_rate == pytest.approx(killing * before.immune_death_rate)
        assert replace(after, immune_death_rate=before.immune_death_rate) == before


@pytest.mark.parametrize(
    ("override", "field"),
    [("host.hypoxia=2", "dormancy_rate"), ("host.stroma_stiffness=2", "escape_rate")],
)
def test_tissue_factors_act_on_one_rate(plain: Biology, override: str, field: str) -> None:
    before, after = plain.clocks("lung"), biology_of(override).clocks("lung")
    assert getattr(after, field) == pytest.approx(2.0 * getattr(before, field))
    assert replace(after, **{field: getattr(before, field)}) == before


def test_a_niche_acts_on_growth_to_colonies_in_its_organ(plain: Biology) -> None:
    """An organ with clocks of its own (lung), one with those of the default (muscle)."""
    grows_inside = "override.tissue.organ.lung.intravascular_rate='1e-4 1/h'"
    inside = [
        biology_of(grows_inside, f"host.niche.lung={factor}").clocks("lung").intravascular_rate
        for factor in (1, 3)
    ]
    assert inside[1] == pytest.approx(3.0 * inside[0])
    assert inside[0] > 0.0
    found = biology_of("host.niche.lung=3", "host.niche.muscle=0")
    for organ, factor in (("lung", 3.0), ("left lung", 3.0), ("muscle", 0.0), ("liver", 1.0)):
        before, after = plain.clocks(organ), found.clocks(organ)
        assert after.colony_rate == pytest.approx(factor * before.colony_rate)
        assert after.escape_rate == pytest.approx(factor * before.escape_rate)
        same = {name: getattr(before, name) for name in ("colony_rate", "escape_rate")}
        assert replace(after, **same) == before


@pytest.mark.parametrize("override", ["host.niche.lungs=2", "host.niche.lung=-1", "host.niche=2"])
def test_wrong_niches_are_refused(override: str) -> None:
    with pytest.raises(InputError, match=r"host\.niche"):
        check_organs(load_scenario("quick", overrides=[override]))


@pytest.mark.parametrize(
    ("niches", "problem"),
    [
        (("left_kidney=2", "right_kidney=3"), "organ must be given once"),
        (("right_kidney=3", "left_kidney=2"), "got 'right_kidney' and 'left_kidney'"),
        (("kidney=2", "gonads=3"), "organ must be one of"),
    ],
)
def test_niches_of_other_bodies(niches: tuple[str, ...], problem: str) -> None:
    """Bodies that are read are checked against the organs that they turn out to have."""
    overrides = [f"host.niche.{niche}" for niche in niches]
    settings = load_scenario("imported_body", overrides=["body.folder=.", *overrides]).settings
    with pytest.raises(InputError, match=problem):
        check_named_organs(settings, ("kidney", "liver"))


def test_without_platelets_two_to_ten_times_fewer_leave_the_vessel(plain: Biology) -> None:
    """Out of an arrest: extravasation over all losses, release leading to another arrest."""

    def leaving(biology: Biology) -> float:
        clocks = biology.clocks("lung")
        losses = clocks.immune_death_rate + clocks.other_death_rate + clocks.extravasation_rate
        return clocks.extravasation_rate / losses

    ratio = leaving(plain) / leaving(biology_of("host.platelets=0"))
    assert 2.0 < ratio < 10.0
    assert ratio == pytest.approx(4.5, rel=0.01)


def test_exercise_speeds_up_everything_that_flows(plain: Biology) -> None:
    _, flow = made_vessels([Vessel("a", "b", flow=2.0, transit=3.0, stress=4.0)])
    assert at_cardiac_output(flow, 1.0) is flow
    fast = at_cardiac_output(flow, 2.0)
    assert (fast.flow_rate[0], fast.transit_time[0], fast.wall_shear_stress[0]) == (4.0, 1.5, 8.0)
    np.testing.assert_array_equal(fast.apparent_viscosity, flow.apparent_viscosity)
    chambers = biology_of("host.exercise=2").microvessels
    assert chambers.chamber_stress == 2.0 * plain.microvessels.chamber_stress
    assert chambers.lumen_radius == plain.microvessels.lumen_radius


@pytest.mark.parametrize(
    "override", ["host.immune_competence=-1", "host.age=0", "host.exercise=20", "host.nk=0"]
)
def test_wrong_factors_are_refused(override: str) -> None:
    with pytest.raises(InputError, match=r"host\."):
        load_scenario("quick", overrides=[override])


def test_shares_of_clusters_above_one_are_refused() -> None:
    wrong = [
        "override.clusters.homotypic_fraction=0.7",
        "override.clusters.neutrophil_fraction=0.7",
    ]
    with pytest.raises(InputError, match=r"must sum to <= 1, got 1\.4"):
        biology_of(*wrong)
    with pytest.raises(InputError, match=r"whole number, got 2\.5"):
        biology_of("override.clusters.largest=2.5")


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("override.adhesion.organ.livr.integrin=1", "livr"),
        ("override.adhesion.organ.liver.integrn=1", "integrn"),
        ("override.adhesion.organ.liver.integrin=2", "<= 1"),
        ("override.adhesion.integrin.off_rate='0 1/s'", ">= 1e-09"),
        ("override.lymph.entry_share=1.5", "<= 1"),
        ("override.clusters.largest=1", ">= 2"),
        ("source.lymph_share=2", "<= 1"),
    ],
)
def test_wrong_laws_are_refused(override: str, text: str) -> None:
    with pytest.raises(InputError, match=text):
        load_scenario("quick", overrides=[override])
