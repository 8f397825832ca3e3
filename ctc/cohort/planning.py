"""From a sweep file to a `Plan`: arms laid out, patients drawn, every key and value checked."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.cohort.correlation import copula_factor, go_together
from ctc.cohort.deviates import patient_deviates, sobol_deviates, stratified_deviates
from ctc.cohort.distributions import Law, resolve_law
from ctc.cohort.plan import Arm, Plan, Varied
from ctc.errors import InputError
from ctc.input_files import shown
from ctc.scenario.overrides import flatten, parse_override
from ctc.scenario.sweep_load import SweepText, load_sweep_file, unit_of
from ctc.scenario.sweep_tables import ArmTable, SweepFile, Values, Vary

# What all patients of a sweep share, or what the sweep gives itself.
_FIXED = {
    "run.seed": "it is sweep.seed",
    "patient.number": "it is the number of the patient",
    "scenario": "it changes no result",
    "record": "a sweep stores no run files",
    "run": "all patients of an arm are followed for the same time; change it in an [[arm]]",
    "body": "all patients of an arm have the same vessels; change it in an [[arm]]",
}
MOST_PATIENTS = 2**23
_ALL = "all"


def make_plan(path: Path, *, overrides: Sequence[str] = (), n_patients: int | None = None) -> Plan:
    """Read a sweep, draw its patients and check all that varies.

    Parameters
    ----------
    path : Path
        SWEEP.toml.
    overrides : sequence of str
        ``key=value`` texts as after ``--set``, of the scenario of every arm.
    n_patients : int, optional
        Instead of ``sweep.patients``.

    Raises
    ------
    InputError
        At the first fault; names the entry of the sweep file.
    MissingDeviceError
        If a package is missing that the design needs.
    """
    sweep = load_sweep_file(path)
    try:
        return _plan(sweep, tuple(overrides), n_patients)
    except InputError as error:
        raise error.at(file=str(path)) from None


def _plan(sweep: SweepText, overrides: tuple[str, ...], asked: int | None) -> Plan:
    content = sweep.content
    arms = _arms(sweep, overrides)
    _check_keys(content, arms, overrides)
    varied, n_patients = _draw(content, asked)
    plan = Plan(sweep, arms, varied, n_patients)
    for number, arm in enumerate(arms):
        _check_arm(sweep, arm, number)
        for index, each in enumerate(varied):
            _check_range(arm, each, index=index)
    return plan


def _arms(sweep: SweepText, overrides: tuple[str, ...]) -> tuple[Arm, ...]:
    content = sweep.content
    tables = content.arm or (ArmTable(name=_ALL),)
    names = [table.name for table in tables]
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"name must be the arm's own, got '{name}' again. Name it otherwise."
            raise InputError(message, key=f"arm.{index}.name")
    base = sweep.draft(content.sweep.scenario, key="sweep.scenario")
    arms = []
    for index, table in enumerate(tables):
        place = f"arm.{index}"
        draft = sweep.draft(table.scenario, key=f"{place}.scenario") if table.scenario else base
        changes = tuple(_change(key, value, place) for key, value in flatten(table.set).items())
        arms.append(Arm(table.name, draft, (*overrides, *changes), table.remove))
    return tuple(arms)


def _change(key: str, value: Any, place: str) -> str:
    for fixed in ("run.seed", "patient.number"):
        if key == fixed:
            message = f"key must be one that an arm may change, got '{key}': {_FIXED[fixed]}."
            raise InputError(message + " Drop it.", key=f"{place}.set")
    if isinstance(value, date | time):
        message = f"value must be text, a number or a list, got {shown(value)}. Write text."
        raise InputError(message, key=f"{place}.set.{key}")
    return f"{key}={json.dumps(value)}"


def _check_keys(content: SweepFile, arms: tuple[Arm, ...], overrides: tuple[str, ...]) -> None:
    """Raise InputError where a key may not vary, or is given a value elsewhere too."""
    keys: list[str] = []
    given = {_plain(text.partition("=")[0]): "--set" for text in overrides}
    for arm in arms:
        for text in arm.overrides[len(overrides) :]:
            given[_plain(text.partition("=")[0])] = f"arm '{arm.name}'"
    for index, vary in enumerate(content.vary):
        place = f"vary.{index}.key"
        plain = _plain(vary.key)
        for fixed, why in _FIXED.items():
            if plain == fixed or plain.startswith(f"{fixed}."):
                message = f"key must be one in which patients may differ, got '{vary.key}': {why}."
                raise InputError(message, key=place)
        if plain in keys:
            message = f"key must vary once, got '{vary.key}' again. Drop one of the entries."
            raise InputError(message, key=place)
        if plain in given:
            message = (
                f"key must be given by [[vary]] alone, got it by {given[plain]} too. "
                f"Drop '{vary.key}' there or here."
            )
            raise InputError(message, key=place)
        keys.append(plain)


def _plain(key: str) -> str:
    """Return a key without the numbers of entries that may be left out."""
    parts = [part.strip().strip("\"'") for part in key.split(".")]
    return ".".join(part for part in parts if part != "0")


def _draw(content: SweepFile, asked: int | None) -> tuple[tuple[Varied, ...], int]:
    """Return what varies with the values of every patient, and how many patients there are."""
    settings = content.sweep
    design = settings.design
    laws = []
    for index, vary in enumerate(content.vary):
        try:
            parse_override(f"{vary.key}=1")
            laws.append(resolve_law(vary))
        except InputError as error:
            key = f"vary.{index}" + (f".{error.key}" if error.key else "")
            message = f"{error.message} ({vary.key})"
            raise InputError(message, key=key) from None
        _check_design(vary, design, index=index)
    listed = [i for i, vary in enumerate(content.vary) if isinstance(vary, Values)]
    random = [i for i in range(len(laws)) if i not in listed]
    if design == "grid" and not listed:
        message = "a grid must have a [[vary]] with distribution = 'values', got none. Add one, "
        raise InputError(message + "or take design = 'cohort'.", key="sweep.design")
    keys = tuple(content.vary[i].key for i in random)
    if content.correlation and design not in ("cohort", "grid"):
        message = f"keys must be independent for design = '{design}', got a correlation. "
        raise InputError(message + "Drop it, or take 'cohort'.", key="correlation.0")
    factor = copula_factor(content.correlation, keys)
    points = _points([content.vary[i] for i in listed])
    n_asked = asked if asked is not None else settings.patients
    if n_asked is None and design != "grid":
        message = "key must be given, got none. Write it like patients = 100."
        raise InputError(message, key="sweep.patients")
    n_each = n_asked or 1
    if design == "sobol":
        if len(keys) < 2:
            message = f"at least two keys must vary for design = 'sobol', got {len(keys)}."
            raise InputError(message + " Add a [[vary]].", key="vary")
        _check_number(n_each * (len(keys) + 2))
        deviates = sobol_deviates(settings.seed, keys, base=n_each)
    else:
        one = stratified_deviates if design == "latin_hypercube" else patient_deviates
        n_patients = n_each * len(points)
        _check_number(n_patients)
        columns = [one(settings.seed, key, count=n_patients) for key in keys]
        deviates = np.stack(columns, axis=1) if columns else np.zeros((n_patients, 0))
    if factor is not None:
        deviates = go_together(deviates, factor)
    n_patients = deviates.shape[0]
    found: dict[int, FloatArray] = {
        i: laws[i].quantile(deviates[:, column]) for column, i in enumerate(random)
    }
    for column, i in enumerate(listed):
        # Codes of a list: middles of equal parts.
        codes = np.repeat(np.array([point[column] for point in points]), n_each)
        length = len(content.vary[i].values)  # type: ignore[union-attr]
        found[i] = laws[i].quantile((codes + 0.5) / length)
    varied = tuple(_varied(vary, laws[i], found[i]) for i, vary in enumerate(content.vary))
    return varied, n_patients


def _check_number(n_patients: int) -> None:
    if n_patients > MOST_PATIENTS:
        message = f"patients must be at most {MOST_PATIENTS:,}, got {n_patients:,}. Ask for fewer."
        raise InputError(message, key="sweep.patients")


def _check_design(vary: Vary, design: str, *, index: int) -> None:
    if isinstance(vary, Values) and design != "grid":
        message = f"distribution must be one to draw from for design = '{design}', got 'values'. "
        message += "Take 'choice', or design = 'grid'."
        raise InputError(message, key=f"vary.{index}.distribution")
    is_drawn = not isinstance(vary, Values)
    if is_drawn and design in ("cohort", "grid"):
        for name in ("basis", "source"):
            if not getattr(vary, name):
                message = (
                    f"{name} must be given for every distribution that patients are drawn from, "
                    f"got none for '{vary.key}'. Say where it is from, or why it is assumed."
                )
                raise InputError(message, key=f"vary.{index}.{name}")


def _points(listed: Sequence[Vary]) -> list[tuple[int, ...]]:
    """Return all combinations of codes, the last key the fastest; one empty point of no keys."""
    lengths = [range(len(vary.values)) for vary in listed]  # type: ignore[union-attr]
    _check_number(math.prod(len(length) for length in lengths))
    return list(itertools.product(*lengths))


def _varied(vary: Vary, law: Law, values: FloatArray) -> Varied:
    # 15 digits, as every value of a scenario file has: what is written is what is read.
    rounded = np.array([float(f"{value:.15g}") for value in values.tolist()])
    return Varied(
        vary.key,
        law.unit,
        rounded,
        law.description,
        basis=vary.basis or "",
        source=vary.source,
        labels=law.labels,
        shown_unit=_unit(vary) or law.unit,
    )


def _unit(vary: Vary) -> str:
    """Return the unit in which an entry gives its first number."""
    for name in ("median", "mean", "low"):
        if hasattr(vary, name):
            return unit_of(getattr(vary, name))
    return unit_of(vary.values[0])  # type: ignore[union-attr]


def _check_arm(sweep: SweepText, arm: Arm, number: int) -> None:
    """Raise InputError unless the scenario of an arm is right before anything varies."""
    try:
        arm.draft.scenario(arm.overrides, removed=arm.removed)
    except InputError as error:
        is_own = error.file == "--set" or error.key in arm.removed
        place = f"arm.{number}" if sweep.content.arm and is_own else "sweep.scenario"
        raise InputError(str(error), file=str(sweep.path), key=place) from None


def _check_range(arm: Arm, varied: Varied, *, index: int) -> None:
    """Raise InputError unless the smallest and the largest value of a key are right by themselves.

    Every key of a scenario has an interval, so what lies between them is right too.
    """
    for patient in varied.extremes:
        override = varied.override(patient)
        try:
            arm.draft.scenario((*arm.overrides, override), removed=arm.removed)
        except InputError as error:
            where = f"of patient {patient} ({varied.description})"
            message = f"{varied.key} = {varied.text(float(varied.values[patient]))} {where} must "
            message += f"be a value that a scenario takes, got: {error.message} "
            hint = "" if varied.labels else "Truncate the distribution (at_least, at_most)."
            raise InputError(message + hint, key=f"vary.{index}") from None
