"""Row `output`: frames of tracked cells into the run file, beside raw h5py on the same arrays."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import CpuBackend
from ctc.checks import FloatArray
from ctc.pipeline import load_scenario, prepare
from ctc.preparation import Prepared
from ctc.record.header import RunHeader
from ctc.record.layout import Compression
from ctc.record.provenance import collect_provenance
from ctc.record.writer import RunWriter
from ctc.simulation.epochs import Simulation
from tools.bench.rows import Conditions, Goal, Outcome, figure_of
from tools.bench.timing import in_turn, time_once

_GOAL = Goal(low=4e8)
_UNIT = "bytes/s"
_N_TRACKED, _N_FRAMES, _N_FRAMES_QUICK = 100_000, 16, 8
# Rows a chunk of raw h5py: what the run file takes for so many cells.
_ROWS = 65_536

Frame = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Output:
    """Bytes of columns a second of wall time, from the first frame to the closed file."""

    name: str = field(default="output", init=False)
    what: str = field(default="frames of 1e5 tracked cells into HDF5", init=False)

    def measure(self, conditions: Conditions) -> Outcome:
        """Write the same frames by our writer and by h5py, in turn."""
        n_frames = _N_FRAMES_QUICK if conditions.is_quick else _N_FRAMES
        prepared, frames = _tracked_frames(n_frames)
        n_bytes = sum(column.nbytes for frame in frames for column in frame.values())
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            jobs = {
                "ours, gzip": lambda: _ours(prepared, frames, folder, Compression.GZIP),
                "ours": lambda: _ours(prepared, frames, folder, Compression.NONE),
                "h5py, gzip": lambda: _raw(frames, folder, gzip=1),
                "h5py": lambda: _raw(frames, folder, gzip=None),
            }
            found = in_turn(jobs, conditions.runs())
        rate: dict[str, FloatArray] = {
            name: n_bytes / np.array([seconds for seconds, _ in runs])
            for name, runs in found.items()
        }
        size = {name: 100 * runs[0][1] / n_bytes for name, runs in found.items()}
        note = (
            f"{n_frames} frames of {frames[0]['id'].size:,} cells, {n_bytes / 1e6:.0f} MB of "
            f"columns; ours compressed writes {size['ours, gzip']:.0f} % of it, h5py "
            f"{size['h5py, gzip']:.0f} %. Ours makes every frame readable at once and hashes it; "
            "h5py writes the columns and nothing else."
        )
        return Outcome(
            (
                figure_of(
                    "compressed",
                    _UNIT,
                    ours=rate["ours, gzip"],
                    peer=rate["h5py, gzip"],
                    peer_name="h5py, gzip 1",
                    goal=conditions.of_whole(_GOAL),
                ),
                figure_of(
                    "not compressed", _UNIT, ours=rate["ours"], peer=rate["h5py"], peer_name="h5py"
                ),
            ),
            (note,),
        )


def _tracked_frames(n_frames: int) -> tuple[Prepared, list[Frame]]:
    """Return real frames: of the second hour of the main scenario, a second apart."""
    overrides = [
        "run.duration=2 h",
        f"record.tracked={_N_TRACKED}",
        "record.window.0.start=90 min",
        f"record.window.0.duration={n_frames - 1} s",
    ]
    prepared = prepare(load_scenario("quick", overrides=overrides))
    simulation = Simulation(prepared.setting, CpuBackend())
    frames: list[Frame] = [frame.cells for epoch in simulation.epochs() for frame in epoch.frames]
    return prepared, frames


def _ours(
    prepared: Prepared, frames: list[Frame], folder: Path, compression: Compression
) -> tuple[float, int]:
    """Return seconds and bytes of the frames by the writer of runs."""
    path = folder / "ours.vtkhdf"
    header = RunHeader(
        provenance=collect_provenance(device="", kernel_hash="", network_hash="", seed=0),
        scenario_text="",
        scenario_json="{}",
        duration=0,
        class_cells=(1,),
    )
    writer = RunWriter.create(
        path,
        header=header,
        network=prepared.network,
        flow=prepared.flow,
        n_tracked=_N_TRACKED,
        compression=compression,
        overwrite=True,
    )
    before = path.stat().st_size

    def write() -> None:
        for time, frame in enumerate(frames):
            writer.write_frame(time, frame)
        writer.close()

    with writer:
        seconds = time_once(write).wall
    return seconds, path.stat().st_size - before


def _raw(frames: list[Frame], folder: Path, *, gzip: int | None) -> tuple[float, int]:
    """Return seconds and bytes of the frames as growing datasets of h5py."""
    path = folder / "raw.h5"

    def write() -> None:
        with h5py.File(path, "w") as file:
            for name, first in frames[0].items():
                tail = first.shape[1:]
                file.create_dataset(
                    name,
                    shape=(0, *tail),
                    maxshape=(None, *tail),
                    chunks=(_ROWS, *tail),
                    dtype=first.dtype,
                    compression="gzip" if gzip else None,
                    compression_opts=gzip,
                )
            for frame in frames:
                for name, column in frame.items():
                    dataset = file[name]
                    start = dataset.shape[0]
                    dataset.resize(start + column.shape[0], axis=0)
                    dataset[start:] = column

    return time_once(write).wall, path.stat().st_size
