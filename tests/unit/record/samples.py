"""A small network, its flow, and made-up cells and epochs, for the tests of the record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ctc.flow.field import FlowField
from ctc.record.header import RunHeader
from ctc.record.layout import (
    CLINIC_LOGS,
    EFFECT_DTYPE,
    EVENT_DTYPE,
    FALSE_POSITIVE,
    LESION_DTYPE,
    LITTER_DTYPE,
    Compression,
    dtype_of,
)
from ctc.record.provenance import Provenance
from ctc.record.vessels import vessels_hash
from ctc.record.writer import RunWriter
from ctc.states import CellState, DeathCause, EventKind
from ctc.vessels.network import Repair, VesselNetwork, tube_volume

SECOND = 10**9
N_TRACKED = 3000
TALLIES = ("first_pass_arrivals", "first_pass_arrested")
SCENARIO_TEXT = '[scenario]\ntitle = "straße"\n'


def network() -> VesselNetwork:
    """Return a chain of 50 tubes through three organs."""
    n = 50
    position = np.zeros((n + 1, 3))
    position[:, 2] = np.arange(n + 1) * 1e-3
    radius, length = np.linspace(1e-3, 5e-4, n), np.full(n, 1e-3)
    return VesselNetwork(
        node_position=position,
        start_node=np.arange(n, dtype=np.int32),
        end_node=np.arange(1, n + 1, dtype=np.int32),
        lumen_radius=radius,
        length=length,
        volume=tube_volume(radius, length),
        resistance_factor=np.ones(n),
        kind=np.zeros(n, dtype=np.uint8),
        organ=np.arange(n, dtype=np.int16) % 4 - 1,
        region=np.full(n, -1, dtype=np.int16),
        name=np.where(np.arange(n) < 4, 0, -1).astype(np.int16),
        organ_names=("lung", "liver", "größte"),
        region_names=(),
        vessel_names=("aorta",),
        origin="made for a test",
        repairs=(Repair("dead_end", 2, "two were cut"),),
    )


def flow() -> FlowField:
    """Return some flow of `network`."""
    tubes = network()
    rate = np.full(tubes.n_segments, 1e-6)
    return FlowField(
        pressure=np.linspace(1e4, 0, tubes.n_nodes),
        flow_rate=rate,
        transit_time=tubes.volume / rate,
        discharge_haematocrit=np.full(tubes.n_segments, 0.45),
        tube_haematocrit=np.full(tubes.n_segments, 0.4),
        apparent_viscosity=np.full(tubes.n_segments, 3.5e-3),
        wall_shear_stress=np.full(tubes.n_segments, 1.5),
        mass_residual=1e-16,
        red_cell_residual=3e-16,
        momentum_residual=2e-16,
    )


def header(device: str = "cpu, 1 thread") -> RunHeader:
    """Return a header."""
    provenance = Provenance(
        version="0.1.0",
        commit="",
        python="3.11",
        platform="Linux x86_64",
        device=device,
        kernel_hash="k" * 64,
        network_hash=vessels_hash(network(), flow()),
        seed=2**64 - 1,
        started="2000-01-01T00:00:00Z",
    )
    resolved = (
        '{"scenario": {"title": "straße"}, '
        '"parameters": {"tumour_cell.margination_probability": {"value": 0.25}}}'
    )
    return RunHeader(
        provenance, SCENARIO_TEXT, resolved, duration=3600 * SECOND, class_cells=(1, 1, 2, 37)
    )


def create(path: Path, **changes: Any) -> RunWriter:
    """Begin a run file of the sample network."""
    settings: dict[str, Any] = {
        "header": header(),
        "network": network(),
        "flow": flow(),
        "n_tracked": N_TRACKED,
        "tallies": TALLIES,
        "compression": Compression.GZIP,
    }
    return RunWriter.create(path, **(settings | changes))


def n_cells(frame: int) -> int:
    """Return how many cells frame k has: none in every fifth, all in frame 3, 8, ..."""
    return (0, 7, 1024, N_TRACKED, 2049)[frame % 5]


def cells(frame: int) -> dict[str, np.ndarray]:
    """Return the cells of frame k, all different in every frame."""
    n = n_cells(frame)
    rows = np.arange(n)
    position = np.stack([rows * 1e-3, rows * 0 + frame, -rows * 1e-6], axis=1)
    return {
        "position": position.astype("<f4"),
        "id": (rows * 3 + 2**40 + frame).astype("<u8"),
        "state": (rows % 7).astype("u1"),
        "organ": (rows % 4 - 1).astype("<i2"),
        "segment": ((rows + frame) % 50).astype("<u4"),
        "age": (rows * 0.5 + frame).astype("<f4"),
        "size_class": (rows % 64).astype("<u2"),
    }


def frame_time(frame: int) -> int:
    """Return the time of frame k [ns], a number that float32 cannot hold."""
    return (frame + 1) * 100 * SECOND + 1


def n_events(epoch: int) -> int:
    """Return how many events epoch k has: none, few, or more than a chunk of the file."""
    return (0, 5, 20000, 8192, 300)[epoch % 5]


def events(epoch: int) -> np.ndarray:
    """Return the events of epoch k, all different in every epoch."""
    rows = np.zeros(n_events(epoch), dtype=EVENT_DTYPE)
    number = np.arange(rows.size)
    rows["time"] = epoch * 10**13 + number
    rows["cell"] = number + 2**33
    rows["kind"] = np.array(EventKind)[number % len(EventKind)]
    rows["cause"] = number % 7
    rows["organ"] = number % 4 - 1
    rows["segment"] = number % 50
    rows["number"] = epoch
    rows["passes"] = number % 9
    rows["size_class"] = number % 4
    return rows


def lesions(epoch: int) -> np.ndarray:
    """Return the state of epoch + 1 lesions."""
    rows = np.zeros(epoch + 1, dtype=LESION_DTYPE)
    rows["time"] = epoch
    rows["lesion"] = np.arange(rows.size)
    rows["cells"] = epoch * 1000 + np.arange(rows.size)
    rows["parent"] = np.arange(rows.size) - 2
    rows["route"] = np.arange(rows.size) % 6
    rows["state"] = np.arange(rows.size) % 2
    return rows


def litters(epoch: int) -> np.ndarray:
    """Return the litters of epoch k: two, dense in their ids."""
    rows = np.zeros(2, dtype=LITTER_DTYPE)
    rows["first_cell"] = 20 * epoch + np.array([0, 15])
    rows["count"] = (15, 5)
    rows["parent"] = (-1, epoch)
    rows["time"] = epoch * SECOND
    rows["route"] = (2, 1)
    rows["n_sites"] = (7, epoch + 1)
    return rows


def effects(epoch: int) -> np.ndarray:
    """Return what treatment did in epoch k: nothing in the even ones."""
    rows = np.zeros(2 * (epoch % 2), dtype=EFFECT_DTYPE)
    rows["time"], rows["blood_hazard"] = epoch * SECOND, 1e-3 * epoch
    rows["organ"][:1] = -1
    return rows


def clinic(epoch: int) -> dict[str, np.ndarray]:
    """Return the rows of every log of the clinic of epoch k, more than a chunk in every fourth."""
    counts = dict(
        zip(CLINIC_LOGS, ((1, 600, 2, 1), (4, 1, 257, 0), (0, 3, 1, 2), (1, 0, 2, 0)), strict=True)
    )
    found = {}
    for log, fields in CLINIC_LOGS.items():
        rows = np.zeros(counts[log][epoch % 4], dtype=dtype_of(fields))
        number = np.arange(rows.size)
        rows["time"], rows["entry"] = epoch * SECOND, number % 3
        others = {
            "organ": number % 3,
            "stage_t": number % 4,
            "target": np.where(number % 5, number - 2, FALSE_POSITIVE + epoch),
            "kind": number % 6,
            "value": np.sqrt(number + epoch),
        }
        for name in set(others) & set(rows.dtype.names or ()):
            rows[name] = others[name]
        found[log] = rows
    return found


def series(epoch: int) -> dict[str, Any]:
    """Return the series of epoch k; cells add up."""
    by_state = np.arange(len(CellState)) * (epoch + 1)
    by_cause = np.zeros(len(DeathCause), dtype=np.int64)
    by_cause[1] = by_state[CellState.DIED]
    organs = np.arange(3) + epoch
    row: dict[str, Any] = {
        "time": (epoch + 1) * 60 * SECOND,
        "shed": int(by_state.sum()),
        "hops": 2**53 + 1 + epoch,
        "cells_by_state": by_state,
        "died_by_cause": by_cause,
        "vessel_passages": np.array([3 * (epoch + 1)]),
        "wall_time": 0.5 * (epoch + 1),
    }
    names = ("arrivals", "arrested", "extravasated", "dormant", "colonies", "died", "cells")
    row |= {name: organs * (i + 1) for i, name in enumerate(names)}
    tumours = ("tumour_cells", "vessels_reached", "lesions", "lesions_in_balance", "lesions_lost")
    gone = ("lesions_resected", "lesions_eradicated")
    row |= {name: organs + 10 * i for i, name in enumerate(tumours + gone)}
    return row | {"front_radius": organs * 1e-3}


def tallies(epoch: int) -> dict[str, np.ndarray]:
    """Return the tallies of epoch k."""
    return {
        "first_pass_arrivals": np.arange(3) + 10 * epoch,
        "first_pass_arrested": np.arange(3) + 5 * epoch,
    }


def write_epochs(writer: RunWriter, first: int, last: int) -> None:
    """Write epochs first .. last-1, with one frame each."""
    for epoch in range(first, last):
        writer.write_frame(frame_time(epoch), cells(epoch))
        half = events(epoch).size // 2
        writer.append_rows("events", events(epoch)[:half])
        writer.append_rows("events", events(epoch)[half:])
        writer.append_rows("lesions", lesions(epoch))
        writer.append_rows("litters", litters(epoch))
        for log, rows in clinic(epoch).items():
            writer.append_rows(log, rows)
        writer.append_rows("effects", effects(epoch))
        writer.append_epoch(series(epoch), tallies=tallies(epoch))


def position(n_epochs: int) -> dict[str, int]:
    """Return how far the file is after so many epochs."""
    return {
        "frames": n_epochs,
        "epochs": n_epochs,
        "events": sum(n_events(epoch) for epoch in range(n_epochs)),
        "lesions": sum(epoch + 1 for epoch in range(n_epochs)),
        "litters": 2 * n_epochs,
        **{log: sum(clinic(epoch)[log].size for epoch in range(n_epochs)) for log in CLINIC_LOGS},
        "effects": sum(effects(epoch).size for epoch in range(n_epochs)),
    }
