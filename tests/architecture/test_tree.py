"""The tree: sizes, names, and pages that name every file."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.sources import KERNELS, PACKAGE, ROOT, kernel_sources, modules, name_of

MOST_LINES = 400
NAMELESS = {"utils", "helpers", "common", "misc", "manager", "util", "tools"}
TOP = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "NOTICE",
    "CHANGELOG.md",
    "CITATION.cff",
    "ctc",
    "kernels",
    "scenarios",
    "tests",
    "tools",
}


def section(text: str, heading: str) -> str:
    """Return a Markdown section from its heading to the next of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found, f"no section '{heading}'"
    return found.group(1)


def test_nothing_else_lies_at_the_top() -> None:
    is_source = {".py", ".h", ".cpp", ".cu", ".toml", ".md", ".cff", ".sh", ".cfg", ".txt", ".yaml"}
    strays = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".") and path.suffix in is_source and path.name not in TOP
    }
    assert not strays
    assert {name for name in TOP if not (ROOT / name).exists()} == set()


def test_files_are_short_and_bear_names() -> None:
    files = modules() + kernel_sources()
    n_lines = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert {name: n for name, n in n_lines.items() if n > MOST_LINES} == {}, "split it by idea"
    assert [name_of(path) for path in files if path.stem in NAMELESS] == []


def test_the_page_of_the_package_names_every_module() -> None:
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    lacking = []
    for path in modules():
        if path.name == "__init__.py":
            continue
        parts = path.relative_to(PACKAGE).parts
        heading = f"### `{parts[0]}/`" if len(parts) > 1 else "### At the top"
        if f"`{path.name}`" not in section(page, heading):
            lacking.append(name_of(path))
    assert lacking == [], "ctc/README.md has no line for these"


def test_the_page_of_the_kernels_names_every_file() -> None:
    page = (KERNELS / "README.md").read_text(encoding="utf-8")
    names = [str(path.relative_to(KERNELS)) for path in kernel_sources()]
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("folder", ["tools", "tests", "scenarios"])
def test_pages_name_what_lies_in_their_folder(folder: str) -> None:
    page = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    names = [
        f"{path.name}/" if path.is_dir() else path.name
        for path in sorted((ROOT / folder).iterdir())
        if not path.name.startswith(("_", ".")) and path.name != "README.md"
    ]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_promise_names_tests_and_commands_that_there_are() -> None:
    page = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \| (.*?) \|(.*)\|$", section(page, "## What is promised"), re.M)
    promises = rows[2:]  # behind the head and its line
    assert len(promises) > 25
    named = [name for _, tests, _ in promises for name in re.findall(r"`([^`]+)`", tests)]
    assert all("`" in tests for _, tests, _ in promises)
    beside = {".ci/run": ROOT / ".ci" / "run"}
    assert [n for n in named if not beside.get(n, ROOT / "tests" / n).exists()] == []
    tools = {name for _, _, long in promises for name in re.findall(r"`tools\.(\w+)", long)}
    assert [n for n in tools if not list((ROOT / "tools").glob(f"{n}*"))] == []


def test_the_page_of_the_package_names_every_environment_variable() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in modules())
    page = section((PACKAGE / "README.md").read_text(encoding="utf-8"), "### Environment")
    assert {n for n in re.findall(r'"(CTC_[A-Z_]+)"', text) if f"`{n}`" not in page} == set()


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(project['version'])}$", citation, re.MULTILINE)


def test_nothing_written_down_names_a_machine() -> None:
    """No absolute path of a home or work folder, in code or prose."""
    pattern = re.compile(r"(?<![\w.])/(home|root|work|tmp|Users)/\w")
    folders = [PACKAGE, KERNELS, ROOT / "scenarios", ROOT / "tools"]
    files = [p for folder in folders for p in folder.rglob("*") if p.suffix in _TEXT]
    files += [p for p in ROOT.iterdir() if p.suffix in _TEXT]
    assert not [name_of(p) for p in files if pattern.search(p.read_text(encoding="utf-8"))]


_TEXT = {".py", ".h", ".cpp", ".toml", ".md", ".csv", ".cff", ".txt"}
