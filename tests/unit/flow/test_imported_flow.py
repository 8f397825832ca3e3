"""Flow of networks from tables, small and real."""

from pathlib import Path

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.flow.rheology import Rheology
from ctc.vessels.heart import find_heart
from ctc.vessels.imported import read_tables
from ctc.vessels.network import SegmentKind
from tests.reference_data import require_reference
from tests.unit.vessels.table_samples import write_sample


def test_targets_are_met_and_the_widening_is_recorded(tmp_path: Path) -> None:
    imported = read_tables(write_sample(tmp_path))
    network, flow = solve_imported(imported, mode=ImportedFlow.PLAN)
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    for region, share in imported.flow_targets.items():
        member = beds & (network.region == network.region_names.index(region))
        assert flow.flow_rate[member].sum() == pytest.approx(
            share * imported.cardiac_output, rel=1e-6
        )
    assert network.repairs[-1].rule == "narrow_vessels"
    assert flow.mass_residual < 1e-12


def test_without_targets_there_is_no_plan(tmp_path: Path) -> None:
    imported = read_tables(write_sample(tmp_path, targets=None))
    with pytest.raises(InputError, match=r"no organ_flow_targets\.csv"):
        solve_imported(imported, mode=ImportedFlow.PLAN)
    _, flow = solve_imported(imported, mode=ImportedFlow.PRESSURES)
    assert flow.mass_residual < 1e-12


@pytest.mark.parametrize("rheology", list(Rheology))
@pytest.mark.parametrize("mode", list(ImportedFlow))
def test_the_published_body_conserves_mass_and_red_cells(
    mode: ImportedFlow, rheology: Rheology
) -> None:
    imported = read_tables(require_reference("data", "bodyparts3d"))
    network, flow = solve_imported(imported, mode=mode, rheology=rheology)
    assert flow.mass_residual < 1e-12
    assert flow.red_cell_residual < 1e-10
    if mode is ImportedFlow.PLAN:
        beds = network.is_kind(SegmentKind.CAPILLARY_BED)
        for region, share in imported.flow_targets.items():
            member = beds & (network.region == network.region_names.index(region))
            wanted = share * imported.cardiac_output
            assert flow.flow_rate[member].sum() == pytest.approx(wanted, rel=1e-6)
    assert (flow.flow_rate > 0).all()
    chambers = flow.flow_rate[list(find_heart(network).chambers)]
    np.testing.assert_allclose(chambers, chambers[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("mode", "rheology", "other"),
    [
        (ImportedFlow.PLAN, Rheology.PRIES, Rheology.CONSTANT),
        (ImportedFlow.PRESSURES, Rheology.CONSTANT, Rheology.PRIES),
    ],
)
def test_the_laws_of_the_blood_are_those_of_the_mode_unless_given(
    tmp_path: Path, mode: ImportedFlow, rheology: Rheology, other: Rheology
) -> None:
    tables = read_tables(write_sample(tmp_path))
    plain, given, another = (
        solve_imported(tables, mode=mode, **laws)[1].apparent_viscosity
        for laws in ({}, {"rheology": rheology}, {"rheology": other})
    )
    np.testing.assert_array_equal(plain, given)
    assert not np.array_equal(plain, another)
