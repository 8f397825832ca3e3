"""The group ``/checks`` of a run file: sums by which a reader notices that bits have changed.

Packed columns end in a checksum of their own and frames have digests; the rest of a run file is
plain bytes, in which a flipped bit is another number. ``/checks/header`` is the SHA-256 of what is
known before a run starts; ``/checks/vessels`` that of its vessels and their flow, also of what no
kernel reads, such as the pressure; each row of ``/checks/epochs`` holds the CRC-32 of an epoch: its
row of every series, its tallies, and the rows that each log got in it; and that of the row itself.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of
from ctc.flow.field import FlowField
from ctc.record.chunks import load_texts
from ctc.record.columns import Column
from ctc.record.header import RunHeader, read_header
from ctc.record.layout import LOGS
from ctc.record.packing import gzip_library
from ctc.record.unpacking import read_rows
from ctc.record.vessels import vessels_hash
from ctc.vessels.network import VesselNetwork

SUM_GROUP = "checks"
SUM_DTYPE = np.dtype(
    [("series", "<u4"), ("tallies", "<u4")]
    + [field for log in LOGS for field in ((log, "<u4"), (f"{log}_rows", "<u8"))]
    + [("check", "<u4")]
)
_CHECK_BYTES = 4  # the sum of a row stands at its end
_SINCE, _VESSELS_SINCE = (1, 5), (1, 6)
_HEADER, _VESSELS, _EPOCHS = "header", "vessels", "epochs"
_CHUNK_ROWS = 64

Columns = Mapping[str, npt.NDArray[Any]]


def sum_of_rows(rows: npt.NDArray[Any], before: int = 0) -> int:
    """Return the CRC-32 of rows that follow those whose sum is given."""
    found: int = gzip_library.crc32(np.ascontiguousarray(rows).reshape(-1).view(np.uint8), before)
    return found


def sum_of_columns(columns: Columns) -> int:
    """Return the CRC-32 of one value of each column, in the order of their names."""
    found = 0
    for name in sorted(columns):
        found = sum_of_rows(columns[name], found)
    return found


def create_sums(
    file: h5py.File, header: RunHeader, *, network: VesselNetwork, flow: FlowField
) -> None:
    """Create the group in a new run file.

    Parameters
    ----------
    file : h5py.File
        Without it.
    header : RunHeader
        As it was stored.
    network : VesselNetwork
        As it was stored.
    flow : FlowField
        As it was stored.
    """
    group = file.create_group(SUM_GROUP)
    names = (*network.organ_names, *network.vessel_names)
    digests = {_HEADER: _header_digest(header, names), _VESSELS: _vessels_digest(network, flow)}
    for name, digest in digests.items():
        group.create_dataset(name, data=np.frombuffer(bytes.fromhex(digest), dtype=np.uint8))
    group.create_dataset(
        _EPOCHS, shape=(0,), maxshape=(None,), chunks=(_CHUNK_ROWS,), dtype=SUM_DTYPE
    )


class SumStore:
    """Writer of the sums of epochs in an open run file; an older one has no place for them."""

    def __init__(self, file: h5py.File) -> None:
        self._column = Column(file[SUM_GROUP][_EPOCHS]) if SUM_GROUP in file else None
        self._dtype = SUM_DTYPE if self._column is None else self._column.dtype
        names = self._dtype.names or ()
        if not {"series", "tallies", "check"} <= set(names) <= set(SUM_DTYPE.names or ()):
            message = f"'/{SUM_GROUP}/{_EPOCHS}' must hold sums of epochs, got {self._dtype}"
            raise ValueError(message)

    def write(self, epoch: int, series: Columns, tallies: Columns, logs: Mapping[str, Any]) -> None:
        """Store the sums of one epoch.

        Parameters
        ----------
        epoch : int
            Which, from 0.
        series, tallies : mapping of str to array
            As they were stored.
        logs : mapping of str to (int, int)
            Of each log: the sum of its new rows, and all its rows after the epoch.
        """
        if self._column is None:
            return
        row = np.zeros(1, dtype=self._dtype)
        row["series"], row["tallies"] = sum_of_columns(series), sum_of_columns(tallies)
        for log, (found, n_rows) in logs.items():
            if log not in (self._dtype.names or ()):
                continue
            row[log], row[f"{log}_rows"] = found, n_rows
        row["check"] = _sum_of_row(row.tobytes())
        self._column.extend(epoch + 1)
        self._column.put(epoch, row)


def has_sums(file: h5py.File) -> bool:
    """Return whether a run file must have this group, as all but older ones."""
    return _version(file) >= _SINCE


def forget_sums(file: h5py.File) -> None:
    """Remove from a copy of an older run the sums that its format has not."""
    if not has_sums(file):
        del file[SUM_GROUP]
    elif _version(file) < _VESSELS_SINCE:
        del file[SUM_GROUP][_VESSELS]


def require_header(file: h5py.File) -> None:
    """Raise ValueError unless what is known of a run is what was stored; older files pass."""
    if not has_sums(file):
        return
    names = (*load_texts(file["organs"], "names"), *load_texts(file["vessels"], "vessel_names"))
    if _header_digest(read_header(file), names) != _stored_digest(file, _HEADER):
        message = "header must be what was stored, got another"
        raise ValueError(message)


def require_vessels(file: h5py.File, network: VesselNetwork, flow: FlowField) -> None:
    """Raise ValueError unless a run's vessels and their flow are what was stored.

    Files of format 1.5 say the sum only of what kernels read of them, in ``network_hash``; older
    ones pass.
    """
    is_same = not has_sums(file) or (
        read_header(file).provenance.network_hash == vessels_hash(network, flow)
    )
    if is_same and _version(file) >= _VESSELS_SINCE:
        is_same = _vessels_digest(network, flow) == _stored_digest(file, _VESSELS)
    if not is_same:
        message = "vessels must be those that were stored, got others"
        raise ValueError(message)


def read_sums(file: h5py.File, n_epochs: int) -> npt.NDArray[Any] | None:
    """Return the sums of so many epochs, (n_epochs,) of `SUM_DTYPE`; None in an older file.

    Raises
    ------
    ValueError
        Unless they are what was stored.
    """
    if not has_sums(file):
        return None
    dataset = file[SUM_GROUP][_EPOCHS]
    if file.swmr_mode:
        dataset.refresh()
    found = read_rows(dataset, 0, n_epochs)
    columns = {"series", "tallies", "check"}
    if found.shape != (n_epochs,) or not columns <= set(found.dtype.names or ()):
        message = f"sums must be there for {n_epochs} epochs, got {found.shape} of {found.dtype}"
        raise ValueError(message)
    size, raw = found.dtype.itemsize, found.tobytes()
    for epoch, stored in enumerate(found["check"].tolist()):
        if _sum_of_row(raw[epoch * size : (epoch + 1) * size]) != stored:
            message = f"sums must be what was stored, got others at epoch {epoch}"
            raise ValueError(message)
    return found


def require_counts(sums: npt.NDArray[Any], n_rows: Mapping[str, int]) -> None:
    """Raise ValueError unless the rows of each log rise from epoch to epoch, up to these."""
    for log, expected in n_rows.items():
        if log not in (sums.dtype.names or ()):
            continue
        ends = sums[f"{log}_rows"]
        got = int(ends[-1]) if ends.size else 0
        if got != expected or (ends[1:] < ends[:-1]).any():
            message = f"sums must be of {expected} rows of {log}, got {got} or less in between"
            raise ValueError(message)


def require_series(series: Columns, sums: npt.NDArray[Any], *, first_epoch: int) -> None:
    """Raise ValueError unless every epoch of stored series has its sum.

    Parameters
    ----------
    series : mapping of str to (n_epochs - first_epoch, ...) array
        From `first_epoch` on.
    sums : (n_epochs,) structured array
        From `read_sums`.
    first_epoch : int
        Where the series begin.
    """
    expected = sums["series"][first_epoch:]
    n_epochs = expected.size
    parts = [
        np.ascontiguousarray(series[name]).reshape(n_epochs, -1).view(np.uint8)
        for name in sorted(series)
        if series[name].size
    ]
    if not n_epochs or not parts:
        return
    for number, row in enumerate(np.concatenate(parts, axis=1)):
        if gzip_library.crc32(row) != expected[number]:
            epoch = first_epoch + number
            message = f"series must be what was stored, got another at epoch {epoch}."
            raise ValueError(message)


def require_rows(
    log: str, rows: npt.NDArray[Any], sums: npt.NDArray[Any], *, first_row: int
) -> None:
    """Raise ValueError unless rows of a log have the sums of their epochs.

    Parameters
    ----------
    log : str
        One of `layout.LOGS`.
    rows : (n,) structured array
        All columns; epochs of which some rows are missing are not looked at.
    sums : (n_epochs,) structured array
        From `read_sums`.
    first_row : int
        Which row of the log the first one is.
    """
    if log not in (sums.dtype.names or ()):
        return
    ends = sums[f"{log}_rows"]
    first = int(np.searchsorted(ends, np.uint64(first_row), side="left"))
    past = int(np.searchsorted(ends, np.uint64(first_row + rows.size), side="right"))
    starts = np.concatenate(
        [ends[first - 1 : first] if first else [np.uint64(0)], ends[first:past]]
    )
    stored = sums[log][first:past]
    is_empty = starts[1:] == starts[:-1]
    for each in np.flatnonzero(~is_empty | (stored != 0)).tolist():
        start, stop = (int(starts[each + i]) - first_row for i in (0, 1))
        if start >= 0 and sum_of_rows(rows[start:stop]) != stored[each]:
            message = f"{log} must be what was stored, got other rows in epoch {first + each}."
            raise ValueError(message)


def _version(file: h5py.File) -> tuple[int, ...]:
    return tuple(file.attrs["format_version"].tolist())


def _stored_digest(file: h5py.File, name: str) -> str:
    return read_rows(file[SUM_GROUP][name]).tobytes().hex()


def _sum_of_row(raw: bytes) -> int:
    found: int = gzip_library.crc32(raw[:-_CHECK_BYTES])
    return found


def _header_digest(header: RunHeader, names: Sequence[str]) -> str:
    fields = {**dataclasses.asdict(header.provenance), **dataclasses.asdict(header)}
    del fields["provenance"]
    texts = [f"{name}={fields[name]}" for name in sorted(fields)]
    whole = "\0".join([*texts, *names]).encode()
    return digest_of([(_HEADER, np.frombuffer(whole, dtype=np.uint8))])


def _vessels_digest(network: VesselNetwork, flow: FlowField) -> str:
    repairs = [dataclasses.asdict(repair) for repair in network.repairs]
    texts = "\0".join([network.hash(), network.origin, json.dumps(repairs)]).encode()
    return digest_of([("network", np.frombuffer(texts, np.uint8)), *vars(flow).items()])
