"""All that is followed on many ways, by name."""

from __future__ import annotations

from ctc.errors import InputError, near_name
from ctc.scenario.load import shipped_scenarios
from tools.same_bits.cases import case_of
from tools.same_bits.following import AnyCase
from tools.same_bits.sweep_cases import sweep_case
from tools.short_forms import sweep_names

SWEEPS = "sweeps/"


def all_names() -> tuple[str, ...]:
    """Return the names of all shipped scenarios and sweeps."""
    return (*shipped_scenarios(), *(f"{SWEEPS}{name}" for name in sweep_names()))


def find_case(name: str) -> AnyCase:
    """Return a scenario or sweep in its short form.

    Raises
    ------
    InputError
        If there is none of that name, or its tables are not here.
    """
    require_known(name)
    return sweep_case(name) if name.startswith(SWEEPS) else case_of(name)


def require_known(name: str) -> None:
    """Raise InputError unless there is a scenario or sweep of that name."""
    if name not in all_names():
        message = f"--scenario must be a shipped scenario or sweep, got '{name}'. "
        raise InputError(message + near_name(name, all_names()))
