"""Everything that a checkpoint holds, as data: for the page of formats and its test; no I/O.

The state is that of the program that wrote it: a run goes on only with the kernels that began it,
so names may come and go with any version.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctc.record.counters import RecordPosition
from ctc.record.stored import Stored

_CELLS = {
    "id": ("u8", "", "identity"),
    "entry_time": ("i8", "ns", "entry to the segment; at rest: how far the clocks ran"),
    "exit_time": ("i8", "ns", "when the segment is left, or the cell is lost"),
    "budget": ("u8", "", "of survival, in 2^-45, or of the clocks at rest, in 2^-58"),
    "segment": ("u4", "", "record of the segment"),
    "draw": ("u4", "", "counter of random draws"),
    "size_class": ("u2", "", "index of the size class"),
    "passes": ("u2", "", "beds and stations of nodes passed; stays at 65535"),
    "clone": ("u2", "", "label of the source"),
    "state": ("u1", "", "CellState; upper four bits: event still to be written"),
    "cause": ("u1", "", "cause of a loss"),
}
_LITTERS = {
    "first_cell": ("u8", "", "identity of its first cell"),
    "count": ("u8", "", "cells born"),
    "parent": ("i8", "", "what shed them"),
    "time": ("i8", "ns", "earliest birth"),
    "route": ("u1", "", "Route"),
}
_LESIONS = {
    "lesion": ("u4", "", "identity"),
    "organ": ("i2", "", "row of the organ tables"),
    "segment": ("u4", "", "where it lies"),
    "cell": ("u8", "", "identity of the founding cell"),
    "founded": ("i8", "ns", "when"),
    "clone": ("u2", "", "label of the source"),
    "parent": ("i8", "", "what shed the founder"),
    "route": ("u1", "", "Route"),
    "fate": ("u1", "", "0 grows, 1 stops, 2 lost, 3 resected, 4 eradicated"),
    "paused": ("i8", "ns", "that it did not grow by its law"),
    "start": ("f8", "", "cells from which the law runs"),
    "dies_out": ("i8", "ns", "when its last cell dies; 2^63 - 1 for never"),
    "key": ("u8", "", "what its chances hang on"),
    "resistant": ("f8", "", "share that no drug reaches; -1 until it is treated"),
}
_DORMANT = {
    "class_place": ("i2", "class", "row of the organ tables"),
    "class_clocks": ("u4", "class", "first row of the clocks"),
    "class_size_class": ("u2", "class", "smallest size class of the kind"),
    "class_clone": ("u2", "class", "label of the source"),
    "class_parent": ("i8", "class", "what shed them"),
    "class_route": ("u1", "class", "Route"),
    "code": ("i8", "row", "class times 2^32 and record of the segment"),
    "count": ("i8", "row", "cells"),
    "tracked_code": ("i8", "tracked", "row of a tracked one"),
    "tracked_id": ("u8", "tracked", "its identity"),
    "tracked_size_class": ("u2", "tracked", "its size class"),
}
_SUMS = {
    "hops": ("i8", "", "segments entered"),
    "n_shed": ("i8", "", "cells shed"),
    "n_epochs_done": ("i8", "", "epochs"),
    "n_identities": ("i8", "", "identities given"),
    "setting": ("S", "", "SHA-256 of all that the run was given"),
    "chain": ("S", "", "SHA-256 of events and series so far"),
    "born": ("i8", "tracked", "births of tracked cells [ns], -1 before"),
    "events_by_kind": ("i8", "kind, organ", "events"),
    "deaths_by_cause": ("i8", "cause", "deaths"),
    "organ_sums": ("u8", "organ, 4", "first and later arrivals and arrests"),
    "passages": ("u8", "record", "cells that entered, where it is counted"),
    "born_by_record": ("i8", "record", "cells born there"),
    "ended_by_record": ("i8", "record", "cells with an identity that ended there"),
}
_CLINIC = {
    "treated_source_base_mass": ("f8", "source", "kg, as treatment left it; -1 untouched"),
    "treated_source_since": ("i8", "source", "since when [ns]"),
    "treated_source_stop": ("i8", "source", "when it ends [ns]"),
    "treated_source_vigour": ("f8", "source", "factor on its growth"),
    "treated_source_removed": ("f8", "source", "cells taken out"),
    "care_resistant": ("f8", "source", "share of its cells that no drug reaches"),
    "care_diary.*": ("i8", "entry", "how far the patient has come with the calendar"),
    "care_dying.budget": ("f8", "cause", "what is left of the hazards of death"),
    "care_knowledge.*": ("any", "", "what has been found so far, and measured for RECIST"),
    "care_under_way.*": ("i8", "treatment", "when treatments under way began [ns]"),
    "blood_passed": ("i8", "vessel", "cells that passed where blood is drawn"),
    "blood_rate": ("f8", "vessel", "cells in a second there, over the last epoch"),
}


def stored_in_checkpoint() -> tuple[Stored, ...]:
    """Return what ``RUN.checkpoint.h5`` holds; ``*`` stands for several names."""
    return tuple(_all())


def _all() -> Iterator[Stored]:
    yield Stored("/@format", "S", "", "", "ctc-checkpoint")
    yield Stored("/@format_version", "i8", "2", "", "major and minor number of the format")
    yield Stored("/@checksum", "S", "", "", "SHA-256 of state and counts")
    for name in RecordPosition.__dataclass_fields__:
        yield Stored(f"/counts@{name}", "i8", "", "", f"complete {name} of the run file then")
    for prefix, axis, fields in (
        ("cell", "cell", _CELLS),
        ("litter", "litter", _LITTERS),
        ("lesion", "lesion", _LESIONS),
    ):
        for name, (dtype, unit, meaning) in fields.items():
            yield Stored(f"/state/{prefix}_{name}", dtype, axis, unit, meaning)
    for name, (dtype, axis, meaning) in _DORMANT.items():
        yield Stored(f"/state/dormant_{name}", dtype, axis, "", meaning)
    for name, (dtype, axis, meaning) in {**_SUMS, **_CLINIC}.items():
        yield Stored(f"/state/{name}", dtype, axis, "", meaning)
    yield Stored("/state/site_record_*", "u4", "site", "", "where cells of a source enter")
    yield Stored("/state/site_threshold_*", "u8", "site", "", "cumulative chance, in 2^-64")
    yield Stored("/state/wall_time", "f8", "", "s", "that the run took so far")
