"""The kernel text: what may include what, and what no law may call."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import (
    KERNELS,
    device_headers,
    kernel_sources,
    name_of,
    without_comments,
)

LAYERS = {
    "core": {"core"},
    "physics": {"core", "physics"},
    "entry": {"core", "physics", "entry"},
    "host": {"core", "physics", "entry", "host"},
}
# The library's own file may use the C++ library; of system headers the rest sees intrinsics only.
SYSTEM = {
    "host/library.cpp": {"atomic", "cstdlib", "cstring", "system_error", "thread", "vector"},
    "host/census.cpp": {"new", "vector"},
    "host/events.cpp": {"algorithm", "vector"},
    "host/filter.cpp": {"cstring"},
    "host/floating_point.h": {"xmmintrin.h"},
    "host/flow/balance.cpp": {"cstring", "new", "vector"},
    "host/flow/elimination.h": {"vector"},
    "host/flow/haematocrit.h": {"vector"},
    "host/flow/haematocrit_abi.cpp": {"new"},
    "host/flow/minimum_degree.cpp": {"algorithm"},
    "host/flow/mixing.cpp": {"new", "vector"},
    "host/flow/pattern.cpp": {"algorithm", "limits", "new"},
    "host/flow/ranges.h": {"system_error", "thread", "vector"},
    "host/flow/rheology_abi.cpp": {"vector"},
    "host/flow/solve_abi.cpp": {"new"},
    "core/pack_avx2.h": {"immintrin.h"},
    "core/pack_avx512.h": {"immintrin.h"},
    "core/pack_neon.h": {"arm_neon.h"},
    "core/pack_sse2.h": {"emmintrin.h"},
}
# Growth is ordinary C++; none of these decides a number in an order of chance.
GROWTH = {"algorithm", "array", "atomic", "cstddef", "memory", "new", "system_error", "thread"}
GROWTH |= {"utility", "vector"}
# Where the compiler or the instruction set may be asked for.
PORTABLE_EXCEPT = {"core/platform.h", "core/pack.h", "host/floating_point.h"}

_INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
_LIBRARY = (
    "sqrt|exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh"
    "|tanh|fma|fabs|floor|ceil|rint|nearbyint|round|trunc|fmod|hypot|cbrt|erf|erfc|tgamma|lgamma"
    "|fmin|fmax|ldexp|frexp|modf"
)
_CALL = re.compile(rf"(?<![\w:])(?:std::)?(?:{_LIBRARY})[fl]?\s*\(")
_INTRINSIC = re.compile(
    r"\b(__expf|__logf|__powf|__sinf|__cosf|__fdividef|__fmaf_\w+|__frsqrt_rn|rsqrtf?|__saturatef)\b"
)
_NEVER = re.compile(
    r"\b(std|double|f64|long double|virtual|throw|try|new|delete|malloc|free|printf|assert|rand)\b"
)
_DOUBLE_LITERAL = re.compile(
    r"(?<![\w.])(?:0x[0-9a-fA-F.]+p[+-]?\d+|\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"
    r"|\d+[eE][+-]?\d+)(?![\w.])"
)
_COMPILER = re.compile(r"\b(__CUDACC_RTC__|__CUDA_ARCH__|__GNUC__|__clang__|__AVX\w*|__SSE\w*)\b")
_CUDA_BUILTIN = re.compile(
    r"\b(__float_as_\w+|__uint_as_\w+|__umul\w+|__fsqrt_rn|__f\w+_r[nzud]|__float2\w+)\b"
)


def key(path: Path) -> str:
    return str(path.relative_to(KERNELS))


@pytest.mark.parametrize("path", kernel_sources(), ids=name_of)
def test_includes_point_one_way(path: Path) -> None:
    allowed = LAYERS[path.relative_to(KERNELS).parts[0]]
    for own, system in _INCLUDE.findall(path.read_text(encoding="utf-8")):
        if system:
            known = GROWTH if key(path).startswith("host/growth/") else SYSTEM.get(key(path), set())
            assert system in known, f"{name_of(path)} includes <{system}>"
            continue
        assert (KERNELS / own).is_file(), f"{name_of(path)} includes {own}, which is not there"
        assert own.partition("/")[0] in allowed, f"{name_of(path)} includes {own}"


@pytest.mark.parametrize("path", kernel_sources(), ids=name_of)
def test_a_file_opens_with_what_it_is_in_lines_that_can_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("// ")
    assert [line for line in text.splitlines() if len(line) > 100] == []
    if path.suffix == ".h":
        assert "#pragma once\n" in text


@pytest.mark.parametrize("path", device_headers(), ids=name_of)
def test_no_law_calls_what_differs_between_machines(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    if path.name == "platform.h":
        # The one place that names the types and wraps the square root.
        text = text.replace("using f64 = double;", "")
    assert not _CALL.findall(text)
    assert not _INTRINSIC.findall(text)
    assert not _NEVER.findall(text)
    assert not _DOUBLE_LITERAL.findall(text), "a literal without f is a double"


@pytest.mark.parametrize("name", ["host/tables.cpp", "host/real.h", "host/packs.h", "core/pack.h"])
def test_host_tables_use_no_library_maths(name: str) -> None:
    text = without_comments((KERNELS / name).read_text(encoding="utf-8"))
    assert not _CALL.findall(text)
    assert "std::" not in text


@pytest.mark.parametrize("path", sorted((KERNELS / "host" / "flow").iterdir()), ids=name_of)
def test_flow_uses_no_library_maths_and_no_order_of_chance(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert not _CALL.findall(text)
    assert not re.search(r"unordered_|std::(atomic|sort\(std::execution|reduce)", text)


@pytest.mark.parametrize("path", sorted((KERNELS / "host" / "growth").iterdir()), ids=name_of)
def test_growth_uses_no_library_maths_and_no_order_of_chance(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert not _CALL.findall(text)
    assert not re.search(r"unordered_|std::(reduce|execution|mt19937|atomic<(double|float)>)", text)


@pytest.mark.parametrize("path", kernel_sources(), ids=name_of)
def test_only_the_platform_knows_the_compiler(path: Path) -> None:
    if key(path) in PORTABLE_EXCEPT:
        return
    text = without_comments(path.read_text(encoding="utf-8"))
    assert not _COMPILER.findall(text)
    if path.name != "hop.h":  # the 16-byte load of a record
        assert not _CUDA_BUILTIN.findall(text)


def test_laws_stand_below_entry_points() -> None:
    """Physics has no arrays of cells and no loop over them: those are entry points."""
    for path in (KERNELS / "physics").glob("*.h"):
        text = without_comments(path.read_text(encoding="utf-8"))
        assert "__global__" not in text
        assert not re.search(r"\b(threadIdx|blockIdx|gridDim|blockDim)\b", text)


def test_lanes_meet_in_one_header_only() -> None:
    """What tests/emulation stands in for; everything else asks core/warp.h."""
    meeting = re.compile(r"__\w+_sync\b|__sync\w+|__activemask|__shared__|__popc|__ffs|__clz")
    users = {key(p) for p in device_headers() if meeting.search(p.read_text(encoding="utf-8"))}
    assert users == {"core/warp.h"}


def test_streams_have_numbers_of_their_own() -> None:
    text = (KERNELS / "core" / "streams.h").read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r"constexpr u32 STREAM_\w+ = (\d+);", text)]
    assert len(numbers) > 0
    assert len(set(numbers)) == len(numbers)
    used = "".join(p.read_text(encoding="utf-8") for p in device_headers())
    for name in re.findall(r"constexpr u32 (STREAM_\w+)", text):
        assert len(re.findall(rf"\b{name}\b", used)) > 1, f"{name} is used nowhere"


def test_fault_codes_fit_their_byte() -> None:
    text = (KERNELS / "core" / "fault.h").read_text(encoding="utf-8")
    codes = [int(n) for n in re.findall(r"constexpr u32 FAULT_\w+ = (\d+);", text)]
    assert sorted(codes) == list(range(1, len(codes) + 1))
    assert max(codes) < 255
