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

from ctc.cohort.course import COURSE
from ctc.cohort.member import Member
from ctc.errors import InputError

YEAR = 365.25 * 86400.0
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
    return np.array([course(member) for member in members], dtype=COURSE)


def course(member: Member) -> npt.NDArray[Any]:
    settings = member.scenario.settings
    key = np.array([settings.run.seed, settings.patient.number], dtype=np.uint64)
    chance = np.random.Philox(key=key).random_raw(1)[0] / 2.0**64
    mass = settings.source[0].mass
    years = 0.004 * settings.host.immune_competence / mass * (0.5 + chance)
    is_dead = years < 10.0
    row = np.zeros((), dtype=COURSE)
    for name in COURSE.names or ():
        if COURSE[name].kind == "f":
            row[name] = np.nan
    row["patient"], row["arm"] = member.patient, member.arm
    row["diagnosis_time"] = 0.25 * YEAR
    row["diagnosis_diameter"] = 0.01 + mass
    row["end_time"] = min(years, 10.0) * YEAR
    if is_dead:
        row["death_time"], row["metastasis_time"] = years * YEAR, 0.5 * years * YEAR
    row["death_cause"] = is_dead
    row["t_found"], row["n_found"], row["m_found"] = 1, mass > 1e-3, mass > 2e-3
    row["burden"] = mass * 1e12 * chance
    row["colonies"] = int(chance * 100)
    return row


def ishigami(
    members: Sequence[Member], *, backend_name: str, threads: int, folder: Path
) -> npt.NDArray[Any]:
    """Return the function of Ishigami and Homma 1990 of three factors, a = 7, b = 0.1."""
    assert (backend_name, threads >= 1, folder.is_dir()) == ("cpu", True, True)
    rows = np.array([course(member) for member in members], dtype=COURSE)
    for row, member in zip(rows, members, strict=True):
        host = member.scenario.settings.host
        factors = np.array([host.immune_competence, host.platelets, host.hypoxia])
        x, y, z = (factors - 0.5) * 2.0 * np.pi
        row["burden"] = np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    return rows


def refuse(
    members: Sequence[Member], *, backend_name: str, threads: int, folder: Path
) -> npt.NDArray[Any]:
    """Find fault with the first patient."""
    mass = members[0].scenario.settings.source[0].mass
    message = f"mass must be small, got {mass}. Lessen it ({backend_name}, {threads}, {folder})."
    raise InputError(message, key="source.mass")
