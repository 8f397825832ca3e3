"""The page of what programs may rely on, ``ctc/API.md``: names, signatures, options, JSON keys."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click

import ctc
from ctc.cli.main import cli
from ctc.cohort.table import SweepTable
from ctc.deprecations import PUBLIC_NAMES, SCENARIO_KEYS
from ctc.preparation import Prepared
from ctc.record.reader import Frame, Run
from ctc.scenario.scenario import Scenario
from ctc.summary import CheckReport, Progress, RunSummary, SweepPlan, SweepSummary

_ANNOTATION = re.compile(r"(: |-> )'([^']*)'")
_HERE = Path(__file__).resolve().parent
KEPT = _HERE.parents[1] / "tests" / "regression" / "formats"
# What public functions give and take.
CLASSES: tuple[type, ...] = (
    *(Run, Frame, Scenario, Prepared, CheckReport, RunSummary, Progress),
    *(SweepPlan, SweepSummary, SweepTable),
)
# Keys of tables that are names of this or that run, below these keys.
_BY_NAME = {"organs", "first_pass", "blood", "own", "common", "by_default", "overridden"}


def api_page() -> str:
    """Return the page."""
    parts = [(_HERE / "api_page.md").read_text(encoding="utf-8")]
    parts.append("## Python\n\n```python\n" + "\n".join(_functions()) + "\n```\n")
    parts += [_class_text(each) for each in CLASSES]
    parts.append("## Commands\n\n" + "\n".join(_commands()))
    parts.append("## JSON\n\n" + _json_text())
    parts.append("## Deprecated\n\n" + _deprecated())
    return "\n".join(parts)


def _functions() -> Iterator[str]:
    for name in ctc.__all__:
        yield f"ctc.{name}{_signature(getattr(ctc, name))}"


def _signature(thing: Any) -> str:
    """Return a signature with annotations as they are written in the source."""
    return _ANNOTATION.sub(r"\1\2", str(inspect.signature(thing)))


def _class_text(kind: type) -> str:
    lines = [f"### `{kind.__name__}`\n", "```python"]
    if is_dataclass(kind):
        lines += [f"{field.name}: {field.type}" for field in fields(kind)]
    for name, member in inspect.getmembers(kind):
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            assert member.fget is not None
            found = inspect.signature(member.fget).return_annotation
            lines.append(f"{name}: {str(found).strip(chr(39))}")
        elif inspect.isroutine(member):
            lines.append(f"{name}{_signature(member)}")
    return "\n".join([*lines, "```", ""])


def _commands() -> Iterator[str]:
    yield "| command | arguments and options |"
    yield "|---|---|"
    yield from _commands_below(cli, "ctc")
    yield ""


def _commands_below(group: click.Group, name: str) -> Iterator[str]:
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands_below(command, f"{name} {word}")
            continue
        options = [
            f"`{'/'.join((*each.opts, *each.secondary_opts))}`"
            if isinstance(each, click.Option)
            else str(each.make_metavar(click.Context(command)))
            for each in command.params
        ]
        yield f"| `{name} {word}` | {', '.join(options)} |"


def newest_figures() -> dict[str, Any]:
    """Return what ``ctc inspect --json`` says of the kept run of the newest format."""
    newest = sorted(path.parent for path in KEPT.glob("*/inspect.json"))[-1]
    text = (newest / "inspect.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def json_keys(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the keys of a value of JSON, with their kinds; ``*`` for names, ``[]`` for entries."""
    if isinstance(value, dict):
        own = place.rpartition(".")[2]
        entries = list(value.items())
        if own in _BY_NAME and entries:
            entries = [("*", value_of) for _, value_of in entries[:1]]
        elif own in _BY_NAME:
            yield place, "by name"
        for key, below in entries:
            yield from json_keys(below, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        if not value:
            yield f"{place}[]", "entries"
        for below in value[:1]:
            yield from json_keys(below, f"{place}[]")
    else:
        yield place, _kind(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "null or a value"


def _json_text() -> str:
    lines = ["### `ctc inspect --json`\n", "| key | kind |", "|---|---|"]
    lines += [f"| `{place}` | {kind} |" for place, kind in json_keys(newest_figures())]
    for command, kind in (
        ("ctc check --json", CheckReport),
        ("ctc sweep --dry-run --json", SweepPlan),
    ):
        lines += [f"\n### `{command}`\n", "| key | kind |", "|---|---|"]
        lines += [f"| `{field.name}` | {_escaped(str(field.type))} |" for field in fields(kind)]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _deprecated() -> str:
    rows = [*SCENARIO_KEYS, *PUBLIC_NAMES]
    if not rows:
        return "Nothing.\n"
    lines = ["| name | instead | since | goes in |", "|---|---|---|---|"]
    lines += [f"| `{r.name}` | `{r.replacement}` | {r.since} | {r.removed_in} |" for r in rows]
    return "\n".join(lines) + "\n"
