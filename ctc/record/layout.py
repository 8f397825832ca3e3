"""Names, dtypes, units and version of everything that a run file stores; no I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.states import CellState, DeathCause

FORMAT_NAME = "ctc-run"
CHECKPOINT_FORMAT_NAME = "ctc-checkpoint"
# A reader refuses anything newer. The second number rises with an added field, the first with
# a change of meaning.
FORMAT_VERSION = (1, 6)
CHECKPOINT_VERSION = (1, 0)
# On the file of an extract of a run: what was selected, in words.
SELECTION_ATTRIBUTE = "selection"

NANOSECONDS = 1e9  # in a second; clocks are int64 nanoseconds


class RunStatus(enum.IntEnum):
    """How the writer left the file; a killed writer leaves RUNNING."""

    RUNNING = 0
    STOPPED = 1
    FINISHED = 2


class Compression(enum.StrEnum):
    """How chunks are packed; both are read by every HDF5 tool."""

    GZIP = "gzip"
    NONE = "none"


@dataclass(frozen=True)
class Field:
    """One stored column or array.

    Attributes
    ----------
    name : str
        Name of the dataset.
    dtype : str
        NumPy text of the dtype, little-endian.
    unit : str
        SI unit, empty for a pure number or a code.
    meaning : str
        One line for the page and for the file.
    axes : tuple of str
        Axes after the growing one: ``xyz``, ``organ``, ``vessel`` (named ones), ``segment``,
        ``state``, ``cause``.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    axes: tuple[str, ...] = ()

    def shape(self, lengths: dict[str, int]) -> tuple[int, ...]:
        """Return the shape that the axes mean where each axis has that length."""
        return tuple(lengths[axis] for axis in self.axes)


# What a frame holds of each tracked cell; rows of a frame in rising order of id.
CELL_FIELDS = (
    Field("position", "<f4", "m", "centre of the cell; x to the left, y back, z up", ("xyz",)),
    Field("id", "<u8", "", "identity of the cell, given at birth"),
    Field("state", "|u1", "", "CellState"),
    Field("organ", "<i2", "", "index into the organ names, -1 between organs"),
    Field("segment", "<u4", "", "index of the vessel segment, 2^32-1 at a junction"),
    Field("age", "<f4", "s", "time since the cell was shed"),
    Field("size_class", "<u2", "", "index of the size class"),
)

# One row for each thing that happened to a cell, in order of (time, cell, number).
EVENT_FIELDS = (
    Field("time", "<i8", "ns", "when it happened, from the start of the run"),
    Field(
        "cell",
        "<u8",
        "",
        "identity of the cell; 2^64-2 for one counted as dormant",
    ),
    Field("kind", "|u1", "", "EventKind"),
    Field("cause", "|u1", "", "DeathCause of a death, else 0"),
    Field("organ", "<i2", "", "index into the organ names, -1 between organs"),
    Field("segment", "<u4", "", "index of the vessel segment, 2^32-1 for none"),
    Field("number", "<u4", "", "counter of that cell's random draws; grows from event to event"),
    Field(
        "passes",
        "<u2",
        "",
        "how many capillary beds and stations of lymph nodes that cell had passed",
    ),
    Field("clone", "<u2", "", "index of the source that shed the cell"),
    Field("size_class", "<u2", "", "index of the size class"),
)

