"""Commands that must work, from end to end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ctc.record.reader import open_run
from ctc.states import COUNTED_CELL, CellState, DeathCause
from ctc.timings import PHASES
from tests.commands.asking import SCENARIO, TINY
from tests.commands.conftest import Ask

INSPECT_KEYS = {
    "digest",
    "record_digest",
    "n_shed",
    "in_flight",
    "fates",
    "organs",
    "hops",
    "simulated_seconds",
    "wall_seconds",
    "hops_per_second",
    "device",
    "network_hash",
    "seed",
    "version",
}
ORGAN_KEYS = {"arrested", "extravasated", "colonies", "cells"}
INFO_KEYS = {
    "origin",
    "n_nodes",
    "n_segments",
    "n_terminals",
    "kinds",
    "organ_volumes",
    "strahler",
    "mass_residual",
    "repairs",
    "network_hash",
}


def figures(ask: Ask, *command: str) -> dict[str, Any]:
    """Return what a command prints as JSON."""
    answer = ask(*command, "--json")
    assert answer.code == 0, answer.err
    assert answer.err == ""
    found: dict[str, Any] = json.loads(answer.out)
    return found


def test_timings_tell_every_phase_and_the_wait_for_the_first_epoch(ask: Ask) -> None:
    answer = ask("run", "quick", *TINY, "-o", "timed.vtkhdf", "--timings")
    assert answer.code == 0, answer.err
    for words in ("Where the time went", *PHASES.values(), "first epoch done"):
        assert words in answer.out


def test_inspect_has_all_figures_and_loses_no_cell(ask: Ask, tiny_run: Path) -> None:
    found = figures(ask, "inspect", tiny_run.name)
    assert found.keys() >= INSPECT_KEYS
    assert found["n_shed"] > 100
    assert found["n_shed"] == found["in_flight"] + sum(found["fates"].values())
    deaths = {f"died_{cause.name.lower()}" for cause in DeathCause if cause}
    assert found["fates"].keys() == deaths | {"colony", "exited"}
    assert sum(found["states"].values()) == found["n_shed"]
    assert found["states"].keys() == {state.name.lower() for state in CellState}
    assert found["organs"]["lung"].keys() >= ORGAN_KEYS
    assert found["status"] == "finished"
    assert len(found["digest"]) == len(found["record_digest"]) == 64
    # The first bed of a breast tumour's cells is the lung's.
    assert found["first_pass"]["lung"]["arrivals"] > 0.9 * found["n_shed"]


def test_a_cancer_is_run_and_inspected_beside_its_autopsies(ask: Ask, in_folder: Path) -> None:
    """The melanoma of the shipped scenario, thinned to about 2,000 cells."""
    few = ("--set", "body.terminals=2000", "--set", "source.mass='0.1 g'")
    checked = ask("check", "cancers/melanoma", *few)
    assert "Affinity by default, 0.878: testis, breast, prostate, fat" in checked.out
    answer = ask("run", "cancers/melanoma", *few, "-o", "skin.vtkhdf")
    assert answer.code == 0, answer.err
    found = figures(ask, "inspect", "skin.vtkhdf")
    sites = {site["name"]: site for site in found["sites"]["sites"]}
    assert found["sites"]["n_patients"] == 67
    assert sites["lung"]["n_patients"] == 34
    assert "skin" not in sites
    assert sum(site["count"] for site in sites.values()) == found["sites"]["n_counted"]
    own = found["affinity"]["own"]
    assert set(own) == {"brain", "liver", "thyroid"}
    out = ask("inspect", "skin.vtkhdf").out
    assert "Sites beside autopsies of skin body" in out
    assert "Affinity of cancers/melanoma" in out


def test_check_foresees_lesions_that_run_away(ask: Ask, in_folder: Path) -> None:
    """Eight years with the colonies of mice: by then each lesion has founded hundreds."""
    years = ("--set", "run.duration=8 years", "--set", "run.epoch=20 days")
    long_run = ("check", "quick", *TINY, *years, "--set", "record.window=[]")
    told = json.loads(ask(*long_run, "--json").out)
    notes = "\n".join(told["notes"])
    assert "WARNING: lesions run away. On average" in notes
    assert "Remedy: lower tissue.colony_factor, now 1 (" in notes
    assert "GiB of memory are needed" in notes
    assert told["n_cells_of_lesions"] > 1e9 > told["n_cells_expected"]
    assert told["memory_bytes"] > 1e11
    calm = ask(*long_run, "--set", "override.tissue.colony_factor=1e-5", "--json")
    found = json.loads(calm.out)
    assert found["n_cells_of_lesions"] < 1e6
    assert found["memory_bytes"] < 2e9
    assert "run away" not in calm.out
    few = ("--set", "override.tumour.overt_share=1e-5", "--set", "cells.weight=1000")
    thinned = json.loads(ask(*long_run, *few, "--json").out)
    assert thinned["n_cells_expected"] == pytest.approx(told["n_cells_expected"] / 1000)
    assert thinned["n_cells_of_lesions"] < 1e6
    assert not list(in_folder.iterdir())


def test_exercise_is_never_taken_twice(ask: Ask, in_folder: Path) -> None:
    """The vessels of a run in exercise carry its flow: a run at rest refuses them."""
    exercise = ("--set", "host.exercise=2")
    assert ask("run", "quick", *TINY, *exercise, "-o", "fast.vtkhdf").code == 0
    given = ("--set", "body.source=file", "--set", "body.path=fast.vtkhdf")
    phrases = ("host.exercise: ", "vessels come with, 2, got 1", "Write exercise = 2")
    for command in ("check", "run"):
        ask(command, "quick", *TINY, *given).assert_refused(*phrases)
    ask("check", "quick", *TINY, *given, "--set", "host.exercise=3").assert_refused("got 3")
    assert ask("run", "quick", *TINY, *given, *exercise, "-o", "again.vtkhdf").code == 0
    runs = [figures(ask, "inspect", name) for name in ("fast.vtkhdf", "again.vtkhdf")]
    for key in ("digest", "network_hash"):
        assert runs[0][key] == runs[1][key]
    # A run file of an older format tells it by its scenario alone.
    with h5py.File(in_folder / "fast.vtkhdf", "r+") as file:
        del file["vessels/flow"].attrs["exercise"]
    ask("check", "quick", *TINY, *given).assert_refused(*phrases)


def test_events_tell_the_size_that_frames_tell(ask: Ask, in_folder: Path) -> None:
    """A cell keeps its size class for life; 53 % of what is shed are clusters or pairs."""
    clusters = ("--set", "override.clusters.homotypic_fraction=0.5", "--set", "record.events=all")
    assert ask("run", "quick", *TINY, *clusters, "-o", "run.vtkhdf").code == 0
    with open_run(in_folder / "run.vtkhdf") as run:
        events = run.events()
        events = events[events["cell"] != COUNTED_CELL]
        together = np.array(run.header.class_cells)[events["size_class"]]
        # Cells of some 450 events, each at least once: half of them within 5 standard errors.
        cells, first = np.unique(events["cell"], return_index=True)
        n_clusters = int((together[first] > 1).sum())
        assert abs(n_clusters / cells.size - 0.53) < 5 * 0.5 / cells.size**0.5
        known = dict(zip(cells.tolist(), events["size_class"][first].tolist(), strict=True))
        assert (events["size_class"] == [known[cell] for cell in events["cell"].tolist()]).all()
        n_compared = 0
        for frame in run.frames():
            for cell, size_class in zip(frame.id.tolist(), frame.size_class.tolist(), strict=True):
                n_compared += cell in known
                assert known.get(cell, size_class) == size_class
        assert n_compared > 100


def test_inspect_prints_what_run_printed(ask: Ask, in_folder: Path) -> None:
    answer = ask("run", "quick", *TINY)
    assert answer.code == 0, answer.err
    assert {path.name for path in in_folder.iterdir()} == {
        "quick.vtkhdf",
        "quick.h5md",
        "quick.vessels.vtkhdf",
    }
    end = "Written to quick.vtkhdf. Next: ctc inspect quick.vtkhdf\n"
    assert answer.out.endswith(end)
    assert ask("inspect", "quick").out == answer.out.removesuffix(end)
    for line in answer.err.splitlines():
        assert line.startswith(("Preparing", "Simulating", "Writing"))
    assert "Simulating: 100%" in answer.err


def test_the_organs_of_the_table_add_up(ask: Ask, tiny_run: Path) -> None:
    found = figures(ask, "inspect", tiny_run.name)
    lines = ask("inspect", tiny_run.name).out.splitlines()
    total = next(line for line in lines if line.startswith(" all organs"))
    died = sum(count for fate, count in found["fates"].items() if fate.startswith("died"))
    assert f" {died:,} " in total
    for line in lines:
        assert line == line.rstrip()


@pytest.mark.usefixtures("grown_anew")
def test_a_seed_changes_the_result_and_nothing_else_does(ask: Ask, tiny_run: Path) -> None:
    tiny = (*TINY, "-o", "a.vtkhdf", "--overwrite")
    digests = []
    for options in (("--seed", "1", "--threads", "1"), ("--set", "run.seed=1"), ("--seed", "2")):
        assert ask("run", "quick", *tiny, *options).code == 0
        digests.append(figures(ask, "inspect", "a.vtkhdf")["digest"])
    before = figures(ask, "inspect", tiny_run.name)["digest"]
    assert digests[:2] == [before, before]
    assert digests[2] != before


def test_an_old_run_goes_with_its_files(ask: Ask, tiny_run: Path) -> None:
    """What belonged to the old run must not be taken for the new one's."""
    shutil.copy(tiny_run, tiny_run.with_name("tiny.checkpoint.h5"))
    shutil.copy(tiny_run, tiny_run.with_name("tiny.checkpoint.previous.h5"))
    options = ("--set", "record.tracked=0", "--overwrite")
    assert ask("run", "quick", *TINY, "-o", tiny_run.name, *options).code == 0
    names = {path.name for path in tiny_run.parent.iterdir()}
    assert names == {"tiny.vtkhdf", "tiny.vessels.vtkhdf"}


