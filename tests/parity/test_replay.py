"""Cells followed again from seed and identity: all events, all frames, and the whole way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

import ctc
from ctc.backends.cpu import CpuBackend
from ctc.errors import InputError
from ctc.record.layout import COUNTER_DTYPE
from ctc.rerun.comparison import Comparison, compare
from ctc.rerun.material import RunAgain
from ctc.rerun.one_cell import CellPath, follow_cell
from ctc.scenario.scenario import Scenario
from ctc.states import COUNTED_CELL, CellState, EventKind
from tests.parity import test_patient_record, test_tumours

pytestmark = pytest.mark.usefixtures("kept_vessels")

MORE = """
[[treatment]]
kind = "radiation"
at = "4 weeks"
dose = "2 Gy"
fractions = 2
interval = "1 week"
"""
PATIENT = "patient.number=17"


def tumours(folder: Path) -> Scenario:
    """Return tumours with fronts and lymph, lesions that shed, and cells that sleep and wake."""
    overrides = ["record.events=all", "record.tracked=2000", "source.0.mass=0.01 g", PATIENT]
    return test_tumours.load(folder, *overrides, "source.1.mass=0.01 g")


def patient(folder: Path) -> Scenario:
    """Return a patient who is operated and gets drugs."""
    path = folder / "patient.toml"
    text = test_patient_record.SCENARIO.replace(
        'mass = "20 g"', 'mass = "20 g"\nlymph_share = 0.1'
    ).replace('margin = "4 mm"', 'margin = "20 mm"')
    path.write_text(
        text.replace("weight = 1e4", "weight = 1e4\nmost_followed = 2000") + MORE, encoding="utf-8"
    )
    return ctc.load_scenario(path, overrides=["record.events=all"])


@pytest.fixture(scope="module", params=[tumours, patient])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ctc.Run]:
    folder = tmp_path_factory.mktemp("replay")
    path = folder / "run.vtkhdf"
    ctc.run(request.param(folder), path, device="cpu")
    with ctc.open_run(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def again(run: ctc.Run) -> RunAgain:
    return RunAgain(run)


def all_cells(again: RunAgain) -> np.ndarray:
    first = again.births.rows["first_cell"][0]
    return np.arange(again.births.count, dtype=np.uint64) + first


def retraced(again: RunAgain, cells: np.ndarray) -> Comparison:
    return compare(again, cells, again.retrace(cells, CpuBackend()))


def test_all_cells_come_out_as_recorded(run: ctc.Run, again: RunAgain) -> None:
    """Of lesions and fronts, by lymph and blood, under drugs and after them, asleep in frames."""
    found = retraced(again, all_cells(again))
    assert found.differences == []
    named = run.events()["cell"] != np.uint64(COUNTED_CELL)
    assert found.n_events == np.count_nonzero(named)
    assert found.n_places == sum(run.frame(n).id.size for n in range(run.n_frames))


def test_the_runs_have_what_could_go_wrong(run: ctc.Run, again: RunAgain) -> None:
    events, litters = run.events(), run.litters()
    assert again.births.count > 10_000
    assert {EventKind.ARRESTED, EventKind.RELEASED, EventKind.DORMANT, EventKind.COLONY} <= set(
        events["kind"].tolist()
    )
    assert (run.header.class_cells[0], max(run.header.class_cells) > 1) == (1, True)
    assert len(set(litters["n_sites"].tolist())) >= 3
    assert 4 in litters["route"]
    if run.treatments().size:
        assert run.effects().size
        assert np.unique(run.effects()["blood_hazard"]).size > 1
    else:
        assert (litters["parent"] >= 0).any()
        assert (litters["first_cell"] >> np.uint64(40) == 17).all()
        assert (events["cell"] == np.uint64(COUNTED_CELL)).any()
        assert run.n_frames


def test_more_epochs_than_the_scenario_has_are_refused(
    run: ctc.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(run), "n_epochs", property(lambda _: 10**6))
    with pytest.raises(InputError, match=r"at most the \d+ epochs of its scenario, got 1000000"):
        RunAgain(run)


def some_cells(run: ctc.Run) -> list[int]:
    """Return a cell of every kind of event, and some others."""
    events = run.events()
    events = events[events["cell"] != np.uint64(COUNTED_CELL)]
    kinds = np.unique(events["kind"], return_index=True)[1]
    most = np.unique(events["cell"], return_counts=True)
    longest = most[0][np.argsort(most[1])[-1:]]
    return [*events["cell"][kinds].tolist(), *longest.tolist(), int(run.litters()["first_cell"][0])]


def test_the_way_of_a_cell_hangs_together(run: ctc.Run, again: RunAgain) -> None:
    """Each segment begins where the last one ends, when it ends; events are in their segments."""
    network = again.network
    for cell in some_cells(run):
        path: CellPath = follow_cell(again, cell)
        assert path.comparison.differences == []
        visits, segment = path.visits, path.visits["segment"]
        assert (network.end_node[segment[:-1]] == network.start_node[segment[1:]]).all()
        assert (visits["exit"][:-1] == visits["entry"][1:]).all()
        assert (visits["exit"] >= visits["entry"]).all()
        assert (visits["entry"][0], visits["exit"][-1]) == (path.born, path.end)
        for event in path.events:
            own = visits["segment"] == event["segment"]
            inside = (visits["entry"] <= event["time"]) & (event["time"] <= visits["exit"])
            assert (own & inside).any()
        beds = np.isin(network.kind[segment], (2, 7))
        assert np.count_nonzero(beds) >= path.events["passes"].max(initial=0)


def test_the_way_is_where_frames_show_the_cell(run: ctc.Run, again: RunAgain) -> None:
    n_seen = 0
    for number in range(1, run.n_frames, 2):
        frame = run.frame(number)
        flowing = frame.id[frame.state == CellState.CIRCULATING][:2]
        for cell in flowing.tolist():
            visits = follow_cell(again, cell).visits
            at = int(np.searchsorted(visits["entry"], frame.time, side="right")) - 1
            shown = int(frame.segment[np.searchsorted(frame.id, np.uint64(cell))])
            assert shown in (int(visits["segment"][at]), 2**32 - 1)
            n_seen += 1
    assert n_seen or not run.n_frames


def test_the_story_and_the_mapping_tell_all(run: ctc.Run) -> None:
    events = run.events()
    founder = int(events["cell"][(events["kind"] == EventKind.COLONY)][0])
    if founder == COUNTED_CELL:
        named = events[events["cell"] != np.uint64(COUNTED_CELL)]
        founder = int(named["cell"][named["kind"] == EventKind.COLONY][0])
    found = ctc.replay(run.path, founder)
    assert found.is_as_recorded
    told = "\n".join(text for _, text in found.story())
    assert told.startswith(("is shed by the tumour in ", "is shed by lesion "))
    assert "begins to grow: a colony" in told
    table = found.as_mapping()
    assert table["state"] == "colony"
    assert len(table["path"]["segment"]) == len(table["path"]["entry_ns"])
    assert table["course"][0]["what"] == "born"
    assert table["course"][-1]["what"] == "colony"
    rows = run.lesions()
    assert bool(table["lesion"]) == bool((rows["cell"] == np.uint64(founder)).any())


def test_founders_are_told_with_their_lesions_and_sleepers_with_what_frames_show(
    run: ctc.Run, tmp_path: Path
) -> None:
    """Founders in the run's lesions; cells that were counted as dormant and tracked."""
    rows = run.lesions()
    founders = rows["cell"][rows["cell"] < np.uint64(COUNTED_CELL - 1)][:3].tolist()
    for cell in founders:
        found = ctc.replay(run.path, cell)
        lines = "\n".join(text for _, text in found.story())
        assert f"it is lesion {found.lesion['lesion']} of the run" in lines
        assert found.as_mapping()["lesion"]["organ"] in run.organ_names
    n_asleep = 0
    if run.n_frames:
        frame = run.frame(run.n_frames - 1)
        for cell in frame.id[frame.state == CellState.DORMANT][:6].tolist():
            found = ctc.replay(run.path, cell)
            if found.seen_later:
                assert "frames of the run show it dormant until " in found.story()[-1][1]
                n_asleep += 1
    assert founders or n_asleep
    if founders:
        found.draw(tmp_path / "way.png", size=(500, 600))
        assert (tmp_path / "way.png").stat().st_size > 10_000


