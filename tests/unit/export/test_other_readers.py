"""Every format, opened by its own reader and compared with the run value by value."""

import csv
import gzip
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from ctc.export.catalogue import export_run
from ctc.export.gsd import METRES_PER_UNIT
from ctc.export.selection import Extract, Selection
from ctc.formats.polydata import read_polydata
from ctc.formats.source_graph import ReadOptions
from ctc.record.reader import open_run
from ctc.states import CellState, DeathCause, EventKind
from tests.made_up_patient import write_patient

SELECTIONS = [
    Selection(),
    Selection((2, None), 3, 20, (CellState.CIRCULATING, CellState.ARRESTED)),
]
both = pytest.mark.parametrize("selection", SELECTIONS, ids=["all", "thinned"])


@both
def test_gsd(small, tmp_path, selection):
    """Positions are float32 in millimetres: within 2^-24 of the largest, 1 m, twice rounded."""
    hoomd = pytest.importorskip("gsd.hoomd")
    path = tmp_path / "run.gsd"
    assert export_run(small, path, selection=selection) == (path,)
    wanted = list(Extract(small, selection).frames())
    with hoomd.open(str(path), "r") as file:
        assert len(file) == len(wanted)
        for found, (number, frame) in zip(file, wanted, strict=True):
            cells, log = found.particles, found.log
            assert found.configuration.step == number
            assert frame.id.size == found.particles.N
            assert cells.types == [state.name.lower() for state in CellState]
            np.testing.assert_array_equal(cells.typeid, frame.state)
            np.testing.assert_array_equal(cells.body, frame.organ)
            np.testing.assert_array_equal(log["time_seconds"], [frame.time / 1e9])
            assert log["metres_per_unit"] == [METRES_PER_UNIT]
            if frame.id.size:
                back = (cells.position + log["origin_mm"]) * METRES_PER_UNIT
                np.testing.assert_allclose(back, frame.position, rtol=0, atol=2e-7)
                np.testing.assert_array_equal(log["particles/Particle Identifier"], frame.id)
                np.testing.assert_array_equal(log["particles/segment"], frame.segment)
                np.testing.assert_array_equal(log["particles/age_seconds"], frame.age)
                np.testing.assert_array_equal(log["particles/size_class"], frame.size_class)
            box = np.array(found.configuration.box[:3])
            assert (np.abs(cells.position) <= box / 2).all()
            assert (box > 0).all()


@both
def test_vtp(small, tmp_path, selection):
    vtk = pytest.importorskip("vtk")
    support = pytest.importorskip("vtk.util.numpy_support")
    path = tmp_path / "run.pvd"
    assert export_run(small, path, selection=selection) == (path, tmp_path / "run")
    entries = list(ET.parse(path).getroot().iter("DataSet"))
    wanted = list(Extract(small, selection).frames())
    for entry, (_, frame) in zip(entries, wanted, strict=True):
        assert float(entry.get("timestep")) == frame.time / 1e9
        reader = vtk.vtkXMLPolyDataReader()
        reader.SetFileName(str(tmp_path / entry.get("file")))
        reader.Update()
        data = reader.GetOutput()
        assert data.GetNumberOfPoints() == data.GetNumberOfVerts() == frame.id.size
        if not frame.id.size:
            continue
        np.testing.assert_array_equal(
            support.vtk_to_numpy(data.GetPoints().GetData()), frame.position
        )
        for name in ("id", "state", "organ", "segment", "age", "size_class"):
            found = support.vtk_to_numpy(data.GetPointData().GetArray(name))
            np.testing.assert_array_equal(found, getattr(frame, name))
            assert found.dtype == getattr(frame, name).dtype
    network, flow = read_polydata(tmp_path / "run" / "vessels.vtp", ReadOptions())
    assert network.hash() == small.network().hash()
    np.testing.assert_array_equal(flow.flow_rate, small.flow().flow_rate)


