"""Annotated types of the values in a scenario file: text with a unit there, SI floats here."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from ctc.errors import InputError
from ctc.input_files import shown
from ctc.units import DIMENSIONS, EXAMPLES, to_si

# Event times are int64 nanoseconds, which end after 292 years.
FINEST_TIME = 1e-9
LONGEST_TIME = 200 * 365.25 * 86400.0
# Copying a human genome takes hours, the quickest divisions of any embryo minutes.
_SHORTEST_DOUBLING = 60.0
# A kilogram of tumour is about 1e12 cells: here all of them would be shed within a second.
FASTEST_SHEDDING = 1e12
# No body is larger, and none heavier.
_LARGEST_LENGTH = 10.0
_LARGEST_MASS = 1000.0
# A draw of blood, and a fraction of radiation; no one was older.
_MOST_BLOOD = 1e-3
_HIGHEST_DOSE = 100.0
_OLDEST = 130 * 365.25 * 86400.0
# Coordinates of a body are float32: finer than this they are not.
_FINEST_PLACE = 1e-9

Bound = Literal["> 0", ">= 0", "finite"]


def _quantity(
    dimension: str,
    bound: Bound,
    *,
    finest: float = 0.0,
    highest: float = math.inf,
    why: str = "",
) -> Any:
    unit = DIMENSIONS[dimension].replace("**", "^")
    example = EXAMPLES[dimension]

    def parse(value: object, info: ValidationInfo) -> float:
        if info.context and info.context.get("si") and isinstance(value, int | float):
            return float(value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            message = (
                f"value must be text with a unit, got {shown(value)}. Write it like '{example}'."
            )
            raise InputError(message)
        si = to_si(str(value), dimension)
        is_low = si < 0 and bound != "finite"
        is_far = si > highest or (bound == "finite" and si < -highest)
        if is_low or (si == 0 and bound == "> 0") or is_far:
            # What no clock can tell is no bound that anyone meets.
            lower = f">= {finest:g}" if finest > 0.01 else bound
            lower = f">= {-highest:g}" if bound == "finite" else lower
            upper = f" and <= {highest:g}" if math.isfinite(highest) else ""
            message = (
                f"value must be {lower}{upper} {unit}".rstrip()
                + f", got {shown(value)}. Write it like '{example}'."
            )
            raise InputError(message)
        if 0 < si < finest:
            least = f"{finest:g} {unit}".rstrip()
            reason = f" ({why})" if why else ""
            message = f"value must be >= {least}{reason}, got {shown(value)}. Give a larger one."
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
            message = (
                f"value must be a whole number, got {shown(value)}. Write it like {lowest or 1}."
            )
            raise InputError(message)
        number = int(value)  # type: ignore[call-overload]
        if not lowest <= number <= highest:
            message = f"value must lie in {lowest} .. {highest}, got {number}. Give one of those."
            raise InputError(message)
        return int(number)

    return (
        BeforeValidator(parse),
        WithJsonSchema({"type": "integer", "minimum": lowest, "maximum": highest}),
    )


def _three(value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple) or len(value) != 3:
        message = (
            f"value must be a list of three lengths (left, back, up), got {shown(value)}. Write it "
            "like ['62 mm', '-193 mm', '1132 mm']."
        )
        raise InputError(message)
    return tuple(value)


Duration = Annotated[float, *_quantity("time", "> 0", finest=FINEST_TIME, highest=LONGEST_TIME)]
Moment = Annotated[float, *_quantity("time", ">= 0", highest=LONGEST_TIME)]
DoublingTime = Annotated[
    float,
    *_quantity(
        "time",
        "> 0",
        finest=_SHORTEST_DOUBLING,
        highest=LONGEST_TIME,
        why="no cell doubles within a minute",
    ),
]
Length = Annotated[float, *_quantity("length", "> 0", highest=_LARGEST_LENGTH)]
Tolerance = Annotated[
    float, *_quantity("length", "> 0", finest=_FINEST_PLACE, highest=_LARGEST_LENGTH)
]
Depth = Annotated[float, *_quantity("length", ">= 0", highest=_LARGEST_LENGTH)]
Coordinate = Annotated[float, *_quantity("length", "finite", highest=_LARGEST_LENGTH)]
Place = Annotated[tuple[Coordinate, Coordinate, Coordinate], BeforeValidator(_three)]
Mass = Annotated[float, *_quantity("mass", "> 0", highest=_LARGEST_MASS)]
RatePerMass = Annotated[float, *_quantity("rate_per_mass", ">= 0", highest=FASTEST_SHEDDING)]
Probability = Annotated[float, *_quantity("fraction", ">= 0", highest=1.0)]
Factor = Annotated[float, *_quantity("number", ">= 0", highest=100.0)]
PositiveFactor = Annotated[float, *_quantity("number", "> 0", highest=10.0, finest=0.1)]
Weight = Annotated[float, *_quantity("number", "> 0", finest=1.0, highest=1e12)]
Volume = Annotated[float, *_quantity("volume", "> 0", highest=_MOST_BLOOD)]
Dose = Annotated[float, *_quantity("dose", "> 0", highest=_HIGHEST_DOSE)]
Age = Annotated[float, *_quantity("time", ">= 0", highest=_OLDEST)]
Seed = Annotated[int, *_count(0, 2**64 - 1)]
PatientNumber = Annotated[int, *_count(0, 2**23 - 1)]
PatientCount = Annotated[int, *_count(1, 2**23)]
BlockSize = Annotated[int, *_count(1, 10_000)]
OccasionCount = Annotated[int, *_count(1, 10_000)]
LesionCount = Annotated[int, *_count(1, 10**6)]
CellCount = Annotated[int, *_count(1, 10**12)]
TrackedCount = Annotated[int, *_count(0, 10**8)]
TerminalCount = Annotated[int, *_count(100, 10**8)]
