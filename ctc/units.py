"""File units <-> SI: ``"3.2e6 1/g/day"`` becomes a float in SI, once, at load."""

from __future__ import annotations

import functools
import math
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
    "fraction": "",
    "number": "",
}


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
    try:
        quantity = registry.Quantity(text)
    except Exception as error:
        message = f"value must be a number with a unit, got '{text}' ({error})."
        raise InputError(f"{message} Write it like '{_example(dimension)}'.") from None
    if wanted and quantity.dimensionless and not quantity.unitless:
        quantity = quantity.to_base_units()
    if wanted and quantity.unitless:
        message = f"value must have a unit of {dimension}, got '{text}' with none."
        raise InputError(f"{message} Write it like '{_example(dimension)}'.")
    try:
        value = float(quantity.to(wanted or "dimensionless").magnitude)
    except Exception:
        message = f"value must be a {dimension}, got '{text}', which is [{quantity.units}]."
        raise InputError(f"{message} Write it like '{_example(dimension)}'.") from None
    if not math.isfinite(value):
        raise InputError(f"value must be finite, got '{text}'.")
    return value


def convert(value: float, unit: str, target: str) -> float:
    """Convert a number from one unit to another, both as pint writes them."""
    return float(_registry().Quantity(value, unit).to(target).magnitude)


def to_base(value: float, unit: str) -> float:
    """Convert a number to the SI base units of its dimension."""
    return float(_registry().Quantity(value, unit).to_base_units().magnitude)


_EXAMPLES = {
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
    "fraction": "0.12",
    "number": "10",
}


def _example(dimension: str) -> str:
    return _EXAMPLES[dimension]
