"""kernels.toml, the C++ signatures, the records and the codes say the same."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import numpy as np
import pytest

from ctc.backends import records
from ctc.backends.kernels import kernels
from ctc.simulation.population import CELL_FIELDS
from ctc.states import CellState, DeathCause, EventKind
from tests.architecture.sources import KERNELS, device_headers, without_comments

TABLE: dict[str, Any] = tomllib.loads((KERNELS / "kernels.toml").read_text(encoding="utf-8"))
ENTRIES = [name for name in TABLE if name != "faults"]
DEVICE_TEXT = "\n".join(p.read_text(encoding="utf-8") for p in device_headers())
HOST_TEXT = (KERNELS / "host" / "library.cpp").read_text(encoding="utf-8")
SIZES = {"f32": 4, "u8": 1, "u16": 2, "u32": 4, "u64": 8, "i32": 4, "i64": 8}
HOST_TYPES = {"float": "f32", "unsigned": "u32"}


def signature(text: str, start: str, name: str) -> list[tuple[str, str, bool, bool]]:
    """Return (type, name, is const, is pointer) of each argument of a function in C++ text."""
    found = re.search(rf"{start}\s+{name}\s*\((.*?)\)\s*\{{", text, re.DOTALL)
    assert found, f"{name} is missing"
    # An argument that is not used has its name in a comment.
    body = re.sub(r"(\bu\d+)\s*/\*(\w+).*?\*/", r"\1 \2", found.group(1), flags=re.DOTALL)
    arguments = []
    for part in without_comments(body).split(","):
        words = part.replace("*", " * ").split()
        is_const, is_pointer = "const" in words, "*" in words
        plain = [w for w in words if w not in {"const", "*"}]
        kind = HOST_TYPES.get(plain[0], plain[0])
        arguments.append((kind, plain[1] if len(plain) > 1 else "", is_const, is_pointer))
    return arguments


def test_the_table_lists_every_entry_point() -> None:
    on_device = set(re.findall(r"__global__\s+void (\w+)", DEVICE_TEXT))
    assert on_device == set(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("side", ["device", "host"])
def test_signatures_are_those_of_the_table(name: str, side: str) -> None:
    if side == "device":
        found = signature(DEVICE_TEXT, r"__global__\s+void", name)
    else:
        found = signature(HOST_TEXT, r"CTC_EXPORT void", name)
        kind, last, _, is_pointer = found.pop()
        assert (kind, is_pointer) == ("u32", False)
        assert last in {"n_threads", ""}
    rows = TABLE[name]["arguments"]
    assert [argument[1] for argument in found] == [row["name"] for row in rows]
    for (kind, _, is_const, is_pointer), row in zip(found, rows, strict=True):
        where = f"{side} {name}: {row['name']}"
        assert is_pointer == ("length" in row), where
        assert kind in {row["dtype"], "void"}, where
        assert not (is_const and row["direction"] != "in"), f"{where} is written, yet const"


@pytest.mark.parametrize("name", ENTRIES)
def test_rows_are_complete(name: str) -> None:
    rows = TABLE[name]["arguments"]
    scalars = {row["name"] for row in rows if "length" not in row}
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert row["direction"] in {"in", "out", "inout"}
        assert row["meaning"].strip()
        assert row["dtype"] in SIZES or row["dtype"] in records.RECORDS
        factors = [factor.strip() for factor in row.get("length", "1").split("*")]
        assert all(factor.isdecimal() or factor in scalars for factor in factors)
    if "count" in scalars:
        assert kernels()[name].arguments[-1].name in {"first_fault", "count"}


def fields_of(name: str) -> tuple[int, list[tuple[str, str, int]]]:
    """Return the alignment of a struct, and type, name and count of its fields."""
    found = re.search(rf"struct alignas\((\d+)\) {name} \{{(.*?)\}};", DEVICE_TEXT, re.DOTALL)
    assert found, f"struct {name} is missing"
    fields = re.findall(r"(\w+) (\w+)(?:\[(\d+)\])?;", without_comments(found.group(2)))
    return int(found.group(1)), [(kind, field, int(n or 1)) for kind, field, n in fields]


@pytest.mark.parametrize("name", sorted(records.RECORDS))
def test_records_have_the_layout_of_the_headers(name: str) -> None:
    alignment, fields = fields_of(name)
    dtype = records.RECORDS[name]
    assert dtype.names == tuple(field for _, field, _ in fields)
    offset = 0
    for kind, field, count in fields:
        offset += -offset % SIZES[kind]
        assert dtype.fields is not None
        of_field, at = dtype.fields[field][:2]
        base = of_field.base
        assert (at, of_field.itemsize) == (offset, SIZES[kind] * count), f"{name}.{field}"
        assert base.kind == kind[0], f"{name}.{field}"
        assert base.str[0] in "<|", f"{name}.{field} must be little-endian"
        offset += SIZES[kind] * count
    assert dtype.itemsize == offset + -offset % alignment


def constant(name: str, text: str = DEVICE_TEXT) -> int:
    found = re.search(rf"constexpr (?:int|u32) {name} = (0x[0-9A-Fa-f]+|\d+)u?;", text)
    assert found, f"{name} is missing"
    return int(found.group(1), 0)


@pytest.mark.parametrize(
    "name",
    [
        "SURVIVAL_BITS",
        "CLOCK_BITS",
        "TICK_BITS",
        "MARGINAL_CLASS",
        "SPECIAL_CLASS",
        "N_ORGAN_TALLIES",
        "N_QUANTILES",
    ],
)
def test_constants_are_equal(name: str) -> None:
    assert getattr(records, name) == constant(name)


def test_a_node_with_a_byway_is_marked_alike() -> None:
    """As a share no deviate reaches, and not that of an only daughter."""
    found = re.search(r"constexpr f32 HAS_BYWAY = ([0-9.]+)f;", DEVICE_TEXT)
    assert found
    assert float(found.group(1)) == records.HAS_BYWAY > 2.0


def test_sums_are_counted_alike() -> None:
    assert constant("CLASS_MASK") == (1 << records.CLASS_BITS) - 1
    for name in ("N_TALLIES", "N_ORGAN_TALLIES"):
        assert getattr(records, name) == constant(name, HOST_TEXT)
    assert constant("TALLY_TAKEN") == records.N_TALLIES - 1
    assert constant("LATER_ARRESTS") == records.N_ORGAN_TALLIES - 1


def codes_of(name: str) -> dict[str, int]:
    """Return the members of an enum of the headers."""
    found = re.search(rf"enum {name} : u32 \{{(.*?)\}};", without_comments(DEVICE_TEXT), re.DOTALL)
    assert found, f"enum {name} is missing"
    return {member: int(code) for member, code in re.findall(r"(\w+) = (\d+)", found.group(1))}


def test_states_events_and_causes_have_one_numbering() -> None:
    assert codes_of("CellState") == {state.name: int(state) for state in CellState}
    events = {name.removesuffix("_EVENT"): code for name, code in codes_of("EventKind").items()}
    assert events == {kind.name: int(kind) for kind in EventKind}
    causes = {name.removeprefix("BY_"): code for name, code in codes_of("Cause").items()}
    assert causes.pop("NO_CAUSE") == DeathCause.NONE
    # An attachment stops a cell and is no death.
    assert causes.pop("ATTACHMENT") == len(DeathCause)
    assert causes == {cause.name: int(cause) for cause in DeathCause if cause}
    behaviours = codes_of("Behaviour")
    assert behaviours == {name: getattr(records, name) for name in behaviours}


def test_a_cell_has_the_fields_of_the_entry_points() -> None:
    for entry in ("ctc_advance", "ctc_emit"):
        rows = TABLE[entry]["arguments"][: len(CELL_FIELDS)]
        in_table = {row["name"]: row["dtype"] for row in rows}
        in_memory = {
            field.name: f"{np.dtype(field.dtype).kind}{np.dtype(field.dtype).itemsize * 8}"
            for field in CELL_FIELDS
        }
        assert in_table == in_memory


def test_a_cell_takes_at_most_64_bytes() -> None:
    assert sum(np.dtype(field.dtype).itemsize for field in CELL_FIELDS) <= 64


def test_every_fault_has_a_text() -> None:
    codes = re.findall(r"constexpr u32 FAULT_\w+ = (\d+);", DEVICE_TEXT)
    assert sorted(codes) == sorted(TABLE["faults"])
    assert all(text.strip() for text in TABLE["faults"].values())
