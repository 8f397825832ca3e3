"""A session follows a run until its writer is killed, says so, and stays."""

import subprocess
import sys
import time
from pathlib import Path

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
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
    )
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
    whole = path.read_bytes()
    n_errors = 0
    for share in (0.3, 0.5, 0.7):
        broken = bytearray(whole)
        start = int(share * len(whole))
        broken[start : start + 4096] = bytes(4096)
        path.write_bytes(bytes(broken))
        n_shown, n_refused = 0, 0
        try:
            with open_run(path) as run:
                session = Session(run)
                for index in range(session.times.size):
                    try:
                        session.cells(index)
                        n_shown += 1
                    except InputError as error:
                        assert "run must be whole" in str(error)  # noqa: PT017 - some are refused
                        n_refused += 1
                session.close()
                assert n_shown + n_refused == 5
                n_errors += n_refused
        except InputError as error:
            assert "must be" in str(error)  # noqa: PT017 - the file may not open at all
            n_errors += 1
    assert n_errors > 0
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="must be a whole HDF5 file"):
        open_run(path)
