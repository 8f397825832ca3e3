"""Runs to export: the samples of the record's tests, and a small one where cells come and go."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ctc.record.layout import EVENT_DTYPE
from ctc.record.reader import Run, open_run

SAMPLES = Path(__file__).resolve().parents[1] / "record" / "samples.py"
N_FRAMES = 12
N_TRACKED = 200


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """Return the samples of the record's tests."""
    spec = importlib.util.spec_from_file_location("record_samples_for_export", SAMPLES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small_cells(frame: int) -> dict[str, np.ndarray]:
    """Return cells that are born and die, tracked by id; none in the first frame."""
    rng = np.random.default_rng(frame)
    identity = np.flatnonzero(rng.random(N_TRACKED) < min(frame, 8) / 10) * 7
    n = identity.size
    return {
        "position": rng.uniform(-0.4, 0.9, (n, 3)).astype("<f4"),
        "id": identity.astype("<u8"),
        "state": rng.integers(0, 4, n).astype("u1"),
        "organ": rng.integers(-1, 3, n).astype("<i2"),
        "segment": np.where(rng.random(n) < 0.2, 2**32 - 1, rng.integers(0, 50, n)).astype("<u4"),
        "age": rng.uniform(0, 1e6, n).astype("<f4"),
        "size_class": rng.integers(0, 64, n).astype("<u2"),
    }


def small_events() -> np.ndarray:
    """Return some events of the cells of `small_cells`."""
    rows = np.zeros(300, dtype=EVENT_DTYPE)
    number = np.arange(rows.size)
    rows["time"] = number * 1_234_567_891 + 1
    rows["cell"] = number % N_TRACKED * 7
    rows["kind"] = np.array([1, 2, 3, 4, 5, 7, 8, 9])[number % 8]
    rows["cause"] = number % 7
    rows["organ"] = number % 4 - 1
    rows["segment"] = np.where(number % 5, number % 50, 2**32 - 1)
    rows["number"] = number
    rows["size_class"] = number % 5
    return rows


@pytest.fixture(scope="session")
def small_path(samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run in which cells come and go."""
    path = tmp_path_factory.mktemp("small") / "small.vtkhdf"
    with samples.create(path, n_tracked=N_TRACKED) as writer:
        for frame in range(N_FRAMES):
            writer.write_frame((frame + 1) * 10**9 + 1, small_cells(frame))
        writer.append_rows("events", small_events())
        for epoch in range(3):
            writer.append_rows("lesions", samples.lesions(epoch))
            writer.append_rows("litters", samples.litters(epoch))
            for log, rows in samples.clinic(epoch).items():
                writer.append_rows(log, rows)
            writer.append_epoch(samples.series(epoch), tallies=samples.tallies(epoch))
        writer.close(digest="d" * 64)
    return path


@pytest.fixture
def small(small_path: Path) -> Iterator[Run]:
    """Return that run, open."""
    with open_run(small_path) as run:
        yield run
