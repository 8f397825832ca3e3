"""Targets: files in TOML, and the texts after ``--set``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random

from ctc.cohort.planning import make_plan
from ctc.resources import resource_folder
from ctc.scenario.load import load_scenario
from ctc.viewer.view_file import read_view
from tools.fuzz.changes import BYTES, changing
from tools.fuzz.sample import Sample
from tools.fuzz.target import Target
from tools.fuzz.text_changes import NUMBERS, TEXT, UNITS, WORDS

_SCENARIO, _SWEEP, _VIEW, _SET, _LINES = (
    "scenario.toml", "sweep.toml", "a.view.toml", "set.toml", "set.txt",
)  # fmt: skip
_SMALL = """
[scenario]
title = "A small test"
[run]
duration = "1 h"
[body]
terminals = 2000
[cancer]
set = "set.toml"
[[source]]
kind = "tumour"
organ = "breast"
mass = "0.02 g"
"""
_OVERRIDES = """\
run.duration=2 days
run.seed=7
source.0.mass=1 g
source.mass="2 g"
body.terminals=2000
override.tumour_cell.diameter=15 um
cells.weight=10
host.niche.lung=3
record.tracked=10
record.window=[{start="0 s", duration="1 h", interval="1 min"}]
source.0.centre=["62 mm", "-193 mm", "1132 mm"]
patient.age=50 years
"""
_VIEWS = (
    """\
format = 1
time_ns = 3600000000000

[cells]
colour = "state"
states = ["circulating", "arrested"]
organs = ["lung", "liver"]
routes = ["portal"]
clones = [0, 1]

[vessels]
colour = "kind"

[shown]
vessels = true

[plots]
blood_from = "aortic root"

[look]
centre_m = [0.0, 0.0, 1.0]
azimuth_degrees = 10.0
elevation_degrees = 5.0
height_m = 1.9

[clip]
point_m = [0.0, 0.0, 0.0]
normal = [0.0, 1.0, 0.0]
""",
)


def _shipped(folder: str, name: str) -> list[Sample]:
    """Return shipped files under one name, with those that they may extend beside them."""
    root = resource_folder("scenarios") / folder
    files = {path.name: path.read_bytes() for path in sorted(root.glob("*.toml"))}
    extended = {each: data for each, data in files.items() if b"\nextends" not in data}
    found: list[Sample] = []
    for data in files.values():
        if b'source = "tables"' in data:
            continue  # its folder is the user's
        bases = [each for each in extended if b'"%s"' % each.encode() in data]
        found.append({name: data, **{each: extended[each] for each in bases}})
    return found


def _sweeps() -> list[Sample]:
    """Return the shipped sweeps; the scenarios that they name are found by name."""
    return [
        {_SWEEP: re.sub(rb'"\.\./(clinic/\w+|\w+)\.toml"', rb'"\1"', data)}
        for sample in _shipped("sweeps", _SWEEP)
        if isinstance(data := sample[_SWEEP], bytes)
    ]


def _feed_scenario(folder: Path) -> object:
    return load_scenario(folder / _SCENARIO)


def _feed_overrides(folder: Path) -> object:
    text = (folder / _LINES).read_bytes().decode("utf-8", "replace")
    return load_scenario("quick", overrides=text.split("\n")[:50])


def _change_overrides(sample: Sample, others: Sequence[Sample], draw: Random) -> Sample:
    lines = _OVERRIDES.splitlines()
    found = draw.sample(lines, draw.randint(1, 2))
    changed = _SET_CHANGE({_LINES: "\n".join(found).encode()}, others, draw)
    if draw.random() < 0.3:
        key = draw.choice(lines).partition("=")[0]
        value = draw.choice((draw.choice(WORDS), draw.choice(NUMBERS) + " " + draw.choice(UNITS)))
        changed = {_LINES: f"{key}={value}".replace("\n", " ").encode("utf-8", "replace")}
    return changed


_SET_CHANGE = changing(*TEXT, *BYTES, most=3)


def _feed_sweep(folder: Path) -> object:
    return make_plan(folder / _SWEEP, n_patients=4)


def _feed_view(folder: Path) -> object:
    return read_view(folder / _VIEW)


def _sets() -> list[Sample]:
    cancers = resource_folder("scenarios") / "parameters" / "cancers"
    return [
        {_SCENARIO: _SMALL.encode(), _SET: path.read_bytes()}
        for path in sorted(cancers.glob("*.toml"))
    ]


TARGETS = (
    Target(
        "scenario", "a scenario, resolved to the last parameter",
        lambda: [*_shipped(".", _SCENARIO), *_shipped("clinic", _SCENARIO)],
        changing(*TEXT, *TEXT, *BYTES, only=lambda name: name == _SCENARIO), _feed_scenario,
        short_form=60,
    ),
    Target(
        "set", "the texts after --set",
        lambda: [{_LINES: line.encode()} for line in _OVERRIDES.splitlines()],
        _change_overrides, _feed_overrides, kept_whole=(_LINES,),
    ),
    Target(
        "parameters", "a parameter set of the user", _sets,
        changing(*TEXT, *TEXT, *BYTES, only=lambda name: name == _SET), _feed_scenario,
        kept_whole=(_SCENARIO,),
    ),
    Target(
        "sweep", "a sweep, its patients drawn", _sweeps,
        changing(*TEXT, *TEXT, *BYTES, only=lambda name: name == _SWEEP), _feed_sweep,
        short_form=40,
    ),
    Target(
        "view", "how a run is looked at",
        lambda: [{_VIEW: view.encode()} for view in _VIEWS], changing(*TEXT, *TEXT, *BYTES),
        _feed_view,
    ),
)  # fmt: skip
