"""A run as an xarray Dataset: named dimensions, units, provenance; large columns read when used."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.layout import (
    CELL_FIELDS,
    LOGS,
    NANOSECONDS,
    SERIES_FIELDS,
    TALLIES,
    Field,
)
from ctc.states import CellState, DeathCause

_INSTALL = "Install it with: python -m pip install 'ctc[formats]'"
Read = Callable[[int, int], npt.NDArray[Any]]


def labelled(run: Any) -> Any:
    """Return a run as an ``xarray.Dataset``.

    Dimensions are ``epoch``, ``organ``, ``state``, ``cause``, ``frame``, ``row`` (the cells of
    all frames, one frame after the other), ``xyz``, ``event``, ``lesion_row``, ``litter``,
    ``examination``, ``finding``, ``treatment`` and ``milestone``. Frame k is the rows
    ``frame_start[k]`` .. ``+ frame_count[k]``; ``cell_frame`` says the same by row. Columns of
    cells and logs bear their table in front: ``cell_state``, ``event_kind``, ``lesion_cells``,
    ``finding_diameter``. They are read from the file where they are used; series are in memory.

    Parameters
    ----------
    run : ctc.record.reader.Run
        Open, and open as long as the columns are read.

    Returns
    -------
    xarray.Dataset
        SI with the attribute ``units``; times are float64 seconds from the start of the run. The
        attributes of the whole are provenance, title and status.

    Raises
    ------
    InputError
        If xarray is not installed.
    """
    xarray = _xarray()
    starts, counts = run.frame_extents
    firsts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    variables: dict[str, Any] = {
        "frame_start": ("frame", firsts[:-1], {"meaning": "first row of the frame"}),
        "frame_count": ("frame", np.asarray(counts), {"meaning": "tracked cells in the frame"}),
        "cell_frame": _lazy(
            xarray,
            ("row",),
            lambda start, stop: _frame_of_rows(firsts, start, stop),
            shape=(int(firsts[-1]),),
            dtype=np.dtype(np.int64),
            attributes={"meaning": "index of the frame that the row belongs to"},
        ),
    }
    for field in CELL_FIELDS:
        variables[f"cell_{field.name}"] = _cell_column(xarray, run, field, firsts)
    for log, fields in LOGS.items():
        name = log.removesuffix("s")
        # A lesion has many rows, everything else one.
        dimension = "lesion_row" if log == "lesions" else name
        n_rows = run.n_rows(log)
        for field in fields:
            label = name if field.name == name else f"{name}_{field.name}"
            variables[label] = _log_column(
                xarray, run, field, log=log, dimension=dimension, n_rows=n_rows
            )
    series, tallies = run.series(), run.tallies()
    n_epochs = len(series["time"])
    for field in SERIES_FIELDS[1:]:
        if field.name not in series:  # of an older format
            continue
        variables[field.name] = (("epoch", *field.axes), series[field.name], _attributes(field))
    for name, values in tallies.items():
        variables[name] = (TALLIES[name].axes, values, _attributes(TALLIES[name]))
    seconds = {"units": "s", "meaning": "time from the start of the run"}
    coordinates = {
        "epoch_time": ("epoch", series["time"] / NANOSECONDS, seconds),
        "frame_time": ("frame", run.frame_times / NANOSECONDS, seconds),
        "epoch": np.arange(n_epochs),
        "frame": np.arange(len(starts)),
        "organ": np.array(run.organ_names, dtype=np.str_),
        "vessel": np.array(run.vessel_names, dtype=np.str_),
        "state": np.array([state.name.lower() for state in CellState]),
        "cause": np.array([cause.name.lower() for cause in DeathCause]),
        "xyz": np.array(["x", "y", "z"]),
    }
    return xarray.Dataset(variables, coords=coordinates, attrs=_origin(run))


def _origin(run: Any) -> dict[str, Any]:
    header = run.header
    origin = {k: v for k, v in dataclasses.asdict(header.provenance).items() if k != "seed"}
    title = run.scenario().get("scenario", {}).get("title", "")
    return {
        "title": title,
        "status": run.status,
        "units": "SI",
        # An attribute of a file has 64 bits, and a seed uses all of them.
        "seed": np.uint64(header.provenance.seed),
        "duration": header.duration / NANOSECONDS,
        "digest": run.end.digest,
        **origin,
    }


def _cell_column(xarray: ModuleType, run: Any, field: Field, firsts: npt.NDArray[np.int64]) -> Any:
    dtype = np.dtype(field.dtype)
    tail = (3,) if field.axes else ()

    def read(start: int, stop: int) -> npt.NDArray[Any]:
        pieces = [np.empty((0, *tail), dtype=dtype)]
        first = int(np.searchsorted(firsts, start, side="right")) - 1
        for frame in range(first, len(firsts) - 1):
            if firsts[frame] >= stop:
                break
            offset = int(firsts[frame])
            column = run.frame_column(frame, field.name)
            pieces.append(column[max(start - offset, 0) : stop - offset])
        return np.concatenate(pieces)

    shape = (int(firsts[-1]), *tail)
    dimensions = ("row", *field.axes)
    attributes = _attributes(field)
    return _lazy(xarray, dimensions, read, shape=shape, dtype=dtype, attributes=attributes)


def _log_column(
    xarray: ModuleType, run: Any, field: Field, *, log: str, dimension: str, n_rows: int
) -> Any:
    is_time = field.unit == "ns"

    def read(start: int, stop: int) -> npt.NDArray[Any]:
        column: npt.NDArray[Any] = run.log_column(log, field.name, start=start, stop=stop)
        return column / NANOSECONDS if is_time else column

    dtype = np.dtype(np.float64 if is_time else field.dtype)
    attributes = _attributes(field) | ({"units": "s"} if is_time else {})
    return _lazy(xarray, (dimension,), read, shape=(n_rows,), dtype=dtype, attributes=attributes)


def _frame_of_rows(firsts: npt.NDArray[np.int64], start: int, stop: int) -> npt.NDArray[Any]:
    frames = np.searchsorted(firsts, np.arange(start, stop), side="right") - 1
    return frames.astype(np.int64)


def _attributes(field: Field) -> dict[str, str]:
    attributes = {"meaning": field.meaning}
    return attributes | {"units": field.unit} if field.unit else attributes


def _lazy(
    xarray: ModuleType,
    dimensions: tuple[str, ...],
    read: Read,
    *,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    attributes: dict[str, str],
) -> Any:
    """Return a variable whose rows are read where they are used."""
    indexing = importlib.import_module("xarray.core.indexing")

    def take(key: tuple[Any, ...]) -> npt.NDArray[Any]:
        rows, others = key[0], key[1:]
        if isinstance(rows, slice):
            wanted = np.arange(*rows.indices(shape[0]))
        else:
            wanted = np.asarray(rows)
            wanted = np.where(wanted < 0, wanted + shape[0], wanted)
        low, stop = (int(wanted.min()), int(wanted.max()) + 1) if wanted.size else (0, 0)
        part = read(low, stop)[wanted - low]
        return np.asarray(part[(*(slice(None),) * wanted.ndim, *others)])

    class Rows(xarray.backends.BackendArray):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            self.shape, self.dtype = shape, dtype

        def __getitem__(self, key: Any) -> Any:
            if isinstance(key, indexing.BasicIndexer | indexing.OuterIndexer):
                # Not by the adapter, which fails at empty slices that go backwards.
                return take(key.tuple)
            support = indexing.IndexingSupport.OUTER
            return indexing.explicit_indexing_adapter(key, shape, support, take)

    values = indexing.LazilyIndexedArray(Rows())
    return xarray.Variable(dimensions, values, attributes)


def _xarray() -> ModuleType:
    try:
        return importlib.import_module("xarray")
    except ImportError:
        message = f"package 'xarray' must be installed for labelled arrays, got none. {_INSTALL}"
        raise InputError(message) from None
