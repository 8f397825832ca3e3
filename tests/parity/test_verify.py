"""A run that tells the truth passes every check; each lie that is planted in one is found."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import ctc
from ctc.cli.main import main
from ctc.proof import origin
from ctc.proof.check import Check, Verdict
from ctc.proof.verify import Verification, verify_run
from ctc.record import provenance
from ctc.record.frames import frame_digest
from ctc.record.layout import CELL_FIELDS
from ctc.record.vessels import vessels_hash
from ctc.states import EventKind
from tests.parity.runs import SCENARIO
from tools.fuzz.hdf5_reseal import take_off_sums

pytestmark = pytest.mark.usefixtures("kept_vessels")
EVERY = 10**9


CLEAN = "0" * 40


@pytest.fixture(scope="module", autouse=True)
def clean_checkout() -> Iterator[None]:
    """Let a checkout with changed files be the program that made its runs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (provenance, origin):
            patch.setattr(module, "program_commit", lambda: CLEAN)
        yield


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    file = folder / "five.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    scenario = ctc.load_scenario(
        file, overrides=["record.events=all", "source.0.mass=0.2 g", "source.1.cells=100"]
    )
    ctc.run(scenario, folder / "run.vtkhdf", device="cpu")
    return folder / "run.vtkhdf"


def verified(path: Path, **how: Any) -> Verification:
    found = ctc.verify(path, **how)
    assert isinstance(found, Verification)
    return found


def asked_alone(path: Path, *names: str) -> Verification:
    """Return the answers to some checks: of all cells, where these are asked about."""
    return verify_run(path, n_cells=EVERY, run_again=ctc.run, only=names)


