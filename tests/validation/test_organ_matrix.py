"""The organ-to-organ experiment of Font-Clos et al. 2020, on the network that it was made with.

Statistical: 16 x 10,000 cells, seed 1. Against the exact chain every one of 256 counts lies within
five binomial standard errors; among so many, all normal, one in 7,000 samples would miss that.

Against the published matrix: Spearman's correlation of 13 organs falls by 0.0055 for each pair of
neighbours in rank that change places. Exact matrices are compared to 0.02, four such pairs; the
sampled ones keep what they reach in the exact one less 0.05, as organs with few cells change
places by chance.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.pipeline import load_scenario, prepare, run
from ctc.vessels.imported import read_tables
from tests.reference_data import require_reference
from tests.unit.vessels.table_samples import write_sample
from tools.validate import organ_report
from tools.validate.__main__ import main
from tools.validate.autopsies import explained_variance
from tools.validate.organ_experiment import (
    FITTED_ATTACH_RADIUS,
    STATED_ATTACH_RADIUS,
    Experiment,
    Sample,
    fit_attach_radius,
)

N_CELLS = 10_000
LAWS = {"stated": STATED_ATTACH_RADIUS, "fitted": FITTED_ATTACH_RADIUS}


@functools.cache
def _experiment(folder: Path) -> Experiment:
    return Experiment(folder, cells=N_CELLS)


@functools.cache
def _sample(experiment: Experiment, law: str) -> Sample:
    return experiment.sampled(LAWS[law], device="cpu")


@pytest.fixture
def experiment() -> Experiment:
    return _experiment(require_reference("data", "bodyparts3d"))


@pytest.mark.parametrize("law", LAWS)
def test_the_kernels_walk_as_the_exact_chain(experiment: Experiment, law: str) -> None:
    sample = _sample(experiment, law)
    n_sources = len(experiment.imported.near_organs)
    np.testing.assert_array_equal(sample.cells.sum(axis=1), np.full(n_sources, N_CELLS))
    assert experiment.deviation(sample, LAWS[law]) < 5.0
    # Hops to attachment are close to geometric: as wide as their mean.
    walk, _ = experiment.expected(LAWS[law])
    n = sample.summary.n_shed
    expected = float(walk.hops.mean())
    assert abs(sample.summary.hops / n - expected) < 5 * expected / np.sqrt(n)


def test_a_cell_enters_one_segment_over_the_attach_chance(experiment: Experiment) -> None:
    """1 / 0.001 segments for every source, wherever it starts; the toll is a float32."""
    walk, _ = experiment.expected(STATED_ATTACH_RADIUS)
    np.testing.assert_allclose(walk.segments, 1000.0, rtol=1e-6)
    np.testing.assert_allclose(walk.attached.sum(axis=1), 1.0, rtol=1e-9)


@pytest.mark.parametrize(
    ("law", "lowest", "mean"), [("stated", 0.48, 0.64), ("fitted", 0.85, 0.91)]
)
def test_ranks_against_the_published_matrix(
    experiment: Experiment, law: str, lowest: float, mean: float
) -> None:
    """The stated law misses the goal of 0.8; the fitted one has seen the matrix and meets it."""
    exact = experiment.score(experiment.expected(LAWS[law])[1]).rank
    assert exact.min() > lowest - 0.02
    assert exact.mean() > mean - 0.02
    sampled = _sample(experiment, law).score.rank
    assert sampled.min() > lowest - 0.05
    assert sampled.mean() > mean - 0.05


def test_the_fitted_law_reaches_the_goal(experiment: Experiment) -> None:
    fit = fit_attach_radius(experiment)
    assert fit.attach_radius == FITTED_ATTACH_RADIUS
    assert fit.held_out.min() >= 0.8
    assert _sample(experiment, "fitted").score.rank.min() >= 0.8


def test_a_count_of_nodes_does_as_well(experiment: Experiment) -> None:
    """The benchmark is weak: without any flow it is met better than by either law."""
    baseline = experiment.score(experiment.baseline())
    for radius in LAWS.values():
        score = experiment.score(experiment.expected(radius)[1])
        assert baseline.rank.mean() > score.rank.mean()
        assert baseline.distance.mean() < score.distance.mean()


def test_autopsies_are_explained_as_by_the_published_matrix(experiment: Experiment) -> None:
    """Log-log R^2 of nine primaries, within 0.15 of what the authors' own matrix reaches."""
    theirs = explained_variance(experiment.published)
    ours = explained_variance(experiment.expected(FITTED_ATTACH_RADIUS)[1])
    assert len(theirs) == 9
    assert ours.keys() == theirs.keys()
    assert max(abs(ours[name] - theirs[name]) for name in theirs) <= 0.15


@pytest.mark.parametrize("mode", list(ImportedFlow))
def test_cells_run_through_either_flow(mode: ImportedFlow, tmp_path: Path) -> None:
    """Import, flow, kernels and run file in one go; mass to 1e-12 at every node."""
    tables = require_reference("data", "bodyparts3d")
    overrides = [f"body.folder={tables}", f"body.flow={mode.value}"]
    scenario = load_scenario("imported_body", overrides=overrides)
    assert prepare(scenario).flow.mass_residual < 1e-12
    few = [f"source.{index}.cells=20" for index in range(len(scenario.settings.source))]
    scenario = load_scenario("imported_body", overrides=[*overrides, *few])
    summary = run(scenario, tmp_path / "run.vtkhdf", device="cpu")
    assert summary.n_shed == 20 * len(few)
    assert summary.hops > 100 * summary.n_shed


@pytest.mark.parametrize("mode", list(ImportedFlow))
def test_small_tables_conserve_mass(mode: ImportedFlow, tmp_path: Path) -> None:
    _, flow = solve_imported(read_tables(write_sample(tmp_path)), mode=mode)
    assert flow.mass_residual < 1e-12


def test_the_command_gives_figures_tables_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = require_reference("data", "bodyparts3d")
    few = organ_report.conduct(Experiment(tables, cells=100), device="cpu", threads=None)
    monkeypatch.setattr(organ_report, "conduct", lambda *_, **__: few)
    arguments = ["organ_matrix", "--tables", str(tables)]
    picture = tmp_path / "matrices.png"
    assert main([*arguments, "--json", "--picture", str(picture)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["laws"]["stated law"]["cells"] == 16 * 100
    assert np.shape(found["laws"]["fitted law"]["matrix"]) == (13, 13)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(arguments) == 0
    assert "Rank correlation" in capsys.readouterr().out


def test_the_command_refuses_a_folder_without_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["organ_matrix", "--tables", str(tmp_path)]) == InputError.exit_code
    assert "nodes.csv" in capsys.readouterr().err