def test_the_clinic_as_csv(tmp_path):
    """Kinds and organs by name, nothing where there is nothing, numbers to the last digit."""
    with open_run(write_patient(tmp_path / "patient.vtkhdf")) as run:
        export_run(run, tmp_path / "a.csv")
    rows = {
        name: list(csv.DictReader((tmp_path / f"a.{name}.csv").read_text().splitlines()))
        for name in ("examinations", "findings", "treatments", "milestones")
    }
    first, second = rows["examinations"][:2]
    assert first["kind"] == "mammography"
    assert (first["stage_t"], first["true_t"], first["true_n"]) == ("", "1", "0")
    assert (second["time_s"], second["value"]) == ("31536000.000000000", "0.018")
    assert rows["examinations"][-1]["response"] == "progressive"
    found, false = rows["findings"][:2]
    assert (found["target"], found["organ"], found["diameter_m"]) == ("-1", "größte", "0.018")
    assert (false["target"], false["organ"], false["true_diameter_m"]) == ("", "lung", "0.0")
    drug = rows["treatments"][1]
    assert [drug[name] for name in ("kind", "target", "organ")] == ["chemotherapy", "", ""]
    assert float(drug["cells_after"]) == 4e6 / 3
    last = rows["milestones"][-1]
    assert [last[name] for name in ("milestone", "entry")] == ["death_by_cancer", ""]


@both
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_csv(small, tmp_path, selection, ending):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / f"run.{ending}"
    written = export_run(small, path, selection=selection)
    clinic = ("examinations", "findings", "treatments", "milestones")
    names = ("events", "organs", "epochs", "lesions", "litters", *clinic)
    assert written == (path, *(tmp_path / f"run.{name}.{ending}" for name in names))
    if ending.endswith("gz"):
        assert gzip.decompress(path.read_bytes()).startswith(b"id,time_s,x_m,y_m,z_m,state,")
    table = {
        name: pandas.read_csv(file, keep_default_na=False, dtype=str)
        for name, file in zip(("cells", *names), written, strict=True)
    }
    extract = Extract(small, selection)
    organ_of = np.array([*small.organ_names, ""], dtype=object)
    frames = [frame for _, frame in extract.frames()]
    cells = table["cells"]
    for name, column in (
        ("id", [str(v) for f in frames for v in f.id.tolist()]),
        ("time_s", [f"{f.time // 10**9}.{f.time % 10**9:09d}" for f in frames for _ in f.id]),
        ("state", [CellState(v).name.lower() for f in frames for v in f.state]),
        ("organ", [organ_of[v] for f in frames for v in f.organ]),
        ("segment", ["" if v == 2**32 - 1 else str(v) for f in frames for v in f.segment.tolist()]),
        ("size_class", [str(v) for f in frames for v in f.size_class.tolist()]),
    ):
        assert cells[name].tolist() == column
    for i, axis in enumerate("xyz"):
        found = cells[f"{axis}_m"].to_numpy().astype(np.float32)
        np.testing.assert_array_equal(found, np.concatenate([f.position[:, i] for f in frames]))
    ages = cells["age_s"].to_numpy().astype(np.float32)
    np.testing.assert_array_equal(ages, np.concatenate([f.age for f in frames]))

    events = np.concatenate(list(extract.events()))
    found = table["events"]
    times = [round(float(text) * 1e9) for text in found["time_s"]]
    assert times == events["time"].tolist()
    for name in ("cell", "number", "passes", "clone", "size_class"):
        assert found[name].astype(np.int64).tolist() == events[name].tolist()
    # Class 4 is one more than the header tells of.
    together = np.array(["1", "1", "2", "37", ""])[events["size_class"]]
    assert found["cells_together"].tolist() == together.tolist()
    assert found["kind"].tolist() == [EventKind(each).name.lower() for each in events["kind"]]
    assert found["cause"].tolist() == [DeathCause(each).name.lower() for each in events["cause"]]
    assert found["organ"].tolist() == organ_of[events["organ"]].tolist()

    series = small.series()
    organs = table["organs"]
    n_organs = len(small.organ_names)
    assert organs["organ"].tolist() == list(small.organ_names) * small.n_epochs
    assert organs["cells"].astype(int).tolist() == series["cells"].reshape(-1).tolist()
    assert organs["time_s"][n_organs] == "120.000000000"
    epochs = table["epochs"]
    assert epochs["hops"].tolist() == [str(value) for value in series["hops"].tolist()]
    dead = series["died_by_cause"][:, 1].tolist()
    assert epochs["died_of_shear"].astype(int).tolist() == dead
    lesions = small.lesion_history()
    assert table["lesions"]["cells"].astype(int).tolist() == lesions["cells"].tolist()
    assert table["lesions"]["lesion"].astype(int).tolist() == lesions["lesion"].tolist()
    litters, written_litters = small.litters(), table["litters"]
    assert litters.size == 6
    for name in ("first_cell", "count", "parent"):
        assert written_litters[name].astype(int).tolist() == litters[name].tolist()
    assert written_litters["route"].tolist() == ["portal", "caval"] * 3
    assert written_litters["time_s"].tolist() == [f"{k}.000000000" for k in (0, 0, 1, 1, 2, 2)]


