"""A tumour that may have come back can be operated on again; one that is out cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctc.errors import InputError
from ctc.resources import resource_folder
from ctc.scenario.load import load_scenario

EARLY = (resource_folder("scenarios") / "clinic" / "breast_early.toml").read_text(encoding="utf-8")
AGAIN = '\n[[treatment]]\nname = "again"\nkind = "surgery"\nafter = "{after}"\n{more}\n'


def load(folder: Path, after: str, more: str = "") -> int:
    file = folder / "case.toml"
    file.write_text(EARLY + AGAIN.format(after=after, more=more), encoding="utf-8")
    return len(load_scenario(file).settings.treatment)


@pytest.mark.parametrize("milestone", ["relapse", "progression", "metastasis"])
def test_an_operation_may_wait_for_a_return(milestone: str, tmp_path: Path) -> None:
    assert load(tmp_path, milestone) == load_scenario_of(EARLY, tmp_path) + 1


def test_an_operation_of_what_is_out_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a primary tumour must be taken out once"):
        load(tmp_path, "operation", 'delay = "1 year"')


def load_scenario_of(text: str, folder: Path) -> int:
    file = folder / "plain.toml"
    file.write_text(text, encoding="utf-8")
    return len(load_scenario(file).settings.treatment)
