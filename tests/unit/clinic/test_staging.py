"""Tissue and stage: limits, false negatives, groups."""

import itertools

import numpy as np
import pytest

from ctc.clinic.imaging import FALSE_FINDING
from ctc.clinic.staging import (
    UNKNOWN,
    NodeSize,
    Stage,
    n_stage,
    node_sizes,
    resolve_staging,
    stage_group,
    stage_of,
    t_stage,
    true_stage,
)
from ctc.clinic.tissue_biopsy import (
    needle_sensitivity,
    resolve_needle,
    resolve_sentinel,
    sentinel_biopsy,
    take_biopsy,
)
from tests.unit.clinic.diagnosed import ORGANS, Constant, Hashed, disease, parameters

LAWS = resolve_staging(parameters())
NEEDLE = resolve_needle(parameters())
SENTINEL = resolve_sentinel(parameters())


@pytest.mark.parametrize(
    ("cancer", "stages"),
    [
        ("breast", {0.0: 0, 1e-4: 1, 0.02: 1, 0.0201: 2, 0.05: 2, 0.0501: 3, 3.0: 3}),
        ("lung", {0.03: 1, 0.031: 2, 0.051: 3, 0.071: 4}),
        ("pancreas", {0.02: 1, 0.021: 2, 0.041: 3}),
        ("kidney", {0.07: 1, 0.071: 2, 0.2: 2}),
    ],
)
def test_t_goes_by_size(cancer, stages):
    laws = resolve_staging(parameters(cancer))
    assert {size: t_stage(size, laws=laws) for size in stages} == stages


def test_n_goes_by_number():
    assert [n_stage(n, laws=LAWS) for n in (0, 1, 3, 4, 9, 10, 10_000)] == [0, 1, 1, 2, 2, 3, 3]
    colorectal = resolve_staging(parameters("colorectal"))
    assert [n_stage(n, laws=colorectal) for n in (3, 4, 50)] == [1, 2, 2]


def test_nodes_by_the_size_of_their_deposit():
    sizes = np.array([0.0, 2e-5, 2e-4, 2.01e-4, 2e-3, 2.1e-3, 0.05])
    assert node_sizes(sizes, laws=LAWS).tolist() == [0, 1, 1, 2, 2, 3, 3]


def test_groups_are_those_of_the_breast():
    table = {
        "100": 1,
        "010": 2,
        "110": 2,
        "200": 2,
        "210": 2,
        "300": 2,
        "310": 3,
        "020": 3,
        "220": 3,
        "400": 3,
        "130": 3,
        "000": 0,
        "001": 4,
        "431": 4,
    }
    assert {key: stage_group(*map(int, key)) for key in table} == table
    assert stage_group(UNKNOWN, UNKNOWN, 1) == 4
    for t, n, m in ((UNKNOWN, 0, 0), (1, UNKNOWN, 0), (1, 0, UNKNOWN)):
        assert stage_group(t, n, m) == UNKNOWN


def test_groups_never_fall_with_more_disease():
    for t, n, m in itertools.product(range(4), range(3), range(1)):
        here = stage_group(t, n, m)
        assert stage_group(t + 1, n, m) >= here
        assert stage_group(t, n + 1, m) >= here
        assert stage_group(t, n, 1) == 4


def test_the_true_stage_is_of_what_is_there():
    patient = disease(
        [0.024, 0.011, 5e-3, 1e-4, 1.9e-4],
        organ=["breast", "breast", "lymph nodes", "lymph nodes", "liver"],
        number=[-1, -2, 0, 1, 2],
    )
    assert true_stage(patient, laws=LAWS) == Stage(t=2, n=1, m=0)
    larger = disease([0.024, 2.1e-4], organ=["breast", "liver"], number=[-1, 0])
    assert true_stage(larger, laws=LAWS).m == 1
    assert true_stage(larger, laws=LAWS).group == 4
    assert true_stage(disease([]), laws=LAWS) == Stage(0, 0, 0)


def test_nodes_elsewhere_are_distant():
    patient = disease([0.03, 5e-3, 5e-3], organ=["breast", *["lymph nodes"] * 2], number=[-1, 0, 1])
    regional = np.array([False, True, False])
    assert true_stage(patient, laws=LAWS, is_regional=regional) == Stage(2, 1, 1)
    assert true_stage(patient, laws=LAWS) == Stage(2, 1, 0)


