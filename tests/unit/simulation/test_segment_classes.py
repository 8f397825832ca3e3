"""Classes of segments: their numbers, and how near each segment's shear they come."""

import numpy as np
import pytest

from ctc.backends.records import EXIT, MARGINAL_CLASS, SPECIAL_CLASS, TUBE
from ctc.errors import InputError
from ctc.simulation.segment_classes import SegmentClass, classify_segments
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import Vessel, made_vessels


def classified(
    vessels: list[Vessel],
    *,
    is_marginal: list[bool] | None = None,
    is_counted: list[bool] | None = None,
) -> tuple[list[SegmentClass], np.ndarray]:
    """Return the class of each vessel, and the volumes."""
    network, flow = made_vessels(vessels)
    n = len(vessels)
    classes, number = classify_segments(
        network,
        flow.wall_shear_stress,
        holds=np.ones(n, dtype=bool),
        is_marginal=np.array(is_marginal or [False] * n),
        is_counted=np.array(is_counted or [False] * n),
    )
    by_number = {c.number: c for c in classes}
    assert len(by_number) == len(classes)
    return [by_number[i] for i in number.tolist()], network.volume


def test_a_class_is_within_a_factor_of_two_of_each_square_stress() -> None:
    stress = np.geomspace(0.25, 22.0, 500)
    vessels = [Vessel(f"n{i}", f"n{i + 1}", stress=float(t)) for i, t in enumerate(stress)]
    found, _ = classified(vessels)
    ratio = np.array([c.square_stress for c in found]) / stress**2
    assert ratio.max() <= 2.0
    assert ratio.min() >= 0.5


def test_the_dose_of_an_organ_is_exact() -> None:
    """Sum of volume times squared stress, by classes and by segments, to rounding."""
    draw = np.random.Philox(key=5).random_raw(600).astype(np.float64) / 2.0**64
    vessels = [
        Vessel(f"n{i}", f"n{i + 1}", stress=30.0 * a * a, transit=0.1 + b, organ=f"o{i % 3}")
        for i, (a, b) in enumerate(draw.reshape(-1, 2).tolist())
    ]
    found, volume = classified(vessels)
    by_class = np.array([c.square_stress for c in found])
    exact = np.square([v.stress for v in vessels])
    for organ in range(3):
        here = np.array([c.organ == organ for c in found])
        dose = (volume * exact)[here].sum()
        assert (volume * by_class)[here].sum() == pytest.approx(dose, rel=1e-12)


def test_numbers_say_what_a_class_is() -> None:
    bed = SegmentKind.CAPILLARY_BED
    found, _ = classified(
        [
            Vessel("a", "b"),
            Vessel("b", "c"),
            Vessel("c", "d", kind=bed),
            Vessel("d", "e", kind=bed),
        ],
        is_marginal=[False, True, False, True],
    )
    assert [c.number for c in found] == [0, MARGINAL_CLASS, SPECIAL_CLASS, SPECIAL_CLASS]


def test_counted_tubes_are_special_and_may_be_marginal() -> None:
    found, _ = classified(
        [Vessel("a", "b"), Vessel("b", "c"), Vessel("c", "d"), Vessel("d", "e")],
        is_marginal=[False, False, True, True],
        is_counted=[False, True, False, True],
    )
    assert [c.number for c in found] == [
        0,
        SPECIAL_CLASS,
        MARGINAL_CLASS,
        SPECIAL_CLASS + MARGINAL_CLASS,
    ]
    assert {c.behaviour for c in found} == {TUBE}


def test_still_vessels_are_in_the_lowest_class() -> None:
    found, _ = classified([Vessel("a", "b", stress=0.0), Vessel("b", "c", stress=0.01)])
    assert found[0] == found[1]


def test_junction_and_exit_are_no_vessels() -> None:
    network, flow = made_vessels([Vessel("a", "b")])
    yes, no = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
    classes, _ = classify_segments(
        network, flow.wall_shear_stress, holds=yes, is_marginal=no, is_counted=no
    )
    assert [(c.behaviour, c.is_vessel, c.square_stress) for c in classes[-2:]] == [
        (TUBE, False, 0.0),
        (EXIT, False, 0.0),
    ]


def test_too_many_classes_are_refused() -> None:
    vessels = [Vessel(f"n{i}", f"n{i + 1}", organ=f"organ {i}") for i in range(1023)]
    with pytest.raises(InputError, match="fewer than 1023 classes of segments, got 1023"):
        classified(vessels)
