"""Member: one patient in one arm, as the engine is asked to follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt

from ctc.scenario.scenario import Scenario


@dataclass(frozen=True)
class Member:
    """One patient in one arm.

    Attributes
    ----------
    patient : int
        Number in the cohort, that of ``patient.number``.
    arm : int
        Number of the arm.
    scenario : Scenario
        Of this patient in this arm.
    """

    patient: int
    arm: int
    scenario: Scenario


class Follow(Protocol):
    """Follows patients to their end; a function of a module, so that workers find it by name."""

    def __call__(
        self, members: Sequence[Member], *, backend_name: str, threads: int, folder: Path
    ) -> npt.NDArray[Any]:
        """Return what became of each, in order of members, as a structured array.

        Parameters
        ----------
        members : sequence of Member
            Of one arm.
        backend_name : str
            As `choose_backend` takes it.
        threads : int
            Of the cpu backend.
        folder : Path
            For what is too much for memory.
        """
        ...