# One row for each lesion each time it is written; the last row of a lesion is its newest.
LESION_FIELDS = (
    Field("time", "<i8", "ns", "when the row was true, from the start of the run"),
    Field("lesion", "<u4", "", "identity of the lesion"),
    Field("organ", "<i2", "", "index into the organ names"),
    Field("segment", "<u4", "", "index of the vessel segment where it lies"),
    Field(
        "cell",
        "<u8",
        "",
        "identity of the founding cell; 2^64-1 for a primary tumour, 2^64-2 for one counted as "
        "dormant",
    ),
    Field("founded", "<i8", "ns", "when it was founded, from the start of the run"),
    Field("clone", "<u2", "", "clone label of the founding cell"),
    Field("cells", "<u8", "", "tumour cells in it"),
    Field("parent", "<i8", "", "what shed the founder: a lesion, or -1 - number of a source"),
    Field("route", "|u1", "", "Route by which the founding cell left its parent"),
    Field("state", "|u1", "", "LesionState"),
)
# One row for each source or lesion that shed in an epoch. Ids are dense and rise from row to row.
LITTER_FIELDS = (
    Field("first_cell", "<u8", "", "identity of its first cell"),
    Field("count", "<u8", "", "cells born; their identities follow one another"),
    Field("parent", "<i8", "", "what shed them: a lesion, or -1 - number of a source"),
    Field("time", "<i8", "ns", "earliest birth, from the start of the run"),
    Field("route", "|u1", "", "Route by which they left it"),
    Field("n_sites", "<u4", "", "vessels that they could enter"),
)
# One row for each epoch in which a treatment acts on cells, and one for each organ where it does
# more than elsewhere. An epoch without rows is one without treatment.
EFFECT_FIELDS = (
    Field("time", "<i8", "ns", "begin of the epoch, from the start of the run"),
    Field("organ", "<i2", "", "index into the organ names, -1 for the whole body"),
    Field("blood_hazard", "<f8", "1/s", "death rate of circulating cells that is added"),
    Field("arrested_death_rate", "<f8", "1/s", "that of arrested cells"),
    Field("tissue_death_rate", "<f8", "1/s", "that of solitary cells in tissue"),
    Field("dormant_death_rate", "<f8", "1/s", "that of dormant cells"),
    Field("organ_death_rate", "<f8", "1/s", "that of every cell at rest in the organ"),
    Field("immune_factor", "<f8", "", "on killing by immune cells"),
    Field("platelets", "<f8", "", "platelets that can cover cells over those without the drug"),
    Field("extravasation_factor", "<f8", "", "on the rate at which arrested cells leave vessels"),
    Field("colony_factor", "<f8", "", "on growth to colonies"),
    Field("escape_factor", "<f8", "", "on growth from sleep alone, on top"),
)
# One row for each occasion of an examination that was made.
EXAMINATION_FIELDS = (
    Field("time", "<i8", "ns", "when, from the start of the run"),
    Field("entry", "<u2", "", "index of the [[examination]] of the scenario"),
    Field("occasion", "<u2", "", "which time that entry was done, from 0"),
    Field("kind", "|u1", "", "ExaminationKind"),
    Field("is_positive", "|u1", "", "1 where it says tumour, else 0"),
    Field(
        "value",
        "<f8",
        "",
        "imaging, symptoms: sum of the measured diameters [m]; blood_draw: cells counted; ctdna: "
        "variant allele fraction; sentinel_node: positive nodes; biopsy: 1 or 0",
    ),
    Field("n_found", "<u4", "", "true findings of it"),
    Field("n_false", "<u4", "", "false findings of it"),
    Field("response", "|u1", "", "Response, by all that imaging has measured"),
    Field("stage_t", "|u1", "", "T by all that has been found so far; 255 is unknown"),
    Field("stage_n", "|u1", "", "N of the same; 255 is unknown"),
    Field("stage_m", "|u1", "", "M of the same; 255 is unknown"),
    Field("true_t", "|u1", "", "T of what is there; 255 is not told"),
    Field("true_n", "|u1", "", "N of what is there; 255 is not told"),
    Field("true_m", "|u1", "", "M of what is there; 255 is not told"),
)
# One row for each lesion, primary tumour or false positive that an examination showed.
FINDING_FIELDS = (
    Field("time", "<i8", "ns", "when, from the start of the run"),
    Field("entry", "<u2", "", "index of the [[examination]] of the scenario"),
    Field("occasion", "<u2", "", "which time that entry was done, from 0"),
    Field(
        "target", "<i8", "", "lesion, -1 - number of the source of a primary; -2^62 if nothing is"
    ),
    Field("organ", "<i2", "", "index into the organ names, -1 between organs"),
    Field("diameter", "<f8", "m", "as measured"),
    Field("true_diameter", "<f8", "m", "of the tumour there; 0 of a false finding"),
)
# One row for each target of each occasion of a treatment that was given.
TREATMENT_FIELDS = (
    Field("time", "<i8", "ns", "when, from the start of the run"),
    Field("entry", "<u2", "", "index of the [[treatment]] of the scenario"),
    Field("occasion", "<u2", "", "which cycle or time of that entry, from 0"),
    Field("kind", "|u1", "", "TreatmentKind"),
    Field("target", "<i8", "", "lesion, -1 - number of the source of a primary; -2^61: whole body"),
    Field("organ", "<i2", "", "index into the organ names, -1 between organs or everywhere"),
    Field("cells_before", "<f8", "", "living tumour cells in the target just before"),
    Field("cells_after", "<f8", "", "the same just after"),
)
# One row for each thing that happens once in the course of a patient.
MILESTONE_FIELDS = (
    Field("time", "<i8", "ns", "when, from the start of the run"),
    Field("kind", "|u1", "", "Milestone"),
    Field("entry", "<i4", "", "index of the [[examination]] that told, -1 for none"),
    Field("organ", "<i2", "", "index into the organ names, -1 for none"),
)
FALSE_POSITIVE = -(2**62)  # target of a finding where there is no tumour
WHOLE_BODY = -(2**61)  # target of a treatment of everything
UNKNOWN_STAGE = 255
# The first primary tumour among the lesions has this identity; the next ones count down.
PRIMARY_IDENTITY = 2**32 - 1
NO_FOUNDER = 2**64 - 1
NO_SEGMENT = 2**32 - 1

