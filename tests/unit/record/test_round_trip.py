"""What goes into a run file comes out of it."""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record import packing
from ctc.record.layout import FORMAT_VERSION, Compression, RunStatus
from ctc.record.reader import open_run
from ctc.states import EventKind

Check = Callable[[Path], dict[str, int]]


def write(samples: ModuleType, path: Path, n_epochs: int = 7, **changes: object) -> Path:
    with samples.create(path, **changes) as writer:
        samples.write_epochs(writer, 0, n_epochs)
        writer.close(digest="d" * 64)
    return path


@pytest.mark.parametrize("compression", list(Compression))
def test_everything_comes_back(
    samples: ModuleType, tmp_path: Path, check_complete: Check, compression: Compression
) -> None:
    path = write(samples, tmp_path / "a.vtkhdf", compression=compression)
    assert check_complete(path) == {
        "frames": 7,
        "epochs": 7,
        "events": samples.position(7)["events"],
    }
    assert [file.name for file in tmp_path.iterdir()] == ["a.vtkhdf"]
    with open_run(tmp_path / "a") as run:
        assert run.status == "finished"
        assert run.scenario_text == samples.SCENARIO_TEXT
        assert run.scenario()["scenario"]["title"] == "straße"
        assert run.header == samples.header()
        assert run.organ_names == samples.network().organ_names
        assert run.frame(-1).time == samples.frame_time(6)
        assert [frame.id.size for frame in run.frames()] == [samples.n_cells(i) for i in range(7)]
        with pytest.raises(IndexError):
            run.frame(7)
        np.testing.assert_array_equal(run.events(6, 9), run.events()[6:9])
        newest = run.lesions()
        np.testing.assert_array_equal(newest["lesion"], np.arange(7))
        assert (newest["time"] == 6).all()


def test_network_and_flow_come_back(samples: ModuleType, tmp_path: Path) -> None:
    with open_run(write(samples, tmp_path / "a.vtkhdf", 0)) as run:
        network, flow = run.network(), run.flow()
    assert network.hash() == samples.network().hash()
    assert network.repairs == samples.network().repairs
    assert network.origin == samples.network().origin
    for name, value in vars(samples.flow()).items():
        np.testing.assert_array_equal(getattr(flow, name), value)


def test_summary_adds_up(samples: ModuleType, tmp_path: Path) -> None:
    with open_run(write(samples, tmp_path / "a.vtkhdf")) as run:
        summary = run.summary()
    assert json.loads(json.dumps(summary)) == summary
    assert summary["n_shed"] == summary["in_flight"] + sum(summary["fates"].values())
    assert summary["digest"] == "d" * 64
    assert summary["margination_probability"] == 0.25
    assert summary["seed"] == 2**64 - 1
    assert summary["hops"] == 2**53 + 7
    assert summary["simulated_seconds"] == 7 * 60.0
    assert summary["organs"]["liver"]["arrested"] == 2 * 7
    assert summary["first_pass"]["liver"] == {"arrivals": 61, "arrested": 31}


def test_a_run_without_epochs_has_a_summary(samples: ModuleType, tmp_path: Path) -> None:
    with open_run(write(samples, tmp_path / "a.vtkhdf", 0, tallies=(), n_tracked=0)) as run:
        summary = run.summary()
        assert run.events().size == run.lesions().size == run.n_frames == 0
    assert summary["n_shed"] == summary["in_flight"] == 0
    assert summary["first_pass"] == {}


def test_columns_are_whole_for_readers_that_know_no_counters(
    samples: ModuleType, tmp_path: Path
) -> None:
    with h5py.File(write(samples, tmp_path / "a.vtkhdf"), "r") as file:
        times = file["events/time"][()]
        assert file["events/time"].attrs["units"] == b"ns"
        assert file["VTKHDF/Points"].attrs["units"] == b"m"
    np.testing.assert_array_equal(
        times, np.concatenate([samples.events(epoch)["time"] for epoch in range(7)])
    )


def test_record_digest_does_not_depend_on_packing(samples: ModuleType, tmp_path: Path) -> None:
    digests = set()
    for compression in Compression:
        path = write(samples, tmp_path / f"{compression}.vtkhdf", compression=compression)
        with open_run(path) as run:
            digests.add(run.end.record_digest)
    assert len(digests) == 1
    shorter = write(samples, tmp_path / "shorter.vtkhdf", 6)
    with open_run(shorter) as run:
        assert run.end.record_digest not in digests


@pytest.mark.parametrize("compression", Compression)
def test_frames_written_together_are_those_written_one_by_one(
    samples: ModuleType, tmp_path: Path, compression: Compression
) -> None:
    wanted = write(samples, tmp_path / "a.vtkhdf", 7, compression=compression)
    path = tmp_path / "b.vtkhdf"
    with samples.create(path, compression=compression) as writer:
        frames = [(samples.frame_time(k), samples.cells(k)) for k in range(7)]
        writer.take_frames(frames[:1])
        writer.take_frames(frames[1:6])
        writer.take_frames(frames[6:])
        writer.close(digest="d" * 64)
    with open_run(wanted) as one_by_one, open_run(path) as together:
        assert together.end.record_digest == one_by_one.end.record_digest
        assert together.damaged_frames() == []
    with h5py.File(wanted) as first, h5py.File(path) as second:
        names: list[str] = []
        first["VTKHDF"].visit(names.append)
        assert len(names) > 40
        assert second["VTKHDF/Steps"].attrs["NSteps"] == 7
        for name in names:
            if isinstance(first["VTKHDF"][name], h5py.Dataset):
                stored = second["VTKHDF"][name]
                np.testing.assert_array_equal(first["VTKHDF"][name][...], stored[...], name)


