"""Sweeps followed on many ways: patients together, alone, turned round, in other processes."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from ctc.backends import cpu
from ctc.cohort.block import follow_block
from ctc.cohort.folder import SweepFolder
from ctc.cohort.member import Member
from ctc.cohort.plan import Plan
from ctc.cohort.planning import make_plan
from ctc.digest import digest_of
from ctc.preparation import prepare
from ctc.simulation import launches
from ctc.sweep import run_sweep
from tools.same_bits.ways import ALONE, REVERSED, Way
from tools.short_forms import FEWEST_PATIENTS, short_sweep

# Of each arm, at most.
_PATIENTS = 4


@dataclass(frozen=True)
class SweepCase:
    """A short sweep.

    Attributes
    ----------
    name : str
        ``sweeps/`` and the name of the file.
    overrides : tuple of str
        What makes it short.
    plan : Plan
        Its patients.
    network_hash : str
        Of the vessels of its first arm with their flow.
    """

    name: str
    overrides: tuple[str, ...]
    plan: Plan
    network_hash: str

    @property
    def file(self) -> Path:
        """As ``ctc sweep`` takes it."""
        return Path(Path(self.name).name)

    @property
    def identity(self) -> str:
        """SHA-256 of all that decides its patients but the kernels."""
        return self.plan.identity()

    def rows(self, way: Way, folder: Path) -> npt.NDArray[Any]:
        """Return what became of the patients of every arm on a way without files.

        (n_members,) COURSE, arm by arm.
        """
        n_patients = min(self.plan.n_patients, _PATIENTS)
        rows = []
        for arm in range(len(self.plan.arms)):
            members = [Member(n, arm, self.plan.scenario(n, arm)) for n in range(n_patients)]
            rows += _in_company(way, members, folder)
        return np.concatenate(rows)

    def rows_of_files(self, way: Way, folder: Path, *, crew: dict[str, Any]) -> npt.NDArray[Any]:
        """Return the same out of the folder that ``ctc sweep`` writes.

        ``crew`` are the options of `run_sweep` that say who follows the patients.
        """
        output = folder / "sweep"
        run_sweep(
            self.file,
            output,
            overrides=self.overrides,
            n_patients=FEWEST_PATIENTS,
            device=way.device,
            threads=way.threads if way.device == "cpu" else None,
            overwrite=True,
            **crew,
        )
        found = SweepFolder(output).rows(self.plan)
        found = found[found["patient"] < _PATIENTS]
        return found[np.argsort(found["arm"], kind="stable")]


def sweep_case(name: str) -> SweepCase:
    """Return the short form of a shipped sweep; its vessels are made or taken out of the cache.

    Raises
    ------
    InputError
        If there is no such sweep.
    """
    file = Path(Path(name).name)
    overrides = short_sweep(file.name)
    plan = make_plan(file, overrides=overrides, n_patients=FEWEST_PATIENTS)
    return SweepCase(name, overrides, plan, prepare(plan.scenario(0, 0)).network_hash)


def digest_of_rows(rows: npt.NDArray[Any]) -> str:
    """Return the SHA-256 of (n,) COURSE."""
    return digest_of((name, rows[name]) for name in rows.dtype.names or ())


def _in_company(way: Way, members: list[Member], folder: Path) -> list[npt.NDArray[Any]]:
    def follow(some: list[Member]) -> npt.NDArray[Any]:
        return follow_block(some, backend_name=way.device, threads=way.threads, folder=folder)

    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, {"CTC_CPU_VARIANT": way.variant}))
        if way.chunk:
            stack.enter_context(patch.object(cpu, "CELLS_A_LAUNCH", way.chunk))
        if way.room:
            stack.enter_context(patch.object(launches, "EVENTS_A_LAUNCH", way.room))
        if way.company == ALONE:
            return [follow([member]) for member in members]
        if way.company == REVERSED:
            return [follow(members[::-1])[::-1]]
        return [follow(members)]