@pytest.mark.parametrize("source", ["body.h5", "tiny.vtkhdf"])
def test_vessels_from_a_file_give_the_same_run(
    ask: Ask, tiny_run: Path, body_file: Path, source: str
) -> None:
    """A network comes back from a network file and from a run, to the bit."""
    assert body_file.is_file()
    place = ("--set", "body.source=file", "--set", f"body.path={source}")
    answer = ask("run", "quick", *TINY, *place, "-o", "again.vtkhdf")
    assert answer.code == 0, answer.err
    again, first = figures(ask, "inspect", "again"), figures(ask, "inspect", tiny_run.name)
    assert again["network_hash"] == first["network_hash"]
    assert again["digest"] == first["digest"]
    infos = [figures(ask, "vessels", "info", name) for name in (source, "again.vtkhdf")]
    assert infos[0] == infos[1]
    assert infos[0]["network_hash"] == first["network_hash"]


def test_vessels_of_another_body_are_refused(ask: Ask, body_file: Path) -> None:
    place = ("--set", "body.source=file", "--set", f"body.path={body_file.name}")
    answer = ask("run", "quick", *TINY, *place, "--set", "body.plan=mouse_25g", "-o", "b.vtkhdf")
    answer.assert_refused("body.plan: ", "'human_female', got 'mouse_25g'")
    assert not Path("b.vtkhdf").exists()


