"""Sweeps with a stand-in for the engine: same table however they are cut, stopped and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pytest

from ctc.cohort.folder import Block, missing_blocks
from ctc.cohort.member import Member
from ctc.cohort.table import SweepTable, open_table
from ctc.errors import InputError, StoppedEarly, WorkerLostError
from ctc.record.sweep_files import read_block, write_block
from ctc.summary import Progress, SweepSummary
from ctc.sweep import inspect_sweep, plan_sweep, run_sweep
from tests.commands.asking import ROOT, snapshot
from tests.unit.cohort.stand_in import DEADLY, SECONDS, follow, refuse
from tests.unit.cohort.sweeps import TRIAL, write_sweep


def swept(path: Path, name: str, **options: Any) -> SweepSummary:
    """Run a sweep into a folder beside it."""
    given = {"device": "cpu", "threads": 1, "workers": 1, "follow": follow, **options}
    return run_sweep(path, path.parent / name, **given)


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    return write_sweep(tmp_path)


def test_the_table_holds_every_patient_of_every_arm(trial: Path) -> None:
    summary = swept(trial, "one")
    table = open_table(trial.parent / "one")
    assert isinstance(table, SweepTable)
    assert table.digest == summary.digest
    assert (table.n_rows, table.arms) == (120, ("observed", "treated"))
    assert table.varied == ("source.0.mass", "patient.age", "source.growth")
    assert table.column("patient").tolist() == [i // 2 for i in range(120)]
    assert table.column("arm").tolist() == [0, 1] * 60
    assert table.described("source.0.mass").unit == "kg"
    assert table.described("death_time").unit == "s"
    assert table.described("source.growth").labels == ("gompertz", "logistic")
    masses = [table.column("source.0.mass", arm=arm) for arm in table.arms]
    assert np.array_equal(*masses)
    # The same chance in both arms, so treatment alone lengthens life: by two, to the end at 10 y.
    ends = [table.column("end_time", arm=arm) for arm in table.arms]
    assert np.allclose(ends[1], np.minimum(2.0 * ends[0], ends[1].max()), rtol=1e-12)
    assert table.attributes["title"] == "A trial"
    assert table.texts["sweep"] == TRIAL
    assert json.loads(table.texts["plan"])["vary"][0]["basis"] == "assumed"
    assert summary.arms["observed"]["deaths"] == int(
        np.isfinite(table.column("death_time", arm="observed")).sum()
    )
    lines = (trial.parent / "one" / "sweep.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 121
    assert lines[0].startswith("patient,arm,source.0.mass [kg],patient.age [s],source.growth,")
    assert float(lines[1].split(",")[2]) == masses[0][0]


def test_the_same_table_however_it_is_cut(trial: Path) -> None:
    digests = {
        swept(trial, "one").digest,
        swept(trial, "two", workers=2).digest,
        swept(write_sweep(trial.parent, TRIAL.replace("block = 16", "block = 7")), "7").digest,
        swept(write_sweep(trial.parent, TRIAL.replace("block = 16", "block = 500")), "all").digest,
    }
    assert len(digests) == 1


def test_a_change_of_one_value_changes_the_digest(trial: Path) -> None:
    before = swept(trial, "one").digest
    other = write_sweep(trial.parent, TRIAL.replace("sigma = 0.5", "sigma = 0.500001"))
    assert swept(other, "sigma").digest != before


class Stopper:
    """Raises after some blocks, as Ctrl-C would."""

    def __init__(self, blocks: int) -> None:
        self.left = blocks
        self.members: list[tuple[int, int]] = []

    def __call__(self, members: Sequence[Member], **options: Any) -> npt.NDArray[Any]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        self.members += [(member.patient, member.arm) for member in members]
        return follow(members, **options)


def test_ctrl_c_leaves_what_is_done_and_the_same_command_goes_on(trial: Path) -> None:
    expected = swept(trial, "whole").digest
    stopper = Stopper(3)
    with pytest.raises(StoppedEarly, match="48 of 120 patients are done"):
        swept(trial, "cut", follow=stopper)
    state = inspect_sweep(trial.parent / "cut")
    assert (state.status, state.digest, state.n_done, state.n_members) == (
        "unfinished", None, 48, 120
    )  # fmt: skip
    plan = plan_sweep(trial, trial.parent / "cut")
    assert (plan.n_done, plan.n_blocks) == (48, 5)
    rest = Stopper(-1)
    seen: list[Progress] = []
    summary = swept(trial, "cut", follow=rest, progress=seen.append)
    assert summary.digest == expected
    assert not set(stopper.members) & set(rest.members)
    assert len(stopper.members) + len(rest.members) == 120
    assert seen[-1].detail.startswith("120 of 120 patients, ")
    assert inspect_sweep(trial.parent / "cut").digest == expected
    # Nothing is left to do: nothing is followed again.
    assert swept(trial, "cut", follow=Stopper(0)).digest == expected


def test_a_cohort_goes_on_with_more_patients(trial: Path) -> None:
    expected = swept(trial, "whole").digest
    swept(trial, "grown", n_patients=23)
    rest = Stopper(-1)
    assert swept(trial, "grown", follow=rest).digest == expected
    assert {patient for patient, _ in rest.members} == set(range(23, 60))
    fewer = swept(trial, "grown", n_patients=23, follow=Stopper(0)).digest
    assert fewer == swept(trial, "few", n_patients=23).digest != expected


def test_a_sweep_that_grows_is_not_finished(trial: Path) -> None:
    swept(trial, "grown", n_patients=23)
    with pytest.raises(StoppedEarly):
        swept(trial, "grown", follow=Stopper(1))
    state = inspect_sweep(trial.parent / "grown")
    assert (state.status, state.n_done, state.n_members) == ("unfinished", 55, 120)
    assert inspect_sweep(trial.parent / "grown" / "sweep.h5").n_done == 46


def test_a_fault_of_a_worker_comes_as_it_is(trial: Path) -> None:
    for workers in (1, 2):
        with pytest.raises(InputError, match=r"source\.mass: mass must be small, got"):
            swept(trial, "bad", follow=refuse, workers=workers)
    assert inspect_sweep(trial.parent / "bad").n_done == 0


def test_a_small_sweep_has_work_for_every_worker(trial: Path) -> None:
    plan = plan_sweep(trial, n_patients=8)
    assert plan.n_blocks == 2
    seen: list[Progress] = []
    swept(trial, "small", n_patients=8, workers=4, progress=seen.append)
    assert len(list((trial.parent / "small" / "blocks").iterdir())) == 4


def test_another_sweep_is_refused_there(trial: Path) -> None:
    swept(trial, "one")
    changed = write_sweep(trial.parent, TRIAL.replace("seed = 7", "seed = 8"))
    before = snapshot(trial.parent / "one")
    with pytest.raises(InputError, match="must go on with the sweep"):
        swept(changed, "one")
    assert snapshot(trial.parent / "one") == before
    expected = swept(changed, "two").digest
    assert swept(changed, "one", overwrite=True).digest == expected


@pytest.mark.parametrize("what", ["kernels", "version"])
def test_another_program_is_refused(trial: Path, what: str) -> None:
    swept(trial, "one")
    note = trial.parent / "one" / "sweep.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {what: "other"}))
    with pytest.raises(InputError, match=f"must go on with the {what}"):
        swept(trial, "one")


def test_a_damaged_block_is_followed_again(trial: Path) -> None:
    expected = swept(trial, "one").digest
    blocks = sorted((trial.parent / "one" / "blocks").glob("*.h5"))
    content = bytearray(blocks[2].read_bytes())
    content[-200:-100] = bytes(100)
    blocks[2].write_bytes(content)
    blocks[4].write_bytes(b"")
    again = Stopper(-1)
    assert swept(trial, "one", follow=again).digest == expected
    assert 0 < len(again.members) <= 32


def test_a_block_of_other_patients_is_followed_again(trial: Path) -> None:
    """A whole file, by its checksum, under a name that says another number of patients."""
    expected = swept(trial, "one").digest
    folder = trial.parent / "one" / "blocks"
    blocks = sorted(folder.glob("*.h5"))
    rows, others = read_block(blocks[2]), read_block(blocks[1])
    assert rows is not None
    assert others is not None
    write_block(blocks[2], rows[:-1])
    write_block(blocks[0], others)
    again = Stopper(-1)
    assert swept(trial, "one", follow=again).digest == expected
    assert 0 < len(again.members) <= 32


def test_a_block_that_vanishes_while_the_others_are_followed_is_told(trial: Path) -> None:
    """Once its patients got rows of zeros in the table."""
    swept(trial, "one")
    blocks = sorted((trial.parent / "one" / "blocks").glob("*.h5"))
    blocks[0].unlink()

    def follow_and_remove(*arguments: Any, **named: Any) -> Any:
        blocks[3].unlink(missing_ok=True)
        return follow(*arguments, **named)

    with pytest.raises(InputError, match=r"must hold all patients, got none of patient \d+ in arm"):
        swept(trial, "one", follow=follow_and_remove)


def test_a_folder_in_the_place_of_a_block_is_told(trial: Path) -> None:
    swept(trial, "one")
    (block, *_) = sorted((trial.parent / "one" / "blocks").glob("*.h5"))
    block.unlink()
    block.mkdir()
    with pytest.raises(InputError, match=r"must be a file, got a folder\. Move it away"):
        swept(trial, "one")


def test_a_damaged_table_is_told(trial: Path) -> None:
    swept(trial, "one")
    table = trial.parent / "one" / "sweep.h5"
    with h5py.File(table, "r+") as file:
        file["table/death_time"][3] = 1.0
    with pytest.raises(InputError, match="digest must be that of the rows"):
        inspect_sweep(trial.parent / "one")
    swept(trial, "one", follow=Stopper(0))
    assert inspect_sweep(table).status == "finished"


def test_folders_of_others_are_left_alone(trial: Path) -> None:
    folder = trial.parent / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="folder of this sweep"):
            swept(trial, "mine", overwrite=overwrite)
    with pytest.raises(InputError, match="must be a folder"):
        swept(trial, "trial.toml")
    with pytest.raises(InputError, match="Make it first"):
        swept(trial, "not/there")
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_overwriting_keeps_what_others_put_there(trial: Path) -> None:
    swept(trial, "one")
    (trial.parent / "one" / "letter.txt").write_text("dear")
    swept(trial, "one", overwrite=True, n_patients=5)
    assert (trial.parent / "one" / "letter.txt").read_text() == "dear"
    assert open_table(trial.parent / "one").n_rows == 10


def test_a_killed_worker_is_told_and_the_same_command_goes_on(trial: Path) -> None:
    expected = swept(trial, "whole").digest
    folder = trial.parent / "cut"
    with pytest.raises(StoppedEarly):
        swept(trial, "cut", follow=Stopper(1))
    (folder / DEADLY).touch()
    with pytest.raises(WorkerLostError, match="the same command goes on"):
        swept(trial, "cut", workers=2)
    assert swept(trial, "cut", workers=2).digest == expected


_SCRIPT = """
import sys
from pathlib import Path
from ctc.sweep import run_sweep
from tests.unit.cohort.stand_in import follow
if __name__ == "__main__":
    path = Path(sys.argv[1])
    run_sweep(path, Path(sys.argv[2]), workers=2, device="cpu", threads=1, follow=follow)
