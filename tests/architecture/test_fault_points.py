"""Every fault point is passed and on the page, and one function gives files their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ctc.fault_points import ACTIONS, PLACED, POINTS, STAGES
from tests.architecture.sources import PACKAGE, modules, name_of

# Files that change their names and are in nobody's place by that, with how often.
RENAMED_ELSEWHERE = {
    "ctc/durable.py": 1,
    "ctc/record/checkpoint.py": 1,  # the last checkpoint becomes the one before it
    "ctc/record/new_file.py": 3,  # the old folder moves aside, and back where the new one failed
    "ctc/export/vtkhdf.py": 2,  # out of a temporary folder, to a temporary name
}


@cache
def calls() -> tuple[tuple[Path, ast.Call], ...]:
    """Return every call of the package with its file."""
    return tuple(
        (path, node)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )


def called(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path, call in calls():
        if isinstance(call.func, ast.Name) and call.func.id == name:
            yield path, call


def text_of(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), ast.unparse(node)
    assert isinstance(node.value, str)
    return node.value


def test_every_point_is_passed_somewhere() -> None:
    durable = PACKAGE / "durable.py"
    passed = {text_of(call.args[0]) for path, call in called("pass_point") if path != durable}
    stages = [ast.unparse(call.args[0]) for path, call in called("pass_point") if path == durable]
    assert stages == [f"f'{{what}}.{stage}'" for stage in STAGES]
    placed = {text_of(call.keywords[0].value) for _, call in called("put_in_place")}
    assert placed == set(PLACED)
    assert passed | {f"{what}.{stage}" for what in placed for stage in STAGES} == set(POINTS)


def test_the_page_names_every_point_and_action() -> None:
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    section = page.partition("### Fault points")[2].partition("\n## ")[0]
    placed = {f"{what}.{stage}" for what in PLACED for stage in STAGES}
    rows = [f"| `{name}` | {words} |" for name, words in POINTS.items() if name not in placed]
    rows += [f"| `{what}.` | {words} |" for what, words in PLACED.items()]
    rows += [f"| `.{stage}` | {words} |" for stage, words in STAGES.items()]
    assert [row for row in rows if row not in section] == []
    assert [action for action in ACTIONS if f"`{action}`" not in section] == []


def test_one_function_gives_files_their_names() -> None:
    """What it promises of the disk holds for all of them then: see `tests/unit/test_durable.py`."""
    found: dict[str, int] = {}
    for path, call in calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        owner, name = ast.unparse(call.func.value), call.func.attr
        is_of_system = owner == "os" and name in {"replace", "rename", "renames", "link"}
        # Of paths: one argument, where texts take two and dataclasses keywords.
        is_of_path = name in {"rename", "replace"} and len(call.args) == 1 and not call.keywords
        is_of_shell = owner == "shutil" and name in {"move", "copy", "copy2", "copyfile"}
        if is_of_system or (is_of_path and owner not in {"text", "dataclasses"}) or is_of_shell:
            found[name_of(path)] = found.get(name_of(path), 0) + 1
    assert found == RENAMED_ELSEWHERE


def test_only_stamps_know_what_time_it_is() -> None:
    """Clocks of the wall jump; all that waits or measures asks one that does not."""
    found = {
        name_of(path)
        for path, call in calls()
        if ast.unparse(call.func)
        in {"time.time", "time.time_ns", "datetime.now", "datetime.datetime.now", "datetime.utcnow"}
    }
    assert found == {"ctc/record/provenance.py"}
