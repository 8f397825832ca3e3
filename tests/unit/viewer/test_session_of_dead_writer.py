"""A session follows a run until its writer is killed, says so, and stays."""

import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record.reader import open_run
from ctc.viewer.cell_filter import LIVING
from ctc.viewer.session import WRITER_GONE, Session
from tests.unit.record import samples

ROOT = Path(__file__).resolve().parents[3]
WRITER = ROOT / "tests" / "unit" / "record" / "writing_process.py"


@pytest.fixture
def writer(tmp_path):
    path = tmp_path / "a.vtkhdf"
    command = [sys.executable, str(WRITER), str(path), "0", "1000", "0.02", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout.readline() == "ready\n"
    yield path, process
    process.kill()
    process.communicate()


def test_frames_rise_until_the_writer_is_killed_and_stay_after_that(writer):
    path, process = writer
    with open_run(path) as run:
        session = Session(run)
        assert session.status == "running"
        seen = set()
        while len(seen) < 4:
            session.refresh()
            seen.add(session.times.size)
            if session.times.size:
                last = session.times.size - 1
                cells = samples.cells(last)
                shown = np.isin(cells["state"], [int(state) for state in LIVING])
                np.testing.assert_array_equal(session.cells(last).identity, cells["id"][shown])
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert session.status == WRITER_GONE
        session.refresh()
        n_frames = session.times.size
        assert n_frames >= max(seen)
        for index in range(n_frames):
            assert session.frame(index).time == samples.frame_time(index)
        assert f"({WRITER_GONE} at" in session.caption(n_frames - 1).time
        assert session.series["time"].size == run.n_epochs
        session.close()
    with open_run(path) as run:
        again = Session(run)
        assert again.status == WRITER_GONE
        assert again.times.size == n_frames
        again.close()


def test_a_frame_that_is_damaged_is_refused_and_the_others_are_shown(tmp_path):
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 5)
        writer.close(digest="d" * 64)
    with h5py.File(path) as file:
        points = file["VTKHDF/Points"]
        last = points.id.get_chunk_info(points.id.get_num_chunks() - 1)
    whole = path.read_bytes()
    broken = bytearray(whole)
    broken[last.byte_offset : last.byte_offset + last.size] = bytes(last.size)
    path.write_bytes(bytes(broken))
    with open_run(path) as run:
        session = Session(run, n_prefetch=2)
        for index in (0, 1, 2):
            assert session.cells(index).position.shape == (session.cells(index).code.size, 3)
        for _ in range(2):
            with pytest.raises(InputError, match="run must be whole, its frame 4 could not"):
                session.cells(4)
        assert session.cells(1).code.size > 0
        session.close()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="must be a whole HDF5 file"):
        open_run(path)
