"""What is fetched for a machine without a network follows pyproject.toml."""

from pathlib import Path

import pytest

from tools.fetch_wheels import FOLDER, PRESENT, ROOT, main, name_of, package_of, requirements
from tools.gpu_acceptance.environment import NEEDED, WHEELS


def test_all_base_dependencies_are_there_or_fetched() -> None:
    fetched = {name_of(requirement) for requirement in requirements()}
    assert {"pydantic", "pint", "rich", "isal", "pytest", "hypothesis"} <= fetched
    assert set(NEEDED) <= fetched | set(PRESENT)
    assert not fetched & set(PRESENT)


def test_versions_are_those_of_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"{requirement}"' in text for requirement in requirements())


def test_more_can_be_asked_for() -> None:
    also = {name_of(r) for r in requirements(also=["scipy"])}
    assert also - {name_of(r) for r in requirements()} == {"scipy"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("numpy>=1.26", "numpy"), ("Pytest_xdist>=3", "pytest-xdist"), ("a.b-c[x]>=1", "a-b-c")],
)
def test_names(text: str, name: str) -> None:
    assert name_of(text) == name


def test_packages_of_wheels() -> None:
    assert package_of(Path("pytest_xdist-3.8.0-py3-none-any.whl")) == "pytest-xdist"


def test_the_folder_is_ignored_and_the_same_for_both() -> None:
    assert FOLDER == WHEELS
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"/{FOLDER.name}/" in lines


def test_without_a_network_nothing_is_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """pip is told to look nowhere: it fails, and the folder stays as it was."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    folder = tmp_path / "wheels"
    assert main(["--folder", str(folder)]) == 1
    assert list(folder.iterdir()) == []
    assert "could not be fetched" in capfd.readouterr().err
