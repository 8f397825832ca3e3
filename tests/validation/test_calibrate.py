"""The fit of organ affinities: laws, recovery of known numbers, no peeking, the shipped values."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ctc.resources import resource_folder
from tools.calibrate.exposures import (
    Exposure,
    compute_exposures,
    parameters_mark,
    read_exposures,
    scenario_of,
)
from tools.calibrate.fit import Problem, fit, fit_at, scatter_of_pairs
from tools.calibrate.incidence import incidence, level_of
from tools.calibrate.judgement import deviances, judge, n_won
from tools.calibrate.models import Model, train
from tools.calibrate.portal import TOLERANCE, order_is_kept, portal_table
from tools.calibrate.protocol import CANCERS, HELD_OUT, LEFT_OUT, SITES, primaries
from tools.calibrate.shipping import block_of, find_affinities, write_affinities
from tools.calibrate.table import Findings, gather_findings
from tools.validate.autopsies import autopsy_rows

SHIPPED = resource_folder("scenarios") / "parameters"


@pytest.fixture(scope="module")
def findings() -> Findings:
    return gather_findings(read_exposures())


def test_the_held_out_cancers_are_every_third_by_name() -> None:
    assert HELD_OUT == ("colorectal", "lung", "pancreas", "thyroid")
    assert len(CANCERS) == 12


def test_every_site_of_the_table_is_fitted_or_left_out_with_a_reason() -> None:
    known = set(autopsy_rows()["breast"].sites) - {"n_autopsies", "n_metastases_total"}
    assert set(SITES) | set(LEFT_OUT) == known
    assert not set(SITES) & set(LEFT_OUT)
    assert all(len(reason.split()) >= 3 for reason in LEFT_OUT.values())


def test_without_spread_the_chance_is_that_of_poisson() -> None:
    eta = np.array([-5.0, -1.0, 0.0, 1.0])
    np.testing.assert_allclose(incidence(eta, 0.0), -np.expm1(-np.exp(eta)), rtol=1e-6)


def test_rare_findings_follow_the_mean_number_and_half_lies_at_ln_2() -> None:
    assert incidence(np.array([-18.0]), 2.0)[0] == pytest.approx(np.exp(-18.0 + 2.0), rel=1e-3)
    assert level_of(0.5, 0.0) == pytest.approx(np.log(np.log(2.0)), abs=1e-6)
    assert incidence(np.array([level_of(0.2, 1.7)]), 1.7)[0] == pytest.approx(0.2)


def test_spreads_add_in_quadrature() -> None:
    """The mean over a scatter of 1.5 of the chance with spread 2 is that with spread 2.5."""
    z = np.linspace(-7.0, 7.0, 281)
    weight = np.exp(-0.5 * z * z)
    mean = (weight * incidence(-1.0 + 1.5 * z, 2.0)).sum() / weight.sum()
    assert mean == pytest.approx(incidence(np.array([-1.0]), 2.5)[0], rel=1e-6)


def made_problem(n_patients: int, *, scatter: float) -> tuple[Problem, np.ndarray, np.ndarray]:
    """Return findings of 20 primaries at 8 sites, their factors and the scatter of their pairs."""
    rng = np.random.default_rng(5)
    shape = (20, 8)
    factor = rng.normal(0.0, 1.0, shape[1])
    factor -= factor.mean()
    offset = rng.normal(0.0, 1.0, shape)
    own = scatter * rng.normal(0.0, 1.0, shape)
    level = rng.normal(-2.0, 0.8, shape[0])
    chance = incidence(level[:, np.newaxis] + offset + factor + own, 2.0)
    n = np.full(shape[0], n_patients)
    found = rng.binomial(n_patients, chance)
    problem = Problem(n, found, np.ones(shape, dtype=bool), offset, has_factors=True)
    return problem, factor, own


def test_the_fit_finds_the_factors_that_made_the_data() -> None:
    """20 primaries of 1,000 patients, scatter 0.5.

    A factor is the mean of 20 pairs with a scatter of 0.5 and a counting error of about 0.2 each:
    standard error 0.12. The scatter itself comes from 160 pairs: 0.03, and 0.05 with the error of
    the spread. The spread is known to a step or two of its grid. The scatter of a pair is seen with
    that counting error and less the means of its row and site, 1 - 1/8 - 1/20 of its variance: a
    correlation of 0.93 x 0.91.
    """
    problem, factor, own = made_problem(1000, scatter=0.5)
    found = fit(problem)
    assert np.abs(found.factor - factor).max() < 5 * 0.12
    assert found.scatter == pytest.approx(0.5, abs=5 * 0.05)
    assert found.spread == pytest.approx(2.0, abs=0.5)
    mean, deviation = scatter_of_pairs(problem, found)
    assert np.corrcoef(mean.ravel(), own.ravel())[0, 1] > 0.8
    assert deviation.max() < 0.5


def test_the_likelihood_is_greatest_where_the_fit_ends() -> None:
    problem, _, _ = made_problem(200, scatter=0.3)
    best = fit(problem)
    for spread in (best.spread - 0.25, best.spread + 0.25):
        assert fit_at(problem, spread).log_likelihood <= best.log_likelihood


def test_nothing_of_a_held_out_row_enters_its_prediction(findings: Findings) -> None:
    """Other findings of the thyroid move its deviance, and no number that predicts it."""
    row = next(i for i, each in enumerate(findings.primaries) if each.row == "thyroid")
    changed = findings.n_found.copy()
    changed[row] = findings.n_patients[row] - changed[row]
    other = replace(findings, n_found=changed)
    first = train(Model.OURS, findings.without(["thyroid"]))
    second = train(Model.OURS, other.without(["thyroid"]))
    np.testing.assert_array_equal(first.fit.factor, second.fit.factor)
    np.testing.assert_array_equal(first.fit.level, second.fit.level)
    np.testing.assert_array_equal(first.profile, second.profile)
    before = deviances(first, findings.only("thyroid"))
    assert before != deviances(second, other.only("thyroid"))


def test_a_held_out_cancer_leaves_with_all_its_rows(findings: Findings) -> None:
    rows = {primary.row for primary in findings.without(["colorectal"]).primaries}
    assert not rows & {"colon", "rectum"}
    used = {primary.cancer for primary in findings.without(HELD_OUT).primaries}
    assert not used & set(HELD_OUT)


def test_the_fit_repeats_the_shipped_files_to_the_letter(
    findings: Findings, tmp_path: Path
) -> None:
    shutil.copy(SHIPPED / "tissue.toml", tmp_path)
    shutil.copytree(SHIPPED / "cancers", tmp_path / "cancers")
    affinities = find_affinities(findings)
    written = write_affinities(affinities, tmp_path)
    assert len(written) == 13
    for path in written:
        shipped = SHIPPED / path.relative_to(tmp_path)
        assert path.read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8")
        assert block_of(path).strip()
    assert affinities.common["liver"] == 1.0
    assert not set(affinities.own) & set(HELD_OUT)


def test_what_stands_around_the_written_block_is_kept(findings: Findings, tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "tissue.toml", tmp_path)
    shutil.copytree(SHIPPED / "cancers", tmp_path / "cancers")
    path = tmp_path / "cancers" / "kidney.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    affinities = find_affinities(findings)
    write_affinities(affinities, tmp_path)
    once = path.read_text(encoding="utf-8")
    assert once.endswith("\n# mine\n")
    write_affinities(affinities, tmp_path)
    assert path.read_text(encoding="utf-8") == once


def test_the_stored_exposures_are_those_of_the_shipped_parameters() -> None:
    """Else: python -m tools.calibrate exposures, then python -m tools.calibrate."""
    stored = {each.primary: each.parameters for each in read_exposures()}
    assert stored == {each.row: parameters_mark(scenario_of(each)) for each in primaries()}


@pytest.mark.validation
def test_the_stored_exposures_are_found_again() -> None:
    """To the six digits that are stored; classes of segments may be cut otherwise."""

    def numbers(rows: list[Exposure]) -> list[list[float]]:
        return [[each.flow_share, each.left, each.left_rerouted] for each in rows]

    stored, found = read_exposures(), compute_exposures()
    assert [(e.primary, e.organ, e.network) for e in stored] == [
        (e.primary, e.organ, e.network) for e in found
    ]
    np.testing.assert_allclose(numbers(stored), numbers(found), rtol=1e-5)


@pytest.mark.validation
def test_cancers_that_were_held_out_are_predicted_better_than_by_the_baselines(
    findings: Findings,
) -> None:
    """Row 16: at least 8 of 12.

    That the exposures do it, and not the factors alone, shows the same fit with all exposures
    equal, which is beaten for most as well.
    """
    verdicts = judge(findings)
    assert n_won(verdicts, "deviance", against=[Model.FLOW_SHARE, Model.MEAN_PROFILE]) >= 8
    assert n_won(verdicts, "deviance", against=[Model.NO_EXPOSURES]) >= 7


@pytest.mark.validation
def test_the_portal_way_puts_the_liver_before_the_lung(findings: Findings) -> None:
    """Row 17: order kept; within 1.6 but for the thyroid; without the portal way it is lost."""
    rows = portal_table(findings)
    assert order_is_kept(rows)
    assert [row.primary for row in rows if row.off_by > TOLERANCE] == ["thyroid"]
    assert not order_is_kept(rows, "rerouted")
    assert all(row.rerouted < 0.6 for row in rows)
