"""What cells feel: own stress, textbook stress where a vessel stands for many, margination."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.scenario.surroundings import Margination, Microvessels
from ctc.simulation.felt_flow import felt_stress, margination_sites
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import Vessel, made_vessels

MICROVESSELS = Microvessels(
    chamber_stress=0.125,
    arteriole_stress=4.0,
    venule_stress=0.25,
    arteriole_radius=50e-6,
    venule_radius=30e-6,
    haematocrit_ratio=0.75,
)
MARGINATION = Margination(
    probability=0.5,
    lumen_radius=50e-6,
    shear_rate=200.0,
    lowest_haematocrit=0.2,
    highest_haematocrit=0.4,
)


def stress_of(kind: SegmentKind, radius: float) -> float:
    network, flow = made_vessels([Vessel("a", "b", kind=kind, radius=radius, stress=1.5)])
    return float(felt_stress(network, flow, microvessels=MICROVESSELS)[0])


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
    assert stress_of(kind, radius) == expected


def marginates(vessel: Vessel, *, tube_haematocrit: float = 0.3) -> bool:
    """Blood of 1 mPa s and a discharge haematocrit of 0.45: 0.2 Pa is a shear rate of 200 1/s."""
    network, flow = made_vessels([vessel])
    flow = replace(flow, tube_haematocrit=np.array([tube_haematocrit]))
    sites = margination_sites(network, flow, margination=MARGINATION, microvessels=MICROVESSELS)
    return bool(sites[0])


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
    quick = replace(MARGINATION, shear_rate=300.0)
    network, flow = made_vessels([wide, replace(wide, kind=SegmentKind.ARTERIOLE)])
    sites = margination_sites(network, flow, margination=quick, microvessels=MICROVESSELS)
    assert sites.tolist() == [True, False]
    assert not marginates(wide)


def test_nothing_marginates_with_a_chance_of_zero() -> None:
    network, flow = made_vessels([NARROW])
    off = replace(MARGINATION, probability=0.0)
    assert not margination_sites(network, flow, margination=off, microvessels=MICROVESSELS).any()
