"""Vessels in the cache are those that would be made, and a broken cache costs nothing but time."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ctc import vessel_cache
from ctc.record.vessels import vessels_hash
from ctc.vessel_cache import SWITCH, Vessels, cached_vessels, vessel_folder
from tests.unit.record import samples


class Maker:
    """Makes the vessels of a request and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Vessels:
        self.calls += 1
        return samples.network(), samples.flow()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setenv("CTC_CACHE", str(tmp_path))
    return tmp_path / "vessels"


def test_an_entry_is_the_network_that_was_made(folder: Path) -> None:
    make = Maker()
    first = cached_vessels({"seed": 1}, make)
    second = cached_vessels({"seed": 1}, make)
    assert make.calls == 1
    assert vessels_hash(*first) == vessels_hash(*second)
    assert [path.suffix for path in folder.iterdir()] == [".h5"]


def test_another_request_or_program_makes_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker()
    cached_vessels({"seed": 1}, make)
    cached_vessels({"seed": 2}, make)
    monkeypatch.setattr(vessel_cache, "_program_hash", lambda: "another program")
    cached_vessels({"seed": 1}, make)
    assert make.calls == 3


def test_a_damaged_entry_is_made_again(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    make = Maker()
    cached_vessels({}, make)
    (entry,) = folder.iterdir()
    entry.write_bytes(entry.read_bytes()[:-4000])
    with caplog.at_level(logging.WARNING):
        network, flow = cached_vessels({}, make)
    assert make.calls == 2
    assert "made again" in caplog.text
    assert vessels_hash(network, flow) == vessels_hash(samples.network(), samples.flow())
    cached_vessels({}, make)
    assert make.calls == 2


def test_a_folder_that_cannot_be_made_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setenv("CTC_CACHE", str(blocked))
    make = Maker()
    cached_vessels({}, make)
    cached_vessels({}, make)
    assert make.calls == 2


def test_what_was_not_used_for_longest_goes_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker()
    cached_vessels({"seed": 1}, make)
    (oldest,) = folder.iterdir()
    monkeypatch.setattr(vessel_cache, "LARGEST_CACHE", int(1.5 * oldest.stat().st_size))
    cached_vessels({"seed": 2}, make)
    (kept,) = folder.iterdir()
    assert kept != oldest


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    assert vessel_folder() is None
    make = Maker()
    cached_vessels({}, make)
    cached_vessels({}, make)
    assert make.calls == 2
