"""Checkpoints: what goes in comes out, and one always survives."""

from __future__ import annotations

import logging
from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.errors import InputError, OutputError, WorkerLostError
from ctc.record import checkpoint
from ctc.record.checkpoint import read_checkpoint, write_checkpoint
from ctc.record.files import RunFiles

COUNTS = {"frames": 3, "epochs": 2, "events": 2**40, "lesions": 0}


def state(step: int) -> dict[str, checkpoint.Value]:
    return {
        "cell_id": np.arange(1000, dtype=np.uint64) + step,
        "budget": np.full((2, 3), 2**64 - 1, dtype=np.uint64),
        "is_alive": np.arange(5) % 2 == 0,
        "nothing": np.zeros(0, dtype=np.float32),
        "time": 2**62 + step,
        "seed": 2**64 - 1,
        "rate": 0.1,
        "network_hash": "größe",
        "empty": "",
    }


def test_everything_comes_back(tmp_path: Path) -> None:
    files = RunFiles.of(tmp_path / "a")
    write_checkpoint(files, state(0), counts=COUNTS)
    found = read_checkpoint(files)
    assert found.counts == COUNTS
    assert found.path == files.checkpoint
    assert set(found.state) == set(state(0))
    for name, value in state(0).items():
        back = found.state[name]
        assert type(back) is type(value)
        if isinstance(value, np.ndarray):
            assert back.dtype == value.dtype
        np.testing.assert_array_equal(back, value)


def test_a_damaged_one_gives_way_to_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = RunFiles.of(tmp_path / "a")
    write_checkpoint(files, state(1), counts=COUNTS)
    write_checkpoint(files, state(2), counts=COUNTS)
    assert read_checkpoint(files).state["time"] == 2**62 + 2
    assert not caplog.records
    content = files.checkpoint.read_bytes()
    with h5py.File(files.checkpoint, "r") as file:
        place = file["state/cell_id"].id.get_offset() + 100
    bent = bytearray(content)
    bent[place] ^= 1
    for damaged in (bytes(bent), content[: len(content) // 2], content[:10], b""):
        files.checkpoint.write_bytes(damaged)
        with caplog.at_level(logging.WARNING):
            found = read_checkpoint(files)
        assert found.path == files.previous_checkpoint
        assert found.state["time"] == 2**62 + 1
        assert "is damaged" in caplog.text
    files.checkpoint.unlink()
    assert read_checkpoint(files).state["time"] == 2**62 + 1
    files.previous_checkpoint.write_bytes(b"")
    with pytest.raises(InputError, match=r"whole checkpoint.*does not exist.*is damaged"):
        read_checkpoint(files)


def test_a_failed_write_keeps_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = RunFiles.of(tmp_path / "a")
    write_checkpoint(files, state(1), counts=COUNTS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_checkpoint(files, state(2), counts=COUNTS)
    assert read_checkpoint(files).state["time"] == 2**62 + 1
    assert [file.name for file in tmp_path.iterdir()] == ["a.checkpoint.h5"]


def test_the_state_must_be_the_one_expected(tmp_path: Path) -> None:
    files = RunFiles.of(tmp_path / "a")
    write_checkpoint(files, {"id": np.zeros(3, np.uint64), "time": 1}, counts=COUNTS)
    read_checkpoint(files, expected={"id": np.uint64, "time": np.int64})
    with pytest.raises(InputError, match=r"check \['age', 'time'\]"):
        read_checkpoint(files, expected={"id": np.uint64, "age": np.float32})
    with pytest.raises(InputError, match="id must be of dtype int32, got uint64"):
        read_checkpoint(files, expected={"id": np.int32, "time": np.int64})


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    files = RunFiles.of(tmp_path / "a")
    write_checkpoint(files, {"time": 1}, counts=COUNTS)
    write_checkpoint(files, {"time": 1}, counts=COUNTS)
    with h5py.File(files.checkpoint, "r+") as file:
        file.attrs["format_version"] = np.array([2, 0])
    with pytest.raises(InputError, match="newer"):
        read_checkpoint(files)


def test_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="numbers or a text"):
        write_checkpoint(RunFiles.of(tmp_path / "a"), {"x": np.array([object()])}, counts=COUNTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [RuntimeError("no cells"), WorkerLostError("tcp://a", "gone")])
def test_a_value_that_is_not_given_is_no_fault_of_the_disk(
    tmp_path: Path, error: Exception
) -> None:
    def give() -> int:
        raise error

    files = RunFiles.of(tmp_path / "a")
    write_checkpoint(files, state(1), counts=COUNTS)
    with pytest.raises(type(error)) as caught:
        write_checkpoint(files, {**state(2), "late": give}, counts=COUNTS)
    assert caught.value is error
    assert sorted(tmp_path.iterdir()) == [files.checkpoint]
    assert read_checkpoint(files).state["time"] == 2**62 + 1
