"""HDF5 files that reach out of themselves, lie about their size, or hold flipped bits.

Each case once was a traceback, a crash of the HDF5 library, gigabytes, a look at another file, or a
wrong result; the files are made here. ``python -m tools.fuzz`` looks for more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.formats.source_graph import ReadOptions
from ctc.formats.vtkhdf import read_vtkhdf, write_vtkhdf
from ctc.record.checkpoint import read_checkpoint, write_checkpoint
from ctc.record.files import RunFiles
from ctc.record.layout import LOGS
from ctc.record.network_file import load_network, save_network
from ctc.record.reader import Run, open_run
from ctc.record.repair import complete_end, repair_run
from ctc.record.sweep_files import TableColumn, read_block, read_table, write_block, write_table
from ctc.record.unpacking import read_rows
from ctc.record.writer import RunWriter
from tests.fuzz.hdf5_faults import (
    FAULTS,
    Change,
    empty_attribute,
    link_out,
    references,
    stored_outside,
    texts_in_a_heap,
    virtual,
)
from tests.unit.record import samples
from tools.fuzz import hdf5_targets
from tools.fuzz.hdf5_objects import OUTSIDE
from tools.fuzz.hdf5_samples import SECRET
from tools.fuzz.outside import TouchedOutsideError, untouched

# What other programs may store in their networks, and nothing of ours asks for.
FOREIGN = (texts_in_a_heap, references, empty_attribute)
READERS: dict[str, str] = {
    "run": "events/time",
    "checkpoint": "state/cells",
    "network": "vessels/length",
    "lines": "VTKHDF/CellData/length",
    "table": "table/end",
    "block": "rows",
}


def read_all(path: Path) -> Run:
    """Read a run file to the last value."""
    with open_run(path) as run:
        run.summary()
        run.network()
        run.flow()
        for log in LOGS:
            run._whole_log(log)
        list(run.frames())
        return run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a good file of each kind."""
    folder = tmp_path_factory.mktemp("good")
    with samples.create(folder / "run.vtkhdf") as writer:
        samples.write_epochs(writer, 0, 4)
        writer.close(digest="d" * 64)
    files = RunFiles.of(folder / "checkpoint")
    for epoch in (1, 2):
        state = {"cells": np.arange(100.0), "time": epoch, "chain": "a"}
        write_checkpoint(files, state, counts={"frames": epoch})
    save_network(folder / "network.h5", samples.network(), flow=samples.flow())
    write_vtkhdf(folder / "lines.vtkhdf", samples.network(), flow=samples.flow())
    columns = [TableColumn("end", np.arange(6.0)), TableColumn("arm", np.zeros(6, np.int64))]
    write_table(folder / "table.h5", columns, attributes={"title": "t"}, texts={"plan": "{}"})
    write_block(folder / "block.h5", np.arange(50.0))
    with h5py.File(folder / "secret.h5", "w", libver="v110") as file:
        file["x"] = np.zeros(100)
    return folder


