"""What cells feel: own stress, textbook stress where a vessel stands for many, margination."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.scenario.surroundings import Margination, Microvessels
from ctc.simulation.felt_flow import FeltFlow, felt_flow, plain_flow
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import Vessel, made_vessels

MICROVESSELS = Microvessels(
    chamber_stress=0.125,
    arteriole_stress=4.0,
    venule_stress=0.25,
    arteriole_radius=50e-6,
    venule_radius=30e-6,
    lumen_radius=17e-6,
    haematocrit_ratio=0.75,
)
MARGINATION = Margination(
    probability=0.5,
    lumen_radius=50e-6,
    shear_rate=200.0,
    lowest_haematocrit=0.2,
    highest_haematocrit=0.4,
)


def felt(*vessels: Vessel, tube_haematocrit: float = 0.3, **limits: float) -> FeltFlow:
    """Blood of 1 mPa s and a discharge haematocrit of 0.45: 0.2 Pa is a shear rate of 200 1/s."""
    network, flow = made_vessels(vessels)
    flow = replace(flow, tube_haematocrit=np.full(len(vessels), tube_haematocrit))
    margination = replace(MARGINATION, **limits)
    return felt_flow(network, flow, microvessels=MICROVESSELS, margination=margination)


@pytest.mark.parametrize(
    ("kind", "radius", "expected"),
    [
        (SegmentKind.ARTERY, 1e-3, 1.5),
        (SegmentKind.VEIN, 1e-3, 1.5),
        (SegmentKind.CAPILLARY_BED, 1e-3, 1.5),
        (SegmentKind.ARTERIOLE, 49e-6, 1.5),
        (SegmentKind.ARTERIOLE, 51e-6, 4.0),
        (SegmentKind.VENULE, 29e-6, 1.5),
        (SegmentKind.VENULE, 31e-6, 0.25),
        (SegmentKind.HEART_CHAMBER, 1e-2, 0.125),
    ],
)
def test_only_stand_ins_and_chambers_feel_other_than_their_own(
    kind: SegmentKind, radius: float, expected: float
) -> None:
    found = felt(Vessel("a", "b", kind=kind, radius=radius, stress=1.5))
    stands_in = expected in {4.0, 0.25}
    assert found.stress[0] == expected
    assert found.lumen_radius[0] == (17e-6 if stands_in else radius)


def test_vessels_as_they_are() -> None:
    network, flow = made_vessels([Vessel("a", "b", kind=SegmentKind.VENULE, stress=1.5)])
    found = plain_flow(network, flow)
    assert (found.lumen_radius[0], found.stress[0]) == (network.lumen_radius[0], 1.5)
    assert not found.is_marginal.any()


def marginates(vessel: Vessel, **options: float) -> bool:
    return bool(felt(vessel, **options).is_marginal[0])


NARROW = Vessel("a", "b", kind=SegmentKind.VEIN, radius=40e-6, stress=0.125)


def test_cells_marginate_where_every_condition_holds() -> None:
    assert marginates(NARROW)
    assert not marginates(replace(NARROW, radius=60e-6))
    assert not marginates(replace(NARROW, stress=0.25))
    assert not marginates(NARROW, tube_haematocrit=0.19)
    assert not marginates(NARROW, tube_haematocrit=0.41)
    for kind in (
        SegmentKind.CAPILLARY_BED,
        SegmentKind.HEART_CHAMBER,
        SegmentKind.LYMPHATIC,
        SegmentKind.LYMPH_NODE,
    ):
        assert not marginates(replace(NARROW, kind=kind))


def test_stand_ins_marginate_as_what_they_stand_for() -> None:
    """A wide venule has the stress of its class, 0.25 Pa, and 0.75 x 0.45 of red cells."""
    wide = Vessel("a", "b", kind=SegmentKind.VENULE, radius=1e-3, stress=9.0)
    both = wide, replace(wide, kind=SegmentKind.ARTERIOLE)
    assert felt(*both, shear_rate=300.0, tube_haematocrit=0.9).is_marginal.tolist() == [True, False]
    assert not marginates(wide)


def test_a_flow_without_haematocrit_is_refused_where_cells_marginate() -> None:
    with pytest.raises(InputError, match=r"must be 0 where the flow has no haematocrit, got 0\.5"):
        marginates(NARROW, tube_haematocrit=np.nan)
    assert not marginates(NARROW, tube_haematocrit=np.nan, probability=0.0)


def test_nothing_marginates_with_a_chance_of_zero() -> None:
    assert not marginates(NARROW, probability=0.0)
