"""The twelve cancers: each has a parameter set, a scenario with a question, and autopsies."""

import pytest

from ctc.analysis.site_shares import load_autopsies
from ctc.errors import InputError
from ctc.scenario.load import load_scenario, shipped_scenarios
from ctc.scenario.parameters import parameter_names
from ctc.scenario.sources import resolve_sources

CANCERS = (
    *("bladder", "breast", "colorectal", "kidney", "liver", "lung"),
    *("melanoma", "ovary", "pancreas", "prostate", "stomach", "thyroid"),
)


def test_there_are_sets_and_scenarios_for_the_twelve():
    assert {f"cancers/{name}" for name in CANCERS} <= set(parameter_names())
    names = set(shipped_scenarios())
    assert {f"cancers/{name}" for name in CANCERS} <= names
    assert {"quick", "tracers"} <= names
    assert not any(name.startswith("parameters") for name in names)


@pytest.mark.parametrize("name", CANCERS)
def test_each_scenario_loads_and_asks(name):
    scenario = load_scenario(f"cancers/{name}")
    assert scenario.settings.cancer.set == f"cancers/{name}"
    assert scenario.settings.scenario.question.endswith("?")
    n_cells = sum(source.expected_cells for source in resolve_sources(scenario))
    assert n_cells == pytest.approx(3e5, rel=0.02)


def test_questions_differ():
    asked = {load_scenario(f"cancers/{n}").settings.scenario.question for n in CANCERS}
    assert len(asked) == len(CANCERS)


@pytest.mark.parametrize("name", CANCERS)
def test_each_has_autopsies_without_its_own_organ(name):
    found = load_autopsies(f"cancers/{name}")
    assert found is not None
    assert found.n_patients >= 36
    own = {"colorectal": "large_intestine", "melanoma": "skin"}.get(name, name)
    assert own not in found.sites


def test_a_wrong_name_suggests_the_near_one():
    with pytest.raises(InputError, match="cancers/kidney"):
        load_scenario("cancers/kidny")
