"""Tables of text for spreadsheets, R and pandas: cells by frame, events, series, genealogy."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.export.csv_clinic import CLINIC_TABLES, clinic_columns
from ctc.export.csv_text import all_but, all_seconds, exact_seconds, number_texts, organ_texts
from ctc.export.selection import Extract
from ctc.record.layout import NO_FOUNDER, NO_SEGMENT
from ctc.record.new_file import new_file
from ctc.states import (
    COUNTED_CELL,
    CellState,
    DeathCause,
    EventKind,
    LesionState,
    Route,
)

PACKED = ".gz"
TABLES = ("events", "organs", "epochs", "lesions", "litters", *CLINIC_TABLES)
_BLOCK_ROWS = 65536
_OF_ORGANS = ("arrivals", "arrested", "extravasated", "dormant", "colonies", "died", "cells")
_OF_TUMOURS = (
    "tumour_cells",
    "vessels_reached",
    "lesions",
    "lesions_in_balance",
    "lesions_lost",
    "lesions_resected",
    "lesions_eradicated",
)

Columns = dict[str, Iterable[Any]]


def tables_beside(path: Path) -> dict[str, Path]:
    """Return the other tables of ``run.csv``: ``run.events.csv`` and so on, packed as it is."""
    ending = "".join(path.suffixes[-2:]) if path.suffix == PACKED else path.suffix
    stem = path.name[: -len(ending)]
    return {name: path.with_name(f"{stem}.{name}{ending}") for name in TABLES}


def write_csv(extract: Extract, path: Path, *, overwrite: bool) -> tuple[Path, ...]:
    """Write a run as tables with the unit in each heading, in SI.

    ``run.csv`` has one row for each cell of each frame; beside it lie ``run.events.csv``,
    ``run.organs.csv`` (one row for each epoch and organ), ``run.epochs.csv`` (one row an epoch),
    ``run.lesions.csv``, ``run.litters.csv`` (what shed which cells) and the four tables of
    `ctc.export.csv_clinic`. Numbers are the shortest texts that give the stored ones back; times
    have nine decimals and are exact. An empty field is no organ, no segment, no founding cell, or
    what an older run does not tell. Packed with gzip where the name ends in ``.gz``.

    A `ctc.export.selection.Writer`.
    """
    others = tables_beside(path)
    contents = {
        "events": _events(extract),
        "organs": _organs(extract),
        "epochs": _epochs(extract),
        "lesions": _lesions(extract),
        "litters": _litters(extract),
        **{name: iter([columns]) for name, columns in clinic_columns(extract.run).items()},
    }
    with contextlib.ExitStack() as names:
        # What is entered first is renamed last.
        cells = names.enter_context(new_file(path, overwrite=overwrite))
        partials = {
            name: names.enter_context(new_file(other, overwrite=overwrite))
            for name, other in others.items()
        }
        _write(cells, _cells(extract))
        for name, partial in partials.items():
            _write(partial, contents[name])
    return (path, *others.values())


def _write(path: Path, blocks: Iterator[Columns]) -> None:
    with contextlib.ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("wb"))
        if path.suffix == PACKED:
            # Without name and date, the same content gives the same file.
            raw = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0))
        text = stack.enter_context(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
        table = csv.writer(text, lineterminator="\n")
        for number, columns in enumerate(blocks):
            if number == 0:
                table.writerow(columns)
            table.writerows(zip(*columns.values(), strict=True))


def _cells(extract: Extract) -> Iterator[Columns]:
    organs = organ_texts(extract.run.organ_names)
    states = np.array([state.name.lower() for state in CellState], dtype=object)

    def block(time: int, columns: dict[str, npt.NDArray[Any]]) -> Columns:
        position = columns["position"].reshape(-1, 3)
        return {
            "id": columns["id"].tolist(),
            "time_s": [exact_seconds(time)] * columns["id"].size,
            **{f"{axis}_m": number_texts(position[:, i]) for i, axis in enumerate("xyz")},
            "state": states[columns["state"]],
            "organ": organs[columns["organ"]],
            "segment": all_but(columns["segment"], NO_SEGMENT),
            "age_s": number_texts(columns["age"]),
            "size_class": columns["size_class"].tolist(),
        }

    is_begun = False
    for _, frame in extract.frames():
        columns = {name: values for name, values in vars(frame).items() if name != "time"}
        for start in range(0, max(frame.id.size, 1), _BLOCK_ROWS):
            is_begun = True
            rows = slice(start, start + _BLOCK_ROWS)
            yield block(frame.time, {name: values[rows] for name, values in columns.items()})
    if not is_begun:
        names = ("position", "id", "state", "organ", "segment", "age", "size_class")
        yield block(0, {name: np.empty(0, dtype=np.int64) for name in names})


def _events(extract: Extract) -> Iterator[Columns]:
    organs = organ_texts(extract.run.organ_names)
    kinds = _enumeration(EventKind)
    causes = _enumeration(DeathCause)
    for rows in _at_least_one(extract.events(), extract.run.events(0, 0)):
        yield {
            "time_s": all_seconds(rows["time"]),
            "cell": all_but(rows["cell"], COUNTED_CELL),
            "kind": kinds[rows["kind"]],
            "cause": causes[rows["cause"]],
            "organ": organs[rows["organ"]],
            "segment": all_but(rows["segment"], NO_SEGMENT),
            "number": rows["number"].tolist(),
            "passes": rows["passes"].tolist(),
            "clone": rows["clone"].tolist(),
            **_sizes(extract, rows),
        }


def _sizes(extract: Extract, rows: npt.NDArray[Any]) -> Columns:
    """Return the size class of each event, and how many cells travel together in it."""
    size_class = rows["size_class"]
    class_cells = np.array([*extract.run.header.class_cells, ""], dtype=object)
    if not extract.run.has_column("events", "size_class"):
        return {"size_class": [""] * rows.size, "cells_together": [""] * rows.size}
    place = np.minimum(size_class, class_cells.size - 1)
    return {"size_class": size_class.tolist(), "cells_together": class_cells[place]}


def _organs(extract: Extract) -> Iterator[Columns]:
    series = extract.run.series()
    organs = extract.run.organ_names
    n_epochs = len(series["time"])
    yield {
        "time_s": [each for each in all_seconds(series["time"]) for _ in organs],
        "organ": list(organs) * n_epochs,
        **{name: series[name].reshape(-1).tolist() for name in (*_OF_ORGANS, *_OF_TUMOURS)},
        "front_radius_m": number_texts(series["front_radius"].reshape(-1)),
    }


def _epochs(extract: Extract) -> Iterator[Columns]:
    series = extract.run.series()
    states = {f"{s.name.lower()}_cells": series["cells_by_state"][:, s].tolist() for s in CellState}
    causes = {
        f"died_of_{cause.name.lower()}": series["died_by_cause"][:, cause].tolist()
        for cause in DeathCause
        if cause is not DeathCause.NONE
    }
    yield {
        "time_s": all_seconds(series["time"]),
        "shed": series["shed"].tolist(),
        "hops": series["hops"].tolist(),
        **states,
        **causes,
        "wall_time_s": number_texts(series["wall_time"]),
    }


def _lesions(extract: Extract) -> Iterator[Columns]:
    rows = extract.run.lesion_history()
    yield {
        "time_s": all_seconds(rows["time"]),
        "lesion": rows["lesion"].tolist(),
        "organ": organ_texts(extract.run.organ_names)[rows["organ"]],
        "segment": all_but(rows["segment"], NO_SEGMENT),
        "founding_cell": all_but(rows["cell"], NO_FOUNDER, COUNTED_CELL),
        "founded_s": all_seconds(rows["founded"]),
        "clone": rows["clone"].tolist(),
        "cells": rows["cells"].tolist(),
        "parent": rows["parent"].tolist(),
        "route": [Route(code).name.lower() for code in rows["route"].tolist()],
        "state": [LesionState(code).name.lower() for code in rows["state"].tolist()],
    }


def _litters(extract: Extract) -> Iterator[Columns]:
    rows = extract.run.litters()
    yield {
        "first_cell": rows["first_cell"].tolist(),
        "count": rows["count"].tolist(),
        "parent": rows["parent"].tolist(),
        "time_s": all_seconds(rows["time"]),
        "route": [Route(code).name.lower() for code in rows["route"].tolist()],
    }


def _enumeration(kind: type[EventKind] | type[DeathCause]) -> npt.NDArray[np.object_]:
    names = {member.value: member.name.lower() for member in kind}
    return np.array([names.get(code, str(code)) for code in range(256)], dtype=object)


def _at_least_one(blocks: Iterator[npt.NDArray[Any]], empty: npt.NDArray[Any]) -> Iterator[Any]:
    yield empty  # for the heading
    yield from blocks
