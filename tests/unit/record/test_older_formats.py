"""Older files are read: what came later is empty, zero, or follows from what there is."""

from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from ctc.export.catalogue import export_run
from ctc.record.counters import read_counters
from ctc.record.layout import CLINIC_LOGS, EVENT_FIELDS, RunStatus
from ctc.record.reader import open_run
from ctc.record.row_log import read_log
from ctc.record.writer import RunWriter

LATEST_SERIES = ("lesions_resected", "lesions_eradicated")
LATER_SERIES = (
    *LATEST_SERIES,
    *("tumour_cells", "front_radius", "vessels_reached"),
    *("lesions", "lesions_in_balance", "lesions_lost"),
)


def without_event_sizes(path: Path) -> None:
    """Make the file of a run one of format 1.2."""
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.array([1, 2], dtype=file.attrs["format_version"].dtype)
        del file["checks"]
        for group in (file["events"], file["events/tail"]):
            del group["size_class"]


def test_events_of_format_1_2_have_no_size(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 3)
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        assert run.has_column("events", "size_class")
        new = run.events()
        assert new["size_class"].any()
    without_event_sizes(path)
    with open_run(path) as run:
        assert not run.has_column("events", "size_class")
        old = run.events()
        assert not old["size_class"].any()
        np.testing.assert_array_equal(old["cell"], new["cell"])
        export_run(run, tmp_path / "old.csv")
    heading, first = (tmp_path / "old.events.csv").read_text().splitlines()[:2]
    assert heading.endswith(",clone,size_class,cells_together")
    assert first.endswith(",0,,")


def test_columns_behind_one_that_is_not_there_are_read(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 3)
        writer.close(digest="d" * 64)
    without_event_sizes(path)
    fields = tuple(field for field in EVENT_FIELDS if field.name in ("size_class", "cell"))
    with h5py.File(path, "r") as file:
        position = read_counters(file).events
        rows = read_log(
            file["events"], fields[::-1], position=position, start=0, stop=position.rows
        )
    np.testing.assert_array_equal(
        rows["cell"], np.concatenate([samples.events(epoch)["cell"] for epoch in range(3)])
    )
    assert rows.dtype.names == ("size_class", "cell")
    assert not rows["size_class"].any()


def test_a_run_of_format_1_2_goes_on(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 3)
        writer.close(status=RunStatus.STOPPED)
    without_event_sizes(path)
    with RunWriter.reopen(path) as writer:
        samples.write_epochs(writer, 3, 5)
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        wanted = np.concatenate([samples.events(epoch) for epoch in range(5)])
        np.testing.assert_array_equal(run.events()["cell"], wanted["cell"])
        assert not run.events()["size_class"].any()


def without_clinic(path: Path) -> None:
    """Make the file of a run one of format 1.3: no log of the clinic, two series less."""
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.array([1, 3], dtype=file.attrs["format_version"].dtype)
        del file["checks"]
        for name in LATEST_SERIES:
            del file["organs"][name]
        cut_counters(file, (*CLINIC_LOGS, "effects"))
        for log in (*CLINIC_LOGS, "effects"):
            del file[log]


def cut_counters(file: h5py.File, logs: tuple[str, ...]) -> None:
    """Take the counts of some logs out of the record."""
    counters = file["counters"][:]
    del file["counters"]
    names = [n for n in counters.dtype.names if n.split("_")[0] not in (*logs, "check")]
    file.create_dataset("counters", data=counters[names], maxshape=(None,), chunks=(1,))


def test_a_run_of_format_1_4_is_read_and_goes_on(samples: ModuleType, tmp_path: Path) -> None:
    """It has no `n_sites` of litters and no effects of treatment, and gets none."""
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 2)
        writer.close(status=RunStatus.STOPPED)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.array([1, 4], dtype=file.attrs["format_version"].dtype)
        del file["checks"]
        cut_counters(file, ("effects",))
        del file["effects"]
        for group in (file["litters"], file["litters/tail"]):
            del group["n_sites"]
    with RunWriter.reopen(path) as writer:
        assert not writer.has_log("effects")
        writer.append_rows("litters", samples.litters(2))
        writer.append_epoch(samples.series(2), tallies=samples.tallies(2))
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        assert not run.has_column("litters", "n_sites")
        assert not run.has_column("effects", "time")
        assert run.effects().size == 0
        assert run.litters()["count"].tolist() == [15, 5] * 3
        assert not run.litters()["n_sites"].any()


def test_a_run_of_format_1_3_is_read_and_goes_on(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 3)
        writer.close(status=RunStatus.STOPPED)
    without_clinic(path)
    with RunWriter.reopen(path) as writer:
        for log, rows in samples.clinic(1).items():
            if rows.size:
                with pytest.raises(ValueError, match=f"{log} must be empty in a file of an older"):
                    writer.append_rows(log, rows)
            writer.append_rows(log, rows[:0])
        writer.append_rows("litters", samples.litters(3))
        writer.append_epoch(samples.series(3), tallies=samples.tallies(3))
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        for rows in (run.examinations(), run.findings(), run.treatments(), run.milestones()):
            assert rows.size == 0
        assert run.litters().size == 8
        for name in LATEST_SERIES:
            assert run.series()[name].shape == (4, 3)
            assert not run.series()[name].any()


def test_format_1_0_is_read(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 7)
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        new = run.lesion_history()
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.array([1, 0], dtype=file.attrs["format_version"].dtype)
        del file["checks"]
        cut_counters(file, ("litters", *CLINIC_LOGS, "effects"))
        for log in ("litters", *CLINIC_LOGS, "effects"):
            del file[log]
        for name in LATER_SERIES:
            del file["organs"][name]
        for group in (file["lesions"], file["lesions/tail"]):
            for name in ("parent", "route", "state"):
                del group[name]
    with open_run(path) as run:
        assert run.n_litters == run.litters().size == 0
        old = run.lesion_history()
        np.testing.assert_array_equal(old["cells"], new["cells"])
        np.testing.assert_array_equal(old["parent"], -1 - new["clone"].astype(np.int64))
        assert not old["state"].any()
        series = run.series()
        for name in LATER_SERIES:
            assert series[name].shape == (7, 3)
            assert not series[name].any()
        assert run.summary()["lesions"]["founded"] == 7
        np.testing.assert_array_equal(
            run.log_column("lesions", "parent", start=2, stop=5), old["parent"][2:5]
        )
