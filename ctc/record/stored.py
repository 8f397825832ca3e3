"""Everything that a file of ctc holds, as data: for the page of formats and its test; no I/O."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ctc.flow.field import FlowField
from ctc.record.layout import (
    CELL_FIELDS,
    COUNTER_FIELDS,
    LOGS,
    SERIES_FIELDS,
    TALLY_FIELDS,
    Field,
    log_chunk_rows,
)
from ctc.record.sums import SUM_DTYPE
from ctc.vessels.network import ARRAY_FIELDS

FIRST = "1.0"
ZERO = "0"


@dataclass(frozen=True)
class Stored:
    """One dataset or attribute of a file.

    Attributes
    ----------
    place : str
        Path in the file; an attribute stands behind ``@``.
    dtype : str
        NumPy text without byte order (all are little-endian); ``S`` is text in UTF-8.
    shape : str
        Axes by name, empty for a single value.
    unit : str
        SI unit, empty for a pure number, a code or a text.
    meaning : str
        In a line.
    since : str
        Format version of the first file that has it.
    absent : str
        What readers take where a file of an older version lacks it.
    """

    place: str
    dtype: str
    shape: str
    unit: str
    meaning: str
    since: str = FIRST
    absent: str = ""


# First version and what its lack means, by group and name; of all others 1.0.
_LATER = {
    ("lesions", "parent"): ("1.2", "-1 - clone"),
    ("lesions", "route"): ("1.2", ZERO),
    ("lesions", "state"): ("1.2", ZERO),
    ("events", "size_class"): ("1.3", "not known"),
    ("litters", "n_sites"): ("1.5", "not known"),
    ("organs", "vessel_passages"): ("1.1", "not known"),
    ("tallies", "passages"): ("1.1", "not known"),
    **dict.fromkeys(
        (
            *(("organs", name) for name in ("tumour_cells", "front_radius", "vessels_reached")),
            *(("organs", name) for name in ("lesions", "lesions_in_balance", "lesions_lost")),
        ),
        ("1.2", ZERO),
    ),
    **dict.fromkeys(
        (("organs", "lesions_resected"), ("organs", "lesions_eradicated")), ("1.4", ZERO)
    ),
}
# Logs that came later; of an older file they are empty.
_LATER_LOGS = {
    "litters": "1.2",
    **dict.fromkeys(("examinations", "findings", "treatments", "milestones"), "1.4"),
    "effects": "1.5",
}
_EMPTY = "no rows"


def stored_in_run() -> tuple[Stored, ...]:
    """Return what ``RUN.vtkhdf`` holds."""
    return (
        *_format_of("ctc-run"),
        *_origin(),
        *_status(),
        *_counters(),
        *_scenario(),
        *_cells(),
        *(each for log in LOGS for each in _log(log)),
        *_series(),
        *_sums(),
        *stored_of_vessels(since_exercise="1.3"),
    )


def stored_in_network() -> tuple[Stored, ...]:
    """Return what a file of vessels holds: of ``ctc vessels``, and kept by the vessel cache."""
    return (
        *_format_of("ctc-network"),
        Stored("/@units", "S", "", "", "SI"),
        Stored("/@network_hash", "S", "", "", "SHA-256 of the vessels and their flow"),
        *stored_of_vessels(since_exercise="1.1"),
        Stored("/near_organs/names", "S", "near", "", "organs, left and right apart"),
        Stored("/near_organs/nodes", "i4", "n", "", "nodes beside them, organ after organ"),
        Stored("/near_organs/offsets", "i8", "near + 1", "", "where the nodes of each begin"),
        Stored("/near_organs@hash", "S", "", "", "SHA-256 of nodes and offsets"),
    )


def stored_in_sweep() -> tuple[Stored, ...]:
    """Return what ``sweep.h5`` holds; its columns are those of the sweep."""
    return (
        *_format_of("ctc-sweep"),
        Stored("/@digest", "S", "", "", "SHA-256 of the columns of /table"),
        Stored("/@*", "S", "", "", "where it comes from: version, commit, kernels, plan, dates"),
        Stored("/table/*", "number", "row", "by column", "one column; a row a patient and arm"),
        Stored("/sensitivity/*", "number", "row", "by column", "Sobol indices, where there are"),
        Stored("/table/*@units", "S", "", "", "SI unit, empty for a pure number or a code"),
        Stored("/table/*@meaning", "S", "", "", "in a line"),
        Stored("/table/*@role", "S", "", "", "index, varied or outcome"),
        Stored("/table/*@labels", "S", "code", "", "words that codes 0, 1 .. stand for"),
        Stored("/texts/sweep", "S", "", "", "the sweep file, to the letter"),
        Stored("/texts/plan", "S", "", "", "distributions with sources, and arms, as JSON"),
    )


def stored_in_block() -> tuple[Stored, ...]:
    """Return what ``blocks/*.h5`` of a sweep holds."""
    return (
        *_format_of("ctc-sweep-block"),
        Stored("/@checksum", "S", "", "", "SHA-256 of the rows"),
        Stored("/rows", "record", "row", "as /table", "patient, arm, and each outcome by its name"),
    )


def stored_in_h5md() -> tuple[Stored, ...]:
    """Return what ``RUN.h5md`` holds: H5MD 1.1, data by reference into the run file."""
    found = [
        Stored("/h5md@version", "i8", "2", "", "1 and 1, of H5MD"),
        Stored("/h5md/author@name", "S", "", "", "unknown: ctc stores no names"),
        Stored("/h5md/creator@name", "S", "", "", "ctc"),
        Stored("/h5md/creator@version", "S", "", "", "of ctc"),
        Stored("/particles/ctc/box@dimension", "i8", "", "", "3"),
        Stored("/particles/ctc/box@boundary", "S", "xyz", "", "none"),
    ]
    for field in CELL_FIELDS:
        place = f"/particles/ctc/{field.name}"
        shape = ", ".join(("frame", "cell", *field.axes))
        found += [
            Stored(f"{place}/value", _plain(field.dtype), shape, field.unit, field.meaning),
            Stored(f"{place}/step", "i8", "frame", "", "number of the frame"),
            Stored(f"{place}/time", "f8", "frame", "s", "from the start of the run"),
        ]
    return tuple(found)


def _format_of(name: str) -> tuple[Stored, ...]:
    return (
        Stored("/@format", "S", "", "", name),
        Stored("/@format_version", "i8", "2", "", "major and minor number of the format"),
    )


def _origin() -> Iterator[Stored]:
    texts = {
        "units": "SI; a dataset says by its own attribute `units` where it is another",
        "version": "of ctc",
        "commit": "of ctc; empty for an installed program, `-dirty` behind it for changed files",
        "python": "version of Python",
        "platform": "system and processor, no name of a machine",
        "device": "what the kernels ran on first",
        "kernel_hash": "SHA-256 of the kernels' text",
        "network_hash": "SHA-256 of the vessels and their flow",
        "started": "date and time in UTC",
    }
    for name, meaning in texts.items():
        yield Stored(f"/@{name}", "S", "", "", meaning)
    yield Stored("/@seed", "u8", "", "", "of every random number of the run")


def _status() -> Iterator[Stored]:
    for name, meaning in {
        "digest": "SHA-256 of the results; empty until the run is finished",
        "record_digest": "SHA-256 over the digests of the frames; likewise",
        "finished": "date and time in UTC; likewise",
        "devices": "all that the kernels ran on",
    }.items():
        yield Stored(f"/status@{name}", "S", "", "", meaning)
    yield Stored("/status@n_resumes", "i8", "", "", "how often it went on from a checkpoint")


def _counters() -> Iterator[Stored]:
    for field in COUNTER_FIELDS:
        log = field.name.removesuffix("_tail").removesuffix("_slot")
        since = _LATER_LOGS.get(log, FIRST)
        absent = ZERO if since != FIRST else ""
        if field.name == "check":
            since, absent = "1.5", "not checked"
        place = f"/counters.{field.name}"
        yield Stored(place, _plain(field.dtype), "1", field.unit, field.meaning, since, absent)


def _sums() -> Iterator[Stored]:
    since = ("1.5", "not checked")
    yield Stored("/checks/header", "u1", "32", "", "SHA-256 of what is known before a run", *since)
    later = ("1.6", "of what kernels read: network_hash")
    yield Stored("/checks/vessels", "u1", "32", "", "SHA-256 of the vessels, all of it", *later)
    for name in SUM_DTYPE.names or ():
        log = name.removesuffix("_rows")
        meaning = f"CRC-32 of the new rows of {name}" if log in LOGS else f"CRC-32 of the {name}"
        meaning = f"rows of {log} after the epoch" if log != name else meaning
        meaning = "CRC-32 of the rest of the row" if name == "check" else meaning
        dtype = SUM_DTYPE[name].str[1:]
        yield Stored(f"/checks/epochs.{name}", dtype, "epoch", "", meaning, *since)


def _scenario() -> tuple[Stored, ...]:
    return (
        Stored("/scenario/text", "S", "", "", "the scenario file, to the letter"),
        Stored("/scenario/resolved", "S", "", "", "with every default filled in: JSON in SI"),
        Stored("/scenario/duration", "i8", "", "ns", "how long the run is to be"),
        Stored(
            "/scenario/class_cells",
            *("u4", "size class", "", "cells that travel together", "1.2", "1 each"),
        ),
    )


def _cells() -> Iterator[Stored]:
    vtk = "/VTKHDF"
    yield Stored(f"{vtk}@Type", "S", "", "", "PolyData")
    yield Stored(f"{vtk}@Version", "i8", "2", "", "2 and 0, of VTKHDF")
    for field in CELL_FIELDS:
        is_position = field.name == "position"
        place = f"{vtk}/Points" if is_position else f"{vtk}/PointData/{field.name}"
        shape = ", ".join(("row", *field.axes))
        yield Stored(place, _plain(field.dtype), shape, field.unit, field.meaning)
    yield Stored(f"{vtk}/NumberOfPoints", "i8", "frame", "", "cells of the frame")
    for kind in ("Vertices", "Lines", "Polygons", "Strips"):
        own = "vertices, one a cell" if kind == "Vertices" else "none"
        yield Stored(f"{vtk}/{kind}/Offsets", "i8", "k + 1", "", own)
        yield Stored(f"{vtk}/{kind}/Connectivity", "i8", "k", "", own)
        yield Stored(f"{vtk}/{kind}/NumberOfCells", "i8", "frame", "", own)
        yield Stored(f"{vtk}/{kind}/NumberOfConnectivityIds", "i8", "frame", "", own)
    steps = f"{vtk}/Steps"
    yield Stored(f"{steps}@NSteps", "i8", "", "", "frames, for VTK; `/counters` counts")
    yield Stored(f"{steps}/Values", "f8", "frame", "s", "times of the frames, for VTK")
    for name, meaning in {
        "PointOffsets": "first row of the frame",
        "PartOffsets": "number of the frame",
        "NumberOfParts": "1",
    }.items():
        yield Stored(f"{steps}/{name}", "i8", "frame", "", meaning)
    for name in ("CellOffsets", "ConnectivityIdOffsets"):
        yield Stored(f"{steps}/{name}", "i8", "frame, kind of cell", "", "0")
    for field in CELL_FIELDS:
        if field.name != "position":
            place = f"{steps}/PointDataOffsets/{field.name}"
            yield Stored(place, "i8", "frame", "", "first row of the frame")
    yield Stored("/frames/time", "i8", "frame", "ns", "of the frame, from the start of the run")
    yield Stored("/frames/digest", "u1", "frame, 32", "", "SHA-256 of the frame as stored")


def _log(log: str) -> Iterator[Stored]:
    since_log = _LATER_LOGS.get(log, FIRST)
    for field in LOGS[log]:
        since, absent = _LATER.get((log, field.name), (since_log, ""))
        absent = absent or (_EMPTY if since_log != FIRST else "")
        dtype = _plain(field.dtype)
        yield Stored(f"/{log}/{field.name}", dtype, "row", field.unit, field.meaning, since, absent)
        shape = f"2 slots of {log_chunk_rows(log)}"
        yield Stored(
            f"/{log}/tail/{field.name}", dtype, shape, field.unit, "its last rows", since, absent
        )


def _series() -> Iterator[Stored]:
    yield Stored("/organs/names", "S", "organ", "", "of the organs, in the order of that axis")
    yield from _in_group("organs", SERIES_FIELDS, ("epoch",))
    yield from _in_group("tallies", TALLY_FIELDS, ("2 slots",))
    meaning = "after how many epochs each slot is true"
    yield Stored("/tallies/slot_epoch", "i8", "2 slots", "", meaning)


def _in_group(group: str, fields: Iterable[Field], first: tuple[str, ...]) -> Iterator[Stored]:
    for field in fields:
        since, absent = _LATER.get((group, field.name), (FIRST, ""))
        shape = ", ".join((*first, *field.axes))
        dtype = _plain(field.dtype)
        place = f"/{group}/{field.name}"
        yield Stored(place, dtype, shape, field.unit, field.meaning, since, absent)


_VESSEL_ARRAYS = {
    "node_position": ("node, xyz", "m", "x to the left, y back, z up"),
    "start_node": ("segment", "", "node where its blood enters"),
    "end_node": ("segment", "", "node where its blood leaves"),
    "lumen_radius": ("segment", "m", "of the tube; of a bed the bore radius of one capillary"),
    "length": ("segment", "m", "of the tube; of a bed the path length of one capillary"),
    "volume": ("segment", "m^3", "blood held; of a bed by all its capillaries"),
    "resistance_factor": ("segment", "", "resistance over that of the geometry alone"),
    "kind": ("segment", "", "SegmentKind"),
    "organ": ("segment", "", "index into the organ names, -1 between organs"),
    "region": ("segment", "", "index into the region names, -1 for none"),
    "name": ("segment", "", "index into the vessel names, -1 for none"),
}
_FLOW = {
    "pressure": ("node", "Pa", "at the nodes"),
    "flow_rate": ("segment", "m^3/s", "from start to end, >= 0"),
    "transit_time": ("segment", "s", "mean over the flow; infinite where nothing flows"),
    "discharge_haematocrit": ("segment", "", "red cells in the blood that flows through"),
    "tube_haematocrit": ("segment", "", "red cells in the blood that the segment holds"),
    "apparent_viscosity": ("segment", "Pa s", "that the conductances were made with"),
    "wall_shear_stress": ("segment", "Pa", "of a tube; in a bed of one of its capillaries"),
    "mass_residual": ("", "", "largest |sum Q| / sum |Q| over the nodes"),
    "red_cell_residual": ("", "", "the same of the flux of red cells"),
    "momentum_residual": ("", "", "largest |Q - G dp| over the largest flow"),
    "exercise": ("", "", "cardiac output over that at rest"),
}


def stored_of_vessels(*, since_exercise: str) -> tuple[Stored, ...]:
    """Return what the group ``/vessels`` holds, in run files and in files of vessels."""
    found = []
    for name, dtype in ARRAY_FIELDS.items():
        shape, unit, meaning = _VESSEL_ARRAYS[name]
        found.append(Stored(f"/vessels/{name}", np.dtype(dtype).str[1:], shape, unit, meaning))
    for name in ("organ_names", "region_names", "vessel_names"):
        what = name.removesuffix("_names")
        found.append(Stored(f"/vessels/{name}", "S", what, "", f"what `{what}` indices mean"))
    found.append(Stored("/vessels/origin", "S", "", "", "how the vessels came to be"))
    found.append(Stored("/vessels/repairs", "S", "", "", "what was changed in tables: JSON"))
    for field in dataclasses.fields(FlowField):
        shape, unit, meaning = _FLOW[field.name]
        place = f"/vessels/flow{'/' if shape else '@'}{field.name}"
        later = (since_exercise, "host.exercise") if field.name == "exercise" else (FIRST, "")
        found.append(Stored(place, "f8", shape, unit, meaning, *later))
    return tuple(found)


def _plain(dtype: str) -> str:
    return dtype.lstrip("<|")
