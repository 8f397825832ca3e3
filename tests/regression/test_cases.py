"""Small runs whose digests are on record: one folder a case, with its world and its digest.

Vessels and flows of the cases are given as numbers that floats hold exactly, and nothing is solved,
so that the digest is the same on every machine. ``pytest --update`` writes what is found; a new
digest goes into a change of its own, with the reason.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ctc.backends.base import Backend
from ctc.simulation.setting import Setting
from ctc.vessels.network import SegmentKind
from tests.physics.mixed import digest_of_run
from tests.physics.worlds import Vessel, living, made_setting, made_world, shedding, with_clocks

HERE = Path(__file__).resolve().parent
CASES = sorted(path.parent.name for path in HERE.glob("*/case.toml"))


def read_case(name: str) -> Setting:
    """Return the setting that a case describes; see any ``case.toml`` for the keys."""
    case: dict[str, Any] = tomllib.loads((HERE / name / "case.toml").read_text(encoding="utf-8"))
    vessels = [
        Vessel(**{**row, "kind": SegmentKind[row.get("kind", "artery").upper()]})
        for row in case["vessel"]
    ]
    biology = with_clocks(living(**case.get("cells", {})), **case.get("clocks", {}))
    world = made_world(vessels, biology)
    sources = [shedding(world, **row) for row in case["source"]]
    return made_setting(world, sources, **case["run"])


@pytest.mark.parametrize("name", CASES)
def test_digest_is_the_one_on_record(
    name: str, backend: Backend, request: pytest.FixtureRequest
) -> None:
    found = digest_of_run(read_case(name), backend)
    record = HERE / name / "digest.txt"
    if request.config.getoption("--update"):
        record.write_text(found + "\n", encoding="utf-8")
    assert found == record.read_text(encoding="utf-8").strip()
