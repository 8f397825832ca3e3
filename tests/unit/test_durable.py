"""Files take their names when they are on the disk, and the names follow them there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ctc.durable import put_in_place, synchronise_folder
from ctc.record.checkpoint import write_checkpoint
from ctc.record.files import RunFiles
from ctc.record.new_file import new_file, new_folder, new_hdf5
from ctc.record.sweep_files import write_block
from ctc.viewer.png import write_png


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """Return what the system was asked for, in order: call, name, bytes of the file just then."""
    calls: list[tuple[str, str, int]] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        calls.append(("fsync", path.name, 0 if path.is_dir() else path.stat().st_size))
        fsync(descriptor)

    def note_replace(old: Path, new: Path) -> None:
        calls.append(("replace", Path(new).name, 0 if old.is_dir() else old.stat().st_size))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    return calls


def hdf5(path: Path) -> None:
    with new_hdf5(path, overwrite=True) as file:
        file["a"] = np.arange(10_000)


def text(path: Path) -> None:
    with new_file(path, overwrite=True) as partial:
        partial.write_text("all of it")


def block(path: Path) -> None:
    write_block(path, np.zeros(100, dtype=[("patient", "i8")]))


def picture(path: Path) -> None:
    write_png(np.zeros((20, 20, 3), dtype=np.uint8), path, notes={})


@pytest.mark.parametrize("write", [hdf5, text, block, picture])
def test_content_then_name_then_folder(
    tmp_path: Path, asked: list[tuple[str, str, int]], write: Callable[[Path], None]
) -> None:
    """Nothing is written after the file was synchronised: once HDF5 closed it only then."""
    path = tmp_path / "a.png"
    write(path)
    size = path.stat().st_size
    (_, fresh, _), *_ = asked
    assert fresh != path.name
    assert asked == [
        ("fsync", fresh, size),
        ("replace", path.name, size),
        ("fsync", tmp_path.name, 0),
    ]


def test_a_checkpoint_is_on_the_disk_before_the_last_one_moves(
    tmp_path: Path, asked: list[tuple[str, str, int]]
) -> None:
    files = RunFiles.of(tmp_path / "a")
    for number in range(2):
        asked.clear()
        write_checkpoint(files, {"x": np.full(1000, number)}, counts={"frames": number})
    calls = [(call, name) for call, name, _ in asked]
    assert calls == [
        ("fsync", ".a.checkpoint.h5.new"),
        ("replace", "a.checkpoint.previous.h5"),
        ("fsync", ".a.checkpoint.h5.new"),
        ("replace", "a.checkpoint.h5"),
        ("fsync", tmp_path.name),
    ]
    assert asked[0][2] == files.checkpoint.stat().st_size


def test_a_folder_is_synchronised_with_all_in_it(
    tmp_path: Path, asked: list[tuple[str, str, int]]
) -> None:
    with new_folder(tmp_path / "a", names=("x", "y"), overwrite=False) as partial:
        (partial / "x").write_text("1")
        (partial / "y").write_text("22")
    first = asked[: asked.index(("replace", "a", 0))]
    assert {("fsync", "x", 1), ("fsync", "y", 2)} < set(first)
    assert ("fsync", partial.name, 0) in first
    assert asked[-1] == ("fsync", tmp_path.name, 0)


def test_a_folder_whose_successor_fails_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "x").write_text("old")
    replace = os.replace

    def refuse_the_new(old: Path, new: Path) -> None:
        if Path(new) == folder and not str(old).endswith(".old"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        replace(old, new)

    monkeypatch.setattr(os, "replace", refuse_the_new)
    message = "a: output could not be written .Input/output error"
    with (
        pytest.raises(OSError, match=message),
        new_folder(folder, names=("x",), overwrite=True) as partial,
    ):
        (partial / "x").write_text("new")
    assert (folder / "x").read_text() == "old"
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EIO])
def test_folders_that_cannot_be_synchronised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Some file systems keep them in their own way; a failing disk is another thing."""

    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    if number == errno.EINVAL:
        synchronise_folder(tmp_path)
        return
    with pytest.raises(OSError, match="Input/output"):
        synchronise_folder(tmp_path)


def test_what_is_not_there_is_not_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / ".a.new", tmp_path / "a", what="output")
    assert (tmp_path / "a").read_text() == "old"
