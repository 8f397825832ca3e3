"""The first block of an HDF5 file: its checksum and its consistency flag."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from ctc.errors import InputError
from ctc.record.lookup3 import lookup3
from ctc.record.superblock import clear_consistency_flag, is_marked_open


@pytest.mark.parametrize(
    ("text", "answer"),
    [(b"", 0xDEADBEEF), (b"Four score and seven years ago", 0x17770551)],
)
def test_lookup3_gives_its_known_answers(text: bytes, answer: int) -> None:
    """From driver5 of Bob Jenkins' lookup3.c, 2006."""
    assert lookup3(text) == answer


def test_the_flag_of_a_copied_open_file_is_cleared(tmp_path: Path) -> None:
    original, copy = tmp_path / "a.h5", tmp_path / "b.h5"
    with h5py.File(original, "w", libver="v110") as file:
        file["x"] = 17
        file.swmr_mode = True
        file.flush()
        copy.write_bytes(original.read_bytes())
    assert not is_marked_open(original)
    assert not clear_consistency_flag(original)
    assert is_marked_open(copy)
    with pytest.raises(OSError, match="already open"):
        h5py.File(copy, "r")
    assert clear_consistency_flag(copy)
    with h5py.File(copy, "r+") as file:
        assert file["x"][()] == 17
        file["y"] = 18


def test_a_superblock_of_another_kind_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "old.h5", "w", libver=("earliest", "v108")) as file:
        file["x"] = 1
    with pytest.raises(InputError, match="another kind"):
        clear_consistency_flag(tmp_path / "old.h5")
