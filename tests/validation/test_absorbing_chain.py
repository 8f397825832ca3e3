"""The exact walk against closed forms, on small worlds."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.simulation.shedding import SheddingSource, entry_sites
from tests.physics.worlds import BLOOD, Vessel, made_setting, made_world
from tools.validate.absorbing_chain import Expectation, expected_walk, worst_deviation

P = 0.01
HOLDING = replace(BLOOD, attach_probability=P)


def walk_from(vessels: list[Vessel], *first: int) -> Expectation:
    world = made_world(vessels, HOLDING)
    segments = np.array(first)
    sites = entry_sites(world.hops, segments, weight=np.ones(segments.size), place="test")
    source = SheddingSource(sites, 0.0, 0, 0, 1, 0, "test")
    return expected_walk(made_setting(world, [source], epochs=[1.0]))


def test_a_ring_holds_cells_in_turn() -> None:
    """Chance to attach in the j-th of k segments: p (1-p)^j / (1 - (1-p)^k)."""
    k = 7
    found = walk_from([Vessel(str(i), str((i + 1) % k)) for i in range(k)], 0)
    wanted = P * (1 - P) ** np.arange(k) / (1 - (1 - P) ** k)
    # The toll is a float32, as in the kernels.
    np.testing.assert_allclose(found.attached[0], wanted, rtol=1e-6)
    assert found.segments[0] == pytest.approx(1 / P, rel=1e-6)
    assert found.hops[0] == pytest.approx(1 / P - 1, rel=1e-6)


def test_daughters_share_by_flow_and_junctions_hold_nobody() -> None:
    """One trunk into four daughters, 1 : 2 : 3 : 4; cut up by junctions, but none counts."""
    flows = [1.0, 2.0, 3.0, 4.0]
    daughters = [Vessel("fork", f"end {flow}", flow=flow) for flow in flows]
    found = walk_from([Vessel("start", "fork", flow=10.0), *daughters], 0)
    wanted = [P, *((1 - P) * P * np.array(flows) / 10.0)]
    np.testing.assert_allclose(found.attached[0], wanted, rtol=1e-6)
    assert found.segments[0] == pytest.approx(1 + (1 - P), rel=1e-6)
    assert found.attached.sum() < 1.0


def test_cells_start_at_each_site_alike() -> None:
    found = walk_from([Vessel("a", "c"), Vessel("b", "c"), Vessel("c", "d", flow=2.0)], 0, 1)
    np.testing.assert_allclose(found.attached[0], [P / 2, P / 2, P * (1 - P)], rtol=1e-6)


def test_deviations_are_in_standard_errors() -> None:
    chances = np.array([[0.5, 0.0, 0.1]])
    counts = np.array([[58.0, 0.0, 10.0]])
    assert worst_deviation(counts, chances, n_cells=[100]) == pytest.approx(8 / 5)
    impossible = np.array([[50.0, 1.0, 10.0]])
    assert worst_deviation(impossible, chances, n_cells=[100]) == np.inf
