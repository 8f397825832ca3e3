"""Names of a run's files, what may be overwritten, and the lock."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from ctc.errors import InputError
from ctc.record.files import RunFiles, RunLock, check_output, is_locked


@pytest.mark.parametrize("name", ["quick", "quick.vtkhdf"])
def test_names_follow_from_the_run(name: str) -> None:
    files = RunFiles.of(Path("out") / name)
    assert files.run == Path("out/quick.vtkhdf")
    assert files.checkpoint == Path("out/quick.checkpoint.h5")
    assert files.h5md == Path("out/quick.h5md")


@pytest.mark.parametrize("there", ["a.vtkhdf", "a.checkpoint.h5", "a.checkpoint.previous.h5"])
def test_an_existing_run_is_not_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")
    with pytest.raises(InputError, match=rf"{there}.*must not exist.*--overwrite"):
        check_output(tmp_path / "a", overwrite=False)
    check_output(tmp_path / "a", overwrite=True)
    assert (tmp_path / there).read_text() == "precious"


def test_create_refuses_and_overwrites(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.vtkhdf"
    for name in ("a.vtkhdf", "a.checkpoint.h5", "a.h5md"):
        (tmp_path / name).write_text("old")
    with pytest.raises(InputError, match="must not exist"):
        samples.create(path)
    assert path.read_text() == "old"
    samples.create(path, overwrite=True).close(digest="")
    assert [file.name for file in tmp_path.iterdir()] == ["a.vtkhdf"]


def test_a_missing_or_wrong_folder_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("none", "file"):
        with pytest.raises(InputError, match="existing folder"):
            check_output(tmp_path / folder / "a", overwrite=True)
    (tmp_path / "b.vtkhdf").mkdir()
    with pytest.raises(InputError, match="must be a file"):
        check_output(tmp_path / "b", overwrite=True)


def test_an_unwritable_folder_is_wrong_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The superuser may write anywhere: the system's answer is given here."""

    def refuse(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(InputError, match="you may write to"):
        check_output(tmp_path / "a", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_a_run_has_one_writer(tmp_path: Path, start_writer: Callable) -> None:
    path = tmp_path / "a.vtkhdf"
    process = start_writer(path, 0, 10_000, 0.05, 0)
    files = RunFiles.of(path)
    assert is_locked(files)
    with pytest.raises(InputError, match=f"process {process.pid} is writing"):
        check_output(path, overwrite=True)
    with pytest.raises(InputError, match=f"process {process.pid} is writing"):
        RunLock(files)
    process.kill()
    process.wait()
    assert not is_locked(files)
    lock = RunLock(files)
    lock.release()
    lock.release()
    assert not files.lock.exists()
