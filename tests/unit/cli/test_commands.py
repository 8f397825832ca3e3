"""Commands against a pipeline that only notes what it was asked."""

import json
import sys
import types
from pathlib import Path

import pytest

import ctc
from ctc.cli.main import cli, main
from ctc.errors import (
    DeviceFaultError,
    InputError,
    MissingDeviceError,
    OutputError,
    StoppedEarly,
)
from ctc.scenario.load import load_scenario
from ctc.summary import CheckReport, Progress, RunSummary

FIGURES = {
    "digest": "ab" * 32,
    "record_digest": "cd" * 32,
    "n_shed": 1000,
    "in_flight": 100,
    "fates": {"died_immune": 800, "died_shear": 90, "colony": 10, "exited": 0},
    "organs": {
        "lung": {"arrested": 40, "extravasated": 30, "dormant": 20, "colonies": 6, "cells": 700},
        "liver": {"arrested": 3, "extravasated": 5, "dormant": 2, "colonies": 4, "cells": 80},
        "brain": {"arrested": 0, "extravasated": 0, "dormant": 0, "colonies": 0, "cells": 0},
    },
    "first_pass": {"lung": {"arrivals": 990, "arrested": 495}},
    "hops": 123_456,
    "simulated_seconds": 259_200.0,
    "wall_seconds": 2.5,
    "hops_per_second": 49_382.4,
    "device": "cpu (avx2, 2 threads)",
    "network_hash": "ef" * 32,
    "seed": 1,
    "version": "0.1.0",
    "title": "A test run",
    "commit": None,
}


class FakePipeline(types.ModuleType):
    """Notes its calls; raises what a test wants it to."""

    def __init__(self):
        super().__init__("ctc.pipeline")
        self.calls = []
        self.failure = None

    def note(self, *call):
        self.calls.append(call)
        if self.failure is not None:
            raise self.failure

    def load_scenario(self, path, *, overrides=()):
        return load_scenario(path, overrides=overrides)

    def run(self, scenario, output, **options):
        report = options.pop("progress")
        report(Progress("prepare", 0.0, 0.0, 0, 0, "grow vessels"))
        report(Progress("simulate", 3600.0, 7200.0, 500, 1000, ""))
        report(Progress("simulate", 7200.0, 7200.0, 1000, 2000, ""))
        self.note("run", scenario.title, output, options)
        return RunSummary.from_mapping(FIGURES, output)

    def resume(self, run, **options):
        options.pop("progress")
        self.note("resume", run, options)
        return RunSummary.from_mapping(FIGURES, run)

    def check(self, scenario):
        self.note("check", scenario.title)
        calendar = (("AC", "chemotherapy, 4 cycles", "4 weeks after surgery 1"),)
        notes = ("It fits into memory.",)
        return CheckReport(100_000, 1.003e6, 250_000_000, 12.0, notes, calendar=calendar)

    def inspect(self, path):
        self.note("inspect", path)
        return dict(FIGURES)

    def grow_vessels(self, body, **options):
        self.note("grow_vessels", body, options)
        return {"n_segments": 100, "strahler": {"orders": 8, "RB": 3.35, "RD": 1.4, "RL": None}}

    def measure_vessels(self, path, **options):
        self.note("measure_vessels", path, options)
        repairs = [{"rule": "dead_end", "count": 3, "detail": "dropped"}]
        return {"n_segments": 100, "network_hash": "ef", "repairs": repairs}, None

    def import_vessels(self, folder, **options):
        self.note("import_vessels", folder, options)
        return {"n_segments": 5}


@pytest.fixture
def fake(monkeypatch):
    module = FakePipeline()
    monkeypatch.setitem(sys.modules, "ctc.pipeline", module)
    monkeypatch.setattr(ctc, "pipeline", module, raising=False)
    return module


@pytest.fixture
def in_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_passes_its_options_and_prints_tables(fake, capsys):
    line = "run quick -o a.vtkhdf --device cpu --threads 3 --seed 9 --overwrite --set run.epoch=2h"
    line += " --shards 2"
    assert main(line.split()) == 0
    options = {"device": "cpu", "threads": 3, "seed": 9, "overwrite": True}
    options |= {"shards": 2, "workers": None, "scheduler": None}
    title = load_scenario("quick").title
    assert fake.calls == [("run", title, Path("a.vtkhdf"), options)]
    out, err = capsys.readouterr()
    for text in ("A test run", "killed by immune", "80.00%", "50.00%", "all organs", "abab"):
        assert text in out
    assert " brain" not in out
    assert "open end" not in out
    assert "Next: ctc inspect a.vtkhdf" in out
    assert "grow vessels" in err
    assert "100%" in err


