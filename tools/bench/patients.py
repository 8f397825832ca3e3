"""Patients of a sweep followed in a process of its own, by block or one by one, with clocks.

Processes that are to be compared side by side meet in a folder before they begin.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ctc.cohort.block import follow_block
from ctc.cohort.member import Member
from ctc.cohort.planning import make_plan
from ctc.simulation.epochs import Simulation
from tools.bench.kernel_clock import KernelClock
from tools.bench.timing import Lap, Taken

_LONGEST_WAIT = 300.0  # [s] for the others


class Probe:
    """Counts the hops of all simulations of cohorts, and the time of their kernels."""

    def __init__(self) -> None:
        self._clocks: list[KernelClock] = []
        self.hops = 0
        block: Any = import_module("ctc.cohort.block")
        choose, probe = block.choose_backend, self

        class Counted(Simulation):
            def step(self) -> Any:
                before = self.hops
                epoch = super().step()
                probe.hops += self.hops - before
                return epoch

        def clocked(*arguments: Any, **named: Any) -> KernelClock:
            self._clocks.append(KernelClock(choose(*arguments, **named)))
            return self._clocks[-1]

        block.choose_backend, block.Simulation = clocked, Counted

    def in_kernels(self) -> Taken:
        """Return what kernels have taken so far."""
        each = (taken for clock in self._clocks for taken in clock.taken.values())
        return sum(each, Taken(0.0, 0.0))


def follow_patients(
    sweep: str,
    *,
    n_patients: int,
    n_workers: int,
    is_alone_too: bool,
    meeting: Path,
    overrides: Sequence[str] = (),
) -> dict[str, Any]:
    """Follow patients of all arms of a sweep, each arm as one block, then maybe one by one.

    Parameters
    ----------
    sweep : str
        SWEEP.toml.
    n_patients : int
        The first so many, in every arm.
    n_workers : int
        Processes that do this at the same time; they begin together.
    is_alone_too : bool
        Whether each patient is followed alone afterwards.
    meeting : Path
        A folder of these processes.
    overrides : sequence of str
        As after ``--set``.

    Returns
    -------
    dict
        ``patients`` (of all arms), ``cells``, ``hops``; ``pooled`` and maybe ``alone``, wall and
        processor time [s]; ``kernels``, processor time [s] of the pooled; ``peak`` [bytes] until
        they were done; ``is_same``, whether both ways gave the same rows.
    """
    from tools.bench.children import largest_resident_size  # noqa: PLC0415 - it runs this

    probe = Probe()
    plan = make_plan(Path(sweep), overrides=overrides, n_patients=n_patients)
    arms = [
        [Member(number, arm, plan.scenario(number, arm)) for number in range(n_patients)]
        for arm in range(len(plan.arms))
    ]
    # The vessels, and what Python loads late.
    _follow([arms[0][:1]])
    _wait_for_others(meeting, n_workers)
    hops, kernels = probe.hops, probe.in_kernels().processor
    lap = Lap()
    rows = _follow(arms)
    pooled = lap.taken()
    found: dict[str, Any] = {
        "patients": int(rows.size),
        "cells": int(rows["shed"].sum()),
        "hops": probe.hops - hops,
        "pooled": [pooled.wall, pooled.processor],
        "kernels": probe.in_kernels().processor - kernels,
        "peak": largest_resident_size(),
    }
    if is_alone_too:
        lap = Lap()
        again = _follow([member] for arm in arms for member in arm)
        alone = lap.taken()
        found["alone"] = [alone.wall, alone.processor]
        found["is_same"] = again.tobytes() == rows.tobytes()
    return found


def _follow(blocks: Iterable[Sequence[Member]]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        found = [
            follow_block(members, backend_name="cpu", threads=1, folder=Path(folder))
            for members in blocks
        ]
    return np.concatenate(found)


def _wait_for_others(meeting: Path, n_workers: int) -> None:
    (meeting / f"ready-{os.getpid()}").touch()
    until = time.monotonic() + _LONGEST_WAIT
    while len(list(meeting.glob("ready-*"))) < n_workers:
        if time.monotonic() > until:
            message = f"{n_workers} processes must meet within {_LONGEST_WAIT:g} s, others lack"
            raise TimeoutError(message)
        time.sleep(0.01)
