"""What goes warns before it goes, does the same meanwhile, and is gone when its version comes."""

from __future__ import annotations

import logging
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest

import ctc
from ctc import deprecations
from ctc.deprecations import PUBLIC_NAMES, SCENARIO_KEYS, Deprecation, settle_keys
from ctc.errors import InputError
from ctc.scenario.schema import Settings
from tests.commands.asking import SCENARIO

ROOT = Path(__file__).resolve().parents[2]
RENAMED = Deprecation("source.weight", "source.mass", since="0.1.0", removed_in="0.2.0")
MOVED = Deprecation("body.seed_of_run", "run.seed", since="0.1.0", removed_in="0.2.0")


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3])


def overdue(table: tuple[Deprecation, ...], now: str) -> list[str]:
    """Return the names whose version has come, and those that were not told a release before."""
    return [
        each.name
        for each in table
        if version(each.removed_in) <= version(now)
        or version(each.removed_in)[:2] <= version(each.since)[:2]
    ]


def test_nothing_is_there_whose_version_of_removal_has_come() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert overdue((*SCENARIO_KEYS, *PUBLIC_NAMES), project["version"]) == []


def test_a_name_that_stays_too_long_or_goes_too_soon_is_found() -> None:
    assert overdue((RENAMED,), "0.1.9") == []
    assert overdue((RENAMED,), "0.2.0") == ["source.weight"]
    soon = Deprecation("a", "b", since="0.1.0", removed_in="0.1.1")
    assert overdue((soon,), "0.1.0") == ["a"]


def test_what_takes_the_place_is_there() -> None:
    for each in SCENARIO_KEYS:
        assert each.replacement.split(".")[0] in Settings.model_fields
    assert {each.replacement for each in PUBLIC_NAMES} <= set(ctc.__all__)
    assert not {each.name for each in PUBLIC_NAMES} & set(ctc.__all__)


def test_a_renamed_key_means_the_same_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "old.toml"
    path.write_text(SCENARIO.replace("mass =", "weight ="), encoding="utf-8")
    with pytest.raises(InputError, match="weight"):
        ctc.load_scenario(path)
    monkeypatch.setattr(deprecations, "SCENARIO_KEYS", (RENAMED,))
    words = f"{path}: source.0.weight: key 'source.weight' goes in ctc 0.2.0. Write 'source.mass'"
    with pytest.warns(FutureWarning) as told, caplog.at_level(logging.WARNING):
        old = ctc.load_scenario(path)
    assert str(told[0].message).startswith(words)
    assert caplog.records[0].getMessage().startswith(words)
    path.write_text(SCENARIO, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ctc.load_scenario(path).settings == old.settings


def test_by_set_it_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.toml"
    path.write_text(SCENARIO.replace('mass = "0.02 g"', ""), encoding="utf-8")
    monkeypatch.setattr(deprecations, "SCENARIO_KEYS", (RENAMED,))
    with pytest.warns(FutureWarning, match=r"source\.0\.weight"):
        scenario = ctc.load_scenario(path, overrides=["source.weight=2 g"])
    assert scenario.settings.source[0].mass == pytest.approx(2e-3)


def test_both_at_once_are_refused(tmp_path: Path) -> None:
    tree: dict[str, Any] = {"source": [{"mass": "1 g"}, {"mass": "1 g", "weight": "2 g"}]}
    with pytest.raises(InputError) as refused:
        settle_keys(tree, tmp_path / "a.toml", table=[RENAMED])
    assert refused.value.key == "source.1.weight"
    assert "as 'source.mass' too" in str(refused.value)


def test_a_key_moves_to_another_table() -> None:
    tree: dict[str, Any] = {"body": {"seed_of_run": 3, "plan": "rat_250g"}}
    with pytest.warns(FutureWarning, match="seed_of_run"):
        settle_keys(tree, Path("a.toml"), table=[MOVED])
    assert tree == {"body": {"plan": "rat_250g"}, "run": {"seed": 3}}


def test_a_public_name_goes_on_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Deprecation("read_run", "open_run", since="0.1.0", removed_in="0.2.0")
    with pytest.raises(AttributeError, match="read_run"):
        _ = ctc.read_run
    monkeypatch.setattr(deprecations, "PUBLIC_NAMES", (gone,))
    with pytest.warns(
        DeprecationWarning, match=r"'read_run' goes in ctc 0\.2\.0. Write 'open_run'"
    ):
        assert ctc.read_run is ctc.open_run
