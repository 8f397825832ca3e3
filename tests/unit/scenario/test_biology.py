"""From parameter sets to rates: the derived numbers, the defaults, the inert case."""

import dataclasses
import math
import tomllib

import pytest

from ctc.errors import InputError
from ctc.resources import resource_folder
from ctc.scenario.biology import OrganClocks, organ_key, resolve_biology
from ctc.scenario.bodies import organ_names
from ctc.scenario.load import load_scenario
from ctc.scenario.parameters import load_parameters, parameter_names
from ctc.scenario.rules import ORGAN_PARAMETERS, PARAMETERS, TOPICS, organ_of, rule_of

HOUR, DAY, YEAR = 3600.0, 86400.0, 365.25 * 86400
CANCERS = [name for name in parameter_names() if name.startswith("cancers/")]


@pytest.fixture(scope="module")
def biology():
    return resolve_biology(load_scenario("quick"))


def test_arrested_clocks_add_up_to_the_trial_set(biology):
    for organ in ("liver", "lung", "brain", "muscle"):
        clocks = biology.clocks(organ)
        assert clocks.release_rate == pytest.approx(0.68 / HOUR)
        assert clocks.immune_death_rate == pytest.approx(0.28 / HOUR)
        rest = clocks.extravasation_rate + clocks.other_death_rate
        assert rest == pytest.approx(0.10 / HOUR)


@pytest.mark.parametrize(("organ", "hours"), [("liver", 12), ("lung", 24), ("brain", 96)])
def test_extravasation_rate_is_ln2_over_half_time(biology, organ, hours):
    rate = biology.clocks(organ).extravasation_rate
    assert rate == pytest.approx(math.log(2) / (hours * HOUR), rel=1e-13)


def test_tissue_outcome_follows_the_liver_cascade():
    # 0.80 of the injected cells extravasate; 36 % of the injected sleep at 13 d, 1 in 40 grows.
    # The factors of organs are relative to the liver, in which this was measured.
    clocks = resolve_biology(load_scenario("quick")).clocks("liver")
    total = clocks.tissue_death_rate + clocks.dormancy_rate + clocks.colony_rate
    assert total == pytest.approx(1 / (3 * DAY))
    assert 0.80 * clocks.dormancy_rate / total == pytest.approx(0.36)
    assert clocks.colony_rate / total == pytest.approx(1 / 40)


def test_colony_factors_act_on_growth_alone_at_once_and_from_sleep(biology):
    less = resolve_biology(load_scenario("quick", overrides=["override.tissue.colony_factor=0.1"]))
    before, after = biology.clocks("adrenal"), less.clocks("adrenal")
    assert after.colony_rate == pytest.approx(before.colony_rate / 10)
    assert after.escape_rate == pytest.approx(before.escape_rate / 10)
    same = {"colony_rate": before.colony_rate, "escape_rate": before.escape_rate}
    assert dataclasses.replace(after, **same) == before


def test_an_organ_has_the_cancers_own_factor_else_the_common_one():
    breast = resolve_biology(load_scenario("quick"))
    other = resolve_biology(load_scenario("quick", overrides=["cancer.set=cancers/lung"]))
    own = load_parameters("cancers/breast").value("tissue.organ.brain.colony_factor")
    common = load_parameters("tissue").value("organ.brain.colony_factor")
    assert own != common
    assert breast.clocks("brain").colony_rate == pytest.approx(own * 0.025 / (3 * DAY))
    assert other.clocks("brain").colony_rate == pytest.approx(common * 0.025 / (3 * DAY))


def test_dormant_clocks(biology):
    clocks = biology.clocks("liver")
    assert clocks.escape_rate == pytest.approx(math.log(2) / (28.8 * YEAR))
    assert clocks.dormant_death_rate == pytest.approx(math.log(2) / (83 * DAY))


def test_shear_kills_nine_of_ten_in_four_hours_at_6_pa(biology):
    assert biology.shear_sensitivity * 6.0**2 == pytest.approx(math.log(10) / (4 * HOUR), rel=1e-3)


