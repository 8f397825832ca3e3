"""The fit of what patients die of: shipped values, known limits, predictions."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from ctc.resources import resource_folder
from ctc.scenario.parameters import load_parameters
from tools.calibrate.prognosis import Lump, Model, Prognosis, Spread, find_prognosis, median
from tools.calibrate.prognosis_file import prognosis_block, show_prognosis, write_prognosis
from tools.calibrate.shipping import block_of

SHIPPED = resource_folder("scenarios") / "parameters" / "prognosis.toml"


@pytest.fixture(scope="module")
def prognosis() -> Prognosis:
    return find_prognosis()


def test_shipped_values_are_those_of_the_fit(prognosis: Prognosis) -> None:
    assert block_of(SHIPPED).strip() == prognosis_block(prognosis).strip()


def test_writing_again_changes_nothing(prognosis: Prognosis, tmp_path: Path) -> None:
    copy = Path(shutil.copy(SHIPPED, tmp_path))
    write_prognosis(prognosis, copy)
    assert copy.read_text(encoding="utf-8") == SHIPPED.read_text(encoding="utf-8")


def test_what_is_not_fitted_lies_near_what_is_published(prognosis: Prognosis) -> None:
    """Survival with two organs struck, the median of all, untreated patients after 5 years."""
    shares, months = prognosis.predicted.values()
    assert abs(shares[1] - shares[0]) < 0.05
    assert abs(months[1] - months[0]) < 3.0
    assert abs(prognosis.untreated[5] - 0.18) < 0.03


def test_bone_kills_last_and_brain_first(prognosis: Prognosis) -> None:
    assert prognosis.lethal["brain"] < prognosis.lethal["liver"] < prognosis.lethal["default"]
    assert "predicted" in show_prognosis(prognosis)


def test_without_spread_and_with_a_sharp_limit_death_comes_when_it_is_reached() -> None:
    """Gompertz from 1e9 to 1e11 cells with K = 3.1e12: solved for the time."""
    sharp = load_parameters("prognosis")
    model = Model(sharp, capacity=3.1e12)
    doubling = 60.0 * 86400.0
    lump = Lump(1e11, 1e9, doubling)
    rate = np.log(2.0) / doubling / np.log(3100.0)
    reached = np.log(np.log(1e9 / 3.1e12) / np.log(1e11 / 3.1e12)) / rate / (365.25 / 12 * 86400)
    none = Spread(0.0, 0.0, 0.0)
    found = median(model.survival([lump], slowing=1.0, spread=none, others=0.0))
    # The hazard, half of one in 30 days there, rises with the cube of the burden: weeks before.
    assert 0.0 < reached - found < 2.5
    slowed = median(model.survival([lump], slowing=2.0, spread=none, others=0.0))
    assert slowed > 1.6 * found
