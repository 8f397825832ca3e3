"""Scenario file -> Scenario: the only reader of scenario files and their units."""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ctc.deprecations import settle_keys
from ctc.errors import InputError, near_file, near_name
from ctc.input_files import is_file, is_folder, read_toml, shown
from ctc.resources import resource_folder
from ctc.scenario.biology import resolve_biology
from ctc.scenario.bodies import check_organs
from ctc.scenario.clinic_course import named_key
from ctc.scenario.consistency import check_settings
from ctc.scenario.overrides import (
    Tree,
    apply_override,
    merge,
    parse_override,
    place_of,
    remove_entries,
)
from ctc.scenario.problems import explain
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import Settings
from ctc.scenario.sets import gather_parameters
from ctc.scenario.sources import resolve_sources
from ctc.scenario.tumours import resolve_lesions

# Keys whose values are paths, taken relative to the file that they are written in.
_PATH_KEYS = (("body", "folder"), ("body", "path"))
# A table of paths by name.
_PATH_TABLE = ("body", "surfaces")


def load_scenario(path: str | Path, *, overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario, check all of it, and resolve the parameters that it uses.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the name of a shipped scenario such as ``quick``.
    overrides : sequence of str
        ``key=value`` texts as after ``--set``; paths in them are relative to the working folder.

    Returns
    -------
    Scenario
        Checked, in SI.

    Raises
    ------
    InputError
        At the first fault; names file, key, value, rule and remedy.
    """
    file = _find(Path(path))
    for text in overrides:
        parse_override(text)
    return _draft(file).scenario(overrides)


@dataclass(frozen=True)
class Draft:
    """A scenario file as it was read, from which many scenarios can be made.

    Attributes
    ----------
    file : Path
        The file.
    text, base_text : str
        Its text, and that of the file that it extends.
    tree : dict
        Both as one tree of tables, unchecked.
    """

    file: Path
    text: str
    base_text: str
    tree: Tree

    def scenario(self, overrides: Sequence[str] = (), *, removed: Sequence[str] = ()) -> Scenario:
        """Return the scenario with some keys changed, checked as `load_scenario` does.

        Parameters
        ----------
        overrides : sequence of str
            ``key=value`` texts as after ``--set``, in order.
        removed : sequence of str
            Dotted keys of entries to be left out, by their numbers in the file.
        """
        tree = copy.deepcopy(self.tree)
        for text in overrides:
            _override(tree, text)
        remove_entries(tree, removed)
        settle_keys(tree, self.file)
        try:
            return _resolve(
                tree, self.file, self.text, base_text=self.base_text, overrides=tuple(overrides)
            )
        except InputError as error:
            raise error.at(file=place_of(error.key, overrides, self.file)) from None


def read_draft(path: str | Path) -> Draft:
    """Read a scenario without checking it; ``path`` and what is raised as `load_scenario`."""
    return _draft(_find(Path(path)))


def _draft(file: Path) -> Draft:
    text, tree = _read(file)
    base_text = ""
    base = _base_file(tree, file)
    if base is not None:
        base_text, base_tree = _read(base)
        if _base_file(base_tree, base) is not None:
            message = f"a scenario must inherit at most once, got '{base.name}', which extends too."
            raise InputError(message, file=str(file), key="scenario.extends")
        tree = merge(base_tree, tree)
    return Draft(file, text, base_text, tree)


def _override(tree: Tree, text: str) -> None:
    parts, value = parse_override(text)
    if parts == ["scenario", "extends"]:
        message = "key must stand in the scenario file, got it by --set. Write it there."
        raise InputError(message, file="--set", key="scenario.extends")
    is_path = tuple(parts) in _PATH_KEYS or tuple(parts[:-1]) == _PATH_TABLE
    if is_path and isinstance(value, str) and value:
        value = str(_path(value).absolute())
    apply_override(tree, parts, value)


def _resolve(
    tree: Tree, file: Path, text: str, *, base_text: str, overrides: tuple[str, ...]
) -> Scenario:
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        fault = explain(error)
        raise InputError(fault.message, key=named_key(fault.key or "", tree)) from None
    check_settings(settings)
    parameters = gather_parameters(settings, file.parent)
    scenario = Scenario(
        settings, parameters, text=text, path=file, base_text=base_text, overrides=overrides
    )
    check_organs(scenario)
    try:
        resolve_biology(scenario)
        resolve_sources(scenario)
        resolve_lesions(scenario)
    except InputError as error:
        raise parameters.located(error) from None
    return scenario


def shipped_scenarios() -> dict[str, Path]:
    """Return the shipped scenarios by the names that find them: ``quick``, ``cancers/breast``."""
    root = resource_folder("scenarios")
    folders = (root, root / "cancers", root / "clinic")
    files = [path for folder in folders for path in sorted(folder.glob("*.toml"))]
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in files}


def _find(path: Path) -> Path:
    if is_file(path):
        return path
    shipped = shipped_scenarios()
    if path.as_posix() in shipped:
        return shipped[path.as_posix()]
    if os.path.lexists(path) and not is_folder(path):
        return path  # whatever it is, reading says what is wrong with it
    if is_folder(path):
        message = f"scenario must be a TOML file, got the folder '{path}'."
        raise InputError(message)
    beside = [str(p) for p in sorted(path.parent.glob("*.toml"))] if is_folder(path.parent) else []
    message = f"scenario must be a file, got '{path}', which does not exist. "
    raise InputError(message + near_file(path, [*beside, *shipped]))


def _read(file: Path) -> tuple[str, Tree]:
    """Return the text of a scenario file and its tables, with paths taken from its folder."""
    text, tree = read_toml(file)
    for table, key in _PATH_KEYS:
        section = tree.get(table)
        if isinstance(section, dict) and isinstance(section.get(key), str) and section[key]:
            section[key] = _path_from(file, section[key], key=f"{table}.{key}")
    outer, inner = _PATH_TABLE
    section = tree.get(outer)
    paths = section.get(inner) if isinstance(section, dict) else None
    if isinstance(paths, dict):
        for name, value in paths.items():
            if isinstance(value, str) and value:
                paths[name] = _path_from(file, value, key=f"{outer}.{inner}.{name}")
    return text, tree


def _path_from(file: Path, value: str, *, key: str) -> str:
    """Return a path that a file names, from the file's folder; ``~`` is that of the user."""
    try:
        return str((file.parent / _path(value)).absolute())
    except InputError as error:
        raise error.at(file=str(file), key=key) from None


def _path(value: str) -> Path:
    if "\0" in value:
        message = f"path must hold no zero byte, got {shown(value)}. Correct it."
        raise InputError(message)
    # A user that is not known stays as it is written: there will be no such file.
    with contextlib.suppress(RuntimeError):
        return Path(value).expanduser()
    return Path(value)


def _base_file(tree: Tree, file: Path) -> Path | None:
    about = tree.get("scenario")
    name = about.get("extends") if isinstance(about, dict) else None
    if not isinstance(name, str) or not name:
        return None
    base = file.parent / name
    if not is_file(base):
        known = [p.name for p in sorted(file.parent.glob("*.toml"))]
        message = f"value must be a scenario file, got {shown(name)}. {near_name(name, known)}"
        raise InputError(message, file=str(file), key="scenario.extends")
    return base
