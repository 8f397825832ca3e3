"""The unit of length of a file, converted without a rounding that could be avoided."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.units import to_si

_EXPONENTS = {"m": 0, "cm": -2, "mm": -3, "um": -6, "nm": -9}
_NUMBER = re.compile(r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]{1,9})?")


@dataclass(frozen=True)
class LengthUnit:
    """What one unit of a file's lengths is in metres: ``factor 10^exponent``.

    A factor of 1 is a decimal unit: texts then convert by shifting the decimal point, so what is
    written and read again has the same bits, and arrays are rounded once.

    Attributes
    ----------
    name : str
        As the user writes it: ``mm``, or ``0.04 mm`` for voxels of that size.
    factor : float
        > 0.
    exponent : int
        Of ten.
    """

    name: str
    factor: float
    exponent: int

    def read_text(self, text: str) -> float:
        """Return a length in m; NaN where the text is no finite number."""
        text = text.strip()
        if not _NUMBER.fullmatch(text):
            return math.nan
        mantissa, _, power = text.lower().partition("e")
        value = float(f"{mantissa}e{int(power or 0) + self.exponent}") * self.factor
        return value if math.isfinite(value) else math.nan

    def write_text(self, value: float) -> str:
        """Return a finite length in m as a text that `read_text` gives back, bit for bit."""
        if self.factor != 1.0:
            return repr(float(self.write(np.array([value]))[0]))
        return f"{Decimal(repr(float(value))).scaleb(-self.exponent)}"

    def read(self, values: FloatArray) -> FloatArray:
        """Return lengths of the file in m, rounded once for a decimal unit."""
        metres: FloatArray = np.asarray(values, dtype=np.float64) * self.factor
        return metres / float(10**-self.exponent) if self.exponent else metres

    def write(self, values: FloatArray) -> FloatArray:
        """Return lengths in m in the unit of the file, rounded once for a decimal unit."""
        scaled: FloatArray = np.asarray(values, dtype=np.float64) * float(10**-self.exponent)
        return scaled / self.factor if self.factor != 1.0 else scaled


METRE = LengthUnit("m", 1.0, 0)
CENTIMETRE = LengthUnit("cm", 1.0, -2)
MILLIMETRE = LengthUnit("mm", 1.0, -3)
MICROMETRE = LengthUnit("um", 1.0, -6)


def parse_unit(text: str) -> LengthUnit:
    """Return the unit that a user names: ``um``, ``mm``, ``cm``, ``m``, or a size in one of them.

    Raises
    ------
    InputError
        If it is neither, or not > 0.
    """
    name = text.strip()
    if name in _EXPONENTS:
        return LengthUnit(name, 1.0, _EXPONENTS[name])
    try:
        size = to_si(name, "length")
    except InputError:
        size = math.nan
    if not size > 0:
        known = ", ".join(_EXPONENTS)
        message = f"unit must be one of {known}, or a size such as '0.04 mm', got '{text}'."
        raise InputError(message + " Name the unit of the file's lengths.", key="--unit")
    return LengthUnit(name, size, 0)