# One row for each epoch, true at its end. "so far" counts never fall.
SERIES_FIELDS = (
    Field("time", "<i8", "ns", "end of the epoch, from the start of the run"),
    Field("shed", "<u8", "", "cells shed so far"),
    Field("hops", "<u8", "", "segments that cells have entered so far"),
    Field("cells_by_state", "<u8", "", "cells now in each CellState; sums to shed", ("state",)),
    Field("died_by_cause", "<u8", "", "cells that died so far, by DeathCause", ("cause",)),
    Field("arrivals", "<u8", "", "entries into the organ's capillary beds so far", ("organ",)),
    Field("arrested", "<u8", "", "cells now arrested in the organ", ("organ",)),
    Field("extravasated", "<u8", "", "solitary cells now in its tissue", ("organ",)),
    Field("dormant", "<u8", "", "cells now dormant in its tissue", ("organ",)),
    Field("colonies", "<u8", "", "colonies founded in it so far", ("organ",)),
    Field("died", "<u8", "", "cells that died in it so far", ("organ",)),
    Field("cells", "<u8", "", "living tumour cells in it, those of lesions included", ("organ",)),
    Field(
        "vessel_passages",
        "<u8",
        "",
        "cells that entered each named vessel so far, where most blood flows in it",
        ("vessel",),
    ),
    Field("tumour_cells", "<u8", "", "living cells of primary tumours in it", ("organ",)),
    Field("front_radius", "<f8", "m", "of the widest invasion front in it", ("organ",)),
    Field("vessels_reached", "<u8", "", "venules in it that fronts have reached", ("organ",)),
    Field("lesions", "<u8", "", "lesions that live in it now", ("organ",)),
    Field("lesions_in_balance", "<u8", "", "of those, lesions that rest", ("organ",)),
    Field("lesions_lost", "<u8", "", "lesions lost in it so far", ("organ",)),
    Field("lesions_resected", "<u8", "", "lesions taken out of it so far", ("organ",)),
    Field("lesions_eradicated", "<u8", "", "lesions killed in it by treatment so far", ("organ",)),
    Field("wall_time", "<f8", "s", "wall time spent so far (no part of any digest)"),
)

