"""How much memory this process may still take, and a clear word before it takes more."""

from __future__ import annotations

from pathlib import Path

from ctc.errors import InputError

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_GIB = 1024.0**3


def available_memory(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> float:
    """Return the bytes that are free, of the machine and of this control group; inf if unknown."""
    free = [float("inf")]
    try:
        for line in meminfo.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free.append(1024.0 * float(line.split()[1]))
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            used = (group / "memory.current").read_text(encoding="ascii")
            free.append(float(limit) - float(used))
    except (OSError, ValueError, IndexError):
        pass
    return min(free)


def memory_notes(needed: float) -> list[str]:
    """Return a sentence if something is to need more memory [bytes] than is free, else none."""
    free = available_memory()
    if needed <= free:
        return []
    told = f"WARNING: {needed / _GIB:.3g} GiB of memory are needed and {free / _GIB:.3g} GiB free."
    return [f"{told} Shed fewer cells, or run it on a larger machine."]


def require_memory(needed: float, *, what: str, remedy: str) -> None:
    """Raise InputError if something needs more memory [bytes] than is free."""
    free = available_memory()
    if needed > free:
        message = (
            f"{what} must fit into memory, got about {needed / _GIB:.1f} GiB needed with "
            f"{free / _GIB:.1f} GiB free. {remedy}"
        )
        raise InputError(message)
