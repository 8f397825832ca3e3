"""Blocks and tables of sweeps: whole or not there, and read back as they were."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.errors import InputError, OutputError
from ctc.record.sweep_files import (
    TableColumn,
    read_block,
    read_table,
    table_digest,
    write_block,
    write_table,
)

ROWS = np.array([(1, 2.5), (2, np.nan)], dtype=[("patient", "u4"), ("burden", "f8")])
COLUMNS = (
    TableColumn("patient", np.array([0, 1], dtype=np.uint32), role="index"),
    TableColumn("source.0.mass", np.array([0.1, 0.2]), "kg", "of the tumour", "varied"),
    TableColumn("word", np.array([1, 0], dtype=np.uint16), labels=("ä", "b")),
)


def test_a_block_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "block.h5"
    write_block(path, ROWS)
    found = read_block(path)
    assert found is not None
    assert found.tobytes() == ROWS.tobytes()
    assert found.dtype == ROWS.dtype
    assert [each.name for each in tmp_path.iterdir()] == ["block.h5"]


def test_a_damaged_block_is_none(tmp_path: Path) -> None:
    path = tmp_path / "block.h5"
    write_block(path, ROWS)
    with h5py.File(path, "r+") as file:
        file["rows"][0] = ROWS[1]
    assert read_block(path) is None
    path.write_bytes(b"nothing")
    assert read_block(path) is None


def test_a_block_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="block could not be written"):
        write_block(tmp_path / "no" / "block.h5", ROWS)
    assert list(tmp_path.iterdir()) == []


def test_a_table_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "sweep.h5"
    digest = write_table(
        path,
        COLUMNS,
        attributes={"title": "Ein Versuch für alle", "question": ""},
        texts={"sweep": "text\n", "plan": "{}"},
        further={"sensitivity": COLUMNS[2:]},
    )
    attributes, tables, texts = read_table(path)
    assert attributes["digest"] == digest == table_digest(COLUMNS)
    assert attributes["title"] == "Ein Versuch für alle"
    assert texts == {"sweep": "text\n", "plan": "{}"}
    for found, expected in zip(tables["table"], COLUMNS, strict=True):
        assert np.array_equal(found.values, expected.values)
        assert found.values.dtype == expected.values.dtype
        for name in ("name", "unit", "meaning", "role", "labels"):
            assert getattr(found, name) == getattr(expected, name)
    assert [column.name for column in tables["sensitivity"]] == ["word"]


def test_the_digest_is_of_the_rows_alone(tmp_path: Path) -> None:
    path = tmp_path / "sweep.h5"
    digests = {write_table(path, COLUMNS, attributes={"a": a}, texts={}) for a in ("1", "2")}
    assert len(digests) == 1
    changed = TableColumn("source.0.mass", np.array([0.1, np.nextafter(0.2, 1.0)]))
    assert table_digest((COLUMNS[0], changed, COLUMNS[2])) not in digests


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be an existing file"):
        read_table(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(InputError, match="must be an HDF5 file"):
        read_table(tmp_path / "text.h5")
    write_block(tmp_path / "block.h5", ROWS)
    with pytest.raises(InputError, match="format must be 'ctc-sweep'"):
        read_table(tmp_path / "block.h5")