def check_of(found: Verification, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


def test_an_honest_run_passes_every_check(honest: Path) -> None:
    found = verified(honest, cells=EVERY, full=True)
    assert [(check.name, check.told) for check in found.checks if check.verdict != "right"] == []
    assert len(found.checks) == 13
    with ctc.open_run(honest) as run:
        assert found.n_events == run.n_events
        assert found.n_cells == run.series()["shed"][-1]
        assert found.n_places == sum(run.frame(n).id.size for n in range(run.n_frames)) > 50


def test_a_sample_has_cells_of_every_fate(honest: Path) -> None:
    found = verified(honest, cells=60, seed=3)
    assert found.is_right
    assert 40 <= found.n_cells <= 60
    assert found.n_places > 10


# --- lies ------------------------------------------------------------------------------------


def later_by_one_nanosecond(file: h5py.File) -> None:
    at = int(np.flatnonzero(file["events/kind"][:] == EventKind.DIED)[5])
    file["events/time"][at] += 1


def two_events_swapped(file: h5py.File) -> None:
    for name in set(file["events"]) - {"tail"}:
        one, two = file["events"][name][10], file["events"][name][11]
        file["events"][name][10], file["events"][name][11] = two, one


def an_arrest_that_was_a_release(file: h5py.File) -> None:
    at = int(np.flatnonzero(file["events/kind"][:] == EventKind.ARRESTED)[7])
    file["events/kind"][at] = EventKind.RELEASED


def another_cause(file: h5py.File) -> None:
    died = np.flatnonzero(file["events/kind"][:] == EventKind.DIED)
    at = int(died[file["events/cause"][:][died] == 2][0])
    file["events/cause"][at] = 3


def another_organ(file: h5py.File) -> None:
    file["events/organ"][3] = (int(file["events/organ"][3]) + 1) % 5


def another_vessel_of_that_organ(file: h5py.File) -> None:
    organ = int(file["events/organ"][3])
    others = np.flatnonzero(file["vessels/organ"][:] == organ)
    file["events/segment"][3] = others[others != file["events/segment"][3]][0]


def an_event_left_out(file: h5py.File) -> None:
    leave_out(file, EventKind.ARRESTED)


def a_death_left_out(file: h5py.File) -> None:
    leave_out(file, EventKind.DIED)


def leave_out(file: h5py.File, kind: EventKind) -> None:
    n_rows = int(file["counters"][0]["events"])
    at = int(np.flatnonzero(file["events/kind"][:] == kind)[20])
    for name in set(file["events"]) - {"tail"}:
        column = file["events"][name]
        column[at : n_rows - 1] = column[at + 1 : n_rows]
    counters = file["counters"][:]
    counters["events"] -= 1
    file["counters"][:] = counters


def one_more_in_an_organ(file: h5py.File) -> None:
    file["organs/arrested"][2, 1] += 1


def one_more_dead_in_an_organ(file: h5py.File) -> None:
    file["organs/died"][-1, 1] += 1


def one_more_shed(file: h5py.File) -> None:
    file["organs/shed"][-1] += 1


def one_cause_for_another(file: h5py.File) -> None:
    file["organs/died_by_cause"][-1, 1] += 1
    file["organs/died_by_cause"][-1, 2] -= 1


def a_litter_more(file: h5py.File) -> None:
    file["litters/count"][1] += 1


def a_birth_later(file: h5py.File) -> None:
    file["litters/time"][1] += 1


def an_epoch_longer(file: h5py.File) -> None:
    file["organs/time"][1] += 1


def a_frame_earlier(file: h5py.File) -> None:
    file["frames/time"][2] -= 1


def last_bit_of_a_place(file: h5py.File) -> None:
    start = int(file["VTKHDF/Steps/PointOffsets"][3])
    place = file["VTKHDF/Points"][start]
    place[1] = np.nextafter(place[1], np.float32(10.0))
    file["VTKHDF/Points"][start] = place


def last_bit_of_a_place_and_new_digests(file: h5py.File) -> None:
    last_bit_of_a_place(file)
    start = int(file["VTKHDF/Steps/PointOffsets"][3])
    stop = start + int(file["VTKHDF/NumberOfPoints"][3])
    cells = {each.name: file["VTKHDF/PointData"][each.name] for each in CELL_FIELDS[1:]}
    cells["position"] = file["VTKHDF/Points"]
    cells = {name: column[start:stop] for name, column in cells.items()}
    digest = frame_digest(int(file["frames/time"][3]), cells)
    file["frames/digest"][3] = np.frombuffer(bytes.fromhex(digest), dtype=np.uint8)
    whole = hashlib.sha256(file["frames/digest"][:].tobytes()).hexdigest()
    file["status"].attrs.modify("record_digest", np.bytes_(whole))


def another_seed(file: h5py.File) -> None:
    file.attrs.modify("seed", np.uint64(6))


def other_kernels(file: h5py.File) -> None:
    file.attrs.modify("kernel_hash", np.bytes_("0" * 64))


def another_word_in_the_scenario(file: h5py.File) -> None:
    change_text(file["scenario"], "text", 'at = "90 min"', 'at = "91 min"')


def another_number_in_the_scenario(file: h5py.File) -> None:
    resolved = json.loads(text_of(file["scenario"], "resolved"))
    resolved["parameters"]["tumour.overt_share"]["value"] *= 1.0 + 2.0**-52
    set_text(file["scenario"], "resolved", json.dumps(resolved, indent=1, ensure_ascii=False))


def a_node_moved(file: h5py.File) -> None:
    file["vessels/node_position"][5, 2] += 1e-9


def a_founder_changed(file: h5py.File) -> None:
    history = file["lesions/cell"][:]
    at = int(np.flatnonzero(history < 2**60)[0])
    own = file["lesions/lesion"][:] == file["lesions/lesion"][at]
    history[own] += 1
    file["lesions/cell"][:] = history


def another_digest(file: h5py.File) -> None:
    file["status"].attrs.modify("digest", np.bytes_("a" * 64))


def text_of(group: h5py.Group, name: str) -> str:
    value = group[name][()]
    return (value if isinstance(value, bytes) else bytes(value)).decode()


def set_text(group: h5py.Group, name: str, text: str) -> None:
    attributes = dict(group[name].attrs)
    del group[name]
    group.create_dataset(name, data=np.bytes_(text.encode()))
    group[name].attrs.update(attributes)


def change_text(group: h5py.Group, name: str, old: str, new: str) -> None:
    text = text_of(group, name)
    assert old in text
    set_text(group, name, text.replace(old, new))


LIES: list[tuple[Callable[[h5py.File], None], str]] = [
    (later_by_one_nanosecond, "cells followed again"),
    (two_events_swapped, "order of events"),
    (an_arrest_that_was_a_release, "courses of cells"),
    (another_cause, "courses of cells"),
    (another_cause, "sums of events"),
    (another_organ, "courses of cells"),
    (another_vessel_of_that_organ, "cells followed again"),
    (an_event_left_out, "courses of cells"),
    (a_death_left_out, "sums of events"),
    (one_more_in_an_organ, "sums of events"),
    (one_more_dead_in_an_organ, "sums of events"),
    (one_more_shed, "conservation of cells"),
    (one_cause_for_another, "sums of events"),
    (a_litter_more, "conservation of cells"),
    (a_birth_later, "cells followed again"),
    (an_epoch_longer, "counters and epochs"),
    (a_frame_earlier, "counters and epochs"),
    (last_bit_of_a_place, "frames"),
    (last_bit_of_a_place_and_new_digests, "cells followed again"),
    (another_seed, "cells followed again"),
    (other_kernels, "program"),
    (another_word_in_the_scenario, "scenario"),
    (another_number_in_the_scenario, "scenario"),
    (a_node_moved, "vessels"),
    (a_founder_changed, "lesions"),
]


@pytest.mark.parametrize(("lie", "name"), LIES, ids=lambda value: getattr(value, "__name__", value))
def test_a_lie_is_found(
    lie: Callable[[h5py.File], None], name: str, honest: Path, tmp_path: Path
) -> None:
    path = planted(lie, honest, tmp_path)
    found = asked_alone(path, name)
    assert check_of(found, name).verdict is Verdict.WRONG
    assert not found.is_right


def planted(lie: Callable[[h5py.File], None], honest: Path, folder: Path) -> Path:
    path = folder / "lie.vtkhdf"
    shutil.copy(honest, path)
    with h5py.File(path, "r+") as file:
        lie(file)
        take_off_sums(file)
    return path


def test_a_sealed_lie_about_vessels_is_found(honest: Path, tmp_path: Path) -> None:
    """Whoever moves a node and makes the hash fit is found by growing the vessels again."""
    path = planted(a_node_moved, honest, tmp_path)
    with ctc.open_run(path) as run:
        fitting = vessels_hash(run.network(), run.flow())
    with h5py.File(path, "r+") as file:
        file.attrs.modify("network_hash", np.bytes_(fitting))
    found = asked_alone(path, "vessels", "vessels grown again")
    assert check_of(found, "vessels").verdict is Verdict.RIGHT
    assert check_of(found, "vessels grown again").verdict is Verdict.WRONG


def test_only_running_all_of_it_again_finds_another_digest(honest: Path, tmp_path: Path) -> None:
    path = planted(another_digest, honest, tmp_path)
    assert verified(path, cells=20).is_right
    found = verify_run(path, is_full=True, run_again=ctc.run, only=("whole run again",))
    assert check_of(found, "whole run again").verdict is Verdict.WRONG


def test_a_run_of_another_version_is_not_called_wrong(honest: Path, tmp_path: Path) -> None:
    """Its kernels may give other cells; what can be told without them is told."""

    def other(file: h5py.File) -> None:
        other_kernels(file)
        file.attrs.modify("version", np.bytes_("0.0.9"))
        later_by_one_nanosecond(file)

    found = asked_alone(planted(other, honest, tmp_path), "program", "cells followed again")
    assert check_of(found, "program").verdict is Verdict.UNKNOWN
    assert check_of(found, "cells followed again").verdict is Verdict.UNKNOWN
    assert found.is_right


def test_exit_codes(honest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(honest), "--cells", "20"]) == 0
    assert "Nothing is wrong." in capsys.readouterr().out
    path = planted(one_more_shed, honest, tmp_path)
    assert main(["verify", str(path), "--cells", "20", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["check"] for each in told["checks"] if each["verdict"] == "wrong"]
    (tmp_path / "no.vtkhdf").write_text("no run", encoding="utf-8")
    assert main(["verify", str(tmp_path / "no.vtkhdf")]) == 2
    cell = "7"
    assert main(["replay", str(honest), "--cell", cell]) == 0
    assert "is shed by the tumour in breast" in capsys.readouterr().out
    assert main(["replay", str(honest), "--cell", "none"]) == 2
    picture = tmp_path / "way.png"
    assert main(["replay", str(honest), "--cell", cell, "-o", str(picture), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.split("ctc:")[0])["cell"] == 7
    assert picture.read_bytes().startswith(b"\x89PNG")
