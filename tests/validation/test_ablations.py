"""Each row of the validation table is met as shipped, and missed once its law is taken away.

With smaller samples than the table has: figures lie at least two standard errors inside their
tolerance, and seeds are fixed.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reference_data import require_reference
from tools.validate.autopsy_sites import AutopsySites
from tools.validate.blood_dose import BloodDose
from tools.validate.circulation_time import CirculationTime
from tools.validate.cluster_effect import ClusterEffect
from tools.validate.flow_only import FlowOnly
from tools.validate.lead_time import LeadTime
from tools.validate.local_control import LocalControl
from tools.validate.lung_transit import LungCapillaries, LungTransit
from tools.validate.plasma_dna import PlasmaDna
from tools.validate.portal_route import PortalRoute
from tools.validate.rows import Row
from tools.validate.sentinel_nodes import SentinelNodes

pytestmark = pytest.mark.validation

SMALL: tuple[Row, ...] = (
    CirculationTime(n_tracers=200_000, n_terminals=3000),
    LungTransit(n_tracers=200_000, n_terminals=3000),
    LungCapillaries(n_tracers=50_000, n_terminals=3000),
    ClusterEffect(n_events=200_000),
    FlowOnly(),
    AutopsySites(),
    PortalRoute(),
    LeadTime(),
    LocalControl(),
    BloodDose(n_particles=200_000),
    PlasmaDna(),
    SentinelNodes(n_patients=4000),
)


@pytest.mark.parametrize("row", SMALL, ids=lambda row: row.name)
def test_a_row_is_missed_only_without_its_law(row: Row) -> None:
    if isinstance(row, FlowOnly):
        row = replace(row, tables=require_reference("data", "bodyparts3d"))
    shipped, ablated = (row.measure(ablated=ablated) for ablated in (False, True))
    assert shipped.is_expected, [f.name for f in shipped.figures if not f.is_expected]
    assert ablated.is_red
    assert [f.name for f in shipped.figures] == [f.name for f in ablated.figures]


def test_a_row_repeats_to_the_bit() -> None:
    """Events come from the threads in any order: sums and random batches must not see it."""
    row = LungTransit(n_tracers=300_000, n_terminals=3000)
    first = row.measure(ablated=False).figures
    assert all(row.measure(ablated=False).figures == first for _ in range(4))