# Sums over the whole run, kept where the run asks for them; each is rewritten every epoch.
TALLY_FIELDS = (
    Field("first_pass_arrivals", "<u8", "", "cells whose first bed was this organ's", ("organ",)),
    Field("first_pass_arrested", "<u8", "", "of those, cells that it arrested", ("organ",)),
    Field("passages", "<u8", "", "cells that entered each segment", ("segment",)),
)
TALLIES = {field.name: field for field in TALLY_FIELDS}

MIN_FRAME_CHUNK_ROWS = 1024
MAX_FRAME_CHUNK_ROWS = 65536


def dtype_of(fields: tuple[Field, ...]) -> np.dtype[Any]:
    """Return the packed structured dtype of some fields without axes."""
    return np.dtype([(field.name, field.dtype) for field in fields])


EVENT_DTYPE = dtype_of(EVENT_FIELDS)
LESION_DTYPE = dtype_of(LESION_FIELDS)
LITTER_DTYPE = dtype_of(LITTER_FIELDS)
EXAMINATION_DTYPE = dtype_of(EXAMINATION_FIELDS)
FINDING_DTYPE = dtype_of(FINDING_FIELDS)
TREATMENT_DTYPE = dtype_of(TREATMENT_FIELDS)
MILESTONE_DTYPE = dtype_of(MILESTONE_FIELDS)
EFFECT_DTYPE = dtype_of(EFFECT_FIELDS)
# The tables that only grow, by the name of their group; those of the clinic for themselves.
CLINIC_LOGS = {
    "examinations": EXAMINATION_FIELDS,
    "findings": FINDING_FIELDS,
    "treatments": TREATMENT_FIELDS,
    "milestones": MILESTONE_FIELDS,
}
LOGS = {
    "events": EVENT_FIELDS,
    "lesions": LESION_FIELDS,
    "litters": LITTER_FIELDS,
    **CLINIC_LOGS,
    "effects": EFFECT_FIELDS,
}
_ROWS_OF = {"lesions": "rows of lesions"}


def _log_counters(log: str) -> tuple[Field, ...]:
    rows = _ROWS_OF.get(log, log)
    return (
        Field(log, "<u8", "", f"complete {rows}, tail included"),
        Field(f"{log}_tail", "<u8", "", f"{rows} that lie in the tail"),
        Field(f"{log}_slot", "|u1", "", "slot of the tail"),
    )


# The record that every reader trusts: how much of the file is complete. The last rows of a log
# (its "tail") wait in one of two slots until they fill a chunk.
COUNTER_FIELDS = (
    Field("frames", "<u8", "", "complete frames"),
    Field("epochs", "<u8", "", "complete epochs"),
    *(field for log in LOGS for field in _log_counters(log)),
    Field("status", "|u1", "", "RunStatus"),
    Field("check", "<u4", "", "CRC-32 of the record with 0 in this place"),
)
COUNTER_DTYPE = dtype_of(COUNTER_FIELDS)


def log_chunk_rows(log: str) -> int:
    """Return the rows a chunk of a log; a patient is not examined thousands of times."""
    return 256 if log in {*CLINIC_LOGS, "effects"} else 8192


def axis_lengths(n_organs: int = 0, n_vessels: int = 0, *, n_segments: int = 0) -> dict[str, int]:
    """Return the length of every axis of the fields."""
    return {
        "xyz": 3,
        "organ": n_organs,
        "vessel": n_vessels,
        "segment": n_segments,
        "state": len(CellState),
        "cause": len(DeathCause),
    }


def frame_chunk_rows(n_tracked: int) -> int:
    """Return the rows a chunk of the frames: the next power of two above the tracked cells."""
    rows = MIN_FRAME_CHUNK_ROWS
    while rows <= n_tracked and rows < MAX_FRAME_CHUNK_ROWS:
        rows *= 2
    return rows
