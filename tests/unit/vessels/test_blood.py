"""What runs in a vessel follows from where it comes from and where it goes."""

import numpy as np

from ctc.vessels.blood import Blood, classify_blood
from ctc.vessels.network import SegmentKind, VesselNetwork

# start, end, kind, organ: the right heart by the lung to the left heart; from there by the gut
# and the liver back, and by the leg back; a lymph vessel of the leg.
LUNG, GUT, LIVER, LEG = range(4)
LOOP = (
    (0, 1, SegmentKind.HEART_CHAMBER, -1),
    (1, 2, SegmentKind.ARTERY, -1),
    (2, 3, SegmentKind.ARTERIOLE, LUNG),
    (3, 4, SegmentKind.CAPILLARY_BED, LUNG),
    (4, 5, SegmentKind.VENULE, LUNG),
    (5, 6, SegmentKind.VEIN, -1),
    (6, 7, SegmentKind.HEART_CHAMBER, -1),
    (7, 8, SegmentKind.ARTERY, -1),
    (8, 9, SegmentKind.ARTERY, GUT),
    (9, 10, SegmentKind.CAPILLARY_BED, GUT),
    (10, 11, SegmentKind.VENULE, GUT),
    (11, 12, SegmentKind.VEIN, LIVER),
    (12, 13, SegmentKind.CAPILLARY_BED, LIVER),
    (13, 0, SegmentKind.VEIN, LIVER),
    (8, 14, SegmentKind.ARTERY, LEG),
    (14, 15, SegmentKind.CAPILLARY_BED, LEG),
    (15, 0, SegmentKind.VEIN, LEG),
    (15, 16, SegmentKind.LYMPHATIC, LEG),
)
EXPECTED = {
    1: Blood.PULMONARY_ARTERY,
    2: Blood.PULMONARY_ARTERY,
    4: Blood.PULMONARY_VEIN,
    5: Blood.PULMONARY_VEIN,
    7: Blood.ARTERIAL,
    8: Blood.ARTERIAL,
    10: Blood.PORTAL,
    11: Blood.PORTAL,
    13: Blood.VENOUS,
    14: Blood.ARTERIAL,
    16: Blood.VENOUS,
    17: Blood.LYMPH,
}


def loop(organ_names):
    start, end, kind, organ = (np.array(column) for column in zip(*LOOP, strict=True))
    n = start.size
    return VesselNetwork(
        node_position=np.arange(51, dtype=float).reshape(17, 3),
        start_node=start,
        end_node=end,
        lumen_radius=np.ones(n),
        length=np.ones(n),
        volume=np.ones(n),
        resistance_factor=np.ones(n),
        kind=kind,
        organ=organ,
        region=np.full(n, -1),
        name=np.full(n, -1),
        organ_names=organ_names,
        region_names=(),
        vessel_names=(),
        origin="made for a test",
    )


def test_every_kind_of_blood_in_a_closed_loop():
    blood = classify_blood(loop(("lung", "gut", "liver", "leg")))
    assert {index: Blood(blood[index]) for index in EXPECTED} == EXPECTED


def test_without_a_lung_arteries_and_veins_keep_their_kind():
    blood = classify_blood(loop(("a", "b", "c", "d")))
    assert blood[1] == Blood.ARTERIAL
    assert blood[5] == Blood.VENOUS
    assert blood[11] == Blood.PORTAL
