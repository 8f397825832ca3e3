"""Joins the kernel text into one string and hashes it; compiles nothing."""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path

from ctc.resources import resource_folder

_INCLUDE = re.compile(r'^#include "([^"]+)"$')
_DEVICE_FOLDERS = ("core", "physics", "entry")


@functools.cache
def device_source() -> str:
    """Return all that NVRTC compiles as one text without includes.

    The text is handed over whole because caches of compiled kernels do not see include folders.
    """
    seen: set[str] = set()
    return "\n".join(_joined("entry/all.h", resource_folder("kernels"), seen)) + "\n"


@functools.cache
def kernel_hash() -> str:
    """Return the SHA-256 of every kernel source file, in hexadecimal.

    Covers what both compilers see and the host files, by name and content, so that the library
    built from other text than is now on disk can be told.
    """
    root = resource_folder("kernels")
    digest = hashlib.sha256()
    for path in kernel_files():
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\1")
    return digest.hexdigest()


def kernel_files() -> list[Path]:
    """Return the paths of all kernel source files, sorted by name."""
    root = resource_folder("kernels")
    found = [p for p in root.rglob("*") if p.suffix in {".h", ".cpp", ".toml"}]
    return sorted(found, key=lambda p: str(p.relative_to(root)))


def _joined(name: str, root: Path, seen: set[str]) -> list[str]:
    if name in seen:
        return []
    seen.add(name)
    lines: list[str] = []
    for line in (root / name).read_text(encoding="utf-8").splitlines():
        include = _INCLUDE.match(line)
        if include:
            lines += _joined(include.group(1), root, seen)
        elif line != "#pragma once":
            lines.append(line)
    return lines
