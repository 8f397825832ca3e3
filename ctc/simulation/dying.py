"""Dying: the unit-exponential budgets of one patient against cancer and against everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import logarithm
from ctc.clinic.disease import Disease
from ctc.clinic.mortality import death_hazards
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.host_draws import KeyedDraws, Purpose
from ctc.states import Milestone

_CAUSES = (Milestone.DEATH_BY_CANCER, Milestone.DEATH_BY_OTHER)


class Dying:
    """What is left of a patient's life, in hazard.

    Each cause has a budget of its own, ``-ln u``, spent at its hazard: the first that is gone is
    what the patient dies of. Hazards are constant within an epoch.

    Parameters
    ----------
    plan : CarePlan
        Laws, age, frailty.
    seed, patient : int
        Key of the budgets.
    """

    def __init__(self, plan: CarePlan, *, seed: int, patient: int) -> None:
        self._plan = plan
        luck = KeyedDraws(seed, int(Purpose.DEATH), patient).uniform(
            np.arange(len(_CAUSES), dtype=np.uint64), 0
        )
        self.budget = -logarithm(luck)

    @property
    def is_over(self) -> bool:
        """Whether the patient has died, of whatever."""
        return not (self.budget > 0.0).all()

    def spend(self, disease: Disease, *, start: int, end: int) -> tuple[Milestone, int] | None:
        """Spend an epoch [ns]; returns of what the patient died in it and when, or None."""
        if self.is_over:
            return None
        age = self._plan.patient.age + start / NANOSECONDS
        hazards = death_hazards(
            disease, self._plan.mortality, frailty=self._plan.patient.frailty, age=age
        )
        duration = (end - start) / NANOSECONDS
        deaths = []
        for cause, (milestone, hazard) in enumerate(zip(_CAUSES, hazards, strict=True)):
            left = float(self.budget[cause])
            self.budget[cause] = left - hazard * duration
            if self.budget[cause] <= 0.0:
                moment = start + round(min(left / hazard, duration) * NANOSECONDS)
                deaths.append((moment, milestone))
        if not deaths:
            return None
        moment, milestone = min(deaths)
        return milestone, min(moment, end)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return it as plain arrays."""
        return {"budget": self.budget.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self.budget = np.array(state["budget"], dtype=np.float64)
