"""A run that is killed, starved or stopped keeps all that was complete, and can go on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from ctc.errors import InputError, OutputError
from ctc.record import repair
from ctc.record.counters import RecordPosition
from ctc.record.files import RunFiles, RunLock, is_locked
from ctc.record.layout import RunStatus
from ctc.record.reader import open_run
from ctc.record.repair import repair_run
from ctc.record.superblock import is_marked_open
from ctc.record.writer import RunWriter

Check = Callable[[Path], dict[str, int]]


@pytest.fixture(scope="module")
def unbroken(samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of 30 epochs that nobody disturbed."""
    path = tmp_path_factory.mktemp("unbroken") / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 30)
        writer.close(digest="d" * 64)
    return path


def test_kills_lose_nothing_that_was_complete(
    samples: ModuleType,
    tmp_path: Path,
    start_writer: Callable,
    check_complete: Check,
    unbroken: Path,
) -> None:
    """Kill the writer five times in full flight, each time going on from before the kill."""
    path = tmp_path / "a.vtkhdf"
    first = 0
    for seconds in (0.11, 0.07, 0.16, 0.02, 0.13):
        if first == 0:  # on a slow machine a kill may come before there is what to go on from
            path.unlink(missing_ok=True)
        process = start_writer(path, first, 10_000, 0, 0)
        time.sleep(seconds)
        process.kill()
        process.wait()
        assert is_marked_open(path)
        done = check_complete(path)
        assert done["epochs"] >= first
        with open_run(path) as run:
            assert run.status == "killed"
        first = min(done["epochs"], 29) * 2 // 3
    position = RecordPosition(**samples.position(first))
    tallies = samples.tallies(first - 1) if first else None
    with RunWriter.reopen(path, position=position, tallies=tallies, device="a; b") as writer:
        samples.write_epochs(writer, first, 30)
        writer.close(digest="d" * 64)
    assert check_complete(path) == check_complete(unbroken)
    with open_run(path) as run, open_run(unbroken) as other:
        assert run.end.record_digest == other.end.record_digest
        assert run.end.n_resumes >= 1


def test_a_killed_file_can_be_repaired(
    tmp_path: Path, start_writer: Callable, check_complete: Check
) -> None:
    path = tmp_path / "a.vtkhdf"
    process = start_writer(path, 0, 10_000, 0, 0)
    time.sleep(0.1)
    with pytest.raises(InputError, match=f"process {process.pid} is writing"):
        repair_run(path)
    process.kill()
    process.wait()
    with pytest.raises(OSError, match="already open for write"):
        h5py.File(path, "r")
    before = check_complete(path)
    repair_run(path)
    h5py.File(path, "r").close()
    assert check_complete(path) == before
    assert repair_run(path).epochs == before["epochs"]


def test_a_file_killed_in_its_last_moment_can_be_repaired(
    samples: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        writer.close(digest="d" * 64)
    with h5py.File(path, "r+", libver="v110") as file:
        file.swmr_mode = True
        file.flush()
        marked = path.read_bytes()
    path.write_bytes(marked)
    with open_run(path) as run:
        assert run.status == "finished"
    repair_run(path)
    assert not is_marked_open(path)


def test_a_part_that_a_kill_tore_is_told_and_does_not_hang(
    samples: ModuleType, tmp_path: Path
) -> None:
    """HDF5 read it again and again, for ever: a living writer would have mended it."""
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 2)
        writer.position()
        content = bytearray(path.read_bytes())
    with h5py.File(path, "r") as file:
        place = h5py.h5o.get_info(file["organs/hops"].id).addr
    content[place + 20] ^= 0xFF
    path.write_bytes(content)
    assert is_marked_open(path)
    with pytest.raises(InputError, match="must be whole"), open_run(path) as run:
        run.series()


def test_a_full_disk_is_an_output_error(
    tmp_path: Path, start_writer: Callable, check_complete: Check
) -> None:
    path = tmp_path / "a.vtkhdf"
    process = start_writer(path, 0, 10_000, 0, 3_000_000)
    assert process.wait(timeout=60) == OutputError.exit_code
    assert check_complete(path)["epochs"] > 5
    repair_run(path)
    assert check_complete(path)["epochs"] > 5
    assert not RunFiles.of(path).lock.exists()