def test_plain_zlib_serves_where_isal_is_missing(
    samples: ModuleType, tmp_path: Path, check_complete: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "gzip_library", zlib)
    check_complete(write(samples, tmp_path / "a.vtkhdf"))


def test_rounded_positions_stay_within_their_tolerance(samples: ModuleType, tmp_path: Path) -> None:
    tolerance = 3e-4
    path = write(samples, tmp_path / "a.vtkhdf", position_tolerance=tolerance)
    with open_run(path) as run:
        error = np.abs(run.frame(3).position - samples.cells(3)["position"])
        assert 0 < error.max() <= tolerance
        assert run.damaged_frames() == []


def test_a_changed_byte_is_found(samples: ModuleType, tmp_path: Path) -> None:
    path = write(samples, tmp_path / "a.vtkhdf", compression=Compression.NONE)
    with h5py.File(path, "r") as file:
        place = file["VTKHDF/PointData/age"].id.get_chunk_info(2).byte_offset
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with open_run(path) as run:
        assert len(run.damaged_frames()) == 1


def test_a_stopped_run_is_marked(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.vtkhdf"
    with contextlib.suppress(RuntimeError), samples.create(path) as writer:
        samples.write_epochs(writer, 0, 2)
        raise RuntimeError
    with open_run(path) as run:
        assert (run.status, run.n_epochs, run.summary()["digest"]) == ("stopped", 2, None)


def test_bad_rows_are_refused_at_the_call(samples: ModuleType, tmp_path: Path) -> None:
    cells, series = samples.cells(1), samples.series(0)
    many = {name: np.resize(column, (3001, *column.shape[1:])) for name, column in cells.items()}
    many["id"] = np.arange(3001, dtype="<u8")
    with samples.create(tmp_path / "a.vtkhdf", tallies=()) as writer:
        for wrong, text in (
            (cells | {"id": cells["id"][::-1]}, "id must rise"),
            (cells | {"age": cells["age"].astype("f8")}, "age must be <f4"),
            (cells | {"speed": cells["age"]}, "exactly the columns"),
        ):
            with pytest.raises(ValueError, match=text):
                writer.write_frame(1, wrong)
        writer.write_frame(5, cells)
        with pytest.raises(ValueError, match="must be > 5 ns"):
            writer.write_frame(5, cells)
        with pytest.raises(ValueError, match="at most 3000"):
            writer.write_frame(6, many)
        with pytest.raises(ValueError, match="check \\['hops'\\]"):
            writer.append_epoch({k: v for k, v in series.items() if k != "hops"})
        with pytest.raises(ValueError, match="shed must be >= 0"):
            writer.append_epoch(series | {"shed": -1})
        with pytest.raises(ValueError, match="tallies must be exactly"):
            writer.append_epoch(series, tallies=samples.tallies(0))
        with pytest.raises(ValueError, match="events must be"):
            writer.append_rows("events", np.zeros(3))
        writer.close(status=RunStatus.STOPPED)


def test_an_unknown_tally_leaves_no_file(samples: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'first_pass_arrested'"):
        samples.create(tmp_path / "a.vtkhdf", tallies=("first_pass_arested",))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [(1, FORMAT_VERSION[1] + 1), (2, 0), (99, 0)])
def test_a_newer_format_is_refused(
    samples: ModuleType, tmp_path: Path, version: tuple[int, int]
) -> None:
    path = write(samples, tmp_path / "a.vtkhdf", 0)
    with h5py.File(path, "r+", libver="v110") as file:
        file.attrs["format_version"] = np.array(version)
    known = ".".join(map(str, FORMAT_VERSION))
    with pytest.raises(InputError, match=rf"a\.vtkhdf.*at most {known}, got .*Update ctc"):
        open_run(path)


def test_other_files_are_refused(samples: ModuleType, tmp_path: Path) -> None:
    path = write(samples, tmp_path / "a.vtkhdf")
    content = path.read_bytes()
    for name, wrong, text in (
        ("empty", b"", "must be an HDF5 file"),
        ("text", b"hello" * 100, "must be an HDF5 file"),
        ("cut", content[: len(content) // 2], "damaged or cut short"),
        ("stub", content[:40], "must be an HDF5 file"),
        ("bent", content[:30] + b"\xff" + content[31:], "damaged first block"),
    ):
        other = tmp_path / f"{name}.vtkhdf"
        other.write_bytes(wrong)
        with pytest.raises(InputError, match=text):
            open_run(other)
    with h5py.File(tmp_path / "foreign.vtkhdf", "w", libver="v110") as file:
        file["x"] = 1
    with pytest.raises(InputError, match="format must be 'ctc-run'"):
        open_run(tmp_path / "foreign.vtkhdf")
    with pytest.raises(InputError, match="existing file"):
        open_run(tmp_path / "none.vtkhdf")


def test_event_kinds_fit_their_column() -> None:
    assert max(EventKind) < 256
