"""Where a run came from: program, source, seed and device; nothing that names the machine."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ctc.resources import program_version

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Provenance:
    """What a run file says about its origin.

    Attributes
    ----------
    version : str
        Of the program.
    commit : str
        Of its checkout, with ``-dirty`` where files were changed; empty for an installed program.
    python : str
        Version of Python.
    platform : str
        Operating system and processor family.
    device : str
        What the kernels ran on, in words.
    kernel_hash : str
        Of the kernel text.
    network_hash : str
        Of the vessel network.
    seed : int
        Of all random numbers, 0 .. 2^64 - 1.
    started : str
        Date and time in UTC, ISO 8601.
    """

    version: str
    commit: str
    python: str
    platform: str
    device: str
    kernel_hash: str
    network_hash: str
    seed: int
    started: str


def collect_provenance(
    *, device: str, kernel_hash: str, network_hash: str, seed: int
) -> Provenance:
    """Return the provenance of a run that starts now; the arguments are its fields."""
    return Provenance(
        version=program_version(),
        commit=program_commit() or "",
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        device=device,
        kernel_hash=kernel_hash,
        network_hash=network_hash,
        seed=seed,
        started=utc_now(),
    )


def program_commit(checkout: Path = _CHECKOUT) -> str | None:
    """Return the git commit of the checkout that runs, or None where there is none.

    Parameters
    ----------
    checkout : Path
        The folder that holds ``pyproject.toml`` and ``.git``.

    Returns
    -------
    str or None
        40 hexadecimal digits, with ``-dirty`` behind them where a tracked file was changed.
    """
    if not (checkout / ".git").exists() or not (checkout / "pyproject.toml").is_file():
        return None
    command = ["git", "-C", str(checkout), "describe"]
    command += ["--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def utc_now() -> str:
    """Return the time in UTC as ISO 8601, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