"""


def test_killed_in_the_middle_with_its_workers_it_goes_on(trial: Path) -> None:
    """SIGKILL while blocks of two workers are under way; its workers end with it."""
    expected = swept(trial, "whole").digest
    script = trial.parent / "script.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    folder = trial.parent / "killed"
    process = subprocess.Popen(
        [sys.executable, str(script), str(trial), str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT), SECONDS: "0.5"},
        start_new_session=True,
    )
    deadline = time.monotonic() + 120.0
    while not list((folder / "blocks").glob("arm*.h5")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    group = process.pid
    process.send_signal(signal.SIGKILL)
    process.wait()
    state = inspect_sweep(folder)
    assert 0 < state.n_done < 120
    while _is_alive(group):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert swept(trial, "killed").digest == expected


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_blocks_skip_what_is_done_and_arms_keep_step() -> None:
    done = {arm: np.zeros(10, dtype=bool) for arm in (0, 1)}
    done[0][3:5] = True
    done[1][:4] = True
    assert missing_blocks(done, size=4) == (
        Block(0, 0, 3), Block(1, 4, 4), Block(0, 5, 3), Block(0, 8, 2), Block(1, 8, 2)
    )  # fmt: skip
    assert missing_blocks({0: np.ones(3, dtype=bool)}, size=4) == ()
