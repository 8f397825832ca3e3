"""Growing tumours and seeding lesions in a whole body: the same bits from every checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ctc
from ctc.scenario.scenario import Scenario
from ctc.states import COUNTED_CELL
from ctc.summary import RunSummary
from tests.parity.runs import digests, stop_after

# Everything is faster than life, so that lesions seed lesions within days.
SCENARIO = """
[scenario]
title = "Five days of two tumours in a hurry"

[run]
seed = 11
duration = "5 days"
epoch = "1 day"

[body]
terminals = 1500

[cancer]
set = "cancers/breast"

[[source]]
kind = "tumour"
organ = "breast"
mass = "0.03 g"
growth = "gompertz"
doubling_time = "3 days"
invasion = "single"
margin = "4 mm"
viable_rim = "1 mm"
lymph_share = 0.2
stop = "3 days"

[[source]]
kind = "tumour"
organ = "large intestine"
mass = "0.02 g"
growth = "power_law"
doubling_time = "2 days"

[tumours]
circadian = true
lesion_growth = "logistic"

[record]
tracked = 20

[[record.window]]
start = "2 days"
duration = "2 days"
interval = "12 h"

[override]
"tissue.organ.default.decision_time" = "1 h"
"tissue.organ.default.extravasation_half_time" = "8 h"
"tissue.organ.default.escape_half_life" = "2 days"
"tissue.organ.default.doubling_time" = "2 h"
"tissue.organ.liver.doubling_time" = "2 h"
"tissue.organ.lung.doubling_time" = "2 h"
"tissue.lesion_capacity" = 1e8
"tumour.reference_cells" = 1e6
"tumour.avascular_diameter" = "0.05 mm"
"tumour.lesion_shedding_factor" = 0.1
"tumour.balance_share" = 0.3
"tumour.balance_half_life" = "2 days"
"tumour.lesion_loss_rate" = "0.5 1/day"
"tumour.surveillance_diameter" = "0.05 mm"
"""


def load(folder: Path, *overrides: str) -> Scenario:
    path = folder / "tumours.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return ctc.load_scenario(path, overrides=list(overrides))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tumours")


@pytest.fixture(scope="module")
def whole(folder: Path) -> RunSummary:
    return ctc.run(load(folder), folder / "whole.vtkhdf", device="cpu")


def test_run_is_worth_comparing(whole: RunSummary, folder: Path) -> None:
    assert whole.n_shed == whole.in_flight + sum(whole.fates.values())
    lesions = whole.more["lesions"]
    assert lesions["of_lesions"] > 3
    assert min(lesions["in_balance"], lesions["lost"], lesions["living"]) > 0
    with ctc.open_run(folder / "whole.vtkhdf") as run:
        series, litters, rows = run.series(), run.litters(), run.lesions()
        breast = run.organ_names.index("breast")
    assert set(litters["route"]) >= {1, 2, 4}
    assert litters["count"].sum() == whole.n_shed
    assert (np.diff(series["tumour_cells"][:2, breast].astype(float)) > 0).all()
    assert (series["tumour_cells"][2:, breast] == 0).all()
    assert series["vessels_reached"][0, breast] > 0
    assert (rows["cell"] == COUNTED_CELL).sum() > 3
    children = rows[(rows["parent"] >= 0) & (rows["cell"] != 2**64 - 1)]
    assert (rows["founded"][children["parent"]] < children["founded"]).all()


@pytest.mark.parametrize("stop", [1, 2, 4])
def test_stop_and_resume(stop: int, tmp_path: Path, folder: Path, whole: RunSummary) -> None:
    path = tmp_path / "run.vtkhdf"
    stop_after(load(tmp_path), path, stop)
    found = ctc.resume(path, device="cpu", threads=1, chunk=700)
    assert digests(found) == digests(whole)
    assert found.more["lesions"] == whole.more["lesions"]
    with ctc.open_run(folder / "whole.vtkhdf") as wanted, ctc.open_run(path) as got:
        np.testing.assert_array_equal(got.litters(), wanted.litters())
        np.testing.assert_array_equal(got.lesion_history(), wanted.lesion_history())
        for name, values in wanted.series().items():
            if name != "wall_time":
                np.testing.assert_array_equal(got.series()[name], values, err_msg=name)


@pytest.mark.parametrize(
    "override",
    [
        "source.1.doubling_time=2.000002 days",
        "override.tumour.rest_ratio=3.6000036",
    ],
)
def test_a_small_change_of_a_rate_is_another_run(
    override: str, tmp_path: Path, whole: RunSummary
) -> None:
    """A change of 1e-6, too small to move a Poisson number of this run."""
    found = ctc.run(load(tmp_path, override), tmp_path / "run.vtkhdf", device="cpu")
    assert found.digest != whole.digest