@both
def test_h5md(small, tmp_path, selection):
    mda = pytest.importorskip("MDAnalysis")
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "run.h5md"
    export_run(small, path, selection=selection)
    wanted = [frame for _, frame in Extract(small, selection).frames()]
    moved = tmp_path / "elsewhere" / "alone.h5md"
    moved.parent.mkdir()
    path.rename(moved)  # it needs neither the run nor its place
    with h5py.File(moved, "r") as file:
        group = file["particles/ctc"]
        ids = group["id"][()]
        columns = {name: group[name]["value"][()] for name in ("state", "organ", "segment", "age")}
        names = [name.decode() for name in file["parameters/ctc/organ_names"][()]]
        assert names == list(small.organ_names)
        assert file["parameters/ctc"].attrs["seed"] == small.provenance.seed
        assert file["parameters/ctc"].attrs["selection"].decode() == selection.in_words()
    universe = mda.Universe.empty(ids.size, trajectory=True)
    universe.load_new(str(moved), format="H5MD", convert_units=False)
    assert universe.trajectory.n_frames == len(wanted)
    for index, frame in enumerate(wanted):
        step = universe.trajectory[index]
        assert step.data["time"] == pytest.approx(frame.time / 1e9, rel=1e-15)
        rows = np.searchsorted(ids, frame.id)
        np.testing.assert_array_equal(ids[rows], frame.id)
        np.testing.assert_array_equal(step.positions[rows], frame.position)
        absent = np.delete(np.arange(ids.size), rows)
        assert np.isnan(step.positions[absent]).all()
        for name, values in columns.items():
            np.testing.assert_array_equal(values[index][rows], getattr(frame, name))
        assert (columns["state"][index][absent] == 255).all()


@both
def test_vtkhdf_is_a_run(small, tmp_path, selection):
    path = tmp_path / "copy.vtkhdf"
    export_run(small, path, selection=selection)
    extract = Extract(small, selection)
    with open_run(path) as copy:
        assert copy.damaged_frames() == []
        for found, (_, frame) in zip(copy.frames(), extract.frames(), strict=True):
            assert found.time == frame.time
            for name in ("position", "id", "state", "organ", "segment", "age", "size_class"):
                np.testing.assert_array_equal(getattr(found, name), getattr(frame, name))
        np.testing.assert_array_equal(copy.events(), np.concatenate(list(extract.events())))
        np.testing.assert_array_equal(copy.lesion_history(), small.lesion_history())
        np.testing.assert_array_equal(copy.litters(), small.litters())
        for log in ("examinations", "findings", "treatments", "milestones"):
            assert copy.n_rows(log)
            np.testing.assert_array_equal(getattr(copy, log)(), getattr(small, log)())
        for name, values in small.series().items():
            np.testing.assert_array_equal(copy.series()[name], values)
        for name, values in small.tallies().items():
            np.testing.assert_array_equal(copy.tallies()[name], values)
        assert copy.network().hash() == small.network().hash()
        assert copy.header == small.header
        assert copy.status == "finished"
        assert copy.end.digest == small.end.digest
        assert copy.end.finished == small.end.finished
        own = {"path", "n_frames", "n_events", "record_digest"}
        results = {key: value for key, value in small.summary().items() if key not in own}
        assert {key: value for key, value in copy.summary().items() if key not in own} == results
        whole = selection == Selection()
        assert (copy.end.record_digest == small.end.record_digest) == whole
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copy.vtkhdf"]
