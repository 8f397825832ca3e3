"""Identities of cells: dense numbers of each patient, so that none depends on other patients."""

from __future__ import annotations

from ctc.errors import InputError
from ctc.states import SERIAL_BITS, SERIAL_MASK

__all__ = ["SERIAL_BITS", "SERIAL_MASK", "Identities"]


class Identities:
    """The next identity of one patient: ``patient * 2^40`` and the number of cells before it.

    Parameters
    ----------
    patient : int
        Number of the patient, below 2^23; 0 for one that is alone.
    """

    def __init__(self, patient: int = 0) -> None:
        self._first = patient << SERIAL_BITS
        self.n_taken = 0

    def take(self, count: int) -> int:
        """Return the first of so many new identities, which follow one another.

        Raises
        ------
        InputError
            If the patient has had 2^40 cells: the next would be those of the next patient.
        """
        if count > SERIAL_MASK + 1 - self.n_taken:
            message = (
                f"cells of a patient must be at most 2^{SERIAL_BITS} = {SERIAL_MASK + 1:,}, got "
                f"{count:,} more after {self.n_taken:,}. Lower mass, shedding rate or time, or "
                "follow fewer with cells.weight."
            )
            raise InputError(message, key="cells.weight")
        first = self._first + self.n_taken
        self.n_taken += count
        return first
