"""The rooms whose code is changed, and the tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Room:
    """A folder of `ctc/` and what it is tested by.

    Attributes
    ----------
    name : str
        Of the folder.
    tests : tuple of str
        Folders and files below `tests/`, those of this room alone.
    """

    name: str
    tests: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        """Return its modules as paths in the checkout."""
        found = sorted((ROOT / "ctc" / self.name).glob("*.py"))
        return tuple(str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py")


ROOMS = (
    Room("scenario", ("tests/unit/scenario", "tests/unit/test_units.py")),
    Room(
        "flow", ("tests/unit/flow", "tests/physics/test_flow.py", "tests/physics/test_rheology.py")
    ),
    Room("record", ("tests/unit/record",)),
)