def test_output_is_named_after_the_scenario(fake):
    assert main(["run", "quick"]) == 0
    assert fake.calls[0][2] == Path("quick.vtkhdf")


def test_resume(fake, capsys):
    assert main(["resume", "a.vtkhdf"]) == 0
    options = {"device": "auto", "threads": None, "shards": None, "workers": None}
    options["scheduler"] = None
    assert fake.calls == [("resume", Path("a.vtkhdf"), options)]
    assert "Next: ctc inspect a.vtkhdf" in capsys.readouterr().out


def test_check_prints_a_table_or_json(fake, capsys):
    assert main(["check", "quick"]) == 0
    out = capsys.readouterr().out
    assert "1,003,000" in out
    assert "250 MB" in out
    assert "- It fits into memory." in out
    words = " ".join(out.split())
    assert "entry what when" in words
    assert "AC chemotherapy, 4 cycles 4 weeks after surgery 1" in words
    assert main(["check", "quick", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["n_segments"] == 100_000
    assert report["calendar"] == [["AC", "chemotherapy, 4 cycles", "4 weeks after surgery 1"]]


def test_inspect_prints_tables_or_json(fake, capsys):
    assert main(["inspect", "a.vtkhdf"]) == 0
    assert "first-pass" in capsys.readouterr().out
    assert main(["inspect", "a.vtkhdf", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {key: found[key] for key in FIGURES} == FIGURES


SITES = {
    "what": "colonies",
    "n_counted": 10,
    "n_patients": 40,
    "primary": "kidney",
    "source": "a table",
    "rank_correlation": 0.5,
    "sites": [
        {"name": "lung", "count": 9, "share": 0.9, "error": 0.09}
        | {"n_patients": 30, "autopsy_share": 0.6},
        {"name": "brain", "count": 0, "share": 0.0, "error": 0.0}
        | {"n_patients": 20, "autopsy_share": 0.4},
    ],
}


def test_inspect_shows_sites_beside_autopsies_and_the_affinities(fake, capsys, monkeypatch):
    monkeypatch.setitem(FIGURES, "sites", SITES)
    monkeypatch.setitem(FIGURES, "affinity", {"sentences": ["Affinity by default, 1: fat."]})
    assert main(["inspect", "a.vtkhdf"]) == 0
    out = capsys.readouterr().out
    assert ["lung", "9", "90.0%", "±", "9.0%", "60.0%", "75%"] in [
        line.split() for line in out.splitlines()
    ]
    assert "Spearman's rank correlation 0.50 over 2 sites; 40 patients: a table" in out
    assert "- Affinity by default, 1: fat." in out


def test_inspect_says_when_cells_marginate(fake, capsys, monkeypatch):
    assert main(["inspect", "a.vtkhdf"]) == 0
    assert "marginate" not in capsys.readouterr().out
    monkeypatch.setitem(FIGURES, "margination_probability", 0.8)
    assert main(["inspect", "a.vtkhdf"]) == 0
    assert "cells marginate with a chance of 0.8" in capsys.readouterr().out


def test_inspect_shows_cells_in_blood(fake, capsys, monkeypatch):
    sample = {"passages": 42, "highest": 1.25, "highest_error": 0.2, "highest_time": 7200.0}
    blood = {"portal vein": {**sample, "last": 0.0, "last_error": 0.0}}
    monkeypatch.setitem(FIGURES, "blood", blood)
    assert main(["inspect", "a.vtkhdf"]) == 0
    printed = capsys.readouterr().out
    assert "Tumour cells in 7.5 ml of blood" in printed
    assert ["portal", "vein", "42", "1.25", "±", "0.2", "2", "h", "0"] in [
        line.split() for line in printed.splitlines()
    ]


def test_inspect_of_a_run_that_has_not_ended(fake, capsys, monkeypatch):
    monkeypatch.setitem(FIGURES, "digest", None)
    assert main(["inspect", "a.vtkhdf"]) == 0
    assert "no digest yet" in capsys.readouterr().out


def test_vessels_commands(fake, capsys):
    assert main(["vessels", "grow", "--terminals", "500", "--organ", "liver", "-o", "v.h5"]) == 0
    assert main(["vessels", "import", "tables", "--no-repair", "-o", "v.h5"]) == 0
    assert main(["vessels", "info", "v.h5", "--json"]) == 0
    grown, imported, info = fake.calls
    assert grown[1] == "human_female"
    assert grown[2]["n_terminals"] == 500
    assert grown[2]["organ"] == "liver"
    assert imported[1:] == (
        Path("tables"),
        {
            "repair": False,
            "output": Path("v.h5"),
            "overwrite": False,
            "format_name": "auto",
            "unit": None,
            "kind": None,
            "radius_name": None,
        },
    )
    options = {"organ": None, "ordering": "strahler", "surface": None}
    assert info == ("measure_vessels", Path("v.h5"), options)
    assert grown[2]["surface"] is None
    out = capsys.readouterr().out
    assert "branching ratio" in out
    assert "3.35" in out


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (InputError("path must be new, got 'a.vtkhdf'. Use --overwrite."), 2),
        (MissingDeviceError("device must be there, got cuda:0 on a machine without a GPU."), 2),
        (StoppedEarly("stopped at 3 h; go on with: ctc resume a.vtkhdf"), 3),
        (DeviceFaultError("ctc_advance", "segment out of range", cell=7), 4),
        (OutputError("a.vtkhdf: disk full"), 5),
    ],
)
def test_each_failure_is_one_message_and_its_exit_code(fake, capsys, failure, code):
    fake.failure = failure
    assert main(["resume", "a.vtkhdf"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ctc: ")
    assert err.rstrip("\n").endswith(str(failure))
    assert err.count("\n") == 1


def test_internal_error_shows_where(fake, capsys):
    fake.failure = RuntimeError("surprise")
    assert main(["resume", "a.vtkhdf"]) == 1
    err = capsys.readouterr().err
    assert "RuntimeError: surprise" in err
    assert "internal error" in err


def test_interrupt_without_a_checkpoint(fake, capsys):
    fake.failure = KeyboardInterrupt()
    assert main(["resume", "a.vtkhdf"]) == 130
    told = capsys.readouterr().err
    assert "a run that has a checkpoint goes on from it with 'ctc resume'" in told


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("rn quick", "Did you mean 'run'?"),
        ("run", "Missing argument 'SCENARIO'"),
        (
            "run quick --device gpu",
            "must be auto, cpu, cuda, cuda:N, cuda:N,M or cuda:all, got 'gpu'",
        ),
        ("run quick --device cuda:0,", "cuda:N,M or cuda:all, got 'cuda:0,'"),
        ("run quick --shards 0", "'--shards'"),
        ("resume a.vtkhdf --workers 0", "'--workers'"),
        ("run quick --threads 0", "'--threads'"),
        ("run quick --seed -1", "'--seed'"),
        ("run quick --set run.duration", "must be key=value"),
        ("run quik", "Did you mean 'quick'?"),
        ("check quick --set cancer.set=cancers/brest", "Did you mean 'cancers/breast'?"),
        ("vessels grow --body human -o x", "'--body'"),
        ("vessels grow", "Missing option"),
    ],
)
def test_wrong_use_is_one_message_and_touches_nothing(fake, capsys, in_folder, arguments, phrase):
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert phrase in err
    assert "Traceback" not in err
    assert out == ""
    assert not fake.calls
    assert not list(in_folder.iterdir())


def command_paths(group=cli, prefix=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from command_paths(command, (*prefix, name))
        yield (*prefix, name)


@pytest.mark.parametrize("path", [(), *command_paths()], ids=" ".join)
def test_every_help_has_an_example(path, capsys):
    assert main([*path, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Examples:" in out
    assert " ".join(("ctc", *path)) in out


def test_schema_goes_to_a_file_or_stdout(capsys, tmp_path):
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["properties"]["run"]
    path = tmp_path / "s.json"
    assert main(["schema", "-o", str(path)]) == 0
    assert path.read_text() == printed
    assert main(["schema", "-o", str(tmp_path / "no" / "s.json")]) == 2
    assert "existing folder" in capsys.readouterr().err
    assert main(["schema", "-o", str(tmp_path)]) == 5
    assert "must be writable" in capsys.readouterr().err


def test_doctor_never_fails(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for name in ("Python", "kernels", "processor", "GPU driver", "CuPy", "HDF5", "display"):
        assert name in out
    assert main(["doctor", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["HDF5"]["is_present"] is False


def test_a_folder_is_reported_as_a_sweep(fake, tmp_path, capsys):
    fake.report_sweep = lambda folder, page, **how: (
        fake.note("report_sweep", folder, page, how) or folder / "page.html"
    )
    assert main(["report", str(tmp_path), "-o", "trial.html", "--overwrite"]) == 0
    assert fake.calls == [("report_sweep", tmp_path, Path("trial.html"), {"overwrite": True})]
    assert capsys.readouterr().out == f"Written to {tmp_path / 'page.html'}.\n"
    assert main(["report", str(tmp_path), "--format", "png"]) == 2
    assert "--format: value must be html for a sweep, got 'png'" in capsys.readouterr().err
    assert len(fake.calls) == 1
