"""Network files: nothing lost, damage told."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import load_haemodynamics
from ctc.flow.exercise import at_cardiac_output
from ctc.flow.field import FlowField
from ctc.formats.catalogue import read_vessels, write_vessels
from ctc.formats.source_graph import ReadOptions
from ctc.record.network_file import load_near_organs, load_network, save_network
from ctc.vessels.network import Repair, VesselNetwork
from tests.unit.flow.loops import small_body


@pytest.fixture(scope="module")
def solved() -> tuple[VesselNetwork, FlowField]:
    network, flow = solve_circulation(small_body(), load_haemodynamics())
    return network.replace(repairs=(Repair("loop", 3, "kept"),)), flow


def test_round_trip(tmp_path: Path, solved: tuple[VesselNetwork, FlowField]) -> None:
    network, flow = solved
    save_network(tmp_path / "body.h5", network, flow=flow)
    again, flow_again = load_network(tmp_path / "body.h5")
    assert again.hash() == network.hash()
    assert again.repairs == network.repairs
    assert again.origin == network.origin
    assert flow_again is not None
    np.testing.assert_array_equal(flow_again.flow_rate, flow.flow_rate)
    np.testing.assert_array_equal(flow_again.transit_time, flow.transit_time)
    assert flow_again.mass_residual == flow.mass_residual
    assert [p.name for p in tmp_path.iterdir()] == ["body.h5"]


def test_a_flow_in_exercise_says_so(
    tmp_path: Path, solved: tuple[VesselNetwork, FlowField]
) -> None:
    network, flow = solved
    path = tmp_path / "body.h5"
    save_network(path, network, flow=at_cardiac_output(flow, 2.0))
    again = load_network(path)[1]
    assert again is not None
    assert again.exercise == 2.0
    for form in ("lines.vtkhdf", "pair"):
        write_vessels(tmp_path / form, network, flow=again)
        exported = read_vessels(tmp_path / form, ReadOptions())[1]
        assert exported is not None
        assert exported.exercise == 2.0
    # A file of an older version was made of a flow at rest.
    with h5py.File(path, "r+") as file:
        del file["vessels/flow"].attrs["exercise"]
        file.attrs["format_version"] = (1, 0)
    older = load_network(path)[1]
    assert older is not None
    assert older.exercise == 1.0


def test_a_network_without_flow(tmp_path: Path) -> None:
    save_network(tmp_path / "body.h5", small_body())
    assert load_network(tmp_path / "body.h5")[1] is None


def test_files_are_not_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "body.h5"
    save_network(path, small_body())
    with pytest.raises(InputError, match="output must not exist"):
        save_network(path, small_body())
    save_network(path, small_body(), overwrite=True)


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="existing folder"):
        save_network(tmp_path / "none" / "body.h5", small_body())


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "body.h5"
    with pytest.raises(InputError, match="network file must exist"):
        load_network(path)
    path.write_text("not a network")
    with pytest.raises(InputError, match="must be an HDF5 file"):
        load_network(path)
    save_network(path, small_body(), overwrite=True)
    with h5py.File(path, "r+") as file:
        file["vessels/length"][3] *= 2.0
    with pytest.raises(InputError, match="hash"):
        load_network(path)
    with h5py.File(path, "r+") as file:
        del file["vessels/length"]
    with pytest.raises(InputError, match="must be a complete HDF5 file"):
        load_network(path)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = (2, 0)
    with pytest.raises(InputError, match=r"format version must be at most 1\.1, got 2\.0"):
        load_network(path)


def test_nodes_beside_organs_are_kept(tmp_path: Path) -> None:
    near = {"left/kidney": np.array([0, 2, 5], dtype=np.int32), "größe": np.empty(0, np.int32)}
    save_network(tmp_path / "body.h5", small_body(), near_organs=near)
    again = load_near_organs(tmp_path / "body.h5")
    assert list(again) == list(near)
    for name, nodes in near.items():
        np.testing.assert_array_equal(again[name], nodes)
    save_network(tmp_path / "bare.h5", small_body())
    assert load_near_organs(tmp_path / "bare.h5") == {}
    with h5py.File(tmp_path / "body.h5", "r+") as file:
        file["near_organs/nodes"][1] = 3
    with pytest.raises(InputError, match="near organs must have the hash"):
        load_near_organs(tmp_path / "body.h5")
