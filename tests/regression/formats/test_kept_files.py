"""Real files of every format version so far: read, reported, viewed, exported, with their figures.

What each must say was said by the program that wrote it (``inspect.json``).
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import ctc
from ctc.backends.source import kernel_hash
from ctc.errors import InputError
from ctc.pipeline import inspect, report
from ctc.record.h5md import write_h5md
from ctc.record.layout import FORMAT_VERSION, LOGS
from ctc.record.network_file import load_network
from ctc.record.reader import Run, open_run
from ctc.record.stored import Stored, stored_in_h5md, stored_in_network, stored_in_run
from ctc.record.stored_checkpoint import stored_in_checkpoint
from ctc.states import GONE
from ctc.viewer.session import Session

HERE = Path(__file__).resolve().parent


def as_numbers(version: str) -> tuple[int, ...]:
    """Return a version as it is ordered: 1.10 comes after 1.9, which texts do not."""
    return tuple(int(part) for part in version.split("."))


VERSIONS = sorted((path.parent.name for path in HERE.glob("*/inspect.json")), key=as_numbers)
# sha256 of each kept file but those of the version in work.
SUMS = HERE / "SHA256SUMS"
# When each log came, and columns that came later than their log.
SINCE = {"litters": "1.2", "effects": "1.5"}
SINCE |= dict.fromkeys(("examinations", "findings", "treatments", "milestones"), "1.4")
LATER_COLUMNS = {
    ("lesions", "parent"): "1.2",
    ("events", "size_class"): "1.3",
    ("litters", "n_sites"): "1.5",
}
# These keys tell of the file, and these moved from one meaning to a wider one.
OF_THE_FILE = {"path"}


def unpacked(version: str, name: str, folder: Path) -> Path:
    """Return a kept file as it was written."""
    target = folder / name
    with gzip.open(HERE / version / f"{name}.gz") as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return target


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


@pytest.fixture
def finished(version: str, tmp_path: Path) -> Path:
    return unpacked(version, "finished.vtkhdf", tmp_path)


def said(version: str) -> dict[str, Any]:
    """Return what the program of that version said of its run."""
    found: dict[str, Any] = json.loads((HERE / version / "inspect.json").read_text("utf-8"))
    return found


def differences(then: Any, now: Any, place: str = "") -> list[str]:
    """Return where figures of then are missing or others now; new ones are no difference."""
    if isinstance(then, dict) and isinstance(now, dict):
        found = [f"{place}.{key} is gone" for key in then.keys() - now.keys()]
        both = then.keys() & now.keys()
        return found + [
            text for key in both for text in differences(then[key], now[key], f"{place}.{key}")
        ]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [
            text
            for number, (one, other) in enumerate(zip(then, now, strict=True))
            for text in differences(one, other, f"{place}.{number}")
        ]
    is_same = then == now
    if isinstance(then, float) and isinstance(now, int | float):
        is_same = bool(np.isclose(then, now, rtol=1e-12, atol=0.0, equal_nan=True))
    return [] if is_same else [f"{place}: {then!r} then, {now!r} now"]


def test_every_version_is_kept() -> None:
    wanted = [f"{FORMAT_VERSION[0]}.{minor}" for minor in range(FORMAT_VERSION[1] + 1)]
    assert wanted == VERSIONS


def test_versions_are_ordered_as_numbers() -> None:
    rows = [Stored(f"/{name}", "u1", "", "", "", f"1.{n}") for name, n in (("a", 9), ("b", 10))]
    assert_as_on_the_page({"/a": "u1"}, rows, "1.9")
    assert_as_on_the_page({"/a": "u1", "/b": "u1"}, rows, "1.10")


def test_no_kept_file_has_changed() -> None:
    """What a program wrote then cannot be written again. The version in work may be."""
    known = dict(reversed(line.split("  ")) for line in SUMS.read_text("utf-8").splitlines())
    found = {
        f"{version}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for version in VERSIONS[:-1]
        for path in (HERE / version).iterdir()
    }
    assert found == known


def test_the_files_are_of_their_versions(version: str, finished: Path) -> None:
    with h5py.File(finished, "r") as file:
        assert ".".join(map(str, file.attrs["format_version"])) == version


def objects(path: Path) -> dict[str, str]:
    """Return the dtype of every dataset and attribute of a file, by its place on the page."""
    found: dict[str, str] = {}

    def note(place: str, item: h5py.HLObject) -> None:
        for name in item.attrs:
            if name not in ("units", "meaning") or place == "/":
                found[f"{place}@{name}"] = _plain(item.attrs.get_id(name).dtype)
        if isinstance(item, h5py.Dataset) and item.dtype.names:
            for name in item.dtype.names:
                found[f"{place}.{name}"] = _plain(item.dtype[name])
        elif isinstance(item, h5py.Dataset):
            found[place] = _plain(item.dtype)

    def walk(place: str, group: h5py.Group) -> None:
        for name, item in group.items():
            note(f"{place}{name}", item)
            if isinstance(item, h5py.Group):
                walk(f"{place}{name}/", item)

    with h5py.File(path, "r") as file:
        note("/", file)
        walk("/", file)
    # The counters say what they are in attributes of their names.
    return {place: kind for place, kind in found.items() if not place.startswith("/counters@")}


def _plain(dtype: np.dtype[Any]) -> str:
    return "S" if dtype.kind == "S" else dtype.str.lstrip("<|")


def assert_as_on_the_page(found: dict[str, str], page: Iterable[Stored], version: str) -> None:
    """Assert that a file has what the page says, and nothing else; ``*`` is any name."""
    wanted = {row.place: row for row in page if as_numbers(row.since) <= as_numbers(version)}
    patterns = {place: row for place, row in wanted.items() if "*" in place}
    for place, dtype in found.items():
        row = wanted.get(place) or next(
            (row for pattern, row in patterns.items() if fnmatch.fnmatchcase(place, pattern)), None
        )
        assert row is not None, f"{place} is not on the page"
        assert row.dtype in (dtype, "any", "number"), f"{place} is {dtype}, not {row.dtype}"
    missing = wanted.keys() - found.keys() - patterns.keys()
    missing |= {
        pattern for pattern in patterns if not any(fnmatch.fnmatchcase(p, pattern) for p in found)
    }
    assert missing == set(), f"on the page and not in the file: {missing}"


def test_a_run_holds_the_fields_of_its_version_on_the_page_and_no_other(
    version: str, finished: Path
) -> None:
    assert_as_on_the_page(objects(finished), stored_in_run(), version)


def test_vessels_hold_the_fields_on_the_page(version: str, tmp_path: Path) -> None:
    path = unpacked(version, "network.h5", tmp_path)
    with h5py.File(path, "r") as file:
        own = ".".join(map(str, file.attrs["format_version"]))
    assert_as_on_the_page(objects(path), stored_in_network(), own)


def test_a_checkpoint_holds_the_fields_on_the_page(tmp_path: Path) -> None:
    newest = VERSIONS[-1]
    path = unpacked(newest, "stopped.checkpoint.h5", tmp_path)
    assert_as_on_the_page(objects(path), stored_in_checkpoint(), newest)


def test_the_view_for_molecular_viewers_holds_the_fields_on_the_page(finished: Path) -> None:
    view = write_h5md(finished)
    assert view is not None
    assert_as_on_the_page(objects(view), stored_in_h5md(), VERSIONS[-1])


def test_inspect_says_what_was_said_then(version: str, finished: Path) -> None:
    now = json.loads(json.dumps(inspect(finished)))
    then = said(version)
    odd = differences({key: value for key, value in then.items() if key not in OF_THE_FILE}, now)
    assert odd == []
    assert now["status"] == "finished"
    assert now["n_frames"] == 5


def test_all_that_is_stored_is_whole(version: str, finished: Path) -> None:
    with open_run(finished) as run:
        assert run.damaged_frames() == []
        series = run.series()
        np.testing.assert_array_equal(series["cells_by_state"].sum(axis=1), series["shed"])
        network, flow = run.network(), run.flow()
        assert network.n_segments == flow.flow_rate.size > 10
        for log in LOGS:
            is_there = as_numbers(version) >= as_numbers(SINCE.get(log, "1.0"))
            assert run.has_column(log, "time") == is_there
            assert is_there or run.n_rows(log) == 0
        for (log, column), since in LATER_COLUMNS.items():
            if as_numbers(version) < as_numbers(since):
                assert not run.has_column(log, column)
        history = run.lesion_history()
        assert history.size
        # A lesion of an old file stems from its source, as there were no others.
        assert (history["parent"][history["cell"] != 2**64 - 1] < 0).any()
        _check_clinic(run, version)


def _check_clinic(run: Run, version: str) -> None:
    n_expected = (2, 1) if as_numbers(version) >= (1, 4) else (0, 0)
    assert (len(run.examinations()), min(len(run.treatments()), 1)) == n_expected


def test_it_is_shown(finished: Path) -> None:
    with open_run(finished) as run:
        session = Session(run)
        try:
            assert session.times.size == 5
            cells = session.cells(4)
            assert cells.identity.size == run.frame(4).id.size > 0
            n_gone = np.isin(run.lesions()["state"], GONE).sum()
            assert session.lesions(session.end).position.shape[0] == run.lesions().size - n_gone
            assert session.describe_cell(int(cells.identity[0]), 4)
            assert session.plots()
        finally:
            session.close()


@pytest.mark.validation
def test_it_is_reported_as_a_page(version: str, finished: Path) -> None:
    """Marked for its pictures, which take ten seconds each; the tables are below."""
    text = report(finished).read_text(encoding="utf-8")
    assert f"{said(version)['n_shed']:,}" in text


def test_it_is_reported_as_tables(version: str, finished: Path) -> None:
    folder = report(finished, kind="csv")
    tables = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert len(tables) > 5
    assert any(str(said(version)["n_shed"]) in text for text in tables.values())


@pytest.mark.parametrize("name", ["copy.csv", "copy.vtkhdf", "copy.h5md"])
def test_it_is_exported(finished: Path, tmp_path: Path, name: str) -> None:
    with open_run(finished) as run:
        ctc.export_run(run, tmp_path / name)
        n_rows = sum(run.frame(k).id.size for k in range(run.n_frames))
        if name.endswith(".vtkhdf"):
            with open_run(tmp_path / name) as copy:
                np.testing.assert_array_equal(copy.frame(4).position, run.frame(4).position)
                assert copy.n_events == run.n_events
                assert ("vessel_passages" in copy.series()) == ("vessel_passages" in run.series())
                for log, column in LATER_COLUMNS:
                    assert copy.has_column(log, column) == run.has_column(log, column)
        elif name.endswith(".csv"):
            lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
            assert len(lines) == n_rows + 1
            events = (tmp_path / "copy.events.csv").read_text(encoding="utf-8").splitlines()
            assert len(events) == run.n_events + 1


def test_a_stopped_one_goes_on_with_the_kernels_that_began_it(version: str, tmp_path: Path) -> None:
    """To the bits of the finished one; with others it is refused, and nothing is touched."""
    path = unpacked(version, "stopped.vtkhdf", tmp_path)
    unpacked(version, "stopped.checkpoint.h5", tmp_path)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    with open_run(path) as run:
        assert run.status == "stopped"
        assert run.n_epochs == 4
        commit, kernels = run.provenance.commit[:12], run.provenance.kernel_hash
    if kernels == kernel_hash():
        assert ctc.resume(path, device="cpu").digest == said(version)["digest"]
        return
    with pytest.raises(InputError) as refused:
        ctc.resume(path, device="cpu")
    assert "run must go on with the kernels that it began with" in str(refused.value)
    assert f"Install ctc 0.1.0 of commit {commit}" in str(refused.value)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_network_is_read_with_the_hash_that_it_had(version: str, tmp_path: Path) -> None:
    network, flow = load_network(unpacked(version, "network.h5", tmp_path))
    assert flow is not None
    assert flow.exercise == 1.0
    assert network.n_segments == 17
