"""Run files that are none, cut short, too new, finished or without a checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.commands.asking import TINY, snapshot
from tests.commands.conftest import Ask

READERS = (("inspect",), ("resume",), ("vessels", "info"), ("export", "-o", "out.csv"))


def refuse(
    ask: Ask, path: Path, *phrases: str, readers: tuple[tuple[str, ...], ...] = READERS
) -> None:
    """Every command that reads a run must refuse that file and leave it alone."""
    before = snapshot(path.parent)
    for reader in readers:
        ask(*reader, path.name).assert_refused(*phrases)
    assert snapshot(path.parent) == before


@pytest.mark.parametrize(
    ("content", "phrase"),
    [
        (b"", "must be an HDF5 file"),
        (b"no HDF5 at all\n" * 99, "must be an HDF5 file"),
        (b"\x89HDF\r\n\x1a\n", "must be an HDF5 file as ctc writes it"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "must be an HDF5 file as ctc writes it"),
    ],
)
def test_garbage_is_refused(ask: Ask, in_folder: Path, content: bytes, phrase: str) -> None:
    path = in_folder / "a.vtkhdf"
    path.write_bytes(content)
    refuse(ask, path, "a.vtkhdf: ", phrase)


def test_a_truncated_run_is_refused(ask: Ask, tiny_run: Path) -> None:
    whole = tiny_run.read_bytes()
    for n_bytes in (40, 500, len(whole) // 2, len(whole) - 1):
        tiny_run.write_bytes(whole[:n_bytes])
        refuse(ask, tiny_run, "tiny.vtkhdf: ")


def test_other_hdf5_files_are_no_runs(ask: Ask, tiny_run: Path, body_file: Path) -> None:
    for name in ("tiny.vessels.vtkhdf", "body.vtkhdf", "other.vtkhdf"):
        path = tiny_run.with_name(name)
        if name.startswith("body"):
            shutil.copy2(body_file, path)
        elif name.startswith("other"):
            with h5py.File(path, "w", libver="v110") as file:
                file["x"] = 1
        refuse(ask, path, f"{name}: ", "format must be 'ctc-run'", readers=READERS[:2])
    ask("vessels", "info", "other.vtkhdf").assert_refused("format must be 'ctc-network'")
    ask("inspect", "body.h5").assert_refused("body.h5: ", "ends in .vtkhdf")
    ask("inspect", "none").assert_refused("none.vtkhdf: ", "must be an existing file")
    ask("inspect", ".").assert_refused("folder must be that of a sweep")


@pytest.mark.parametrize("version", [(1, 99), (2, 0)])
def test_a_newer_format_is_refused(
    ask: Ask, tiny_run: Path, body_file: Path, version: tuple[int, int]
) -> None:
    for path in (tiny_run, body_file):
        with h5py.File(path, "r+") as file:
            file.attrs["format_version"] = np.array(version)
    phrases = ("format version must be at most 1.", "which is newer", "Update ctc")
    refuse(ask, tiny_run, "tiny.vtkhdf: ", *phrases)
    refuse(ask, body_file, "body.h5: ", *phrases, readers=READERS[2:3])
    for path in (tiny_run, body_file):
        place = ("--set", "body.source=file", "--set", f"body.path={path.name}")
        ask("run", "quick", *TINY, *place, "-o", "b.vtkhdf").assert_refused(*phrases)
    assert not list(tiny_run.parent.glob("b.*"))


def test_a_finished_run_is_not_resumed(ask: Ask, tiny_run: Path) -> None:
    refuse(ask, tiny_run, "must not be finished", "Nothing is left to do", readers=READERS[1:2])


def test_a_network_without_flow_is_refused(ask: Ask, body_file: Path) -> None:
    with h5py.File(body_file, "r+") as file:
        del file["vessels/flow"]
    refuse(ask, body_file, "hash", readers=READERS[2:3])
