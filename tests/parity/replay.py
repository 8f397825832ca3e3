"""Calls into the host library, written down here and made again by another build of it.

A call is a function's name with its arguments: arrays as they were before and after, plain numbers,
handles of objects that the library keeps. The program that makes them again is written for the
functions that were called, and answers with every array as it is after its call, and with every
result.
"""

from __future__ import annotations

import ctypes
import functools
import io
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctc.backends import host_blood, host_flow
from ctc.backends.cpu import CpuBackend, host_library
from ctc.backends.kernels import kernels
from ctc.backends.records import NO_FAULT
from ctc.resources import resource_folder

_C_TYPES = {
    ctypes.c_double: ("double", "<d"),
    ctypes.c_uint8: ("unsigned char", "<B"),
    ctypes.c_float: ("float", "<f"),
    ctypes.c_int32: ("int", "<i"),
    ctypes.c_uint32: ("unsigned", "<I"),
    ctypes.c_int64: ("long long", "<q"),
    ctypes.c_uint64: ("unsigned long long", "<Q"),
}
_HANDLE, _NULL, _NOTHING = "handle", "null", "void"

PROGRAM = """
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

static std::vector<void*> handles;
static FILE* in;
static FILE* out;

static void get(void* to, size_t n) {
    if (std::fread(to, 1, n, in) != n) std::exit(3);
}
static void put(const void* from, size_t n) {
    if (std::fwrite(from, 1, n, out) != n) std::exit(4);
}
struct Array {
    size_t n;
    void* data;
    Array() {
        get(&n, 8);
        data = std::aligned_alloc(64, (n + 63) / 64 * 64 + 64);  // kept: objects may read it later
        get(data, n);
    }
    void answer() const { put(data, n); }
};
template <class T> T number() { T value; get(&value, sizeof value); return value; }
static void* handle() { return handles.at(number<unsigned>()); }

%(functions)s

int main(int, char** names) {
    in = std::fopen(names[1], "rb");
    out = std::fopen(names[2], "wb");
    unsigned which;
    while (std::fread(&which, 1, 4, in) == 4) switch (which) {
%(cases)s
        default: return 5;
    }
    return std::fclose(out) == 0 ? 0 : 6;
}
"""


@dataclass(frozen=True)
class Call:
    """One call: what went in, and what every array and the result were after it."""

    name: str
    kinds: tuple[str, ...]
    given: bytes
    answer: bytes