def test_a_stopped_run_goes_on(
    samples: ModuleType, tmp_path: Path, check_complete: Check, unbroken: Path
) -> None:
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 13)
        assert writer.position().as_counts() == samples.position(13)
        writer.close(status=RunStatus.STOPPED)
    for first, last in ((13, 14), (9, 30)):
        position = RecordPosition.of_counts(samples.position(first) | {"other": 1})
        with RunWriter.reopen(path, position=position, device="gpu") as writer:
            samples.write_epochs(writer, first, last)
            if last == 30:
                writer.close(digest="d" * 64)
    check_complete(path)
    with open_run(path) as run, open_run(unbroken) as other:
        assert run.end.record_digest == other.end.record_digest
        assert run.end.devices == "cpu, 1 thread; gpu"
        assert run.end.n_resumes == 2


def test_resume_is_refused_where_it_cannot_be_right(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 3)
    with pytest.raises(InputError, match="must hold the 4 frames of its checkpoint, got 3"):
        RunWriter.reopen(path, position=RecordPosition(**samples.position(4)))
    reading = "import sys, h5py; file = h5py.File(sys.argv[1], 'r'); print(''); sys.stdin.read()"
    command = [sys.executable, "-u", "-c", reading, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as viewer:
        assert viewer.stdout is not None
        viewer.stdout.readline()
        with pytest.raises(InputError, match="must not be open in another program"):
            RunWriter.reopen(path)
        viewer.communicate(b"")
    with RunWriter.reopen(path) as writer:
        writer.close(digest="d" * 64)
    with pytest.raises(InputError, match="must not be finished"):
        RunWriter.reopen(path)
    assert not is_locked(RunFiles.of(path))


def test_another_run_that_begins_meanwhile_keeps_its_checkpoints(
    samples: ModuleType, unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before the lock was taken was believed after it: they were removed."""
    path = Path(shutil.copy(unbroken, tmp_path / "a.vtkhdf"))
    files = RunFiles.of(path)
    files.checkpoint.write_bytes(b"of the older run")

    def begin_first(files: RunFiles) -> RunLock:
        with samples.create(path, overwrite=True) as writer:
            samples.write_epochs(writer, 0, 2)
        files.checkpoint.write_bytes(b"of the newer run")
        return RunLock(files)

    monkeypatch.setattr(repair, "RunLock", begin_first)
    assert not repair.complete_end(path)
    assert files.checkpoint.read_bytes() == b"of the newer run"


def test_a_folder_named_like_a_checkpoint_is_none(unbroken: Path, tmp_path: Path) -> None:
    """A finished run beside it was never ended, each time anew."""
    path = Path(shutil.copy(unbroken, tmp_path / "a.vtkhdf"))
    RunFiles.of(path).checkpoint.mkdir()
    assert not repair.complete_end(path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "fixed") for name in ("organs/arrivals", "VTKHDF/PointData/id", "events/cell")),
        *((name, "f4") for name in ("organs/arrivals", "VTKHDF/PointData/id", "events/cell")),
        ("tallies/first_pass_arrivals", "u1"),
        ("frames/time", "i1"),
        ("frames/digest", "i4"),
        ("checks/epochs", "i4"),
        ("VTKHDF/PointData/id", "gone"),  # of series and logs older runs have fewer
    ],
)
def test_a_run_with_a_wrong_column_is_not_taken_up(
    samples: ModuleType, tmp_path: Path, name: str, kind: str
) -> None:
    """A change that every checksum of HDF5 agrees with: one line, not a traceback."""
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 2)
    with h5py.File(path, "r+", libver="v110") as file:
        values = file[name][:]
        del file[name]
        if kind == "fixed":
            file[name] = values
        elif kind != "gone":
            tail = () if name == "frames/digest" else values.shape[1:]
            data = np.zeros((len(values), *tail), dtype=kind)
            file.create_dataset(name, data=data, maxshape=(None, *tail), chunks=(64, *tail))
    with pytest.raises(InputError, match=r"It is damaged: start anew|Copy it or make it again"):
        RunWriter.reopen(path)
    assert not is_locked(RunFiles.of(path))
