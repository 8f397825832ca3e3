"""Ward: all patients of a simulation; what they shed and found, and which tables hold for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.simulation.blood import Blood
from ctc.simulation.lesions import LESION
from ctc.simulation.patient import Patient
from ctc.simulation.regimes import Regimes
from ctc.simulation.seeding import LesionVessels
from ctc.simulation.setting import Setting
from ctc.simulation.shard import Change
from ctc.simulation.shedding import Litter

# Labels of clones have 16 bits.
_MOST_CLONES = 1 << 16


class Ward:
    """Patients who share vessels, epochs and seed; most often one.

    Attributes
    ----------
    patients : list of Patient
        In the order of their clone labels.
    regimes : Regimes
        Tables of their cells.
    vessels : LesionVessels
        That lesions shed into.

    Parameters
    ----------
    settings : sequence of Setting
        One a patient; each has another number.

    Raises
    ------
    InputError
        If these patients cannot be followed together.
    """

    def __init__(self, settings: Sequence[Setting]) -> None:
        _require_together(settings)
        self.patients: list[Patient] = []
        first_clone = 0
        for setting in settings:
            self.patients.append(Patient(setting, first_clone))
            first_clone += self.patients[-1].n_clones
        self.regimes = Regimes(settings[0].tables)
        self.vessels = LesionVessels(settings[0].hops, settings[0].routes)
        self._is_resumed = False

    @property
    def is_alive(self) -> bool:
        """Whether any patient lives."""
        return any(patient.is_alive for patient in self.patients)

    def clone_keys(self) -> npt.NDArray[np.uint64]:
        """Return a key for each clone label, (n_clones,), the same whoever else is there."""
        return np.concatenate([patient.clone_keys() for patient in self.patients])

    def attend(self, time: int, *, epoch: int, blood: Blood) -> Change | None:
        """Examine and treat who is due at the beginning of an epoch [ns].

        Returns which cells obey other tables from now on, if any do.
        """
        for patient in self.patients:
            patient.attend(time, epoch=epoch, blood=blood)
        change = self.regimes.change(self.patients)
        if self._is_resumed:
            change, self._is_resumed = self.regimes.whole(), False
        return change

    def shed(self, *, epoch: int, start: int, end: int) -> dict[int, list[Litter]]:
        """Draw what sources and lesions shed in an epoch, by regime."""
        found: dict[int, list[Litter]] = {}
        for patient in self.patients:
            born = patient.shed(self.vessels, epoch=epoch, start=start, end=end)
            found.setdefault(self.regimes.of(patient.tables), []).extend(born)
        return found

    def found(
        self,
        colonies: npt.NDArray[Any],
        *,
        organ: npt.NDArray[np.integer[Any]],
        segment: npt.NDArray[np.integer[Any]],
        litters: npt.NDArray[Any],
    ) -> npt.NDArray[Any]:
        """Let each patient's colonies become lesions; returns these, as `Lesions.found`."""
        found = [np.zeros(0, dtype=LESION)]
        for patient in self.patients:
            clone = colonies["clone"].astype(np.int64) - patient.first_clone
            own = (clone >= 0) & (clone < patient.n_clones)
            if own.any():
                found += [
                    patient.lesions.found(
                        colonies[own], organ=organ[own], segment=segment[own], litters=litters[own]
                    )
                ]
        return np.concatenate(found)

    def settle(self, epoch: int, *, start: int, end: int) -> npt.NDArray[np.int64]:
        """Let lesions grow, be lost and wake; returns those of the first patient that changed."""
        changed = [patient.settle(epoch, start=start, end=end) for patient in self.patients]
        return changed[0]

    def decisive(self, time: int) -> list[tuple[str, npt.NDArray[Any]]]:
        """Return what patients have that not every run has, for the digest."""
        return [field for patient in self.patients for field in patient.decisive(time)]

    def state_parts(self) -> dict[str, Callable[[], Any]]:
        """Return what gives each value that `restore` needs, of one patient.

        Raises
        ------
        NotImplementedError
            If there are several: they are followed to their end.
        """
        if len(self.patients) > 1:
            message = "state of several patients is not kept"
            raise NotImplementedError(message)
        return self.patients[0].state_parts()

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the state of one patient."""
        self.patients[0].restore(state)
        self.regimes.change(self.patients)
        self._is_resumed = True


def _require_together(settings: Sequence[Setting]) -> None:
    """Raise InputError unless patients can share a simulation."""
    numbers = [setting.patient for setting in settings]
    n_clones = sum(len(setting.sources) for setting in settings)
    same = {(id(setting.hops), setting.seed, setting.epochs) for setting in settings}
    rules = [
        (len(set(numbers)) == len(numbers), f"have numbers of their own, got {sorted(numbers)}"),
        (len(same) == 1, f"have the same vessels, seed and epochs, got {len(same)} different"),
        (n_clones <= _MOST_CLONES, f"have at most {_MOST_CLONES} sources, got {n_clones}"),
        (
            len(settings) == 1 or not any(setting.frames for setting in settings),
            "have no frames, got some: which cells are tracked is asked of one patient",
        ),
    ]
    for is_met, rule in rules:
        if not is_met:
            message = f"patients who are followed together must {rule}. Follow them apart."
            raise InputError(message)