@dataclass
class Recorder:
    """Calls made here, in order."""

    calls: list[Call] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    most: int = 10**9

    def call(self, function: Any, *arguments: Any) -> Any:
        """Call a function of the library and write the call down.

        Arrays and NumPy scalars are taken as they are; a ``c_void_p`` is a handle.
        """
        kinds, given = [], io.BytesIO()
        for value in arguments:
            if isinstance(value, ctypes.c_void_p):
                kinds.append(_HANDLE)
                given.write(struct.pack("<I", self.handles.index(value.value or 0)))
            elif value is None:
                kinds.append(_NULL)
            elif isinstance(value, np.ndarray):
                assert value.flags.c_contiguous
                kinds.append("array")
                given.write(struct.pack("<Q", value.nbytes) + value.tobytes())
            else:
                kind, code = _C_TYPES[type(_number(value))]
                kinds.append(kind)
                given.write(struct.pack(code, _number(value).value))
        plain = [_plain(value) for value in arguments]
        result = function(*plain)
        answer = io.BytesIO()
        for value in arguments:
            if isinstance(value, np.ndarray):
                answer.write(value.tobytes())
        if function.__name__ in _silent():
            kinds.append(_NOTHING)
        elif function.restype is ctypes.c_void_p:
            self.handles.append(result)
            kinds.append(_HANDLE)
        else:
            kind, code = _C_TYPES[function.restype]
            kinds.append(kind)
            answer.write(struct.pack(code, result))
        if len(self.calls) < self.most:
            made = Call(function.__name__, tuple(kinds), given.getvalue(), answer.getvalue())
            self.calls.append(made)
        return result

    @contextmanager
    def of_flow(self) -> Iterator[None]:
        """Write down what preparation asks of the library for pressures and blood."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(host_flow, "call", self.call)
            patch.setattr(host_blood, "call", self.call)
            yield


class RecordingBackend(CpuBackend):
    """The host library on one thread, with every launch written down."""

    def __init__(self, variant: str, recorder: Recorder) -> None:
        super().__init__(threads=1, variant=variant)
        self._recorder = recorder
        choose = host_library().ctc_choose_variant
        recorder.call(choose, np.frombuffer(variant.encode() + b"\0", dtype=np.uint8).copy())

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        host_library().ctc_choose_variant(self.variant.encode())
        values = dict(arguments)
        if any(a.name == "first_fault" for a in kernels()[kernel].arguments):
            values.setdefault("first_fault", np.array([NO_FAULT], dtype=np.uint64))
        function = getattr(host_library(), kernel)
        bound = kernels()[kernel].bind(values)
        argtypes, function.argtypes = function.argtypes, None
        try:
            function.restype = None
            self._recorder.call(function, *bound, np.uint32(1))
        finally:
            function.argtypes = argtypes
        assert values.get("first_fault", [NO_FAULT])[0] == NO_FAULT


@functools.cache
def _silent() -> frozenset[str]:
    """Return the functions without a result, of which ctypes does not know."""
    files = (resource_folder("kernels") / "host").rglob("*.cpp")
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return frozenset(re.findall(r"^CTC_EXPORT void (ctc_\w+)\(", text, re.MULTILINE))


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return np.ctypeslib.as_ctypes_type(value.dtype)(value.item())
    if isinstance(value, int):
        return ctypes.c_int32(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.ctypes.data)
    return value if value is None or isinstance(value, ctypes.c_void_p) else _number(value)


def _function(number: int, name: str, kinds: tuple[str, ...]) -> tuple[str, str]:
    """Return the text that makes calls of one form, and its case."""
    *arguments, result = kinds
    as_c = dict.fromkeys(("array", _HANDLE, _NULL), "void*")
    declared = ", ".join(as_c.get(kind, kind) for kind in arguments)
    returned = as_c.get(result, result)
    lines = [f'extern "C" {returned} {name}({declared});', f"static void make_{number}() {{"]
    for i, kind in enumerate(arguments):
        how = {"array": "Array", _HANDLE: "void*", _NULL: "void*"}.get(kind, kind)
        what = {"array": "", _HANDLE: " = handle()", _NULL: " = nullptr"}
        text = what.get(kind, f" = number<{kind}>()")
        lines.append(f"    {how} const a{i}{text};")
    names = [f"a{i}.data" if kind == "array" else f"a{i}" for i, kind in enumerate(arguments)]
    passed = ", ".join(names)
    kept = {_NOTHING: "", _HANDLE: "void* const r = "}.get(result, f"const {result} r = ")
    lines.append(f"    {kept}{name}({passed});")
    lines += [f"    a{i}.answer();" for i, kind in enumerate(arguments) if kind == "array"]
    if result == _HANDLE:
        lines.append("    handles.push_back(r);")
    elif result != _NOTHING:
        lines.append("    put(&r, sizeof r);")
    return "\n".join([*lines, "}"]), f"        case {number}: make_{number}(); break;"


def write_calls(calls: list[Call], folder: Path) -> tuple[Path, Path]:
    """Write the program that makes these calls, and what it reads; returns both paths."""
    forms = {form: n for n, form in enumerate(dict.fromkeys((c.name, c.kinds) for c in calls))}
    parts = [_function(number, *form) for form, number in forms.items()]
    functions, cases = ("\n".join(column) for column in zip(*parts, strict=True))
    source, data = folder / "replay.cpp", folder / "calls.bin"
    source.write_text(PROGRAM % {"functions": functions, "cases": cases}, encoding="utf-8")
    with data.open("wb") as file:
        for call in calls:
            file.write(struct.pack("<I", forms[call.name, call.kinds]) + call.given)
    return source, data


def differing_calls(calls: list[Call], answers: bytes) -> list[str]:
    """Return the numbers and names of calls whose answers are not those on record."""
    wrong, at = [], 0
    for number, call in enumerate(calls):
        if answers[at : at + len(call.answer)] != call.answer:
            wrong.append(f"{number} {call.name}")
        at += len(call.answer)
    if at != len(answers):
        wrong.append(f"length of the answers: {len(answers)} bytes, not {at}")
    return wrong
