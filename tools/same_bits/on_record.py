"""Digests on record in ``tests/regression/digests.toml``, and why another one may have come out."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ctc.backends.source import kernel_hash
from tools.same_bits.following import AnyCase, Digests

FILE = Path(__file__).resolve().parents[2] / "tests" / "regression" / "digests.toml"
_HEAD = """\
# What the short form of every shipped scenario and sweep comes to (tools/short_forms.py), on every
# way and machine. Written by pytest tests/regression --update, of the long sweeps too by
# python -m tools.same_bits --update. A digest that changes goes into a change of its own, with the
# reason; network, tables and kernels are those that it was made with, and tell what changed.
"""
_REMEDY = (
    "If that was meant, write the new digests (python -m tools.same_bits --update) in a change of "
    "their own that says so."
)


@dataclass(frozen=True)
class Entry:
    """A digest on record and what it was made with.

    Attributes
    ----------
    digest : str
        Of cells, events, lesions and sums; of the rows of patients.
    record_digest : str
        Of stored frames; empty where none are stored.
    network : str
        SHA-256 of the vessels with their flow.
    tables : str
        Of all else that the kernels read, the seed and the times included.
    kernels : str
        Of the kernel text.
    n_shed, hops : int
        Cells shed and segments entered; for people.
    """

    digest: str
    record_digest: str
    network: str
    tables: str
    kernels: str
    n_shed: int
    hops: int


def entry_of(case: AnyCase, found: Digests) -> Entry:
    """Return what is put on record of a case."""
    return Entry(
        found.state,
        found.record or "",
        found.network,
        case.identity,
        kernel_hash(),
        found.n_shed,
        found.hops,
    )


def read_entries(file: Path = FILE) -> dict[str, Entry]:
    """Return all that is on record, by name."""
    if not file.is_file():
        return {}
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: Entry(**table) for name, table in tables.items()}


def write_entries(entries: Mapping[str, Entry], file: Path = FILE) -> None:
    """Put entries on record in place of those of the same names."""
    merged = {**read_entries(file), **entries}
    text = _HEAD
    for name in sorted(merged, key=_order):
        lines = [f"{key} = {json.dumps(value)}" for key, value in asdict(merged[name]).items()]
        text += "\n".join(["", f'["{name}"]', *lines, ""])
    fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)  # a reader finds one or the other, whole


def why_other(found: Entry, wanted: Entry) -> str:
    """Return in words what is otherwise than on record and where to look; empty if nothing is.

    Only digests must be those on record; what they were made with tells why they are not. A
    comment in a kernel changes its hash and no digest.
    """
    others = [
        f"{name} is {getattr(found, name)[:16]}, on record {getattr(wanted, name)[:16]}"
        for name in ("digest", "record_digest")
        if getattr(found, name) != getattr(wanted, name)
    ]
    if not others:
        return ""
    changed = {f.name for f in fields(Entry) if getattr(found, f.name) != getattr(wanted, f.name)}
    if found.n_shed != wanted.n_shed:
        others.append(f"{found.n_shed:,} cells shed, on record {wanted.n_shed:,}")
    if found.hops != wanted.hops:
        others.append(f"{found.hops:,} hops, on record {wanted.hops:,}")
    return f"{'; '.join(others)}. {_reason(changed)}"


def _reason(changed: set[str]) -> str:
    has_laws = "kernels" in changed
    if "network" in changed:
        where = "The vessels or their flow are others already: "
        where += (
            "the kernel text has changed since, which grows and solves them. "
            if has_laws
            else "no kernel text has changed, so it is their Python, their parameters, or a fault "
            "of this machine. "
        )
        return where + _REMEDY
    if "tables" in changed:
        where = "The vessels are the same, but not what is laid out for the kernels: a scenario, a "
        where += "parameter or the seed has changed, or the code that makes tables of them. "
        return where + _REMEDY
    if has_laws:
        where = "The kernels read the same, but their text has changed since: a law, or a fault. "
        return where + _REMEDY
    if changed == {"record_digest"}:
        return "What happened is the same; what is stored of it has changed. " + _REMEDY
    return (
        "Vessels, tables and kernel text are those on record: the code of the host around the "
        "kernels has changed, or this machine or its compiler has a fault. No law has changed, so "
        "this is a bug until it is explained."
    )


def _order(name: str) -> tuple[int, str]:
    return name.count("/") + name.startswith("sweeps/"), name
