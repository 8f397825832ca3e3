"""What reads files of others: no pickle, no code out of data, no XML but through one door."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from tests.architecture.sources import modules, name_of

# These run what they read, or can be made to.
BANNED_MODULES = {
    *("pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"),
    *("yaml", "code", "imp", "xmlrpc", "xml.dom", "xml.sax", "xml.etree", "lxml", "pyexpat"),
}
BANNED_CALLS = {"eval", "exec", "compile", "execfile", "input"}
BANNED_METHODS = {("np", "load"), ("numpy", "load"), ("np", "fromfile"), ("os", "system")}
# Escapes text that is written; reads nothing.
WRITES_ONLY = {("ctc/export/vtp.py", "xml.sax.saxutils")}
ONLY_XML = "ctc/formats/plain_xml.py"


@functools.cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _is_banned(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in BANNED_MODULES)


def test_nothing_unpickles_or_parses_xml_by_itself() -> None:
    wrong = []
    for path in modules():
        names = _imports(path)
        allowed = {name for file, name in WRITES_ONLY if file == name_of(path)}
        wrong += [
            f"{name_of(path)}: {name}"
            for name in sorted(names)
            if _is_banned(name) and not any(name.startswith(each) for each in allowed)
        ]
        if any(name.startswith("xml.parsers") for name in names) and name_of(path) != ONLY_XML:
            wrong.append(f"{name_of(path)}: XML is read by {ONLY_XML}")
    assert wrong == []


def test_nothing_runs_what_it_reads() -> None:
    wrong = []
    for path in modules():
        for node in _nodes(path):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id in BANNED_CALLS:
                wrong.append(f"{name_of(path)}:{node.lineno}: {called.id}")
            if tuple(ast.unparse(called).split(".")) in BANNED_METHODS:
                wrong.append(f"{name_of(path)}:{node.lineno}: {ast.unparse(called)}")
            given = {keyword.arg for keyword in node.keywords}
            if "allow_pickle" in given or (
                "shell" in given and ast.unparse(called).startswith("subprocess")
            ):
                wrong.append(f"{name_of(path)}:{node.lineno}: allow_pickle or shell")
    assert wrong == []


def test_files_of_users_are_read_through_one_door() -> None:
    """Scenarios, views and files of other programs: with a limit, and never a device."""
    rooms = ("ctc/scenario/", "ctc/formats/", "ctc/body/surface", "ctc/vessels/tables")
    rooms += ("ctc/proof/", "ctc/rerun/", "ctc/cohort/")
    wrong = []
    for path in modules():
        if not name_of(path).startswith((*rooms, "ctc/viewer/view_")):
            continue
        for node in _nodes(path):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            # A length is read of a text too.
            is_own = ast.unparse(node.func.value).rpartition(".")[2] == "unit"
            if node.func.attr in ("read_bytes", "read_text") and not is_own:
                wrong.append(f"{name_of(path)}:{node.lineno}: {node.func.attr}")
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "tomllib":
                wrong.append(f"{name_of(path)}:{node.lineno}: tomllib")
    assert wrong == []