@pytest.fixture
def good(made: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def files_of(good: Path) -> dict[str, tuple[Path, Callable[[], object]]]:
    """Return the file of each kind and what reads it."""
    checkpoint = RunFiles.of(good / "checkpoint")
    run, lines = good / "run.vtkhdf", good / "lines.vtkhdf"
    return {
        "run": (run, lambda: read_all(run)),
        "checkpoint": (checkpoint.checkpoint, lambda: read_checkpoint(checkpoint)),
        "network": (good / "network.h5", lambda: load_network(good / "network.h5")),
        "lines": (lines, lambda: read_vtkhdf(lines, ReadOptions())),
        "table": (good / "table.h5", lambda: read_table(good / "table.h5")),
        "block": (good / "block.h5", lambda: read_block(good / "block.h5")),
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("kind", READERS)
def test_no_reader_follows_or_believes_it(kind: str, fault: Change, good: Path) -> None:
    path, read = files_of(good)[kind]
    with h5py.File(path, "r+", libver="v110") as file:
        fault(file, READERS[kind])
    with untouched(good / "secret.h5"):
        if kind == "checkpoint":
            found = read()
            assert found.counts == {"frames": 1}  # of the one before it  # type: ignore[attr-defined]
        elif kind == "block":
            assert read() is None
        elif kind == "lines" and fault in FOREIGN:
            read()  # it is not looked at
        else:
            with pytest.raises(InputError, match=FAULTS[fault]) as caught:
                read()
            assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("fault", [link_out, virtual, stored_outside])
@pytest.mark.parametrize("is_writer", [False, True])
def test_whoever_follows_a_link_is_seen(fault: Change, good: Path, *, is_writer: bool) -> None:
    """Readers and writers that do what ours must not: the guard of the test above tells."""
    path = good / "table.h5"
    with h5py.File(path, "r+", libver="v110") as file:
        fault(file, READERS["table"])

    def follow() -> None:
        mode = "r+" if is_writer else "r"
        with untouched(good / "secret.h5"), h5py.File(path, mode, libver="v110") as file:
            dataset = file[READERS["table"]]
            if is_writer:
                dataset[:3] = 1.0
            dataset[:3]

    with pytest.raises(TouchedOutsideError, match="written" if is_writer else "opened"):
        follow()


@pytest.mark.parametrize("place", [place for place in OUTSIDE if "secret" in place])
@pytest.mark.parametrize("is_writer", [False, True])
def test_targets_tell_of_readers_that_follow_links(
    place: str, tmp_path: Path, *, is_writer: bool
) -> None:
    """As `python -m tools.fuzz` guards them: what links lead to is there, and is watched."""
    (tmp_path / "outside").mkdir()
    path = tmp_path / ("below/a.h5" if place.startswith("..") else "a.h5")
    path.parent.mkdir(exist_ok=True)
    with h5py.File(tmp_path / SECRET, "w", libver="v110") as file:
        file["x"] = np.arange(9)
    with h5py.File(path, "w", libver="v110") as file:
        file["x"] = h5py.ExternalLink(place, "/x")

    def follow(_folder: Path) -> object:
        with h5py.File(path, "r+" if is_writer else "r") as file:
            if is_writer:
                file["x"][0] = 7
            return file["x"][0]

    with pytest.raises(TouchedOutsideError, match="written" if is_writer else "opened"):
        hdf5_targets.guarded(follow)(tmp_path)


def test_the_good_files_are_read(good: Path) -> None:
    for path, read in files_of(good).values():
        assert path.is_file()
        assert read() is not None


def test_every_flipped_bit_is_noticed_or_means_nothing(good: Path) -> None:
    """Bits all over a run file: what is read is what was written, or there is a refusal."""
    path = good / "run.vtkhdf"
    data = path.read_bytes()
    before = said(path)
    draw = np.random.Generator(np.random.Philox(7))
    refused = 0
    with h5py.File(path) as file:
        places = [
            int(file[name].id.get_offset() or file[name].id.get_chunk_info(0).byte_offset)
            for name in ("scenario/resolved", "organs/names", "organs/shed", "tallies/slot_epoch",
                         "counters", "VTKHDF/NumberOfPoints", "frames/digest", "frames/time")
        ]  # fmt: skip
    places += [int(place) for place in draw.integers(0, len(data), 60)]
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << int(draw.integers(8))
        path.write_bytes(changed)
        try:
            assert said(path) == before, f"bit of byte {place}"
        except InputError:
            refused += 1
    assert refused >= 8


def said(path: Path) -> str:
    """Return all that a run file says, as text."""
    with open_run(path) as run:
        parts = [str(run.summary()), run.scenario_text, str(run.network().hash())]
        parts += [str(run._whole_log(log).tobytes()) for log in LOGS]
        parts += [str([values.tobytes() for values in vars(frame).values() if np.ndim(values)])
                  for frame in run.frames()]  # fmt: skip
        return "\n".join(parts)


@pytest.mark.parametrize("field", ["frames", "epochs", "events", "status"])
def test_counters_that_lie_are_refused(good: Path, field: str) -> None:
    path = good / "run.vtkhdf"
    with h5py.File(path, "r+", libver="v110") as file:
        row = file["counters"][0]
        row[field] += 1
        file["counters"][0] = row
    for each in (read_all, repair_run, complete_end, RunWriter.reopen):
        with pytest.raises(InputError, match="counters must be what was stored"):
            each(path)


@pytest.mark.parametrize("name", ["events/segment", "lesions/route", "organs/shed", "checks"])
def test_what_is_missing_is_no_sign_of_age(good: Path, name: str) -> None:
    path = good / "run.vtkhdf"
    with h5py.File(path, "r+", libver="v110") as file:
        del file[name]
    with pytest.raises(InputError, match=r"run must be whole"):
        read_all(path)


def test_a_folder_or_a_pipe_in_place_of_a_file_is_refused(good: Path) -> None:
    os.mkfifo(good / "pipe.h5")
    assert read_block(good / "pipe.h5") is None
    files = RunFiles.of(good / "checkpoint")
    files.checkpoint.unlink()
    files.checkpoint.mkdir()
    assert read_checkpoint(files).counts == {"frames": 1}


def test_rows_are_those_that_the_library_reads(good: Path) -> None:
    """Packed in chunks of any shape, with chunks that were never written, cut anywhere."""
    draw = np.random.Generator(np.random.Philox(3))
    with h5py.File(good / "rows.h5", "w", libver="v110") as file:
        for number in range(60):
            shape = tuple(draw.integers(1, 40, draw.integers(1, 4)).tolist())
            dtype = draw.choice(["<f8", "<i2", "u1", "<f4", ">i4", "S5"])
            dataset = file.create_dataset(
                f"d{number}", shape, dtype, compression="gzip", shuffle=bool(number % 2),
                chunks=tuple(int(draw.integers(1, n + 1)) for n in shape),
                maxshape=(None, *shape[1:]), fillvalue=7 if dtype != "S5" else None,
            )  # fmt: skip
            if number % 3:
                values = draw.integers(0, 100, shape).astype(dtype)
                dataset[: shape[0] // 2 + 1] = values[: shape[0] // 2 + 1]
            start, stop = sorted(draw.integers(0, shape[0] + 3, 2).tolist())
            np.testing.assert_array_equal(read_rows(dataset, start, stop), dataset[start:stop])
            np.testing.assert_array_equal(read_rows(dataset), dataset[()])
