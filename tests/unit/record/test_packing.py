"""Chunks as HDF5's own filters would read them, whatever is stored and whatever is deflated."""

import functools
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from ctc.backends.host_filter import shuffled
from ctc.record.chunks import create_growing, store_array
from ctc.record.columns import Column
from ctc.record.layout import Compression, Field
from ctc.record.packing import Packers, pack

ROWS = 40_000


def words(count: int, key: int = 1) -> np.ndarray:
    return np.random.Philox(key=key).random_raw(count)


COLUMNS: dict[str, Callable[[int], np.ndarray]] = {
    "noise": words,
    "counter": lambda n: np.arange(n, dtype=np.uint64) * 10,
    "zeros": lambda n: np.zeros(n, dtype=np.int64),
    "positions": lambda n: (words(3 * n) % 10**6).astype("f4").reshape(n, 3) * np.float32(1e-6),
    "noise in the middle": lambda n: (words(n) >> np.uint64(40) << np.uint64(16)).astype("u4"),
    "states": lambda n: (words(n) % 5).astype("u1"),
    "pairs": lambda n: words(n).astype("u2"),
    "flags": lambda n: words(n) % 2 == 0,
    "wide": lambda n: words(2 * n).view("c16"),
}


def planes_by_numpy(array: np.ndarray, n_places: int) -> bytes:
    full = np.zeros(n_places, dtype=array.dtype)
    full[: array.size] = array.reshape(-1)
    return full.view(np.uint8).reshape(n_places, -1).T.tobytes()


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("n_rows", [0, 1, 700, ROWS - 1, ROWS])
def test_a_packed_chunk_unpacks_to_its_shuffled_bytes(name: str, n_rows: int) -> None:
    column = COLUMNS[name](n_rows)
    shape = (ROWS, *column.shape[1:])
    packed = pack(column, shape=shape)
    assert zlib.decompress(packed) == planes_by_numpy(column, int(np.prod(shape)))


def test_noise_is_stored_as_it_is_and_the_rest_deflated() -> None:
    low = words(ROWS) % 2**32  # four planes of noise, four of zeros
    packed = pack(low)
    assert 4 * ROWS < len(packed) < 4 * ROWS + 1000
    assert low[:100].astype("u8").tobytes()[:1] in packed
    noise = shuffled(low, ROWS)[0]
    assert noise[:ROWS].tobytes() in packed


@pytest.mark.parametrize("n_items", [0, 1, 511, 512, 513, 2000])
@pytest.mark.parametrize("dtype", ["u1", "<i2", "<f4", "<u8"])
def test_a_column_of_records_is_shuffled_where_it_lies(n_items: int, dtype: str) -> None:
    records = np.zeros(n_items, dtype=[("before", "u1"), ("value", dtype), ("after", "<u4")])
    records["value"] = words(n_items) % 250
    records["before"], records["after"] = 255, 2**32 - 1
    found = shuffled(records["value"], 2000)
    assert found.tobytes() == planes_by_numpy(records["value"].copy(), 2000)
    backwards = records["value"][::-1]
    assert shuffled(backwards, 2000).tobytes() == planes_by_numpy(backwards.copy(), 2000)


def test_more_items_than_places_are_refused() -> None:
    with pytest.raises(TypeError, match="must be at most 3"):
        shuffled(np.zeros(4), 3)


@pytest.mark.parametrize("name", COLUMNS)
def test_hdf5_reads_what_was_packed(name: str, tmp_path: Path) -> None:
    column = COLUMNS[name](3 * ROWS + 17)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        store_array(file, "whole", column, compression=Compression.GZIP)
        field = Field("grown", column.dtype.str, "m", "made up")
        dataset = create_growing(
            file, field, rows=ROWS, compression=Compression.GZIP, tail=column.shape[1:]
        )
        growing = Column(dataset)
        growing.extend(column.shape[0])
        for start in range(0, column.shape[0], ROWS):
            growing.put_chunk(start, growing.packing(column[start : start + ROWS])())
    with h5py.File(tmp_path / "a.h5") as file:
        for stored in ("whole", "grown"):
            assert file[stored].compression == "gzip"
            assert file[stored].shuffle
            np.testing.assert_array_equal(file[stored][...], column)


def test_rows_are_written_where_they_belong(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        field = Field("plain", "<u4", "", "made up")
        dataset = create_growing(file, field, rows=8, compression=Compression.NONE, tail=(3,))
        column = Column(dataset)
        for row in range(20):
            column.put_row(row, [row, 2 * row, 3 * row])
        column.put(4, np.full((2, 3), 99))
        column.put_row(0, np.full(3, 7.0))
    wanted = np.arange(20)[:, np.newaxis] * [1, 2, 3]
    wanted[4:6], wanted[0] = 99, 7
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["plain"][...], wanted)


@pytest.mark.parametrize("size", [10, 10**9])
def test_packers_keep_the_order_and_hand_on_errors(size: int) -> None:
    packers = Packers()
    jobs = [lambda n=n: n * n for n in range(50)]
    assert list(packers.in_order(jobs, size=size)) == [n * n for n in range(50)]

    def fail() -> int:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        list(packers.in_order([jobs[0], fail, jobs[1]], size=size))
    assert list(packers.in_order(jobs[:3], size=size)) == [0, 1, 4]


def test_jobs_that_nobody_waits_for_any_more_are_not_begun() -> None:
    """A full disk ends the loop over the results of a column: the other chunks are not packed."""
    packers = Packers()
    may_end = threading.Event()
    begun = []

    def job(number: int) -> int:
        begun.append(number)
        if number:
            may_end.wait()
        return number

    jobs = [functools.partial(job, number) for number in range(50)]
    results = packers.in_order(jobs, size=2**30)
    assert next(results) == 0
    results.close()
    may_end.set()
    assert list(packers.in_order([int, int], size=2**30)) == [0, 0]  # after all that still wait
    assert len(begun) < 50
