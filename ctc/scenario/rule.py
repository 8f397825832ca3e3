"""What one parameter must be: dimension and range."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.errors import InputError
from ctc.units import DIMENSIONS


@dataclass(frozen=True)
class Rule:
    """What one parameter must be.

    Attributes
    ----------
    dimension : str
        A key of `ctc.units.DIMENSIONS`.
    lowest, highest : float
        In SI; the range includes both.
    is_open : bool
        Whether ``lowest`` itself is excluded.
    is_whole : bool
        Whether it counts something.
    why : str
        What the bounds come from, where that is not plain.
    """

    dimension: str
    lowest: float = 0.0
    highest: float = math.inf
    is_open: bool = False
    is_whole: bool = False
    why: str = ""

    def check(self, value: float, *, given: str = "") -> None:
        """Raise InputError unless the value, in SI, lies in the range; it was given as a text."""
        above = value > self.lowest if self.is_open else value >= self.lowest
        if not (above and value <= self.highest and math.isfinite(value)):
            sign = ">" if self.is_open else ">="
            upper = f" and <= {self.highest:g}" if math.isfinite(self.highest) else ""
            unit = DIMENSIONS[self.dimension].replace("**", "^").replace("*", " ")
            range_ = f"{sign} {self.lowest:g}{upper} {unit}".rstrip()
            got = f"{value:g} {unit}".rstrip()
            got = f"'{given}', which is {got}" if given and unit else got
            why = f" ({self.why})" if self.why else ""
            message = f"value must be {range_}{why}, got {got}. Give one in that range."
            raise InputError(message)
        if self.is_whole and not float(value).is_integer():
            message = f"value must be a whole number, got {value:.15g}. Round it."
            raise InputError(message)
