"""One examination by pictures: rates, errors, what is not there."""

import numpy as np
import pytest

from ctc.clinic.detection import detection_probability, resolve_detection
from ctc.clinic.imaging import FALSE_FINDING, examine
from ctc.scenario.diagnosis_rules import SEEN
from ctc.states import ExaminationKind
from tests.unit.clinic.diagnosed import ORGANS, Constant, Hashed, disease, parameters

CT, MRI, PET = ExaminationKind.CT, ExaminationKind.MRI, ExaminationKind.PET
PICTURES = [ExaminationKind[name.upper()] for name in SEEN]
LAWS = resolve_detection(parameters())


def found_share(kind, size, organ, n=20_000):
    patient = disease(np.full(n, size), organ=organ)
    return examine(patient, kind, laws=LAWS, draws=Hashed()).rows.size / n


@pytest.mark.parametrize("kind", [CT, MRI, PET])
@pytest.mark.parametrize("organ", ["lung", "liver"])
def test_as_many_are_seen_as_their_chance_says(kind, organ):
    """20,000 lesions of 9 mm; standard error sqrt(p (1 - p) / 20,000), limit at five of those."""
    expected = detection_probability(np.array([9e-3]), kind, group=organ, laws=LAWS)[0]
    error = np.sqrt(expected * (1.0 - expected) / 20_000)
    assert abs(found_share(kind, 9e-3, organ) - expected) < 5.0 * error


def test_readers_err_about_the_true_size():
    """10,000 large lesions: median 1 within 5 errors, spread of the logarithm that of the law."""
    patient = disease(np.full(10_000, 40e-3), organ="lung")
    pictures = examine(patient, CT, laws=LAWS, draws=Hashed(3))
    is_true = pictures.number != FALSE_FINDING
    error = np.log(pictures.diameter[is_true] / 40e-3)
    deviation = 0.05 * np.pi / np.sqrt(3.0)
    assert abs(error.mean()) < 5.0 * deviation / np.sqrt(error.size)
    assert error.std() == pytest.approx(deviation, rel=0.05)
    assert (pictures.true_diameter[is_true] == 40e-3).all()


@pytest.mark.parametrize("kind", PICTURES)
def test_the_healthy_are_called_ill_as_often_as_specificity_says(kind):
    """1,500 people without disease; each group of organs by itself, five standard errors."""
    n = 1500
    specificity = np.prod(list(LAWS.readings[kind].specificity.values()))
    groups = len(LAWS.readings[kind].specificity)
    assert groups <= len(ORGANS)
    n_called = sum(
        examine(disease([]), kind, laws=LAWS, draws=Hashed(i)).is_positive for i in range(n)
    )
    expected = 1.0 - specificity
    assert abs(n_called / n - expected) <= 5.0 * np.sqrt(expected * (1.0 - expected) / n)


def test_more_organs_of_one_group_do_not_deceive_more_often():
    n, names = 1500, ("red marrow", "spongy bone", "compact bone", "lung")
    people = disease([])
    people = type(people)(**{**people.__dict__, "organ_names": names})
    kind = ExaminationKind.BONE_SCAN
    n_clean = sum(
        not examine(people, kind, laws=LAWS, draws=Hashed(i)).is_positive for i in range(n)
    )
    expected = LAWS.readings[kind].specificity["bone"]
    # Two findings in one group are rarer than one: the chance of none is that of the group.
    assert abs(n_clean / n - expected) < 5.0 * np.sqrt(expected * (1.0 - expected) / n)


def test_what_is_not_looked_at_is_not_seen():
    patient = disease([0.05] * 3, organ=["lung", "liver", "brain"])
    pictures = examine(patient, CT, laws=LAWS, draws=Constant(0.5), organs=("liver",))
    assert pictures.rows.tolist() == [1]
    assert pictures.is_in_view.tolist() == [False, True, False]
    mammogram = examine(
        patient, ExaminationKind.MAMMOGRAPHY, laws=LAWS, draws=Constant(0.5), organs=()
    )
    assert mammogram.n_found == 0


def test_what_lies_between_organs_is_seen_by_pictures_of_the_whole_body():
    patient = disease([0.05], organ=[""])
    assert examine(patient, CT, laws=LAWS, draws=Constant(0.5)).rows.tolist() == [0]
    only_liver = examine(patient, CT, laws=LAWS, draws=Constant(0.5), organs=("liver",))
    assert only_liver.rows.tolist() == []
    bones = examine(patient, ExaminationKind.BONE_SCAN, laws=LAWS, draws=Constant(0.5))
    assert bones.rows.tolist() == []


def test_nothing_of_one_lesion_hangs_on_the_others():
    sizes = np.geomspace(1e-3, 50e-3, 40)
    everything = disease(sizes, organ="liver")
    all_found = examine(everything, MRI, laws=LAWS, draws=Hashed(5))
    for row in range(40):
        alone = disease([sizes[row]], organ="liver", number=[row], first_key=row)
        one = examine(alone, MRI, laws=LAWS, draws=Hashed(5))
        assert (row in all_found.rows) == (one.rows.size == 1)
        if one.rows.size:
            where = np.flatnonzero(all_found.number == row)[0]
            assert one.diameter[0] == all_found.diameter[where]


def test_what_was_seen_is_seen_again_where_chances_last():
    small, large = (disease(np.full(500, size), organ="liver") for size in (8e-3, 9e-3))
    first = examine(small, CT, laws=LAWS, draws=Hashed(1), lasting=Hashed(9))
    second = examine(large, CT, laws=LAWS, draws=Hashed(2), lasting=Hashed(9))
    assert 0 < first.rows.size < second.rows.size < 500
    assert set(first.rows) <= set(second.rows)
    assert set(first.identity[first.number == FALSE_FINDING]) == set(
        second.identity[second.number == FALSE_FINDING]
    )
    assert not np.array_equal(first.diameter[: first.rows.size], second.diameter[: first.rows.size])


def test_kinds_of_pictures_overlook_different_lesions():
    """Where both see about half: were chances shared, one would hold the other."""
    patient = disease(np.full(2000, 5e-3), organ="liver")
    ct, mri = (
        set(examine(patient, kind, laws=LAWS, draws=Hashed(4)).rows.tolist()) for kind in (CT, MRI)
    )
    assert ct - mri
    assert mri - ct


def test_false_findings_are_told_apart_by_organ():
    pictures = examine(disease([]), CT, laws=LAWS, draws=Constant(1.0 - 1e-9))
    assert pictures.n_false == pictures.n_found == len(ORGANS)
    assert len(set(pictures.identity)) == len(ORGANS)
    assert (pictures.identity < FALSE_FINDING).all()
    assert (pictures.diameter > 0.0).all()
    assert (pictures.true_diameter == 0.0).all()


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("deviate", [2.0**-53, 0.5, 1.0 - 2.0**-53])
def test_extremes_stay_finite(kind, deviate):
    sizes = [1e-9, 2e-5, 1e-3, 0.3, 5.0]
    patient = disease(sizes, organ=list(ORGANS[:5]))
    pictures = examine(patient, kind, laws=LAWS, draws=Constant(deviate))
    assert np.isfinite(pictures.diameter).all()
    assert (pictures.diameter > 0.0).all()
    assert (pictures.diameter <= 2.0).all()
