"""`ctc repair` on the file of a writer that did not close it."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.record.reader import open_run
from tests.commands.conftest import Ask
from tests.unit.record import samples


@pytest.fixture
def killed(in_folder: Path) -> Path:
    """Return what is on disk while a run goes on, as after a kill."""
    with samples.create(in_folder / "going.vtkhdf") as writer:
        samples.write_epochs(writer, 0, 5)
        copy = shutil.copy2(in_folder / "going.vtkhdf", in_folder / "killed.vtkhdf")
        writer.close(digest="d" * 64)
    return Path(copy)


def test_a_killed_run_is_made_readable_and_says_how_to_go_on(ask: Ask, killed: Path) -> None:
    with pytest.raises(OSError, match="already open for write"), h5py.File(killed):
        pass
    answer = ask("repair", killed.name)
    assert (answer.code, answer.err) == (0, "")
    first, second = answer.out.splitlines()
    assert second == "Go on with: ctc resume killed.vtkhdf"
    with h5py.File(killed) as file:  # as other programs open it
        assert file["events/time"].shape[0] > 0
    with open_run(killed) as run:
        # The last epoch may still have been on its way to the disk.
        assert run.n_epochs in (4, 5)
        counts = f"{run.n_epochs} epochs, {run.n_frames} frames and {run.events().size:,} events"
        wanted = np.concatenate([samples.events(epoch) for epoch in range(run.n_epochs)])
        np.testing.assert_array_equal(run.events(), wanted)
    assert first == f"killed.vtkhdf holds {counts}."
    # Once is enough, and twice does no harm.
    before = killed.read_bytes()
    assert ask("repair", killed.name).code == 0
    assert killed.read_bytes() == before


def test_a_finished_run_has_nothing_to_go_on_with(ask: Ask, killed: Path) -> None:
    finished = killed.with_name("going.vtkhdf")
    before = finished.read_bytes()
    answer = ask("repair", finished.name)
    assert answer.code == 0
    assert "5 epochs" in answer.out
    assert "Go on" not in answer.out
    assert finished.read_bytes() == before


def test_what_is_no_run_is_refused(ask: Ask, in_folder: Path) -> None:
    ask("repair", "nothing.vtkhdf").assert_refused("nothing.vtkhdf")
    (in_folder / "text.vtkhdf").write_text("text")
    ask("repair", "text.vtkhdf").assert_refused("text.vtkhdf")
