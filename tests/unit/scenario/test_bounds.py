"""Absurd numbers and parameters that do not fit together: key, value, rule, remedy."""

import math

import pytest
from pydantic import ValidationError

from ctc.errors import InputError
from ctc.preparation import prepare
from ctc.scenario.load import load_scenario
from ctc.scenario.rules import ORGAN_PARAMETERS, PARAMETERS, rule_of
from ctc.scenario.sweep_tables import SweepSettings

# What is set, the key that the message names, and what it says.
CASES = {
    "a cell that doubles in a nanosecond": (
        ["source.growth=exponential", "source.doubling_time=1 ns"],
        "source.0.doubling_time",
        ["must be >= 60 s (no cell doubles within a minute)", "got '1 ns'"],
    ),
    "a colony that doubles in a millisecond": (
        ["override.tissue.organ.lung.doubling_time=1 ms"],
        "override.tissue.organ.lung.doubling_time",
        ["must be >= 60 and <= 1e+15 s", "within a minute", "got '1 ms', which is 0.001 s"],
    ),
    "a stress that overflows": (
        ["override.blood_hazards.arteriole_stress=1e300 Pa"],
        "override.blood_hazards.arteriole_stress",
        ["<= 1e+06 Pa"],
    ),
    "a stress that divides by zero": (
        ["override.blood_hazards.shear_reference_stress=1e-300 Pa"],
        "override.blood_hazards.shear_reference_stress",
        [">= 0.001"],
    ),
    "a tumour of more cells than can be counted": (
        ["override.tumour.cells_per_mass=1e300 1/kg"],
        "override.tumour.cells_per_mass",
        ["<= 1e+15 1/kg"],
    ),
    "a factor without end": (
        ["override.tumour.lesion_shedding_factor=1e300"],
        "override.tumour.lesion_shedding_factor",
        ["<= 1e+06, got 1e+300. Give one in that range."],
    ),
    "a point too far": (
        ["source.centre=['1 mm', '2 mm', '-1e9 m']"],
        "source.0.centre.2",
        ["must be >= -10 and <= 10 m"],
    ),
    "a place in words": (
        ["source.centre=foo"],
        "source.0.centre",
        ["a list of three lengths (left, back, up), got 'foo'", "'1132 mm'"],
    ),
    "a place of one number": (
        ["source.centre=['1 mm']"],
        "source.0.centre",
        ["a list of three lengths", "got ['1 mm']"],
    ),
    "a place of four": (
        ["source.centre=['1 mm', '2 mm', '3 mm', '4 mm']"],
        "source.0.centre",
        ["a list of three lengths"],
    ),
    "a source as a number": (
        ["source.0=3"],
        "source.0",
        ["must be changed key by key", "source.0.KEY=..."],
    ),
    "points that bind": (
        ["cells.inert=true", "cells.adhesion=bell"],
        "cells.adhesion",
        ["must be 'fitted' with cells.inert = true", "Leave it out"],
    ),
    "inheritance by the way": (
        ["scenario.extends=quick.toml"],
        "scenario.extends",
        ["must stand in the scenario file"],
    ),
    "a size beyond the capacity": (
        ["override.tumour.reference_cells=1e13", "tumours.lesion_growth=gompertz"],
        "override.tumour.reference_cells",
        ["below the capacity of 3.1e+12 cells", "Lower tumour.reference_cells or raise"],
    ),
    "a capacity below the size": (
        ["override.tissue.lesion_capacity=2", "tumours.lesion_growth=logistic"],
        "override.tissue.lesion_capacity",
        ["below the capacity of 2 cells", "got 1e+09"],
    ),
    "shares of an organ": (
        ["override.tissue.organ.lung.dormancy_share=0.9"],
        "override.tissue.organ.lung.dormancy_share",
        ["must sum to 1", "Change one"],
    ),
    "rates of an organ": (
        ["override.tissue.organ.lung.exit_or_death_rate=0.001 1/h"],
        "override.tissue.organ.lung.exit_or_death_rate",
        ["must be >= ln 2 / extravasation_half_time", "Raise it"],
    ),
    "shares of what is shed": (
        ["override.clusters.neutrophil_fraction=0.99"],
        "override.clusters.neutrophil_fraction",
        ["must sum to <= 1", "with neutrophils 0.99", "Lower one"],
    ),
    "haematocrits that cross": (
        ["override.tumour_cell.margination_haematocrit_high=0.01"],
        "override.tumour_cell.margination_haematocrit_high",
        ["margination_haematocrit_low must be <=", "Swap the two"],
    ),
    "a growing tumour of half a body": (
        ["source.growth=gompertz", "source.mass=30 kg"],
        "source.0.mass",
        ["below that of tissue.lesion_capacity = 3.1e+12 cells", "Give a smaller one"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_is_refused_where_it_was_set(case: str) -> None:
    overrides, key, phrases = CASES[case]
    with pytest.raises(InputError) as caught:
        load_scenario("quick", overrides=overrides)
    text = str(caught.value)
    assert text.startswith(f"--set: {key}: "), text
    for phrase in phrases:
        assert phrase in text, text


def test_rates_that_no_clock_can_tell_name_their_organ() -> None:
    overrides = ["body.terminals=1500", "override.tissue.colony_factor=1e6"]
    scenario = load_scenario(
        "quick", overrides=[*overrides, "override.tissue.organ.lung.colony_factor=1e6"]
    )
    with pytest.raises(InputError, match=r"tissue\.organ\.lung: rates of cells in tissue in lung"):
        prepare(scenario)


def entry(name: str, value: float, *, unit: str = "") -> str:
    """Return a parameter as it stands in a set."""
    rest = f'unit = "{unit}"\nbasis = "assumed"\nsource = "made up for a test"\n'
    return f"[{name}]\nvalue = {value}\n{rest}"


def test_a_set_of_ones_own_is_named_where_its_parameters_do_not_fit(tmp_path) -> None:
    shares = entry("tissue.organ.lung.death_share", 0.9)
    (tmp_path / "mine.toml").write_text(shares)
    path = tmp_path / "case.toml"
    path.write_text(
        '[scenario]\ntitle = "test"\n[run]\nduration = "1 h"\n[cancer]\nset = "mine.toml"\n'
        '[[source]]\nkind = "tumour"\norgan = "breast"\nmass = "1 g"\n'
    )
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    text = str(caught.value)
    assert text.startswith("mine.toml: tumour_cell.diameter: parameter must be in a set"), text
    assert "or write it under [override]" in text
    (tmp_path / "mine.toml").write_text(shares + entry("tumour_cell.diameter", 12e-6, unit="m"))
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    text = str(caught.value)
    assert text.startswith("mine.toml: tissue.organ.lung.death_share: shares must sum"), text


@pytest.mark.parametrize(
    "name", [*PARAMETERS, *(f"tissue.organ.lung.{k}" for k in ORGAN_PARAMETERS)]
)
def test_every_parameter_has_an_end(name: str) -> None:
    """Beyond it products of a few would overflow: nothing may be as large as a float can be."""
    rule = rule_of(name)
    assert rule.highest <= 1e18
    assert rule.lowest >= -100.0
    below = -1e-300 if rule.lowest >= 0.0 else -1e300
    for absurd in (math.nan, math.inf, -math.inf, 1e300, below):
        with pytest.raises(InputError, match=r"must be .* got .* Give one in that range\."):
            rule.check(absurd)


SETS = {
    "no unit": (
        '[tumour_cell.diameter]\nvalue = 3\nbasis = "assumed"\nsource = "x"\n',
        ["must have value, unit, basis and source, and nothing else, got no unit."],
    ),
    "too much": (
        entry("tumour_cell.diameter", 3.0, unit="um") + "sigma = 1\n",
        ["and nothing else, got 'sigma'."],
    ),
    "a bare number": ("[tumour_cell]\ndiameter = 3\n", ["must be a table, got 3. Give it value"]),
    "another unit": (
        entry("tumour_cell.diameter", 3.0, unit="1/h"),
        ["unit must be one of a length, got '1/h'. Take that of '12 um'."],
    ),
    "a unit of a number": (
        entry("tumour_cell.diameter_spread", 0.3, unit="um"),
        ["unit must be one of a number, got 'um'. Write unit = ''."],
    ),
    "basis": (
        entry("tumour_cell.diameter", 3.0, unit="um").replace("assumed", "guess"),
        ["must be one of measured, fitted, derived, assumed, got 'guess'. Choose one."],
    ),
}


@pytest.mark.parametrize("case", SETS)
def test_a_wrong_set_says_what_to_do(case: str, tmp_path) -> None:
    text, phrases = SETS[case]
    (tmp_path / "mine.toml").write_text(text)
    (tmp_path / "case.toml").write_text(
        '[scenario]\ntitle = "test"\n[run]\nduration = "1 h"\n[cancer]\nset = "mine.toml"\n'
        '[[source]]\nkind = "tumour"\norgan = "breast"\nmass = "1 g"\n'
    )
    with pytest.raises(InputError) as caught:
        load_scenario(tmp_path / "case.toml")
    message = str(caught.value)
    assert "mine.toml: tumour_cell.diameter" in message
    for phrase in phrases:
        assert phrase in message, message


def test_a_parameter_that_is_set_twice_is_refused(tmp_path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        '[scenario]\ntitle = "test"\n[run]\nduration = "1 h"\n[cancer]\nset = "cancers/breast"\n'
        '[[source]]\nkind = "tumour"\norgan = "breast"\nmass = "1 g"\n'
        '[override]\ntumour.doubling_time = "3 d"\n"tumour.doubling_time" = "4 d"\n'
    )
    with pytest.raises(
        InputError, match=r"override\.tumour\.doubling_time: key must be given once"
    ):
        load_scenario(path)


def test_lymph_of_a_bolus_without_lymphatics_names_the_share() -> None:
    source = "source=[{kind='bolus', cells=10, organ='red marrow', lymph_share=0.5}]"
    scenario = load_scenario("quick", overrides=["body.terminals=1500", source])
    with pytest.raises(InputError, match=r"source\.0\.lymph_share: organ must have lymphatics"):
        prepare(scenario)


# The first and the last number that is taken, and those beside them.
WHOLE = {
    "patient.number": (0, 2**23 - 1),
    "override.diagnosis.sentinel.nodes": (1, 100),
    "override.diagnosis.ctdna.cut_off": (1, 10**6),
}


@pytest.mark.parametrize("key", WHOLE)
def test_whole_numbers_have_their_ends_and_nothing_between(key: str) -> None:
    first, last = WHOLE[key]
    for value in (first, last):
        load_scenario("clinic/ctc_after_operation", overrides=[f"{key}={value}"])
    for value in (first - 1, last + 1, first + 0.5):
        with pytest.raises(InputError, match=key.removeprefix("override.").replace(".", r"\.")):
            load_scenario("clinic/ctc_after_operation", overrides=[f"{key}={value}"])


@pytest.mark.parametrize("n_patients", [1, 2**23])
def test_a_sweep_has_as_many_patients_as_their_numbers_tell_apart(n_patients: int) -> None:
    assert SweepSettings(title="t", scenario="quick", patients=n_patients).patients == n_patients
    beyond = 0 if n_patients == 1 else n_patients + 1
    with pytest.raises(ValidationError, match="patients"):
        SweepSettings(title="t", scenario="quick", patients=beyond)
