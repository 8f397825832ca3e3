"""What a run needs beyond its vessels hangs on the cells that live, not on those that were shed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from ctc.simulation.population import BYTES_PER_CELL
from tools.bench.children import run_child

SCENARIO = Path(__file__).parents[2] / "tools" / "bench" / "data" / "many_cells.toml"
MANY, FEW = "source.shedding_rate=1e5 1/g/s", "source.shedding_rate=1 1/g/s"
TWENTY_EPOCHS = "run.duration=20 s"
SHED = 2_000_000
# Rows of the state at once: 1e5 cells alive, and 1e5 born in the epoch.
ROWS = 200_000
# Of a row: its 48 bytes, as many for a copy while the dead are removed, the event of its end with
# its share in sorting, and what arrays are larger than they need to be. Measured: 27 MB in all.
CEILING = 5 * BYTES_PER_CELL * ROWS


def peak(scenario: Path, *overrides: str) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        return run_child("peak", [str(scenario), str(Path(folder) / "run.vtkhdf"), *overrides])


@pytest.fixture(scope="module")
def few() -> int:
    """Peak of the same run with hardly a cell [bytes]."""
    # Vessels that are grown have a peak of their own: the first run leaves them to the others.
    peak(SCENARIO, FEW, "run.duration=1 s")
    return peak(SCENARIO, FEW, TWENTY_EPOCHS)["peak"]


def test_cells_that_were_shed_and_died_take_no_memory(few: int) -> None:
    """To keep them all would take 96 MB for their state alone, twice what is allowed."""
    found = peak(SCENARIO, MANY, TWENTY_EPOCHS)
    # Poisson: standard error 1,414; alive are the births of the mean life of 1 s, 316.
    assert abs(found["shed"] - SHED) < 5 * 1414
    assert abs(found["in_flight"] - 100_000) < 5 * 316
    assert found["peak"] - few < CEILING


def test_the_ceiling_tells_cells_that_are_kept(tmp_path: Path, few: int) -> None:
    text = SCENARIO.read_text(encoding="utf-8")
    immortal = tmp_path / "immortal.toml"
    immortal.write_text(text.replace('"1 1/s"', '"0 1/s"'), encoding="utf-8")
    found = peak(immortal, MANY, TWENTY_EPOCHS)
    assert found["in_flight"] > 0.8 * SHED
    assert found["peak"] - few > CEILING
