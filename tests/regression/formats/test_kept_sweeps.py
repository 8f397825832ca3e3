"""A real sweep of every version of its format: opened, with its figures, to the letter."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ctc.cohort.table import open_table
from ctc.record.stored import stored_in_sweep
from ctc.record.sweep_files import VERSION, read_block
from ctc.sweep import inspect_sweep
from tests.regression.formats.test_kept_files import assert_as_on_the_page, differences, objects

HERE = Path(__file__).resolve().parent
VERSIONS = sorted(path.name.removeprefix("sweep-") for path in HERE.glob("sweep-*"))
# Of where the file lies, and of the machine.
NOT_OF_THE_SWEEP = {"files", "patients_per_hour"}


@pytest.fixture(params=VERSIONS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the folder of a sweep as it was written, with one of its blocks."""
    kept = HERE / f"sweep-{request.param}"
    for name in ("sweep.json", "sweep.csv", "told.json"):
        shutil.copyfile(kept / name, tmp_path / name)
    for name in ("sweep.h5", "block.h5"):
        (tmp_path / name).write_bytes(gzip.decompress((kept / f"{name}.gz").read_bytes()))
    return tmp_path


def test_every_version_is_kept() -> None:
    assert [f"{VERSION[0]}.{minor}" for minor in range(VERSION[1] + 1)] == VERSIONS


def test_the_table_says_what_was_said_then(folder: Path) -> None:
    now = inspect_sweep(folder).to_mapping()
    then = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    then = {key: value for key, value in then.items() if key not in NOT_OF_THE_SWEEP}
    assert differences(then, json.loads(json.dumps(now))) == []
    table = open_table(folder)
    assert table.digest == then["digest"]
    assert table.arms == ("surgery", "none")
    assert table.n_rows == 6


def test_a_block_holds_the_rows_of_the_table(folder: Path) -> None:
    rows = read_block(folder / "block.h5")
    assert rows is not None
    table = open_table(folder)
    (row,) = np.flatnonzero((table.column("arm") == 0) & (table.column("patient") == 1))
    for name in rows.dtype.names or ():
        np.testing.assert_array_equal(rows[name][0], table.column(name)[row], err_msg=name)


def test_they_hold_what_is_on_the_page(folder: Path) -> None:
    newest = VERSIONS[-1]
    told_apart = ("/sensitivity/*", "/table/*@units", "/table/*@meaning")
    page = [row for row in stored_in_sweep() if row.place not in told_apart]
    assert_as_on_the_page(objects(folder / "sweep.h5"), page, newest)
