"""Exports that fail, are killed or read a run that is being written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ctc.errors import InputError, OutputError
from ctc.export.catalogue import export_run
from ctc.export.selection import Extract, Selection
from ctc.record.reader import open_run
from tests.unit.export.outputs import every_format, tree

ROOT = Path(__file__).resolve().parents[3]


@every_format
def test_an_error_in_the_middle_leaves_nothing(small, tmp_path, name, monkeypatch):
    whole = Extract.frame

    def fail_late(self: Extract, number: int):
        if number >= 6:
            raise OSError(28, "No space left on device")
        return whole(self, number)

    monkeypatch.setattr(Extract, "frame", fail_late)
    with pytest.raises(OutputError, match="could not be written"):
        export_run(small, tmp_path / name)
    assert tree(tmp_path) == {}


@every_format
def test_a_damaged_run_leaves_nothing(small_path, tmp_path, name):
    h5py = pytest.importorskip("h5py")
    broken = tmp_path / "run" / "broken.vtkhdf"
    broken.parent.mkdir()
    broken.write_bytes(small_path.read_bytes())
    with h5py.File(broken, "r") as file:
        column = file["VTKHDF/Points"]
        place = column.id.get_chunk_info(column.id.get_num_chunks() - 1)
    with broken.open("r+b") as raw:
        raw.seek(place.byte_offset)
        raw.write(b"\xff" * place.size)
    output = tmp_path / "output"
    output.mkdir()
    with open_run(broken) as run, pytest.raises(InputError, match="frame 11 could not be read"):
        export_run(run, output / name)
    assert tree(output) == {}


_SLOW = """
import sys, time
from pathlib import Path
from ctc.export.catalogue import export_run
from ctc.export.selection import Extract
from ctc.record.reader import open_run
whole = Extract.frame
def slow(self, number):
    if number == 6:
        print("half", flush=True)
        time.sleep(60)
    return whole(self, number)
Extract.frame = slow
with open_run(sys.argv[1]) as run:
    export_run(run, Path(sys.argv[2]), overwrite=True)
"""


@every_format
def test_a_kill_in_the_middle_leaves_the_old_file(small, small_path, tmp_path, *, name):
    target = tmp_path / name
    export_run(small, target, selection=Selection((3, 4)))
    before = tree(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _SLOW, str(small_path), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    after = tree(tmp_path)
    assert {path: content for path, content in after.items() if path in before} == before
    assert all(path.startswith(".") for path in after if path not in before)
    export_run(small, target, overwrite=True)  # and what the dead one left is removed
    assert not [path for path in tree(tmp_path) if path.startswith(".")]


@every_format
def test_a_running_and_a_killed_run_are_exported(samples, tmp_path, name):
    """A writer is followed, then killed; of both the first four frames are exported."""
    path = tmp_path / "run" / "live.vtkhdf"
    path.parent.mkdir()
    script = Path(samples.__file__).with_name("writing_process.py")
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{script.parent}"}
    command = [sys.executable, str(script), str(path), "0", "100", "0.2", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for state in ("running", "killed"):
                with open_run(path) as run:
                    for _ in range(600):
                        if run.n_epochs >= 5:
                            break
                        time.sleep(0.05)
                        run.refresh()
                    assert run.status == state
                    folder = tmp_path / state
                    folder.mkdir()
                    export_run(run, folder / name, selection=Selection((0, 4)))
                    if name == "run.vtkhdf":
                        _compare(samples, folder / name)
                    if name == "run.csv":
                        data = run.to_xarray()
                        rows = slice(int(data.frame_start[3]), int(data.frame_start[4]))
                        assert data.attrs["status"] == state
                        np.testing.assert_array_equal(data.cell_id[rows], samples.cells(3)["id"])
                process.kill()
                process.wait()
        finally:
            process.kill()
    left = [path.name for path in (tmp_path / "killed").iterdir() if path.name.startswith(".")]
    assert left == []


def _compare(samples, path):
    with open_run(path) as copy:
        assert copy.n_frames == 4
        assert copy.status == "stopped"
        for index, frame in enumerate(copy.frames()):
            np.testing.assert_array_equal(frame.position, samples.cells(index)["position"])
        wanted = np.concatenate([samples.events(epoch) for epoch in range(copy.n_epochs)])
        np.testing.assert_array_equal(copy.events(), wanted)
