"""What the target `run-pictures` asks of a run: of a good one every command makes something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.fuzz import hdf5_samples
from tools.fuzz.hdf5_targets import PICTURES, ask_picture
from tools.fuzz.sample import lay_down

pytestmark = pytest.mark.validation


@pytest.mark.parametrize("sample", [0, 1])
@pytest.mark.parametrize("number", range(len(PICTURES)))
def test_a_good_run_is_refused_by_none(tmp_path: Path, sample: int, number: int) -> None:
    """One asked for a picture too small to be made, so no damage was ever seen by it."""
    lay_down(hdf5_samples.finished_runs()[sample], tmp_path)
    before = set(tmp_path.iterdir())
    said = ask_picture(tmp_path, number)
    assert said or set(tmp_path.iterdir()) - before
