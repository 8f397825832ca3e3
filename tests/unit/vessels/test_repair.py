"""Each rule of repair mends what its name says, is recorded, and is asked for by name without."""

from pathlib import Path

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.vessels.imported import ImportedNetwork, read_tables
from tests.unit.vessels.table_samples import NODES, SEGMENTS, swapped, write_sample


def rules(imported: ImportedNetwork) -> dict[str, int]:
    return {repair.rule: repair.count for repair in imported.network.repairs}


def test_sound_tables_need_only_their_closure(tmp_path: Path) -> None:
    write_sample(tmp_path)
    assert rules(read_tables(tmp_path)) == {"link_geometry": 3, "heart": 6}


REFUSED = [
    ("s1,a1,a2,1.5,0,vessel,", "zero_length", "length_mm must be > 0 mm, got 0 at segment 's1'"),
    ("s1,a1,a2,1.5,-3,vessel,", "zero_length", "length_mm must be > 0 mm, got -3"),
    ("s1,a1,a2,0,11,vessel,", "zero_radius", "radius_mm must be > 0 mm, got 0 at segment 's1'"),
    ("s1,a1,a2,-1,11,vessel,", "zero_radius", "radius_mm must be > 0 mm, got -1"),
]


@pytest.mark.parametrize(("row", "rule", "message"), REFUSED)
def test_bad_sizes_are_mended_or_refused(tmp_path: Path, row: str, rule: str, message: str) -> None:
    write_sample(tmp_path, segments=swapped(SEGMENTS, SEGMENTS[2], row))
    imported = read_tables(tmp_path)
    assert rules(imported)[rule] == 1
    # The distance between a1 and a2; the median of the neighbours 2 and 1.5 (the link is 30).
    assert imported.network.length[1] == pytest.approx(
        np.hypot(5e-3, 10e-3) if "length" in rule else 11e-3
    )
    with pytest.raises(InputError) as caught:
        read_tables(tmp_path, repair=False)
    assert message in str(caught.value)
    assert "allow repairs" in str(caught.value)


def test_self_loops_and_repeated_segments_are_dropped(tmp_path: Path) -> None:
    more = [*SEGMENTS, "s20,a1,a1,1,1,vessel,", "s21,a2,a1,1.5,11,vessel,", "s22,a1,a2,1,9,vessel,"]
    write_sample(tmp_path, segments=more)
    imported = read_tables(tmp_path)
    # s21 repeats s1; s22 is another vessel beside it and makes a loop that is kept.
    found = rules(imported)
    assert (found["self_loop"], found["repeated_segment"]) == (1, 1)
    with pytest.raises(InputError, match="segment must join two nodes, got 'a1' twice"):
        read_tables(tmp_path, repair=False)


def test_outlier_radii_take_the_median_of_their_neighbours(tmp_path: Path) -> None:
    write_sample(tmp_path, segments=swapped(SEGMENTS, SEGMENTS[1], "s0,a0,a1,20,10,vessel,"))
    imported = read_tables(tmp_path)
    assert rules(imported)["outlier_radius"] == 1
    assert imported.network.lumen_radius[0] == pytest.approx(1.5e-3)
    kept = read_tables(tmp_path, repair=False)
    assert kept.network.lumen_radius[0] == pytest.approx(20e-3)


def test_dead_ends_fall_from_their_tips(tmp_path: Path) -> None:
    nodes = [*NODES, "d1,9,9,9,artery,,,x", "d2,9,9,8,artery,,brain,x"]
    segments = [*SEGMENTS, "s20,a1,d1,1,1,vessel,", "s21,d1,d2,1,1,vessel,"]
    write_sample(tmp_path, nodes=nodes, segments=segments)
    imported = read_tables(tmp_path)
    assert rules(imported)["dead_end"] == 2
    # The dropped nodes lie near no organ any more.
    np.testing.assert_array_equal(imported.near_organs["brain"], [1])


def test_islands_are_dropped_or_refused(tmp_path: Path) -> None:
    nodes = [*NODES, "d1,9,9,9,artery,,,x", "d2,9,9,8,artery,,brain,x"]
    write_sample(tmp_path, nodes=nodes, segments=[*SEGMENTS, "s20,d1,d2,1,1,vessel,"])
    assert rules(read_tables(tmp_path))["island"] == 2
    with pytest.raises(InputError, match=r"joined to the heart, got node 'd1' in a loose part"):
        read_tables(tmp_path, repair=False)


def test_vessels_of_no_extent_become_one_node(tmp_path: Path) -> None:
    nodes = swapped(NODES, NODES[11], "q1,0,9,100,pulmonary_vein,,left_lung,x")
    write_sample(tmp_path, nodes=nodes)
    imported = read_tables(tmp_path)
    assert rules(imported)["coincident_nodes"] == 1
    # The outlet took over that the node lies near the lung.
    assert imported.near_organs["left lung"].size == 2


def test_nodes_of_high_degree_and_loops_are_kept_and_counted(tmp_path: Path) -> None:
    more = [
        *SEGMENTS,
        "s20,a1,a2,1,12,vessel,",
        "s21,a1,a3,1,12,vessel,",
    ]
    write_sample(tmp_path, segments=more)
    imported = read_tables(tmp_path)
    found = rules(imported)
    assert found["high_degree"] == 1
    assert imported.network.n_segments == len(more) - 1 + 6
