"""File units <-> SI: ``"3.2e6 1/g/day"`` becomes a float in SI, once, at load."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

from ctc.errors import InputError

# The SI text of every kind of quantity that a scenario or a parameter set may hold.
DIMENSIONS = {
    "length": "m",
    "time": "s",
    "mass": "kg",
    "volume": "m**3",
    "flow": "m**3/s",
    "pressure": "Pa",
    "viscosity": "Pa*s",
    "density": "kg/m**3",
    "speed": "m/s",
    "rate": "1/s",
    "rate_per_mass": "1/s/kg",
    "per_mass": "1/kg",
    "dose": "Gy",
    "per_dose": "1/Gy",
    "per_dose_squared": "1/Gy**2",
    "fraction": "",
    "number": "",
}

# One number, then its unit: "1,5 um" and "um" alone would be read as 15 um and 1 um.
_ONE_VALUE = re.compile(
    r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+|nan(?!\w)|inf(?!\w))(?:[eE][+-]?\d+)?(?![\d_.])(?P<unit>.*)",
    re.ASCII | re.DOTALL,
)
# A text is worked out as arithmetic, so it holds nothing that takes long or makes large numbers:
# names, small numbers, products and quotients, and powers of a name by a small number.
# Spaces are put in order first, and nothing is tried twice: the time is that of the length.
_FACTOR = r"\(?(?:[^\W\d]\w*+(?:(?:\*\*|\^)-?\d(?:\.\d)?)?|%|\d{1,6}(?:\.\d{1,6})?(?:e\d{1,2})?)\)?"
_UNIT = re.compile(rf"(?:1?/)?{_FACTOR}(?:[*/ ]{_FACTOR})*+")
_NEEDLESS_SPACE = re.compile(r" ?([*/^]) ?|(?<=\() | (?=\))")
LONGEST_VALUE = 100


@functools.cache
def _registry() -> Any:
    import pint  # noqa: PLC0415 - slow to import, needed only while a file is read

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


@functools.lru_cache(maxsize=4096)
def to_si(text: str, dimension: str) -> float:
    """Convert a value with its unit, as written in a file, to SI.

    Parameters
    ----------
    text : str
        A number and a unit, such as ``"12 um"``; fractions may be ``"12 %"`` or ``"0.12"``.
    dimension : str
        A key of `DIMENSIONS`.

    Returns
    -------
    float
        The value in the SI unit of that dimension.

    Raises
    ------
    InputError
        If the unit is missing, unknown or of another dimension, or the value is not finite.
    """
    wanted = DIMENSIONS[dimension]
    registry = _registry()
    kind = dimension.replace("_", " ")
    remedy = f"Write it like '{EXAMPLES[dimension]}'."
    if len(text) > LONGEST_VALUE:
        message = f"value must be a number with a unit of at most {LONGEST_VALUE} characters, got "
        message += f"{len(text)}. {remedy}"
        raise InputError(message)
    try:
        quantity = registry.Quantity(_one_value(text))
    except Exception as error:
        message = f"value must be a number with a unit, got '{text}' ({error}). {remedy}"
        raise InputError(message) from None
    if wanted and quantity.dimensionless and not quantity.unitless:
        quantity = quantity.to_base_units()
    if wanted and quantity.unitless:
        message = f"value must have a unit of {kind}, got '{text}' with none. {remedy}"
        raise InputError(message)
    try:
        value = float(quantity.to(wanted or "dimensionless").magnitude)
    except Exception:
        unit = f"[{quantity.units}]"
        message = f"value must be a {kind}, got '{text}', which is {unit}. {remedy}"
        raise InputError(message) from None
    if not math.isfinite(value):
        message = f"value must be finite, got '{text}'. {remedy}"
        raise InputError(message)
    return _rounded(value)


@functools.lru_cache(maxsize=4096)
def dimension_of(unit: str) -> str | None:
    """Return the key of `DIMENSIONS` that a unit such as ``"1/h"`` belongs to, or None.

    Fraction and number are not told apart: a unit without dimension gives ``"number"``.
    """
    registry = _registry()
    wanted = registry.Unit("" if unit in ("", "1") else _one_unit(unit)).dimensionality
    if not wanted:
        return "number"
    for name, si in DIMENSIONS.items():
        if si and registry.Unit(si).dimensionality == wanted:
            return name
    return None


def _one_value(text: str) -> str:
    found = _ONE_VALUE.fullmatch(text.strip())
    if found is None:
        message = "not one number followed by one unit"
        raise ValueError(message)
    _one_unit(found["unit"])
    return text


def _one_unit(text: str) -> str:
    """Return the text of a unit; ValueError where it is something else that pint would evaluate."""
    plain = _NEEDLESS_SPACE.sub(r"\1", " ".join(text.split()))
    if len(text) > LONGEST_VALUE or (plain and not _UNIT.fullmatch(plain)):
        message = "not one number followed by one unit"
        raise ValueError(message)
    return text.strip()


def _rounded(value: float) -> float:
    # 15 digits, so that the last bit of a unit factor (a power from libm) cannot reach a run.
    return float(f"{value:.15g}")


def convert(value: float, unit: str, target: str) -> float:
    """Convert a number from one unit to another, both as pint writes them."""
    return _rounded(float(_registry().Quantity(value, unit).to(target).magnitude))


def to_base(value: float, unit: str) -> float:
    """Convert a number to the SI base units of its dimension."""
    return _rounded(float(_registry().Quantity(value, _one_unit(unit)).to_base_units().magnitude))


EXAMPLES = {
    "length": "12 um",
    "time": "8 h",
    "mass": "1 g",
    "volume": "5.3 L",
    "flow": "6.5 L/min",
    "pressure": "100 mmHg",
    "viscosity": "3.5 mPa*s",
    "density": "1060 kg/m**3",
    "speed": "1 mm/s",
    "rate": "0.28 1/h",
    "rate_per_mass": "3.2e6 1/g/day",
    "per_mass": "1e9 1/g",
    "dose": "2 Gy",
    "per_dose": "0.3 1/Gy",
    "per_dose_squared": "0.03 1/Gy**2",
    "fraction": "0.12",
    "number": "10",
}