def test_a_cell_that_was_never_born_is_refused(run: ctc.Run) -> None:
    with pytest.raises(InputError, match="cell must be one that was born"):
        ctc.replay(run.path, 2**41 - 1)
    with pytest.raises(InputError, match="cell must be one that was born"):
        ctc.replay(run.path, (18 << 40) + 1)


def test_a_file_of_format_1_4_is_followed_or_refused(run: ctc.Run, tmp_path: Path) -> None:
    """Where no treatment changed anything the scenario tells how far fronts had come."""
    path = tmp_path / "old.vtkhdf"
    path.write_bytes(run.path.read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs.modify("format_version", np.array([1, 4]))
        del file["effects"], file["litters/n_sites"], file["litters/tail/n_sites"], file["checks"]
        counters = file["counters"][:]
        names = [
            name
            for name in COUNTER_DTYPE.names or ()
            if name in counters.dtype.names and not name.startswith(("effects", "check"))
        ]
        del file["counters"]
        file.create_dataset("counters", data=counters[names], maxshape=(None,), chunks=(1,))
    with ctc.open_run(path) as old:
        if run.treatments().size:
            with pytest.raises(InputError, match="what treatment did to cells"):
                RunAgain(old)
            return
        again = RunAgain(old)
        assert again.births.n_sites is None
        assert retraced(again, all_cells(again)[::7]).differences == []
