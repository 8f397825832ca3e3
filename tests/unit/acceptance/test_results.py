"""Results go where they can be written, under a name that hides nothing and covers nothing up."""

from pathlib import Path

import pytest

from ctc.errors import InputError
from tools.gpu_acceptance import __main__ as command
from tools.gpu_acceptance.environment import set_up
from tools.gpu_acceptance.findings import Outcome
from tools.gpu_acceptance.results import file_stem, free_path, require_writable


def test_names_of_files_are_plain() -> None:
    stem = file_stem("2026-01-02", "NVIDIA H100 80GB HBM3", "0123456789abcdef")
    assert stem == "2026-01-02_nvidia-h100-80gb-hbm3_0123456789"
    assert file_stem("2026-01-02", "", "") == "2026-01-02_unknown_nocommit"


@pytest.mark.parametrize("commit", ["a/b", "../b", "a/../b", "/"])
def test_a_commit_makes_no_folders(commit: str) -> None:
    assert "/" not in file_stem("2026-01-02", "cpu-only", commit)


def test_a_dirty_tree_is_named_as_such() -> None:
    stem = file_stem("2026-01-02", "cpu-only", "0123456789abcdef-dirty")
    assert stem == "2026-01-02_cpu-only_0123456789-dirty"


def test_a_changed_checkout_is_named_in_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "program_commit", lambda _: f"{'a1' * 20}-dirty")
    monkeypatch.setattr(command, "set_up", lambda *_: (None, Outcome("build", "failed")))
    command.main(["--output", str(tmp_path)])
    (path,) = tmp_path.glob("*.json")
    assert path.name.endswith("_cpu-only_a1a1a1a1a1-dirty.json")


def test_earlier_results_are_kept(tmp_path: Path) -> None:
    assert free_path(tmp_path, "a").name == "a.json"
    (tmp_path / "a.json").touch()
    assert free_path(tmp_path, "a").name == "a-2.json"
    (tmp_path / "a-2.md").touch()
    assert free_path(tmp_path, "a").name == "a-3.json"


def test_a_folder_is_made_and_tried(tmp_path: Path) -> None:
    require_writable(tmp_path / "new" / "results")
    assert list((tmp_path / "new" / "results").iterdir()) == []
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(InputError, match="--output must be a folder that can be written"):
            require_writable(folder)


@pytest.mark.parametrize("minutes", ["nan", "0", "-1", "inf"])
def test_minutes_that_are_no_time_are_refused(
    minutes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"--minutes={minutes}", "--output", str(tmp_path / "results")]
    assert command.main(words) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"--minutes must be > 0 and finite, got {minutes}.")
    assert told.out == ""
    assert not (tmp_path / "results").exists()


def test_an_unusable_folder_is_found_before_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "set_up", pytest.fail)
    (tmp_path / "file").touch()
    assert command.main(["--output", str(tmp_path / "file")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_failed_build_leaves_a_result_beside_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = Outcome("build", "failed", "no compiler")
    monkeypatch.setattr(command, "set_up", lambda *_: (None, build))
    words = ["--output", str(tmp_path), "--commit", "a/b"]
    assert [command.main(words), command.main(words)] == [1, 1]
    names = sorted(path.name[10:] for path in tmp_path.iterdir())
    assert names == [f"_cpu-only_a-b{end}" for end in ("-2.json", "-2.md", ".json", ".md")]
    told = capsys.readouterr()
    assert "build: failed" in told.err
    assert "build: failed" not in told.out


def test_results_tell_no_path_of_a_library_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTC_HOST_LIBRARY", "/somewhere/libctc_host.so")
    _, outcome = set_up(tmp_path, tmp_path)
    assert not [finding for finding in outcome.findings if "somewhere" in str(finding)]
