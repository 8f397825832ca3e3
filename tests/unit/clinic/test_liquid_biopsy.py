"""Counts in blood and in plasma: means, thinning, limits."""

import math

import numpy as np
import pytest

from ctc.clinic.ctdna import (
    cleared_fraction,
    measure_plasma,
    resolve_plasma_test,
    variant_fraction,
)
from ctc.clinic.liquid_biopsy import count_blood, expected_count, resolve_blood_test
from tests.unit.clinic.diagnosed import Constant, Hashed, parameters

TEST = resolve_blood_test(parameters())
PLASMA = resolve_plasma_test(parameters())
TUBE = 7.5e-6


def counts(concentration, n=1500, **more):
    return [count_blood(concentration, TUBE, test=TEST, draws=Hashed(i), **more) for i in range(n)]


def test_counts_are_poisson_of_the_thinned_mean():
    """1,500 tubes of 12 cells: mean 12 x 0.85 and variance as large, false ones taken off."""
    found = counts(12 / TUBE)
    true = np.array([each.count - each.n_false for each in found])
    mean = 12 * 0.85
    assert expected_count(12 / TUBE, TUBE, test=TEST) == pytest.approx(mean)
    assert abs(true.mean() - mean) < 5.0 * math.sqrt(mean / true.size)
    # Variance of a sample variance of a Poisson law: (2 m^2 + m) / n.
    assert abs(true.var() - mean) < 5.0 * math.sqrt((2 * mean**2 + mean) / true.size)


def test_clusters_are_a_thinned_share():
    found = counts(20 / TUBE, cluster_share=0.25)
    clusters = np.array([each.n_clusters for each in found])
    mean = 20 * 0.85 * 0.25
    assert abs(clusters.mean() - mean) < 5.0 * math.sqrt(mean / clusters.size)
    assert abs(clusters.var() - mean) < 5.0 * math.sqrt((2 * mean**2 + mean) / clusters.size)
    assert all(each.n_clusters <= each.count for each in found)


def test_one_healthy_person_in_344_has_two():
    """20,000 tubes without tumour cells; 58 +/- 8 expected with two or more."""
    n = 20_000
    found = sum(count_blood(0.0, TUBE, test=TEST, draws=Hashed(i)).count >= 2 for i in range(n))
    share = 1.0 / 344.0
    assert abs(found / n - share) < 5.0 * math.sqrt(share / n)


@pytest.mark.parametrize(("cancer", "limit"), [("breast", 5), ("prostate", 5), ("colorectal", 3)])
def test_cut_offs_are_those_of_the_cancer(cancer, limit):
    test = resolve_blood_test(parameters(cancer))
    for i in range(200):
        found = count_blood(limit / TUBE, TUBE, test=test, draws=Hashed(i))
        assert found.is_high == (found.count >= limit)


@pytest.mark.parametrize("concentration", [0.0, 1e-30, 1.0, 1e12, 1e300])
@pytest.mark.parametrize("deviate", [2.0**-53, 0.5, 1.0 - 2.0**-53])
def test_extreme_draws(concentration, deviate):
    found = count_blood(concentration, TUBE, test=TEST, draws=Constant(deviate), cluster_share=1.0)
    assert found.count >= found.n_clusters + found.n_false
    assert found.n_clusters == found.count - found.n_false


def test_bad_draws_are_refused():
    with pytest.raises(ValueError, match="concentration must be >= 0"):
        count_blood(-1.0, TUBE, test=TEST, draws=Hashed())
    with pytest.raises(ValueError, match="volume must be > 0"):
        count_blood(1.0, 0.0, test=TEST, draws=Hashed())


def test_a_tumour_of_10_millilitres_gives_a_thousandth():
    ball = (6.0 * 10e-6 / math.pi) ** (1.0 / 3.0)
    assert variant_fraction(np.array([ball]), test=PLASMA) == pytest.approx(1e-3)
    assert variant_fraction(np.array([ball, ball]), test=PLASMA) == pytest.approx(2e-3)
    assert variant_fraction(np.zeros(0), test=PLASMA) == 0.0
    assert variant_fraction(np.array([3.0]), test=PLASMA) == 0.5


def test_dna_is_cleared_by_halves():
    half = PLASMA.half_life
    assert cleared_fraction(1e-2, half, now=0.0, test=PLASMA) == pytest.approx(5e-3)
    assert cleared_fraction(1e-2, 2.0 * half, now=2e-3, test=PLASMA) == pytest.approx(4e-3)
    assert cleared_fraction(1e-2, 0.0, now=2e-3, test=PLASMA) == 1e-2
    assert cleared_fraction(1e-2, 1e15, now=2e-3, test=PLASMA) == pytest.approx(2e-3)


def test_the_limit_of_detection_is_the_number_of_molecules():
    """1,500 tubes; two molecules or more are Poisson: 1 - exp(-m) (1 + m)."""
    n = 1500
    for fraction in (1e-4, 3.36e-4, 1e-3):
        mean = fraction * PLASMA.genomes
        share = 1.0 - math.exp(-mean) * (1.0 + mean)
        found = sum(
            measure_plasma(fraction, test=PLASMA, draws=Hashed(i)).is_positive for i in range(n)
        )
        assert abs(found / n - share) < 5.0 * math.sqrt(share * (1.0 - share) / n)
    nothing = measure_plasma(0.0, test=PLASMA, draws=Hashed())
    assert (nothing.molecules, nothing.is_positive) == (0, False)
