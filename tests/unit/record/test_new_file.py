"""Files that appear only when complete, whoever else writes there."""

import os
import subprocess
import sys

import pytest

from ctc.errors import InputError, OutputError
from ctc.record import new_file as new_file_module
from ctc.record.new_file import new_file, new_folder, new_hdf5


def test_two_programs_that_write_one_file_do_not_disturb_each_other(tmp_path, monkeypatch):
    """Once they shared a temporary name: both failed, and both results were lost."""
    target = tmp_path / "a.h5"
    with new_hdf5(target, overwrite=True) as first:
        first["who"] = 1
        monkeypatch.setattr(os, "getpid", os.getppid)
        with new_hdf5(target, overwrite=True) as second:
            second["who"] = 2
        assert list(tmp_path.glob("a.h5")) == [target]
        monkeypatch.undo()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("make", [new_file, lambda p, **o: new_folder(p, names=("x",), **o)])
def test_the_slower_of_two_does_not_overwrite_unasked(tmp_path, monkeypatch, make):
    target = tmp_path / "a.txt"

    def write(text, inside=lambda: None):
        with make(target, overwrite=False) as partial:
            (partial / "x" if partial.is_dir() else partial).write_text(text)
            inside()

    def overtake():
        with monkeypatch.context() as other:
            other.setattr(os, "getpid", os.getppid)
            write("early")

    with pytest.raises(InputError, match="must not exist yet"):
        write("late", overtake)
    (kept,) = tmp_path.iterdir()
    assert (kept / "x" if kept.is_dir() else kept).read_text() == "early"


def test_what_a_killed_program_left_is_removed_and_no_other_file(tmp_path):
    code = "import os; print(os.getpid())"
    gone = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    left = tmp_path / f".a.{int(gone)}.new.txt"
    others = [tmp_path / name for name in (f".a.{os.getppid()}.new.txt", ".a.new.txt", "a.1.new")]
    for path in (left, *others):
        path.write_text("half")
    with new_file(tmp_path / "a.txt", overwrite=False) as partial:
        partial.write_text("whole")
    assert sorted(tmp_path.iterdir()) == sorted([*others, tmp_path / "a.txt"])
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_what_a_living_program_writes_is_left_and_so_is_the_program(tmp_path):
    """To ask whether a process lives must not tell it anything: a hang-up would end it."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        theirs = tmp_path / f".a.{other.pid}.new.txt"
        theirs.write_text("half")
        with new_file(tmp_path / "a.txt", overwrite=False) as path:
            path.write_text("ours")
        assert theirs.read_text() == "half"
        other.communicate(b"\n", timeout=60)
    assert other.returncode == 0


def test_a_folder_is_not_lost_where_its_replacement_was_killed_between_the_names(tmp_path):
    """Then the next program deleted the only copy, which had a hidden name."""
    code = """
import pathlib, sys
from ctc.record.new_file import new_folder
with new_folder(pathlib.Path(sys.argv[1]), names=("x",), overwrite=True) as partial:
    (partial / "x").write_text(sys.argv[2])
"""
    target = tmp_path / "out"
    command = [sys.executable, "-c", code, str(target)]
    subprocess.run([*command, "old"], check=True)
    fault = {**os.environ, "CTC_FAULT": "output.synchronised:1:kill"}
    assert subprocess.run([*command, "new"], env=fault, check=False).returncode < 0
    assert not target.exists()
    with (
        pytest.raises(InputError, match="must not exist yet"),
        new_folder(target, names=("x",), overwrite=False),
    ):
        pass
    assert (target / "x").read_text() == "old"
    with pytest.raises(KeyError), new_folder(target, names=("x",), overwrite=True):
        raise KeyError
    assert (target / "x").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_comes_back_where_its_replacement_is_refused(tmp_path, monkeypatch):
    """The old one has moved aside when the system refuses the new one its name."""
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "a.csv").write_text("old")

    def refuse(fresh, path, *, what):
        assert not path.exists()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_file_module, "put_in_place", refuse)
    with (
        pytest.raises(OutputError, match="No space left"),
        new_folder(folder, names=("a.csv",), overwrite=True) as partial,
    ):
        (partial / "a.csv").write_text("new")
    assert (folder / "a.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["net"]
