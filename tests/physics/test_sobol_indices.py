"""Sobol indices through a whole sweep, beside those known in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ctc.cohort.sensitivity import sobol_indices
from ctc.cohort.table import open_table
from ctc.errors import InputError
from ctc.summary import SweepSummary
from ctc.sweep import run_sweep
from tests.unit.cohort.stand_in import follow, ishigami
from tests.unit.cohort.sweeps import BASE, uniform, write_sweep

KEYS = ("host.immune_competence", "host.platelets", "host.hypoxia")
TEXT = """
[sweep]
title = "Ishigami"
scenario = "base.toml"
design = "sobol"
patients = {base}
seed = 3
block = 10000
outcomes = ["burden"]
""" + "".join(uniform(key) for key in KEYS)

# Of f = sin x + a sin^2 y + b z^4 sin x on (-pi, pi): a = 7, b = 0.1 (Ishigami and Homma 1990).
_A, _B = 7.0, 0.1
_OF_X = 0.5 * (1.0 + _B * np.pi**4 / 5.0) ** 2
_OF_Y = _A**2 / 8.0
_OF_XZ = _B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
_VARIANCE = _OF_X + _OF_Y + _OF_XZ
FIRST = np.array([_OF_X, _OF_Y, 0.0]) / _VARIANCE
TOTAL = np.array([_OF_X + _OF_XZ, _OF_Y, _OF_XZ]) / _VARIANCE


def swept(path: Path, name: str = "out") -> SweepSummary:
    folder = path.parent / name
    return run_sweep(path, folder, device="cpu", threads=1, workers=1, follow=ishigami)


def test_indices_of_ishigami(tmp_path: Path) -> None:
    """256 base points, 1280 patients; intervals of 95 % by bootstrap.

    Each of six indices within 2.6 half widths (five standard errors), and the half widths below
    0.2: so the test tells the indices apart.
    """
    summary = swept(write_sweep(tmp_path, TEXT.format(base=256), base=BASE))
    rows = summary.sensitivity
    assert [row["key"] for row in rows] == list(KEYS)
    for name, expected in (("first", FIRST), ("total", TOTAL)):
        found = np.array([row[name] for row in rows])
        width = np.array([row[f"{name}_error"] for row in rows])
        assert (width < 0.2).all()
        assert (np.abs(found - expected) < 2.6 * np.maximum(width, 1e-3)).all(), (found, width)
    stored = open_table(tmp_path / "out").further["sensitivity"]
    assert [column.name for column in stored][:3] == ["arm", "outcome", "key"]


def test_the_same_indices_again(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, TEXT.format(base=16), base=BASE)
    assert swept(path, "a").sensitivity == swept(path, "b").sensitivity


def test_what_did_not_happen_counts_as_at_the_end(tmp_path: Path) -> None:
    text = TEXT.format(base=8).replace('"burden"', '"death_time", "colonies"')
    text = text.replace(KEYS[1], "source.0.mass").replace(
        'key = "source.0.mass"\ndistribution = "uniform"\nlow = 0\nhigh = 1',
        'key = "source.0.mass"\ndistribution = "uniform"\nlow = "0.1 g"\nhigh = "0.6 g"',
    )
    path = write_sweep(tmp_path, text, base=BASE)
    run_sweep(path, tmp_path / "out", device="cpu", threads=1, workers=1, follow=follow)
    table = open_table(tmp_path / "out")
    death, _ = sobol_indices(table, ("death_time", "colonies"))
    n_alive = int(np.isnan(table.column("death_time")).sum())
    assert 0 < n_alive < table.n_rows
    assert death.note == f"did not happen to {n_alive} patients, who count as at the end"
    assert np.isfinite(death.first).all()


def test_an_outcome_without_variance_has_no_indices(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, TEXT.format(base=4).replace('"burden"', '"t_found"'), base=BASE)
    rows = swept(path).sensitivity
    assert [row["first"] for row in rows] == [None] * 3
    (found,) = sobol_indices(open_table(tmp_path / "out"), ("t_found",))
    assert found.note == "all patients have the same"


@pytest.mark.parametrize(
    ("old", "new", "phrase"),
    [
        ('"burden"', '"burdens"', "Did you mean 'burden'"),
        ("patients = 16", "patients = 12", "Take 8 or 16"),
        ('design = "sobol"', 'design = "cohort"', "outcomes: key must be left out"),
    ],
)
def test_bad_designs_are_refused(tmp_path: Path, old: str, new: str, phrase: str) -> None:
    text = TEXT.format(base=16).replace(old, new)
    with pytest.raises(InputError) as refused:
        swept(write_sweep(tmp_path, text, base=BASE))
    assert phrase in str(refused.value)
    assert not (tmp_path / "out").exists()
