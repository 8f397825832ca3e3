"""Provenance: what is known of the program, and nothing of the machine's name."""

from __future__ import annotations

import dataclasses
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from ctc.record.provenance import collect_provenance, program_commit
from ctc.resources import program_version


def test_fields_are_filled_and_name_no_machine() -> None:
    found = collect_provenance(device="cpu", kernel_hash="k", network_hash="n", seed=7)
    values = dataclasses.asdict(found)
    assert values["version"] == program_version()
    assert (values["device"], values["seed"]) == ("cpu", 7)
    node = platform.node()
    assert not node or all(node != str(value) for value in values.values())


def test_version_is_that_of_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "ctc"\nversion = "9.8.7"\n')
    assert program_version(tmp_path) == "9.8.7"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_commit_says_whether_files_were_changed(tmp_path: Path) -> None:
    assert program_commit(tmp_path) is None
    project = tmp_path / "pyproject.toml"
    project.write_text("[project]\n")

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("add", "pyproject.toml")
    git("commit", "--quiet", "--message", "one")
    head = git("rev-parse", "HEAD")
    assert program_commit(tmp_path) == head
    project.write_text("[project]\nname = 'x'\n")
    assert program_commit(tmp_path) == f"{head}-dirty"
