"""Where kernels, scenarios and caches lie, and which version runs."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from ctc import resources
from ctc.resources import cache_folder, program_version, resource_folder


def test_a_checkout_holds_them_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "ctc"
    for folder in (package / "kernels", tmp_path / "kernels"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    # Some other folder of that name beside an installed package is not ours.
    assert resource_folder("kernels") == package / "kernels"
    (tmp_path / "pyproject.toml").touch()
    assert resource_folder("kernels") == tmp_path / "kernels"


def test_an_installation_without_them_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "ctc")
    with pytest.raises(FileNotFoundError, match=r"scenarios/ was found neither .* Reinstall ctc"):
        resource_folder("scenarios")


def test_caches_lie_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTC_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder("vessels") == tmp_path / "own" / "vessels"
    monkeypatch.setenv("CTC_CACHE", "")
    assert cache_folder("vessels") == tmp_path / "xdg" / "ctc" / "vessels"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder("vessels") == tmp_path / "home" / ".cache" / "ctc" / "vessels"


def test_the_version_is_that_of_the_checkout_that_runs_else_of_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", {"ctc": "1.2.3"}.__getitem__)
    assert program_version(tmp_path) == "1.2.3"
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "9.8.7"\n')
    assert program_version(tmp_path) == "9.8.7"