def test_vessels_that_stand_for_many_have_textbook_stress(biology):
    assert 2.0 <= biology.microvessels.arteriole_stress <= 6.0
    assert 0.1 <= biology.microvessels.venule_stress <= 0.5
    assert biology.microvessels.arteriole_radius == pytest.approx(50e-6)
    assert biology.microvessels.venule_radius == pytest.approx(30e-6)


def test_margination_is_off_until_it_is_asked_for(biology):
    assert biology.margination.probability == 0.0
    changed = ["override.tumour_cell.margination_probability=0.8"]
    margination = resolve_biology(load_scenario("quick", overrides=changed)).margination
    assert margination.probability == 0.8
    assert margination.lumen_radius == pytest.approx(50e-6)
    assert (margination.lowest_haematocrit, margination.highest_haematocrit) == (0.2, 0.4)


def test_haematocrits_the_wrong_way_round_are_refused():
    changed = ["override.tumour_cell.margination_haematocrit_low=0.5"]
    with pytest.raises(InputError, match=r"<= margination_haematocrit_high = 0\.4") as found:
        resolve_biology(load_scenario("quick", overrides=changed))
    assert "margination_haematocrit_low" in str(found.value)


def test_an_organ_without_entries_has_the_default_clocks(biology):
    assert biology.clocks("fat") == biology.default_clocks
    assert biology.clocks("liver") != biology.default_clocks


def test_one_override_gives_an_organ_a_row_of_its_own(biology):
    changed = ["override.tissue.organ.fat.doubling_time=10 day"]
    expected = dataclasses.replace(biology.default_clocks, doubling_time=10 * DAY)
    biology = resolve_biology(load_scenario("quick", overrides=changed))
    assert biology.clocks("left_fat") == biology.clocks("fat") == expected


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("left_adrenal_gland", "adrenal"),
        ("Right kidney", "kidney"),
        ("large_intestine", "large intestine"),
        ("liver", "liver"),
    ],
)
def test_organ_key_drops_side_and_underscores(name, key):
    assert organ_key(name) == key


def test_inert_cells_have_neither_size_nor_rates():
    biology = resolve_biology(load_scenario("tracers"))
    assert biology.is_inert
    assert biology.diameter_median == biology.shear_sensitivity == biology.anoikis_hazard == 0.0
    rates = [f.name for f in dataclasses.fields(OrganClocks) if f.name.endswith("_rate")]
    assert {getattr(biology.clocks("lung"), name) for name in rates} == {0.0}


def test_attach_probability_is_passed_on():
    scenario = load_scenario("imported_body", overrides=["body.folder=x"])
    assert resolve_biology(scenario).attach_probability == 0.001


@pytest.mark.parametrize("name", CANCERS)
def test_every_cancer_resolves(name):
    biology = resolve_biology(load_scenario("quick", overrides=[f"cancer.set={name}"]))
    assert 5e-6 < biology.diameter_median < 25e-6


def test_every_shipped_parameter_is_one_that_a_run_reads():
    for topic in TOPICS:
        for key in load_parameters(topic):
            rule_of(f"{topic}.{key}")
    for cancer in CANCERS:
        for key in load_parameters(cancer):
            rule_of(key)


def test_every_parameter_that_a_run_reads_is_shipped():
    parameters = load_scenario("quick").parameters
    default = {f"tissue.organ.default.{key}" for key in ORGAN_PARAMETERS}
    assert set(PARAMETERS) | default <= set(parameters)


@pytest.mark.parametrize("plan", ["human_female", "human_male"])
def test_organs_with_rows_of_their_own_exist(plan):
    known = {organ_key(name) for name in organ_names(plan)} | {"default"}
    text = (resource_folder("scenarios") / "parameters" / "tissue.toml").read_text()
    rows = {organ_of(f"tissue.organ.{name}.x") for name in tomllib.loads(text)["organ"]}
    assert rows <= known
