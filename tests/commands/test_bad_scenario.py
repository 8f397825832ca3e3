"""A wrong scenario: exit code 2, one message with file, key, rule and remedy, nothing touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.asking import SCENARIO, snapshot
from tests.commands.conftest import Ask

# What is replaced, by what, and what the message must say.
CASES = {
    "unknown key": ("terminals", "terminal", ["body.terminal: ", "Did you mean 'terminals'?"]),
    "unknown table": ("[cancer]", "[cancr]", ["Did you mean 'cancer'?"]),
    "missing key": ('mass = "0.02 g"', "", ["source.0.mass: ", "must be given"]),
    "wrong type": ("2000", '"many"', ["body.terminals: ", "whole number", "'many'"]),
    "missing unit": ('"0.02 g"', "0.02", ["source.0.mass: ", "unit of mass", "'1 g'"]),
    "wrong dimension": ('"0.02 g"', '"2 mm"', ["source.0.mass: ", "must be a mass"]),
    "negative": ('"0.02 g"', '"-1 g"', ["source.0.mass: ", "must be > 0 and <= 1000 kg", "'-1 g'"]),
    "not a number": ('"0.02 g"', '"nan g"', ["source.0.mass: ", "must be finite"]),
    "bare not a number": ('"1 h"', "nan", ["run.duration: ", "got 'nan'"]),
    "unknown organ": ('"breast"\nmass', '"brest"\nmass', ["source.0.organ: ", "'breast'?"]),
    "unknown cancer": ("cancers/breast", "cancers/brest", ["cancer.set: ", "'cancers/breast'?"]),
    "sum of fractions off": (
        "[body]",
        '[override]\n"tissue.organ.liver.death_share" = 0.6\n[body]',
        ["override.tissue.organ.liver.death_share: ", "must sum to 1, got 1.075", "Change one"],
    ),
    "empty duration": ('"1 h"', '"0 s"', ["run.duration: ", "must be > 0", "'0 s'"]),
    "syntax": ("[run]\n", "[run\n", ["must be valid TOML", "line 4"]),
    "cells without number": (
        '"0.02 g"',
        '"900 kg"\nshedding_rate = "1e12 1/kg/s"',
        ["source.0: ", "at most 1e+12 cells", "Lower mass"],
    ),
    "mass of a planet": ('"0.02 g"', '"1e12 kg"', ["source.0.mass: ", "<= 1000 kg"]),
    "shorter than a nanosecond": (
        '"1 h"',
        '"0.1 ns"',
        ["run.duration: ", "must be >= 1e-09 s, got '0.1 ns'"],
    ),
    "nested without end": ("[run]", f"x = {'[' * 5000}\n[run]", ["must be valid TOML"]),
    "parameter set that is no text": (
        'set = "cancers/breast"',
        'set = "binary.toml"',
        ["binary.toml: line 1: ", "must be UTF-8 text"],
    ),
    "parameter set with a bad unit": (
        'set = "cancers/breast"',
        'set = "unit.toml"',
        ["unit.toml: tumour_cell.diameter: ", "must be one that pint knows, got 'micro'"],
    ),
    "too few terminals": ("2000", "500", ["body.terminals: ", ">= 1456", "got 500"]),
    "network file that is none": (
        "terminals = 2000",
        'source = "file"\npath = "case.toml"',
        ["must be an HDF5 file"],
    ),
    "network file that is not there": (
        "terminals = 2000",
        'source = "file"\npath = "none.h5"',
        ["must exist", "none.h5"],
    ),
    "folder of tables that is not there": (
        "terminals = 2000",
        'source = "tables"\nfolder = "none"',
        ["must hold nodes.csv", "none"],
    ),
    "unknown vessel": (
        'kind = "tumour"\norgan = "breast"\nmass = "0.02 g"',
        'kind = "bolus"\ncells = 5\nvessel = "aortic rot"',
        ["source.0.vessel: ", "'aortic root'?"],
    ),
}


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("case", CASES)
def test_a_wrong_scenario_is_refused(ask: Ask, in_folder: Path, case: str, command: str) -> None:
    old, new, phrases = CASES[case]
    assert SCENARIO.count(old) == 1
    (in_folder / "case.toml").write_text(SCENARIO.replace(old, new))
    (in_folder / "binary.toml").write_bytes(b"\xff")
    (in_folder / "unit.toml").write_text(
        '[tumour_cell.diameter]\nvalue = 1\nunit = "micro"\nbasis = "assumed"\nsource = "x"\n'
    )
    # An older run of that name may go, but only when the new one stands.
    for name in ("case.vtkhdf", "case.checkpoint.h5", "case.h5md"):
        (in_folder / name).write_text("precious")
    before = snapshot(in_folder)
    options = ["--overwrite"] if command == "run" else []
    ask(command, "case.toml", *options).assert_refused(*phrases)
    assert snapshot(in_folder) == before


@pytest.mark.parametrize(
    ("override", "phrases"),
    [
        ("run.duration", ["--set: ", "must be key=value"]),
        ("run.sed=3", ["--set: run.sed: ", "Did you mean 'seed'?"]),
        ("run.duration=3", ["--set: run.duration: ", "unit of time"]),
        ("source.4.mass=1 g", ["--set: source.4.mass: ", "0 .. 0"]),
        ("source.organ=brest", ["--set: source.0.organ: ", "'breast'?"]),
        ("body.terminals=500", ["--set: body.terminals: ", ">= 1456"]),
    ],
)
def test_a_wrong_set_is_refused(
    ask: Ask, in_folder: Path, override: str, phrases: list[str]
) -> None:
    ask("run", "quick", "--set", override).assert_refused(*phrases)
    assert not list(in_folder.iterdir())


def test_an_unknown_scenario_is_refused(ask: Ask, in_folder: Path) -> None:
    ask("run", "quik").assert_refused("got 'quik'", "Did you mean 'quick'?")
    ask("run", in_folder).assert_refused("must be a TOML file, got the folder")
    assert not list(in_folder.iterdir())


@pytest.mark.parametrize("text", ["soon", "-1", "nan"])
def test_a_wrong_checkpoint_interval_is_refused(
    ask: Ask, in_folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("CTC_CHECKPOINT_SECONDS", text)
    ask("run", "quick").assert_refused("CTC_CHECKPOINT_SECONDS: ", f"got '{text}'")
    assert not list(in_folder.iterdir())