def test_vessels_info(ask: Ask, body_file: Path) -> None:
    found = figures(ask, "vessels", "info", body_file.name)
    assert found.keys() >= INFO_KEYS
    assert found["strahler"].keys() >= {"RB", "RD", "RL"}
    assert found["n_terminals"] == 2000
    assert found["mass_residual"] < 1e-12
    out = ask("vessels", "info", body_file.name).out
    for text in ("capillary bed", "um", "mL", "branching ratio", found["network_hash"]):
        assert text in out


def test_one_organ_alone(ask: Ask, in_folder: Path) -> None:
    """Cells leave the open ends of a part."""
    grow = ("vessels", "grow", "--terminals", "2000", "--organ", "liver", "-o", "liver.h5")
    assert ask(*grow).code == 0
    (in_folder / "case.toml").write_text(
        SCENARIO.replace("terminals = 2000", 'source = "file"\npath = "liver.h5"').replace(
            '"breast"\nmass', '"liver"\nmass'
        )
    )
    assert ask("run", "case.toml").code == 0
    found = figures(ask, "inspect", "case")
    assert found["fates"]["exited"] > 0
    assert "left by an open end" in ask("inspect", "case").out


def test_a_run_without_cells(ask: Ask, in_folder: Path) -> None:
    (in_folder / "case.toml").write_text(SCENARIO.replace("0.02 g", "1e-12 g"))
    assert ask("run", "case.toml").code == 0
    found = figures(ask, "inspect", "case")
    assert (found["n_shed"], found["in_flight"]) == (0, 0)
    assert "Organs" not in ask("inspect", "case").out


def test_check_writes_nothing(ask: Ask, in_folder: Path) -> None:
    answer = ask("check", "quick", *TINY)
    assert answer.code == 0, answer.err
    for text in ("segments", "cells expected", "about", "MB", "72 epoch", "Time on "):
        assert text in answer.out
    found = figures(ask, "check", "quick", *TINY)
    assert found["n_segments"] > 10_000
    assert found["n_cells_expected"] == pytest.approx(466.7, abs=0.1)
    assert 50e6 < found["memory_bytes"] < 500e6
    assert 0 < found["seconds_estimate"] < 60
    assert not list(in_folder.iterdir())


def test_doctor_and_schema_and_version(ask: Ask) -> None:
    assert "kernels" in ask("doctor").out
    names = {row["name"] for row in json.loads(ask("doctor", "--json").out)}
    assert names >= {"Python", "processor", "GPU driver", "CuPy", "HDF5", "display"}
    assert "body" in json.loads(ask("schema").out)["properties"]
    answer = ask("--version")
    assert answer.code == 0
    assert answer.out.startswith("ctc ")
    assert ask("no-such-command").code == 2
