"""Which affinity applies in which organ, and that it is said."""

import pytest

from ctc.scenario.affinity import affinity_of
from ctc.scenario.bodies import organ_names
from ctc.scenario.load import load_scenario

PARAMETERS = {
    "tissue.organ.default.colony_factor": (0.9, "tissue"),
    "tissue.organ.liver.colony_factor": (1.0, "tissue"),
    "tissue.organ.brain.colony_factor": (3.0, "cancers/mine"),
    "tissue.organ.skin.colony_factor": (7.0, "override"),
    "tissue.organ.brain.doubling_time": (5.0, "cancers/mine"),
    "tissue.colony_factor": (1.0, "tissue"),
}
ORGANS = ("brain", "liver", "left kidney", "skin")


def test_each_organ_has_one_affinity_and_one_origin():
    found = affinity_of(PARAMETERS, ORGANS, cancer="cancers/mine")
    assert found.own == {"brain": 3.0}
    assert found.common == {"liver": 1.0}
    assert found.overridden == {"skin": 7.0}
    assert (found.default, found.by_default) == (0.9, ("left kidney",))
    text = " ".join(found.sentences())
    for phrase in ("cancers/mine", "brain 3", "liver 1", "skin 7", "default, 0.9: left kidney"):
        assert phrase in text


def test_a_cancer_without_affinities_says_so():
    found = affinity_of(PARAMETERS, ORGANS, cancer="cancers/other")
    assert "none of its own" in found.sentences()[0]
    assert found.common["brain"] == 3.0


def test_cells_that_found_no_colonies_have_none():
    assert affinity_of({}, ORGANS, cancer="") is None


@pytest.mark.parametrize("cancer", ["breast", "lung"])
def test_shipped_cancers_name_every_organ_once(cancer):
    scenario = load_scenario(f"cancers/{cancer}")
    organs = organ_names(scenario.settings.body.plan)
    parameters = {name: (p.value, p.origin) for name, p in scenario.parameters.items()}
    found = affinity_of(parameters, organs, cancer=f"cancers/{cancer}")
    assert sorted([*found.own, *found.common, *found.by_default]) == sorted(organs)
    assert bool(found.own) == (cancer == "breast")  # the lung is held out of the fit
    assert "fat" in found.by_default


def test_overrides_are_told_from_sets():
    changed = ["override.tissue.organ.brain.colony_factor=2"]
    scenario = load_scenario("quick", overrides=changed)
    assert scenario.parameters["tissue.organ.brain.colony_factor"].origin == "override"
    assert scenario.parameters["tissue.organ.red marrow.colony_factor"].origin == "cancers/breast"