def test_a_stage_says_what_was_not_looked_at():
    def stage(number, organ, size, **known):
        return stage_of(
            np.array(number, dtype=np.int64),
            np.array([ORGANS.index(name) for name in organ], dtype=np.int16),
            diameter=np.array(size, dtype=np.float64),
            organ_names=ORGANS,
            laws=LAWS,
            **known,
        )

    unknown = {"is_t_known": False, "is_n_known": False, "is_m_known": False}
    assert stage([], [], [], **unknown) == Stage(UNKNOWN, UNKNOWN, UNKNOWN)
    assert stage([-1], ["breast"], [0.01], **unknown) == Stage(1, UNKNOWN, UNKNOWN)
    assert stage([0], ["liver"], [0.01], **unknown) == Stage(UNKNOWN, UNKNOWN, 1)
    # Who reads the pictures cannot tell a false finding from a metastasis.
    assert stage([-1, FALSE_FINDING], ["breast", "liver"], [0.01, 0.01]) == Stage(1, 0, 1)


@pytest.mark.parametrize(
    ("organ", "low", "high"),
    [("breast", 0.97, 0.99), ("lung", 0.89, 0.91), ("liver", 0.90, 0.95), ("prostate", 0.7, 0.8)],
)
def test_needles_miss_as_often_as_published(organ, low, high):
    """10,000 needles against the sensitivity, five standard errors; that within its range."""
    sensitivity = needle_sensitivity(organ, laws=NEEDLE)
    assert low <= sensitivity <= high
    draws, n = Hashed(2), 10_000
    hits = sum(
        take_biopsy(key, organ, is_tumour=True, laws=NEEDLE, draws=draws) for key in range(n)
    )
    assert abs(hits / n - sensitivity) < 5.0 * np.sqrt(sensitivity * (1.0 - sensitivity) / n)
    assert not take_biopsy(1, organ, is_tumour=False, laws=NEEDLE, draws=Constant(0.0))


def test_other_organs_have_a_needle_too():
    assert needle_sensitivity("spleen", laws=NEEDLE) == NEEDLE.sensitivity["other"]


def biopsied(patient, draws):
    return sentinel_biopsy(patient, laws=SENTINEL, stage_laws=LAWS, draws=draws)


def test_one_patient_in_ten_with_positive_nodes_is_missed():
    """1,500 patients with a macrometastasis: 9.8 % false negative, NSABP B-32."""
    patient, n = disease([8e-3, 4e-3], organ="lymph nodes"), 1500
    missed = sum(biopsied(patient, Hashed(i)).n_positive == 0 for i in range(n))
    assert abs(missed / n - 0.098) < 5.0 * np.sqrt(0.098 * 0.902 / n)


def test_small_deposits_slip_between_sections():
    """1,500 patients with one deposit of half a millimetre: a quarter of the slices meets it."""
    patient, n = disease([5e-4], organ="lymph nodes"), 1500
    share = 0.902 * 0.25
    met = sum(biopsied(patient, Hashed(i)).rows.size for i in range(n))
    assert abs(met / n - share) < 5.0 * np.sqrt(share * (1.0 - share) / n)


def test_isolated_cells_are_no_positive_node():
    found = biopsied(disease([1.5e-4], organ="lymph nodes"), Sentinels())
    assert (found.n_positive, found.largest) == (0, NodeSize.ISOLATED)
    micro = biopsied(disease([1e-3], organ="lymph nodes"), Sentinels())
    assert (micro.n_positive, micro.largest) == (1, NodeSize.MICRO)


def test_only_the_first_nodes_are_taken():
    sizes = [3e-3, 9e-3, 5e-3, 4e-3, 8e-3]
    found = biopsied(disease(sizes, organ="lymph nodes"), Sentinels())
    assert found.rows.tolist() == [1, 4, 2]
    assert (found.n_positive, found.largest) == (3, NodeSize.MACRO)


def test_without_nodes_nothing_is_found():
    for patient in (disease([]), disease([0.05], organ="liver")):
        found = biopsied(patient, Sentinels())
        assert (found.rows.size, found.n_positive, found.largest) == (0, 0, NodeSize.NONE)


class Sentinels:
    """The nodes are those that hold tumour, and every section meets it."""

    def uniform(self, keys, number):
        from ctc.clinic.deviates import Draw  # noqa: PLC0415 - beside what it explains

        return np.full(keys.shape, 0.5 if number == Draw.SENTINEL_MISSED else 1e-9)
