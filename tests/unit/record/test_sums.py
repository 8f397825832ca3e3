"""The sums by which a reader notices changed bits: they must not be switched off by any."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record import run_rows
from ctc.record.intrusion import RunWatch
from ctc.record.packing import gzip_library
from ctc.record.reader import open_run

N_EPOCHS = 6


@pytest.fixture
def run_file(samples: ModuleType, tmp_path: Path) -> Path:
    """Return a finished run of some epochs."""
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, N_EPOCHS)
        writer.close(digest="d" * 64)
    return path


def change_sums(path: Path, column: str, *, is_resealed: bool) -> None:
    with h5py.File(path, "r+", libver="v110") as file:
        rows = file["checks/epochs"][:]
        rows[column] = 2**62 if column.endswith("_rows") else 1
        if is_resealed:
            for row in rows:
                row["check"] = gzip_library.crc32(row.tobytes()[:-4])
        file["checks/epochs"][:] = rows


@pytest.mark.parametrize("column", ["events_rows", "litters_rows"])
@pytest.mark.parametrize("is_resealed", [False, True])
def test_damaged_counts_of_rows_do_not_switch_the_sums_off(
    run_file: Path, column: str, is_resealed: bool
) -> None:
    """Epochs whose rows lay beyond those of the log were passed over in silence."""
    change_sums(run_file, column, is_resealed=is_resealed)
    with open_run(run_file) as run, pytest.raises(InputError, match="sums must be"):
        run.events()


def test_a_damaged_sum_of_a_single_epoch_is_told(run_file: Path) -> None:
    with h5py.File(run_file, "r+", libver="v110") as file:
        rows = file["checks/epochs"][:]
        rows["lesions_rows"][2] ^= 1
        file["checks/epochs"][:] = rows
    with open_run(run_file) as run, pytest.raises(InputError, match="got others at epoch 2"):
        run.series()


def test_a_sum_of_rows_that_are_not_there_is_told(run_file: Path) -> None:
    change_sums(run_file, "effects", is_resealed=True)
    with open_run(run_file) as run, pytest.raises(InputError, match="other rows in epoch 0"):
        run.effects()


def test_every_slice_of_the_events_is_checked_and_read(run_file: Path) -> None:
    with open_run(run_file) as run:
        events = run.events()
        assert events.size > N_EPOCHS
        for start in range(0, events.size, 4001):
            for stop in (start, start + 1, start + 50, events.size):
                assert run.events(start, stop).tobytes() == events[start:stop].tobytes()


def test_single_events_do_not_read_the_sums_of_all_epochs_each_time(
    run_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a run of ten years of hours each took 21 ms."""
    asked = []
    real = run_rows.read_sums
    monkeypatch.setattr(run_rows, "read_sums", lambda *given: asked.append(given) or real(*given))
    with open_run(run_file) as run:
        for row in range(min(run.n_events, 20)):
            assert run.events(row, row + 1).size == 1
    assert len(asked) == 1


def test_nothing_to_add_is_no_work(
    samples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each empty log of an epoch cost five looks at file and lock."""
    looks = []
    real = RunWatch.check
    monkeypatch.setattr(RunWatch, "check", lambda self: looks.append(self) or real(self))
    with samples.create(tmp_path / "a.vtkhdf") as writer:
        writer.append_rows(
            "lesions", np.zeros(0, dtype=run_rows.dtype_of(run_rows.LOGS["lesions"]))
        )
        writer.position()
        assert len(looks) == 1


def change_vessels(path: Path, place: str) -> None:
    """Change one value of the vessels: an attribute, a text, or a number of an array."""
    group, _, attribute = place.partition("@")
    with h5py.File(path, "r+", libver="v110") as file:
        if attribute:
            file[group].attrs.modify(attribute, np.nextafter(file[group].attrs[attribute], 2.0))
        elif file[place].dtype.kind == "S":
            file[place][()] = file[place][()].replace(b"a", b"e")
        else:
            file[place][3] = np.nextafter(file[place][3], 2.0)


@pytest.mark.parametrize(
    "place",
    [
        "vessels/length",
        "vessels/flow/flow_rate",
        "vessels/flow/pressure",
        "vessels/flow/apparent_viscosity",
        "vessels/flow@exercise",
        "vessels/flow@mass_residual",
        "vessels/origin",
    ],
)
@pytest.mark.parametrize("ask", ["network", "flow"])
def test_vessels_that_were_not_stored_are_told(run_file: Path, place: str, ask: str) -> None:
    """Whichever is asked for first: they go together."""
    change_vessels(run_file, place)
    with open_run(run_file) as run:
        for _ in range(2):
            with pytest.raises(InputError, match="vessels must be those that were stored"):
                getattr(run, ask)()
        assert run.n_epochs == N_EPOCHS
        run.events()


def test_the_sum_of_the_vessels_came_later_than_those_of_the_rest(run_file: Path) -> None:
    """Files of format 1.5 lack it: of their vessels what kernels read is checked, no more."""
    with h5py.File(run_file, "r+", libver="v110") as file:
        file.attrs.modify("format_version", np.array([1, 5]))
        del file["checks/vessels"]
    change_vessels(run_file, "vessels/flow/pressure")
    with open_run(run_file) as run:
        run.flow()
    change_vessels(run_file, "vessels/flow/flow_rate")
    with open_run(run_file) as run, pytest.raises(InputError, match="vessels must be those"):
        run.flow()


def test_a_file_that_lacks_the_sum_of_its_vessels_is_damaged(run_file: Path) -> None:
    with h5py.File(run_file, "r+", libver="v110") as file:
        del file["checks/vessels"]
    with open_run(run_file) as run, pytest.raises(InputError, match="flow"):
        run.flow()
