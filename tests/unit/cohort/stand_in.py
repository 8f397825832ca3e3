"""Stand-ins for the engine: courses of patients from their scenarios alone, in microseconds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.cohort.member import Member

YEAR = 365.25 * 86400.0
ROW = np.dtype(
    [
        ("patient", "u4"),
        ("arm", "u2"),
        ("diagnosis_time", "f8"),
        ("metastasis_time", "f8"),
        ("death_time", "f8"),
        ("end_time", "f8"),
        ("death_cause", "u1"),
        ("n_found", "u1"),
        ("m_found", "u1"),
        ("t_found", "u1"),
        ("burden", "f8"),
        ("colonies", "u8"),
    ]
)
# A file of this name in the folder of the sweep: a worker that sees it ends as if it were killed.
DEADLY = "kill-one-worker"
SECONDS = "CTC_TEST_BLOCK_SECONDS"


def follow(
    members: Sequence[Member], *, backend_name: str, threads: int, folder: Path
) -> npt.NDArray[Any]:
    """Let larger tumours kill sooner and immunity protect; chance by patient number and seed."""
    assert backend_name == "cpu"
    assert threads >= 1
    deadly = folder / DEADLY
    if deadly.exists():
        deadly.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(float(os.environ.get(SECONDS, "0")))
    return np.array([course(member) for member in members], dtype=ROW)


def course(member: Member) -> tuple[float, ...]:
    settings = member.scenario.settings
    key = np.array([settings.run.seed, settings.patient.number], dtype=np.uint64)
    chance = np.random.Philox(key=key).random_raw(1)[0] / 2.0**64
    mass = settings.source[0].mass
    years = 0.004 * settings.host.immune_competence / mass * (0.5 + chance)
    death = years * YEAR if years < 10.0 else np.nan
    return (
        member.patient,
        member.arm,
        0.25 * YEAR,
        0.5 * death,
        death,
        min(years, 10.0) * YEAR,
        int(years < 10.0),
        int(mass > 1e-3),
        int(mass > 2e-3),
        1,
        mass * 1e12 * chance,
        int(chance * 100),
    )


def ishigami(
    members: Sequence[Member], *, backend_name: str, threads: int, folder: Path
) -> npt.NDArray[Any]:
    """Return the function of Ishigami and Homma 1990 of three factors, a = 7, b = 0.1."""
    assert (backend_name, threads >= 1, folder.is_dir()) == ("cpu", True, True)
    rows = np.array([course(member) for member in members], dtype=ROW)
    for row, member in zip(rows, members, strict=True):
        host = member.scenario.settings.host
        factors = np.array([host.immune_competence, host.platelets, host.hypoxia])
        x, y, z = (factors - 0.5) * 2.0 * np.pi
        row["burden"] = np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    return rows
