"""The parameters of what patients die of: name, dimension, range. Holds no value."""

from __future__ import annotations

from ctc.scenario.rule import Rule

SEXES = ("male", "female")
# Each below prognosis.lethal_cells.<organ>; an organ that lacks one takes that of default.
LETHAL_PREFIX = "prognosis.lethal_cells."
LETHAL_CELLS = Rule("number", lowest=1.0, highest=1e18)

_YEARLY = Rule("rate", highest=1e-3)
_OF_A_SEX = {
    "accident_rate": _YEARLY,
    "ageing_rate": _YEARLY,
    "ageing_doubling_time": Rule("time", lowest=86400.0, highest=1e15),
}

PARAMETERS: dict[str, Rule] = {
    f"{LETHAL_PREFIX}default": LETHAL_CELLS,
    "prognosis.steepness": Rule("number", lowest=0.1, highest=10.0),
    "prognosis.dying_time": Rule("time", lowest=60.0, highest=1e15),
    "prognosis.frailty_spread": Rule("number", highest=3.0),
    "prognosis.reference_mass": Rule("mass", lowest=1e-3, highest=1e3),
    "prognosis.reference_age": Rule("time", highest=1e10),
    "prognosis.oldest_age": Rule("time", highest=1e10),
    **{f"prognosis.{sex}.{key}": rule for sex in SEXES for key, rule in _OF_A_SEX.items()},
}


def lethal_organ_of(name: str) -> str | None:
    """Return the organ in a name like ``prognosis.lethal_cells.liver``, else None."""
    if not name.startswith(LETHAL_PREFIX):
        return None
    return name[len(LETHAL_PREFIX) :] or None
