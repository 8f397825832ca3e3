"""The files of a sweep: blocks of rows while it goes, one table at the end.

A table (HDF5, ``libver="v110"``; attributes ``format = "ctc-sweep"``, ``format_version``,
``digest`` and what else it is given) holds one dataset a column in ``/table``, with ``units``,
``meaning``, ``role`` and, for codes of words, ``labels``; other tables beside it; and texts in
``/texts``. A block (``ctc-sweep-block``) holds ``rows`` and a ``checksum`` of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of, little_endian
from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError
from ctc.record.chunks import load_text, store_text
from ctc.record.failure import DAMAGE, failure_reason
from ctc.record.header import check_format, write_format
from ctc.record.new_file import new_hdf5
from ctc.record.opening import open_file
from ctc.record.unpacking import read_rows
from ctc.record.whole_hdf5 import whole_hdf5

TABLE_FORMAT = "ctc-sweep"
BLOCK_FORMAT = "ctc-sweep-block"
VERSION = (1, 0)
_TABLE = "table"
_TEXTS = "texts"
_ROWS = "rows"


@dataclass(frozen=True)
class TableColumn:
    """One column of a table.

    Attributes
    ----------
    name : str
        Of it.
    values : (n,) array
        In SI; codes of words where there are ``labels``.
    unit : str
        SI unit; empty for a pure number or a code.
    meaning : str
        In a line.
    role : str
        ``index``, ``varied`` or ``outcome``.
    labels : tuple of str
        What codes 0, 1 .. stand for.
    """

    name: str
    values: npt.NDArray[Any]
    unit: str = ""
    meaning: str = ""
    role: str = "outcome"
    labels: tuple[str, ...] = ()


def table_digest(columns: Sequence[TableColumn]) -> str:
    """Return the SHA-256 of columns in their order, the same wherever they were made."""
    return digest_of((column.name, column.values) for column in columns)


def write_table(
    path: Path,
    columns: Sequence[TableColumn],
    *,
    attributes: Mapping[str, str],
    texts: Mapping[str, str],
    further: Mapping[str, Sequence[TableColumn]] | None = None,
) -> str:
    """Write a table whole, in place of one that is there, and return its digest.

    Parameters
    ----------
    path : Path
        Appears only when complete.
    columns : sequence of TableColumn
        Of one length.
    attributes : mapping of str to str
        Of the file: where it came from.
    texts : mapping of str to str
        Stored to the letter.
    further : mapping of str to sequence of TableColumn, optional
        Other tables, by the name of their group; no part of the digest.

    Raises
    ------
    OutputError
        If the system refuses to write.
    """
    digest = table_digest(columns)
    with new_hdf5(path, overwrite=True) as file:
        write_format(file, name=TABLE_FORMAT, version=VERSION)
        file.attrs["digest"] = np.bytes_(digest)
        for name, text in attributes.items():
            file.attrs[name] = np.bytes_(text.encode())
        for name, table in ((_TABLE, columns), *(further or {}).items()):
            _write_columns(file.create_group(name, track_order=True), table)
        group = file.create_group(_TEXTS)
        for name, text in texts.items():
            store_text(group, name, text)
    return digest


def _write_columns(group: h5py.Group, columns: Sequence[TableColumn]) -> None:
    for column in columns:
        packing = {"compression": "gzip", "shuffle": True} if column.values.size else {}
        dataset = group.create_dataset(column.name, data=little_endian(column.values), **packing)
        dataset.attrs["units"] = np.bytes_(column.unit.encode())
        dataset.attrs["meaning"] = np.bytes_(column.meaning.encode())
        dataset.attrs["role"] = np.bytes_(column.role.encode())
        if column.labels:
            dataset.attrs["labels"] = np.array([label.encode() for label in column.labels])


def read_table(
    path: Path,
) -> tuple[dict[str, str], dict[str, tuple[TableColumn, ...]], dict[str, str]]:
    """Read a whole table.

    Returns
    -------
    attributes, tables, texts
        As `write_table` was given them; its columns are those of ``tables["table"]``, and the
        digest is one of the attributes.

    Raises
    ------
    InputError
        If it is no such file, damaged, or its content is not that of its digest.
    """
    if not path.is_file():
        message = "table of a sweep must be an existing file. Make it with 'ctc sweep'."
        raise InputError(message, file=str(path))
    with open_file(path) as file:
        check_format(file, path, name=TABLE_FORMAT, version=VERSION)
        try:
            attributes = {
                name: _text(value)
                for name, value in dict(file.attrs).items()
                if not isinstance(value, np.ndarray)
            }
            tables = {
                name: tuple(_column(file[name], each) for each in file[name])
                for name in file
                if name != _TEXTS
            }
            texts = {name: load_text(file[_TEXTS], name) for name in file[_TEXTS]}
            found = table_digest(tables[_TABLE])
        except DAMAGE as error:
            message = f"file must be whole, it could not be read ({error}). Make it again."
            raise InputError(message, file=str(path)) from error
    if attributes.get("digest") != found:
        message = "digest must be that of the rows, got another: the file is damaged."
        raise InputError(message + " Give the command of the sweep again.", file=str(path))
    return attributes, tables, texts


def _column(group: h5py.Group, name: str) -> TableColumn:
    dataset = group[name]
    words = {key: _text(dataset.attrs[key]) for key in ("units", "meaning", "role")}
    labels = tuple(_text(label) for label in dataset.attrs.get("labels", ()))
    return TableColumn(
        name,
        read_rows(dataset),
        unit=words["units"],
        meaning=words["meaning"],
        role=words["role"],
        labels=labels,
    )


def write_block(path: Path, rows: npt.NDArray[Any]) -> None:
    """Write rows so that the file is whole and on the disk before it has its name.

    Raises
    ------
    OutputError
        If the system refuses to write; nothing is left.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.unlink(missing_ok=True)
        with whole_hdf5(fresh) as file:
            write_format(file, name=BLOCK_FORMAT, version=VERSION)
            file.create_dataset(_ROWS, data=rows)
            file.attrs["checksum"] = np.bytes_(digest_of([(_ROWS, rows)]))
        put_in_place(fresh, path, what="block")
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        message = f"{path}: block could not be written ({failure_reason(error)})."
        raise OutputError(message + " Free some space; the same command goes on.") from error


def read_block(path: Path) -> npt.NDArray[Any] | None:
    """Return the rows of a block, or None where the file is not whole."""
    try:
        with open_file(path) as file:
            check_format(file, path, name=BLOCK_FORMAT, version=VERSION)
            rows: npt.NDArray[Any] = read_rows(file[_ROWS])
            checksum = _text(file.attrs["checksum"])
    except DAMAGE:
        return None
    return rows if digest_of([(_ROWS, rows)]) == checksum else None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
