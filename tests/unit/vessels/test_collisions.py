"""Overlaps and nearest distances against a plain count over all pairs."""

import itertools

import numpy as np
import pytest

from ctc.backends.host_neighbours import count_overlaps, nearest_distances
from ctc.vessels.collisions import count_collisions
from ctc.vessels.network import SegmentKind, VesselNetwork


def segment_distance(a, b, c, d):
    """Distance of two segments: the least over both interiors and all four ends."""

    def to_segment(p, q, r):
        axis = r - q
        t = np.clip((p - q) @ axis / max(axis @ axis, 1e-300), 0, 1)
        return np.linalg.norm(p - (q + t * axis))

    ends = [to_segment(a, c, d), to_segment(b, c, d), to_segment(c, a, b), to_segment(d, a, b)]
    u, v, w = b - a, d - c, a - c
    matrix = np.array([[u @ u, -(u @ v)], [u @ v, -(v @ v)]])
    if abs(np.linalg.det(matrix)) > 1e-12 * (u @ u) * (v @ v):
        s, t = np.linalg.solve(matrix, [-(u @ w), -(v @ w)])
        if 0 <= s <= 1 and 0 <= t <= 1:
            ends.append(np.linalg.norm(w + s * u - t * v))
    return min(ends)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threads", [1, 7])
def test_overlaps_are_those_of_all_pairs(seed, threads):
    """Loose tubes of lengths and radii over two orders of magnitude, some in lines of descent."""
    rng = np.random.default_rng(seed)
    n = 120
    position = rng.random((2 * n, 3))
    position[n:] = position[:n] + rng.normal(size=(n, 3)) * 10.0 ** rng.uniform(-2, -0.5, (n, 1))
    start, end = np.arange(n, dtype=np.int32), np.arange(n, 2 * n, dtype=np.int32)
    end[::10] = end[1::10]  # some share a node
    radius = 10.0 ** rng.uniform(-3, -1, n)
    line = np.full(n, -1, dtype=np.int32)
    line[5::2] = np.arange(5, n, 2, dtype=np.int32) // 2
    far = near = 0
    taking_part = set()

    def above(i):
        chain = []
        while i >= 0 and len(chain) < 4:
            chain.append(i)
            i = line[i]
        return set(chain)

    for i, k in itertools.combinations(range(n), 2):
        if {start[i], end[i]} & {start[k], end[k]}:
            continue
        gap = segment_distance(*(position[m] for m in (start[i], end[i], start[k], end[k])))
        if gap >= radius[i] + radius[k]:
            continue
        if above(i) & above(k):
            near += 1
        else:
            far += 1
            taking_part |= {i, k}
    found = count_overlaps(position, start, end, radius=radius, line=line, threads=threads)
    assert found == (far, near, len(taking_part))
    assert far > 10


def test_nearest_distances_are_those_of_all_pairs():
    rng = np.random.default_rng(2)
    targets = rng.random((300, 3)) * [1.0, 0.2, 3.0]
    points = rng.random((500, 3)) * 4.0 - 1.0
    wanted = np.linalg.norm(points[:, None] - targets[None], axis=2).min(axis=1)
    assert nearest_distances(points, targets) == pytest.approx(wanted, rel=1e-12)


def test_points_on_their_targets_are_at_no_distance():
    points = np.random.default_rng(3).random((50, 3))
    assert (nearest_distances(points, points) == 0.0).all()


def test_arteries_against_veins_count_as_far():
    """A vein through the fork of an artery."""
    nodes = np.array([[0, 0, 0], [0, 0, 1], [-1, 0, 2], [1, 0, 2], [-1, 1, 1.5], [1, -1, 1.5]])
    kinds = [SegmentKind.ARTERY] * 3 + [SegmentKind.VEIN]
    network = make_network(nodes, [(0, 1), (1, 2), (1, 3), (4, 5)], kinds)
    found = count_collisions(network)
    # The vein passes 0.5 above the fork, between daughters that are 1 apart there.
    assert (found.far, found.near, found.n_junctions) == (0, 0, 1)
    wide = network.replace(lumen_radius=np.full(4, 0.3))
    # Nearer than 0.6 to the mother's end and to both daughters.
    assert count_collisions(wide).far == 3


def make_network(nodes, segments, kinds):
    ends = np.array(segments)
    n = len(segments)
    return VesselNetwork(
        node_position=nodes,
        start_node=ends[:, 0],
        end_node=ends[:, 1],
        lumen_radius=np.full(n, 0.1),
        length=np.ones(n),
        volume=np.ones(n),
        resistance_factor=np.ones(n),
        kind=np.array(kinds),
        organ=np.zeros(n),
        region=np.zeros(n),
        name=np.full(n, -1),
        organ_names=("organ",),
        region_names=("region",),
        vessel_names=(),
        origin="test",
    )
