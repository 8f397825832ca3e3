"""What `ctc doctor` finds on machines that this one is not."""

from __future__ import annotations

import ctypes
import importlib.metadata
from pathlib import Path

import pytest

from ctc.cli import doctor
from ctc.cli.doctor import Finding, examine
from ctc.viewer import graphics


@pytest.fixture(autouse=True)
def no_graphics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes seconds, a picture drawn without a screen: tests/unit/viewer has it."""
    monkeypatch.setattr(graphics, "graphics_report", lambda: (("a picture", "missing: paint"),))


def found(name: str) -> Finding:
    return next(finding for finding in examine() if finding.name == name)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the packages of this installation, none at first, by their version."""
    packages: dict[str, str] = {}

    def version(name: str) -> str:
        if name not in packages:
            raise importlib.metadata.PackageNotFoundError(name)
        return packages[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    return packages


def test_packages_that_are_missing_are_named_with_the_command(installed: dict[str, str]) -> None:
    assert not found("ctc").is_present
    assert "pip install -e ." in found("ctc").text
    assert "pip install 'ctc[cuda12]' or 'ctc[cuda13]'" in found("CuPy").text
    assert "pip install 'ctc[distributed]'" in found("Dask").text
    installed |= {"ctc": "0.1.0", "cupy-cuda13x": "14.0", "distributed": "2026.1"}
    assert found("ctc").is_present
    assert found("CuPy") == Finding("CuPy", is_present=True, text="cupy-cuda13x 14.0")
    assert found("Dask").text == "distributed 2026.1"


def test_two_installations_of_cupy_are_one_too_many(installed: dict[str, str]) -> None:
    installed |= {"cupy-cuda12x": "14.0", "cupy": "13.0"}
    told = found("CuPy")
    assert not told.is_present
    assert told.text == "cupy-cuda12x 14.0 and cupy 13.0 conflict: uninstall all but one."


def test_a_machine_without_a_driver_can_use_its_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    told = found("GPU driver")
    assert not told.is_present
    assert "runs use the processor" in told.text


@pytest.mark.parametrize(
    ("variables", "is_present", "words"),
    [
        ({}, False, "pictures can be drawn to files only"),
        ({"DISPLAY": ":7"}, True, "DISPLAY=:7"),
        ({"DISPLAY": ":7", "WAYLAND_DISPLAY": "wayland-0"}, True, "WAYLAND_DISPLAY=wayland-0"),
    ],
)
def test_a_display_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_present: bool, words: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    told = found("display")
    assert told.is_present is is_present
    assert words in told.text


def test_the_cache_is_counted_or_said_to_be_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CTC_VESSEL_CACHE", "off")
    assert found("vessel cache").text == "switched off by CTC_VESSEL_CACHE=off."
    monkeypatch.setenv("CTC_VESSEL_CACHE", "on")
    monkeypatch.setenv("CTC_CACHE", str(tmp_path))
    assert found("vessel cache").text.endswith("0 entries, 0 MB")
    (tmp_path / "vessels").mkdir()
    (tmp_path / "vessels" / "a.h5").write_bytes(bytes(3_000_000))
    assert found("vessel cache").text.endswith("1 entries, 3 MB")


def test_a_probe_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> tuple[bool, str]:
        raise RuntimeError("broken\nin two lines")

    monkeypatch.setattr(doctor, "_hdf5", fail)
    assert found("HDF5") == Finding("HDF5", is_present=False, text="broken")
    monkeypatch.setattr(doctor, "_hdf5", lambda: 1 / 0)
    assert found("HDF5").text == "division by zero"


def test_a_viewer_whose_packages_have_no_version_once_ended_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert found("viewer: a picture") == Finding("viewer: a picture", False, "missing: paint")

    def fail() -> None:
        raise importlib.metadata.PackageNotFoundError("vispy")

    monkeypatch.setattr(graphics, "graphics_report", fail)
    told = found("viewer")
    assert not told.is_present
    assert "vispy" in told.text
