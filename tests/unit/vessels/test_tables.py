"""Tables are read exactly, and everything wrong with them is refused by file and line."""

from pathlib import Path

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.vessels.imported import read_tables
from ctc.vessels.network import SegmentKind
from ctc.vessels.tables import organ_of_region, parse_tables, write_tables
from tests.reference_data import require_reference
from tests.unit.vessels.table_samples import NODES, SEGMENTS, TARGETS, swapped, write_sample


def test_values_come_in_si(tmp_path: Path) -> None:
    tables = parse_tables(write_sample(tmp_path))
    np.testing.assert_allclose(tables.node_position[2], [5e-3, 0.0, 80e-3])
    assert tables.radius[3] == pytest.approx(30e-3)
    assert tables.near_organs[1] == {"brain", "left kidney"}
    assert tables.region[3] == "left kidney"
    assert tables.flow_targets == {"left kidney": 0.3, "other": 0.7}


def test_written_tables_read_back_equal(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    tables = parse_tables(write_sample(tmp_path))
    write_tables(tmp_path / "copy", tables)
    again = parse_tables(tmp_path / "copy")
    np.testing.assert_allclose(again.node_position, tables.node_position, rtol=1e-15)
    np.testing.assert_allclose(again.radius, tables.radius, rtol=1e-15)
    np.testing.assert_array_equal(again.start_node, tables.start_node)
    for name in ("node_id", "segment_id", "near_organs", "region", "flow_targets"):
        assert getattr(again, name) == getattr(tables, name)


def test_regions_have_the_organ_names_of_the_body_plans() -> None:
    names = ["left kidney", "right adrenal gland", "urinary bladder", "brain", "left"]
    assert [organ_of_region(n) for n in names] == ["kidney", "adrenal", "bladder", "brain", "left"]


def test_the_loop_is_closed_through_the_heart(tmp_path: Path) -> None:
    imported = read_tables(write_sample(tmp_path))
    network = imported.network
    assert network.is_kind(SegmentKind.HEART_CHAMBER).sum() == 4
    # Two venae cavae are joined before the right atrium, one pulmonary vein is not.
    assert network.n_segments == len(SEGMENTS) - 1 + 4 + 2
    beds = np.flatnonzero(network.is_kind(SegmentKind.CAPILLARY_BED))
    starts = [parse_tables(tmp_path).node_id[i] for i in network.start_node[beds]]
    assert starts == ["a2", "a3", "p1"]
    assert [network.organ_names[i] for i in network.organ[beds]] == ["kidney", "other", "lung"]
    np.testing.assert_array_equal(imported.near_organs["left kidney"], [1, 2, 4])


def test_a_link_keeps_its_conductance(tmp_path: Path) -> None:
    network = read_tables(write_sample(tmp_path)).network
    bed = int(np.flatnonzero(network.is_kind(SegmentKind.CAPILLARY_BED))[0])
    assert network.lumen_radius[bed] < 2e-5
    bundle = network.volume[bed] * (network.lumen_radius[bed] / network.length[bed]) ** 2
    tube = np.pi * 30e-3**4 / 1e-3
    assert bundle / network.resistance_factor[bed] == pytest.approx(tube, rel=1e-12)


BAD_ROWS = [
    ("nodes", NODES[2], "a1,0,0", "nodes.csv: line 3: row must have 8 values, got 3"),
    ("nodes", NODES[2], NODES[2].replace("a1", "a0"), "line 3: node must be unique, got 'a0'"),
    ("nodes", NODES[2], NODES[2].replace("90", "nan"), "z_mm must be a finite number, got 'nan'"),
    ("nodes", NODES[2], NODES[2].replace("90", "9o"), "z_mm must be a finite number, got '9o'"),
    ("nodes", NODES[2], NODES[2].replace("artery", "artry"), "Did you mean 'artery'"),
    ("nodes", NODES[1], NODES[1].replace("_root", "_rot"), "Did you mean 'aortic_root'"),
    ("nodes", NODES[1], NODES[1].replace("aortic_root", ""), "boundary must name a 'aortic_root'"),
    ("nodes", NODES[0], NODES[0].replace("x_mm", "x"), "must have a column 'x_mm'"),
    ("segments", SEGMENTS[2], SEGMENTS[2].replace("s1", "s0"), "line 3: segment must be unique"),
    ("segments", SEGMENTS[2], SEGMENTS[2].replace("a2", "z9"), "line 3: node_b must be a node"),
    ("segments", SEGMENTS[2], SEGMENTS[2].replace("1.5", "inf"), "radius_mm must be a finite"),
    ("segments", SEGMENTS[2], SEGMENTS[2].replace("vessel", "vesel"), "Did you mean 'vessel'"),
    ("segments", SEGMENTS[5], SEGMENTS[5].replace("other", ""), "organ must be given for a"),
    ("segments", SEGMENTS[2], 's1,"a1', "table must be values between commas"),
]


@pytest.mark.parametrize(("table", "old", "new", "message"), BAD_ROWS)
@pytest.mark.parametrize("repair", [True, False])
def test_bad_rows_are_refused(
    tmp_path: Path, *, table: str, old: str, new: str, message: str, repair: bool
) -> None:
    tables = {"nodes": NODES, "segments": SEGMENTS}
    changed = swapped(tables[table], old, new)
    write_sample(tmp_path, **{table: changed})
    with pytest.raises(InputError) as caught:
        read_tables(tmp_path, repair=repair)
    assert message in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_missing_and_empty_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"folder must hold nodes\.csv"):
        read_tables(tmp_path)
    write_sample(tmp_path, segments=SEGMENTS[:1])
    with pytest.raises(InputError, match="table must hold segments"):
        read_tables(tmp_path)
    (tmp_path / "segments.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"segments\.csv: line 1: table must be UTF-8 text"):
        read_tables(tmp_path)
    (tmp_path / "segments.csv").write_bytes(b"")
    with pytest.raises(InputError, match="must have a column 'segment'"):
        read_tables(tmp_path)


def test_targets_must_be_positive(tmp_path: Path) -> None:
    write_sample(tmp_path, targets=[*TARGETS[:2], "other,0"])
    with pytest.raises(InputError, match=r"line 3: fraction_of_cardiac_output must be > 0"):
        read_tables(tmp_path)


def test_the_published_body_is_read() -> None:
    imported = read_tables(require_reference("data", "bodyparts3d"))
    repairs = {repair.rule: repair.count for repair in imported.network.repairs}
    assert repairs["outlier_radius"] == 10
    assert repairs["link_geometry"] == 817
    assert repairs["loop"] == 229
    assert len(imported.near_organs) == 16
