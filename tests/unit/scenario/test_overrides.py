"""One value set in a tree of tables and lists, and entries taken out of it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from ctc.errors import InputError
from ctc.scenario.overrides import apply_override, remove_entries

TREE: dict[str, Any] = {
    "run": {"duration": "1 h", "seed": 1},
    "source": [{"mass": "1 g"}, {"mass": "2 g"}, {"mass": "3 g"}],
    "override": {"tumour.overt_share": 0.1, "duration": 7, "tissue": {"colony_factor": 2}},
}


def test_a_parameter_is_set_however_the_file_wrote_it() -> None:
    """Quoted or nested: the old value must not stay beside the new one."""
    tree = deepcopy(TREE)
    apply_override(tree, ["override", "tumour", "overt_share"], 0.5)
    apply_override(tree, ["override", "tissue", "colony_factor"], 3)
    assert tree["override"] == {
        "duration": 7,
        "tissue": {"colony_factor": 3},
        "tumour": {"overt_share": 0.5},
    }


def test_a_setting_leaves_a_parameter_of_its_name() -> None:
    tree = deepcopy(TREE)
    apply_override(tree, ["run", "duration"], "2 h")
    assert tree == TREE | {"run": {"duration": "2 h", "seed": 1}}


def test_entries_of_lists_are_removed_together_by_their_first_numbers() -> None:
    tree = deepcopy(TREE)
    remove_entries(tree, ["source.0", "source.2", "run.seed", "override.tissue.colony_factor"])
    assert tree["source"] == [{"mass": "2 g"}]
    assert tree["run"] == {"duration": "1 h"}
    assert tree["override"]["tissue"] == {}


@pytest.mark.parametrize(
    ("key", "part"),
    [("source.3", "3"), ("run.sead", "sead"), ("source.mass", "mass"), ("run.seed.low", "low")],
)
def test_an_entry_that_is_not_there_cannot_be_removed(key: str, part: str) -> None:
    tree = deepcopy(TREE)
    with pytest.raises(InputError, match=rf"got '{part}', which is not there\. Count entries"):
        remove_entries(tree, ["run.duration", key])
    assert tree == TREE
