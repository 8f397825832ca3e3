"""Routes of cells are those of the blood around them."""

import numpy as np

from ctc.record.layout import NO_SEGMENT
from ctc.record.reader import Frame
from ctc.states import CellState
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.cell_filter import CellFilter, CellRoute, route_of, segment_routes

KINDS = SegmentKind
# Heart, artery to the gut, its bed, portal vein, the liver's bed, vein; then through the lung.
CHAIN = (
    (KINDS.HEART_CHAMBER, -1),
    (KINDS.ARTERY, -1),
    (KINDS.CAPILLARY_BED, 1),
    (KINDS.VEIN, 1),
    (KINDS.CAPILLARY_BED, 2),
    (KINDS.VEIN, 2),
    (KINDS.HEART_CHAMBER, -1),
    (KINDS.ARTERY, -1),
    (KINDS.CAPILLARY_BED, 0),
    (KINDS.VEIN, 0),
)
WANTED = (
    None,
    "arterial",
    "portal",
    "portal",
    "caval",
    "caval",
    None,
    "pulmonary",
    "pulmonary",
    "pulmonary",
)


def circle():
    n = len(CHAIN)
    return VesselNetwork(
        node_position=np.random.default_rng(1).random((n, 3)),
        start_node=np.arange(n),
        end_node=(np.arange(n) + 1) % n,
        lumen_radius=np.ones(n),
        length=np.ones(n),
        volume=np.ones(n),
        resistance_factor=np.ones(n),
        kind=np.array([kind for kind, _ in CHAIN]),
        organ=np.array([organ for _, organ in CHAIN]),
        region=np.full(n, -1),
        name=np.full(n, -1),
        organ_names=("lung", "small intestine", "liver"),
        region_names=(),
        vessel_names=(),
        origin="made for a test",
    )


def test_beds_count_to_the_vein_behind_them():
    routes = segment_routes(circle())
    found = [route_of(segment, routes) for segment in range(len(CHAIN))]
    assert all(wanted in (None, word) for wanted, word in zip(WANTED, found, strict=True))
    assert route_of(NO_SEGMENT, routes) == ""


def test_cells_are_shown_by_the_route_they_are_on():
    n = len(CHAIN) + 1
    cells = Frame(
        time=0,
        position=np.zeros((n, 3), np.float32),
        id=np.arange(n, dtype=np.uint64),
        state=np.zeros(n, np.uint8),
        organ=np.full(n, -1, np.int16),
        segment=np.r_[np.arange(n - 1), NO_SEGMENT].astype(np.uint32),
        age=np.zeros(n, np.float32),
        size_class=np.zeros(n, np.uint16),
    )
    routes = segment_routes(circle())

    def shown(**fields):
        mask = CellFilter(**fields).mask(
            cells, ("lung",), routes=lambda: routes, clones=lambda: np.arange(n, dtype=np.uint16)
        )
        return np.flatnonzero(mask).tolist()

    assert shown(routes={CellRoute.PORTAL}) == [2, 3]
    assert shown(routes={CellRoute.PULMONARY, CellRoute.CAVAL}) == [4, 5, 7, 8, 9]
    assert shown(routes={CellRoute.PORTAL}, clones={3, 4}) == [3]
    assert shown() == list(range(n))
    assert shown(states={CellState.DIED}) == []
