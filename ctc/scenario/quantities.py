"""Annotated types of the values in a scenario file: text with a unit there, SI floats here."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from ctc.errors import InputError
from ctc.units import DIMENSIONS, EXAMPLES, to_si

# Event times are int64 nanoseconds, which end after 292 years.
FINEST_TIME = 1e-9
LONGEST_TIME = 200 * 365.25 * 86400.0

Bound = Literal["> 0", ">= 0", "finite"]


def _quantity(
    dimension: str, bound: Bound, *, finest: float = 0.0, highest: float = math.inf
) -> Any:
    unit = DIMENSIONS[dimension].replace("**", "^")
    example = EXAMPLES[dimension]

    def parse(value: object, info: ValidationInfo) -> float:
        if info.context and info.context.get("si") and isinstance(value, int | float):
            return float(value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            message = f"value must be text with a unit, got {value!r}. Write it like '{example}'."
            raise InputError(message)
        si = to_si(str(value), dimension)
        is_low = si < 0 and bound != "finite"
        if is_low or (si == 0 and bound == "> 0") or si > highest:
            upper = f" and <= {highest:g}" if math.isfinite(highest) else ""
            message = (
                f"value must be {bound}{upper} {unit}".rstrip()
                + f", got {value!r}. Write it like '{example}'."
            )
            raise InputError(message)
        if 0 < si < finest:
            least = f"{finest:g} {unit}".rstrip()
            message = f"value must be >= {least}, got {value!r}. Give a larger one."
            raise InputError(message)
        return si

    plain = dimension in ("fraction", "number")
    return (
        BeforeValidator(parse),
        WithJsonSchema(
            {
                "type": ["string", "number"] if plain else "string",
                "description": f"{dimension.replace('_', ' ')}, {bound} {unit}".rstrip(),
                "examples": [example],
            }
        ),
    )


def _count(lowest: int, highest: int) -> Any:
    def parse(value: object) -> int:
        whole = isinstance(value, float) and value.is_integer()
        if isinstance(value, bool) or not (isinstance(value, int) or whole):
            message = f"value must be a whole number, got {value!r}. Write it like {lowest or 1}."
            raise InputError(message)
        number = int(value)  # type: ignore[call-overload]
        if not lowest <= number <= highest:
            message = f"value must lie in {lowest} .. {highest}, got {number}."
            raise InputError(message)
        return int(number)

    return (
        BeforeValidator(parse),
        WithJsonSchema({"type": "integer", "minimum": lowest, "maximum": highest}),
    )


Duration = Annotated[float, *_quantity("time", "> 0", finest=FINEST_TIME, highest=LONGEST_TIME)]
Moment = Annotated[float, *_quantity("time", ">= 0", highest=LONGEST_TIME)]
Length = Annotated[float, *_quantity("length", "> 0")]
Depth = Annotated[float, *_quantity("length", ">= 0")]
Coordinate = Annotated[float, *_quantity("length", "finite")]
Mass = Annotated[float, *_quantity("mass", "> 0")]
RatePerMass = Annotated[float, *_quantity("rate_per_mass", ">= 0")]
Probability = Annotated[float, *_quantity("fraction", ">= 0", highest=1.0)]
Factor = Annotated[float, *_quantity("number", ">= 0", highest=100.0)]
PositiveFactor = Annotated[float, *_quantity("number", "> 0", highest=10.0, finest=0.1)]
Seed = Annotated[int, *_count(0, 2**64 - 1)]
CellCount = Annotated[int, *_count(1, 10**12)]
TrackedCount = Annotated[int, *_count(0, 10**8)]
TerminalCount = Annotated[int, *_count(100, 10**8)]
