"""Commands called as a user calls them, in a folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ctc.cli.main import main
from tests.commands.asking import TINY, Answer

Ask = Callable[..., Answer]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], in_folder: Path) -> Ask:
    """Call a command in this process; the working folder is the test's own."""
    assert in_folder.is_dir()

    def call(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a finished run, ``tiny.vtkhdf``, and a grown network, ``body.h5``."""
    folder = tmp_path_factory.mktemp("made")
    assert main(["run", "quick", *TINY, "-o", str(folder / "tiny.vtkhdf")]) == 0
    grow = ["vessels", "grow", "--terminals", "2000", "-o", str(folder / "body.h5")]
    assert main(grow) == 0
    return folder


@pytest.fixture
def tiny_run(made_once: Path, in_folder: Path) -> Path:
    """Return a copy of a finished run with the files beside it."""
    for path in made_once.glob("tiny.*"):
        shutil.copy2(path, in_folder)
    return in_folder / "tiny.vtkhdf"


@pytest.fixture
def body_file(made_once: Path, in_folder: Path) -> Path:
    """Return a copy of a grown network."""
    return Path(shutil.copy2(made_once / "body.h5", in_folder))
