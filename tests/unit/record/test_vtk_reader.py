"""The readers that others use open our files unchanged: VTK (ParaView) and MDAnalysis."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record.counters import RecordPosition
from ctc.record.h5md import write_h5md
from ctc.record.layout import Compression
from ctc.record.writer import RunWriter

N_FRAMES = 11


def write(samples: ModuleType, path: Path, compression: Compression = Compression.GZIP) -> Path:
    """Write a run that was stopped beyond frame 8 and resumed there."""
    with samples.create(path, compression=compression) as writer:
        samples.write_epochs(writer, 0, 10)
    position = RecordPosition(**samples.position(8))
    with RunWriter.reopen(path, position=position) as writer:
        samples.write_epochs(writer, 8, N_FRAMES)
        writer.close(digest="d" * 64)
    return path


@pytest.mark.parametrize("compression", list(Compression))
def test_vtk_reads_every_frame(
    samples: ModuleType, tmp_path: Path, compression: Compression
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vtk = pytest.importorskip("vtk")
        to_numpy = pytest.importorskip("vtk.util.numpy_support").vtk_to_numpy
    path = write(samples, tmp_path / "a.vtkhdf", compression)
    reader = vtk.vtkHDFReader()
    assert reader.CanReadFile(str(path))
    reader.SetFileName(str(path))
    reader.UpdateInformation()
    assert reader.GetNumberOfSteps() == N_FRAMES
    information = reader.GetOutputInformation(0)
    times = vtk.vtkStreamingDemandDrivenPipeline.TIME_STEPS()
    seconds = [information.Get(times, i) for i in range(information.Length(times))]
    assert seconds == [samples.frame_time(i) / 1e9 for i in range(N_FRAMES)]
    # Both ways by which programs choose a frame, and not in order.
    for is_by_time in (False, True):
        for index in (0, 3, 10, 1, 2, 5, 4, 6, 7, 8, 9):
            if is_by_time:
                reader.UpdateTimeStep(seconds[index])
            else:
                reader.SetStep(index)
                reader.Update()
            data = reader.GetOutputDataObject(0)
            cells = samples.cells(index)
            assert data.GetClassName() == "vtkPolyData"
            assert data.GetNumberOfPoints() == data.GetNumberOfVerts() == cells["id"].size
            if not cells["id"].size:
                continue
            np.testing.assert_array_equal(
                to_numpy(data.GetPoints().GetData()), cells.pop("position")
            )
            for name, column in cells.items():
                found = to_numpy(data.GetPointData().GetArray(name))
                np.testing.assert_array_equal(found, column)
                assert found.dtype.kind == column.dtype.kind


def test_mdanalysis_reads_the_h5md_view(samples: ModuleType, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = pytest.importorskip("MDAnalysis")
    path = write(samples, tmp_path / "a.vtkhdf")
    view = write_h5md(path)
    assert view == tmp_path / "a.h5md"
    assert write_h5md(path) == view  # once more over the old one
    with h5py.File(view, "r") as file:
        np.testing.assert_array_equal(file["h5md"].attrs["version"], [1, 1])
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.move(path, moved)
    shutil.move(view, moved)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        universe = analysis.Universe.empty(samples.N_TRACKED, trajectory=False)
        universe.load_new(str(moved / view.name), format="H5MD", convert_units=False)
        assert len(universe.trajectory) == N_FRAMES
        for index, step in enumerate(universe.trajectory):
            wanted = samples.cells(index)["position"]
            np.testing.assert_array_equal(step.positions[: len(wanted)], wanted)
            assert np.isnan(step.positions[len(wanted) :]).all()
            assert step.time == samples.frame_time(index) / 1e9
        universe.trajectory.close()


def test_the_h5md_view_waits_for_the_end(
    samples: ModuleType, tmp_path: Path, start_writer: Callable
) -> None:
    process = start_writer(tmp_path / "a.vtkhdf", 0, 10_000, 0.05, 0)
    with pytest.raises(InputError, match="got one still open"):
        write_h5md(tmp_path / "a.vtkhdf")
    process.kill()
    with samples.create(tmp_path / "b.vtkhdf") as writer:
        writer.close()
    assert write_h5md(tmp_path / "b.vtkhdf") is None
