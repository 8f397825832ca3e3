"""The host library: the instruction sets share no function that the linker could merge."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ctc.backends.cpu import host_library
from tests.architecture.sources import KERNELS

CMAKE = (KERNELS / "host" / "CMakeLists.txt").read_text(encoding="utf-8")


def variants() -> list[tuple[str, str, list[str]]]:
    """Return name, lanes and compiler flags of each variant, as the build states them."""
    found = re.findall(r"^\s*add_variant\((\w+) (\d+)([^)]*)\)", CMAKE, re.MULTILINE)
    is_x86 = platform.machine() in {"x86_64", "AMD64"}
    rows = [(name, lanes, flags.split()) for name, lanes, flags in found]
    return [row for row in rows if is_x86 or not row[2]]


def symbols(path: Path, *options: str) -> dict[str, str]:
    """Return the letter that nm gives each defined symbol."""
    nm = shutil.which("nm")
    if nm is None:
        pytest.skip("nm is not installed")
    listing = subprocess.run(
        [nm, "--defined-only", *options, str(path)], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listing.stdout.splitlines() if line.strip()]
    return {row[-1]: row[-2] for row in rows}


def test_variants_share_no_symbol(tmp_path: Path) -> None:
    """Compiled without optimisation, so that no call is inlined and every function shows."""
    compiler = shutil.which(os.environ.get("CXX", "g++")) or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    owners: dict[str, str] = {}
    assert len(variants()) >= 2
    for name, lanes, flags in variants():
        target = tmp_path / f"{name}.o"
        definitions = [f"-DCTC_VARIANT={name}", f"-DCTC_LANES={lanes}"]
        always = ["-std=c++17", "-O0", "-fPIC", "-w", "-fno-exceptions", "-fno-rtti"]
        source = str(KERNELS / "host" / "variant.cpp")
        command = [compiler, *always, *flags, *definitions, f"-I{KERNELS}", "-c", source]
        subprocess.run([*command, "-o", str(target)], check=True, capture_output=True)
        for symbol, letter in symbols(target).items():
            if letter.islower() and letter not in "uvw":
                continue  # local to its object
            assert symbol not in owners, f"{symbol} is in {owners[symbol]} and in {name}"
            owners[symbol] = name


def test_the_library_exports_its_interface_only() -> None:
    path = Path(host_library()._name)
    for symbol, letter in symbols(path, "--dynamic").items():
        is_ours = symbol.startswith("ctc_") and letter == "T"
        # Templates of the C++ library are weak everywhere.
        is_of_standard_library = symbol.startswith(
            ("_ZNSt", "_ZSt", "_ZNKSt", "_ZTI", "_ZTS", "_ZTV")
        )
        assert is_ours or is_of_standard_library, f"{letter} {symbol}"
