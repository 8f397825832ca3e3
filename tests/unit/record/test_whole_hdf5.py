"""HDF5 files on disks that take no more: an error, never the end of the process."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.record.opening import open_file
from ctc.record.whole_hdf5 import whole_hdf5

VALUES = np.arange(60.0)
N_ARRAYS = 40


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse all that lies beyond a size, as a full disk does; Unix only."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write(file: h5py.File) -> None:
    group = file.create_group("state")
    for index in range(N_ARRAYS):
        group[f"array_{index}"] = VALUES + index
        group[f"array_{index}"].attrs["units"] = np.bytes_("m")
    for index in range(20):
        group.attrs[f"count_{index}"] = index


def test_what_was_written_is_read(tmp_path: Path) -> None:
    with whole_hdf5(tmp_path / "state.h5") as file:
        write(file)
    with open_file(tmp_path / "state.h5") as file:
        assert len(file["state"]) == N_ARRAYS
        for index in range(N_ARRAYS):
            assert np.array_equal(file[f"state/array_{index}"][()], VALUES + index)
        assert file["state"].attrs["count_19"] == 19


def test_a_disk_that_is_full_at_any_moment_is_told(tmp_path: Path) -> None:
    """The HDF5 library ended the process by a signal where it closed what it could not write."""
    with whole_hdf5(tmp_path / "whole.h5") as file:
        write(file)
    size = (tmp_path / "whole.h5").stat().st_size
    for limit in range(0, size, size // 50):
        with (
            files_of_at_most(limit),
            pytest.raises(OSError) as caught,  # noqa: PT011 - its number is asked below
            whole_hdf5(tmp_path / f"{limit}.h5") as file,
        ):
            write(file)
        assert caught.value.errno == errno.EFBIG, limit


def test_an_error_of_the_block_passes_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="mine"), whole_hdf5(tmp_path / "state.h5"):
        raise KeyError("mine")


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "state.h5").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError), whole_hdf5(tmp_path / "state.h5"):
        pass
    assert (tmp_path / "state.h5").read_text(encoding="utf-8") == "mine"
