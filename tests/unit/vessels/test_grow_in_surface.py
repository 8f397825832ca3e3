"""Trees grown in a surface that the user gives."""

import numpy as np
import pytest

from ctc.body.plan import load_body_plan
from ctc.body.surface import check_surface
from ctc.body.surface_territory import place_surface
from ctc.errors import InputError
from ctc.vessels.body_network import build_body_network
from ctc.vessels.fit import require_room
from ctc.vessels.network import SegmentKind
from tests.unit.body.surfaces import ball, torus

PLAN = load_body_plan("human_male")


def grown(corners, hilum, n_terminals):
    placed = place_surface(PLAN, "liver", check_surface(corners), hilum=np.array(hilum))
    network = build_body_network(
        PLAN, n_terminals=n_terminals, seed=1, territories=placed.territories, only=["liver"]
    )
    return placed, network


def test_all_terminals_of_the_organ_lie_in_the_surface():
    placed, network = grown(torus(major=0.09, minor=0.045), (0.05, 0.0, 0.0), 500)
    liver = network.region_names.index("liver")
    beds = np.flatnonzero(network.is_kind(SegmentKind.CAPILLARY_BED))
    own = beds[network.region[beds] == liver]
    assert own.size == 500
    # The rest of the body is there, as coarse as it may be.
    assert np.unique(np.bincount(network.region[beds])).tolist() == [16, 500]
    for ends in (network.start_node[own], network.end_node[own]):
        distance = placed.territories["liver"].signed_distance(network.node_position[ends])
        assert (distance <= 0.0).all()
    require_room(network, placed.territories)


def test_a_surface_narrower_than_its_root_vessel_is_refused():
    with pytest.raises(InputError, match=r"must be wider than its root vessel.*'liver'"):
        grown(ball(0.012), (0.0, 0.0, 0.0), 100)
